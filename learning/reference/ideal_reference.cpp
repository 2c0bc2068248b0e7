#include "learning/reference/ideal_reference.hpp"

#include <fmt/format.h>

#include <cmath>

#include "learning/reference/internal/ideal_engine.hpp"
#include "learning/rule/contrastive_hebbian.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

void check_imperfection(double value, const char* key) {
  if (value >= 0 && std::isfinite(value)) return;
  throw UserError(fmt::format("key '{}': expected a value of at least 0, got {}", key, value));
}

void check(const IdealConfig& config) {
  if (config.free_steps == 0) {
    throw UserError("key 'ideal.free_steps': expected at least 1, got 0");
  }
  if (config.nudged_steps == 0) {
    throw UserError("key 'ideal.nudged_steps': expected at least 1, got 0");
  }
  if (!(config.time_step_s >= 0) || !std::isfinite(config.time_step_s)) {
    throw UserError(fmt::format("key 'ideal.time_step': expected a time of at least 0, got {} s",
                                config.time_step_s));
  }
  check_imperfection(config.noise, "ideal.noise");
  check_imperfection(config.mismatch, "ideal.mismatch");
  check_imperfection(config.feedback_mismatch, "ideal.feedback_mismatch");
  check_imperfection(config.hold_noise, "ideal.hold_noise");
}

void check_width(std::size_t got, std::size_t expected, const char* what) {
  if (got != expected) {
    throw InternalError(fmt::format("{} of {} values for a layer of {}", what, got, expected));
  }
}

// The rule that the description names.
std::shared_ptr<const Rule> make_rule(const Network& network, const LearningConfig& learning,
                                      const IdealConfig& config) {
  if (learning.rule == RuleKind::contrastive_hebbian) {
    check_contrastive_hebbian(network.config, learning, config.nudged_steps);
    return std::make_shared<ContrastiveHebbian>(learning, config.free_steps, config.nudged_steps);
  }
  return std::make_shared<EquilibriumPropagation>(learning, config.free_steps, config.nudged_steps);
}

}  // namespace

IdealReference::IdealReference(const Network& network, const LearningConfig& learning,
                               const IdealConfig& config, unsigned threads, std::uint64_t seed)
    : IdealReference(network, make_rule(network, learning, config), learning, config, threads,
                     seed) {}

IdealReference::IdealReference(const Network& network, std::shared_ptr<const Rule> rule,
                               const LearningConfig& learning, const IdealConfig& config,
                               unsigned threads, std::uint64_t seed) {
  check(config);
  check_learning(learning, network.layer_count());
  free_.name = "free";
  free_.steps = config.free_steps;
  nudged_.name = "nudged";
  nudged_.start = 0;
  nudged_.steps = config.nudged_steps;
  nudged_.error = learning.nudge_error;
  engine_ =
      internal::make_ideal_engine({network, std::move(rule), learning, config, threads, seed});
}

IdealReference::~IdealReference() = default;
IdealReference::IdealReference(IdealReference&&) noexcept = default;
IdealReference& IdealReference::operator=(IdealReference&&) noexcept = default;

void IdealReference::train(const float* inputs, const float* targets,
                           Span<const std::uint32_t> order) {
  engine_->train(inputs, targets, order);
}

Evaluation IdealReference::evaluate(const float* inputs, const float* targets,
                                    const std::uint32_t* labels, std::size_t count) {
  return engine_->evaluate(inputs, targets, labels, count);
}

Network IdealReference::network() const { return engine_->network(); }

LayerStates IdealReference::relax_free(Span<const double> x) {
  return engine_->relax(x, {}, free_, nullptr);
}

LayerStates IdealReference::relax_nudged(Span<const double> x, Span<const double> y, double beta) {
  Phase nudged = nudged_;
  nudged.nudge = beta;
  return engine_->relax(x, y, free_, &nudged);
}

std::vector<LayerStates> IdealReference::relax_phases(Span<const double> x, Span<const double> y) {
  return engine_->relax_phases(x, y);
}

FreePhaseEnd IdealReference::free_phase_end(const float* inputs, std::size_t count) {
  return engine_->free_phase_end(inputs, count);
}

double IdealReference::oscillating_share(const float* inputs, const float* targets,
                                         std::size_t count) {
  return engine_->oscillating_share(inputs, targets, count);
}

Gradient IdealReference::ep_update_estimate(const Matrix& inputs, const Matrix& targets) {
  check_width(inputs.rows(), targets.rows(), "targets");
  return engine_->estimate(inputs, targets);
}

TrainingState IdealReference::training_state() const { return engine_->state(); }
void IdealReference::set_training_state(const TrainingState& state) { engine_->set_state(state); }

std::vector<double> IdealReference::relative_difference() const {
  return engine_->relative_difference();
}

}  // namespace memprop::learning
