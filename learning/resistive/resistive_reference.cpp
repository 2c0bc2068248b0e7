#include "learning/resistive/resistive_reference.hpp"

#include <cmath>

#include "learning/resistive/internal/resistive_engine.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {

ResistiveReference::ResistiveReference(const Network& network, const LearningConfig& learning,
                                       const IdealConfig& config, unsigned threads,
                                       std::uint64_t seed)
    : config_(config), rate_decay_(learning.rate_decay) {
  if (!is_resistive(network.config)) {
    throw InternalError("the resistive reference got a network of another style");
  }
  if (config.free_steps == 0) {
    throw UserError("key 'ideal.free_steps': expected at least 1, got 0");
  }
  if (config.nudged_steps == 0) {
    throw UserError("key 'ideal.nudged_steps': expected at least 1, got 0");
  }
  check_learning(learning, network.layer_count());
  engine_ = internal::make_resistive_engine({network, learning, config, threads, seed});
}

ResistiveReference::~ResistiveReference() = default;
ResistiveReference::ResistiveReference(ResistiveReference&&) noexcept = default;
ResistiveReference& ResistiveReference::operator=(ResistiveReference&&) noexcept = default;

void ResistiveReference::check_stability() const { engine_->check_stability(); }

void ResistiveReference::start_epoch(std::uint64_t epoch) {
  engine_->rate_factor = std::pow(rate_decay_, static_cast<double>(epoch));
}

void ResistiveReference::train(const float* inputs, const float* targets,
                               Span<const std::uint32_t> order) {
  engine_->train(inputs, targets, order);
}

Evaluation ResistiveReference::evaluate(const float* inputs, const float* targets,
                                        const std::uint32_t* labels, std::size_t count) {
  return engine_->evaluate(inputs, targets, labels, count);
}

Network ResistiveReference::network() const { return engine_->network(); }

SteadyState ResistiveReference::relax(Span<const double> x, Span<const double> y, double beta) {
  return engine_->relax(x, y, beta, config_.free_steps);
}

SteadyState ResistiveReference::solve(Span<const double> x, Span<const double> y, double beta) {
  return engine_->solve(x, y, beta);
}

Gradient ResistiveReference::ep_update_estimate(const Matrix& inputs, const Matrix& targets) {
  if (inputs.rows() != targets.rows()) throw InternalError("inputs and targets differ in number");
  return engine_->estimate(inputs, targets);
}

TrainingState ResistiveReference::training_state() const {
  TrainingState state;
  state.samples_trained = engine_->samples_trained;
  return state;
}
void ResistiveReference::set_training_state(const TrainingState& state) {
  engine_->samples_trained = state.samples_trained;
}

}  // namespace memprop::learning
