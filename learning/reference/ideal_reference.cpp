#include "learning/reference/ideal_reference.hpp"

#include <fmt/format.h>

#include <cmath>

#include "learning/reference/internal/ideal_engine.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

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
}

void check_width(std::size_t got, std::size_t expected, const char* what) {
  if (got != expected) {
    throw InternalError(fmt::format("{} of {} values for a layer of {}", what, got, expected));
  }
}

}  // namespace

IdealReference::IdealReference(const Network& network, const LearningConfig& learning,
                               const IdealConfig& config, unsigned threads, std::uint64_t seed) {
  check(config);
  check_learning(learning, network.layer_count());
  engine_ = internal::make_ideal_engine({network, learning, config, threads, seed});
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

LayerStates IdealReference::relax_free(Span<const double> x) { return engine_->relax(x, {}, 0.0); }

LayerStates IdealReference::relax_nudged(Span<const double> x, Span<const double> y, double beta) {
  return engine_->relax(x, y, beta);
}

Gradient IdealReference::ep_update_estimate(const Matrix& inputs, const Matrix& targets) {
  check_width(inputs.rows(), targets.rows(), "targets");
  return engine_->estimate(inputs, targets);
}

std::uint64_t IdealReference::samples_trained() const { return engine_->samples_trained; }
void IdealReference::set_samples_trained(std::uint64_t count) { engine_->samples_trained = count; }

std::vector<double> IdealReference::relative_difference() const {
  return engine_->relative_difference();
}

}  // namespace memprop::learning
