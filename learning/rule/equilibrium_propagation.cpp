#include "learning/rule/equilibrium_propagation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "learning/network/network_check.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

constexpr std::size_t kFree = 0, kPositive = 1, kNegative = 2;

// What the difference of the phases has to be divided by. Adaptation that nothing counteracts
// (hard clamp released, or pure) leaves the part (1 - c)^N of it.
double divisor_of_phases(const LearningConfig& learning) {
  const double left = adaptation_factor(learning.adaptation);
  if (learning.rule == RuleKind::contrastive_hebbian) return left;
  return learning.beta * (learning.nudging == Nudging::centred ? 2.0 : 1.0) *
         (learning.adaptation.mode == AdaptationMode::pure ? left : 1.0);
}

bool adapts(const LearningConfig& learning) { return learning.adaptation.steps > 0; }

// The phase at whose end the states nudged by +beta (-beta) are sampled.
std::size_t positive_end(const LearningConfig& learning) {
  return adapts(learning) ? kPositive + 1 : kPositive;
}
std::size_t negative_end(const LearningConfig& learning) {
  return adapts(learning) ? kNegative + 2 : kNegative;
}

// The adaptation behind a nudged phase; the nudge stays on.
Phase adapted(const LearningConfig& learning, const Phase& nudged, std::size_t number) {
  Phase phase = nudged;
  phase.name = nudged.name + ", adaptation";
  phase.start = number;
  phase.steps = learning.adaptation.steps;
  phase.adaptation = learning.adaptation.c;
  phase.adapt_to = kFree;
  phase.driven = learning.adaptation.mode == AdaptationMode::interleaved;
  return phase;
}

}  // namespace

EquilibriumPropagation::EquilibriumPropagation(const LearningConfig& learning,
                                               std::size_t free_steps, std::size_t nudged_steps)
    : learning_(learning), free_steps_(free_steps), nudged_steps_(nudged_steps) {}

std::vector<Phase> EquilibriumPropagation::phases() const {
  Phase free;
  free.name = "free";
  free.steps = free_steps_;
  Phase positive;
  positive.name = "nudged";
  positive.start = kFree;
  positive.steps = nudged_steps_;
  positive.nudge = learning_.beta;
  positive.error = learning_.nudge_error;
  positive.random_sign = learning_.nudging == Nudging::random_sign;
  std::vector<Phase> all{free, positive};
  if (adapts(learning_)) all.push_back(adapted(learning_, positive, kPositive));
  if (learning_.nudging != Nudging::centred) return all;
  Phase negative = positive;
  negative.name = "negative nudged";
  negative.nudge = -learning_.beta;
  all.push_back(negative);
  if (adapts(learning_)) all.push_back(adapted(learning_, negative, all.size() - 1));
  return all;
}

Signal EquilibriumPropagation::difference() const {
  Signal s;
  s.kind = Signal::Kind::difference;
  s.a = learning_.nudging == Nudging::centred ? negative_end(learning_) : kFree;
  s.b = positive_end(learning_);
  return s;
}

double EquilibriumPropagation::factor(const Network& network, const Connection& c) const {
  const double scale = difference_scale(network, learning_, c.to);
  return learning_.scale == GradientScale::raw ? scale : scale * c.gain;
}

std::vector<Term> EquilibriumPropagation::terms(const Network& network, const Connection& c) const {
  Term term;
  term.row = {Signal::Kind::activity, kFree, kFree};
  if (c.use == Connection::Use::readout) {
    const std::size_t phase =
        learning_.readout_error == ReadoutError::free ? kFree : positive_end(learning_);
    term.column = {Signal::Kind::error, phase, phase};
    return {term};
  }
  term.factor = factor(network, c);
  term.column = difference();
  if (learning_.form == UpdateForm::predictive) term.row.a = term.row.b = positive_end(learning_);
  if (learning_.form != UpdateForm::product || c.from == 0) return {term};
  const Signal mean{Signal::Kind::mean, term.column.a, term.column.b};
  Term second = term;
  term.row = mean;
  second.column = mean;
  second.row = difference();
  return {term, second};
}

std::vector<Term> EquilibriumPropagation::bias_terms(const Network& network, std::size_t l) const {
  Term term;
  if (l > recurrent_layers(network.config)) {
    const std::size_t phase =
        learning_.readout_error == ReadoutError::free ? kFree : positive_end(learning_);
    term.column = {Signal::Kind::error, phase, phase};
  } else {
    term.column = difference();
    term.factor = difference_scale(network, learning_, l);
    // Biases of branches act behind the gain.
    if (network.config.dendrites.on() && learning_.scale != GradientScale::raw) {
      term.factor *= network.config.forward_gain[l - 1];
    }
  }
  return {term};
}

double difference_scale(const Network& network, const LearningConfig& learning, std::size_t l) {
  if (learning.scale == GradientScale::raw) return 1.0;
  if (learning.scale == GradientScale::nudge) return 1.0 / divisor_of_phases(learning);
  const double divisor = divisor_of_phases(learning) * feedback_reach(network)[l - 1];
  return divisor > 0 ? 1.0 / divisor : 0.0;
}

double difference_scale(const NetworkConfig& network, const LearningConfig& learning,
                        std::size_t l) {
  const std::size_t layers = network.layers.size() - 1;
  if (network.readout == Readout::softmax && l == layers) return 1.0;
  if (learning.scale == GradientScale::raw) return 1.0;
  if (learning.scale == GradientScale::nudge) return 1.0 / divisor_of_phases(learning);
  double divisor = divisor_of_phases(learning);
  for (std::size_t k = l; k < layers; ++k) divisor *= network.feedback_gain[k - 1];
  return divisor > 0 ? 1.0 / divisor : 0.0;
}

std::vector<double> layer_rates(const LearningConfig& learning, std::size_t layers) {
  if (learning.rate.size() == layers) return learning.rate;
  if (learning.rate.size() == 1) return std::vector<double>(layers, learning.rate.front());
  throw UserError(fmt::format("key 'learning.rate': expected 1 or {} values, got {}", layers,
                              learning.rate.size()));
}

void check_learning(const LearningConfig& learning, std::size_t layers) {
  if (!(learning.beta > 0) || !std::isfinite(learning.beta)) {
    throw UserError(
        fmt::format("key 'learning.beta': expected a value above 0, got {}", learning.beta));
  }
  check_optimiser(learning.optimiser);
  check_adaptation(learning.adaptation);
  if (learning.form == UpdateForm::predictive &&
      learning.rule == RuleKind::equilibrium_propagation && learning.nudging == Nudging::centred) {
    throw UserError(
        "key 'learning.form': expected \"product\" or \"simplified\" with learning.nudging = "
        "\"centred\" (which of the two nudged phases would it take?), got \"predictive\"");
  }
  if (learning.batch == 0) {
    throw UserError("key 'learning.batch': expected at least 1, got 0");
  }
  for (const double rate : layer_rates(learning, layers)) {
    if (!(rate >= 0) || !std::isfinite(rate)) {
      throw UserError(
          fmt::format("key 'learning.rate': expected values of at least 0, got {}", rate));
    }
  }
}

}  // namespace memprop::learning
