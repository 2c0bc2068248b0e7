#include "learning/rule/contrastive_hebbian.hpp"

#include <fmt/format.h>

#include <cmath>

#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

constexpr std::size_t kFree = 0;

}  // namespace

ContrastiveHebbian::ContrastiveHebbian(const LearningConfig& learning, std::size_t free_steps,
                                       std::size_t clamped_steps)
    : learning_(learning), free_steps_(free_steps), clamped_steps_(clamped_steps) {}

std::vector<Phase> ContrastiveHebbian::phases() const {
  Phase free;
  free.name = "free";
  free.steps = free_steps_;
  std::vector<Phase> all{free};
  Phase teacher;
  teacher.name = "clamped";
  teacher.steps = clamped_steps_ - learning_.teacher_delay;
  if (learning_.clamp > 0) {
    teacher.nudge = learning_.clamp;
  } else {
    teacher.output = Phase::Output::clamped;
  }
  teacher.start = learning_.clamped_start == ClampedStart::zero ? Phase::from_zero : kFree;
  if (learning_.teacher_delay > 0) {
    Phase before;
    before.name = "before the teacher";
    before.start = teacher.start;
    before.steps = learning_.teacher_delay;
    all.push_back(before);
    teacher.start = 1;
  }
  all.push_back(teacher);
  if (learning_.adaptation.steps > 0) {
    Phase adapted;
    adapted.name = "adaptation";
    adapted.start = all.size() - 1;
    adapted.steps = learning_.adaptation.steps;
    adapted.output = Phase::Output::released;
    adapted.driven = learning_.adaptation.mode == AdaptationMode::interleaved;
    adapted.adaptation = learning_.adaptation.c;
    adapted.adapt_to = kFree;
    all.push_back(adapted);
  }
  return all;
}

std::vector<Term> ContrastiveHebbian::terms(const Network& network, const Connection& c) const {
  const std::size_t b = last();
  Term term;
  term.factor = difference_scale(network, learning_, c.to);
  if (learning_.scale == GradientScale::exact) term.factor *= c.gain;
  term.column = {Signal::Kind::difference, kFree, b};
  const std::size_t before = learning_.form == UpdateForm::predictive ? b : kFree;
  term.row = {Signal::Kind::activity, before, before};
  if (learning_.form != UpdateForm::product || c.from == 0) return {term};
  const Signal mean{Signal::Kind::mean, kFree, b};
  Term second = term;
  term.row = mean;
  second.column = mean;
  second.row = {Signal::Kind::difference, kFree, b};
  return {term, second};
}

std::vector<Term> ContrastiveHebbian::bias_terms(const Network& network, std::size_t l) const {
  Term term;
  term.factor = difference_scale(network, learning_, l);
  term.column = {Signal::Kind::difference, kFree, last()};
  return {term};
}

void check_contrastive_hebbian(const NetworkConfig& network, const LearningConfig& learning,
                               std::size_t clamped_steps) {
  const auto fail = [](const char* key, const std::string& expected, const std::string& got) {
    throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
  };
  if (network.readout != Readout::squared_error) {
    fail("learning.rule", "another rule with the softmax readout (it has no state to clamp)",
         "\"contrastive-hebbian\"");
  }
  if (!(learning.clamp >= 0) || !std::isfinite(learning.clamp)) {
    fail("learning.clamp", "a strength of at least 0", fmt::format("{}", learning.clamp));
  }
  if (network.dynamics != Dynamics::rate && learning.clamp == 0) {
    fail("learning.rule",
         "another rule unless network.dynamics = \"rate\" (the clamp holds an activity, which has "
         "to be the state) or learning.clamp is above 0",
         "\"contrastive-hebbian\"");
  }
  if (learning.teacher_delay >= clamped_steps) {
    fail("learning.teacher_delay",
         fmt::format("less than the {} steps of the clamped phase (ideal.nudged_steps)",
                     clamped_steps),
         fmt::format("{}", learning.teacher_delay));
  }
}

}  // namespace memprop::learning
