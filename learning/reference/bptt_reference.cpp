#include "learning/reference/bptt_reference.hpp"

#include <fmt/format.h>

#include "learning/reference/internal/bptt_engine.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

[[noreturn]] void refuse(const char* key, const char* expected, const std::string& got) {
  throw UserError(fmt::format(
      "key '{}': expected {} with learning.rule = \"truncated-bptt\", got {}", key, expected, got));
}

}  // namespace

BpttReference::BpttReference(const Network& network, const LearningConfig& learning,
                             const IdealConfig& config, unsigned threads, std::uint64_t seed) {
  check_learning(learning, network.layer_count());
  if (config.free_steps == 0 || config.nudged_steps == 0) {
    refuse("ideal.free_steps", "at least one iteration, and one to go back through", "0");
  }
  if (network.config.readout == Readout::softmax) {
    refuse("network.readout", "\"squared-error\"", "\"softmax\"");
  }
  if (network.config.dynamics != Dynamics::membrane) {
    refuse("network.dynamics", "\"membrane\"", "another");
  }
  if (config.time_step_s != 0) {
    refuse("ideal.time_step", "\"0 s\"", fmt::format("{} s", config.time_step_s));
  }
  engine_ = internal::make_bptt_engine(network, learning, config, threads, seed);
}
BpttReference::~BpttReference() = default;
BpttReference::BpttReference(BpttReference&&) noexcept = default;
BpttReference& BpttReference::operator=(BpttReference&&) noexcept = default;

void BpttReference::train(const float* inputs, const float* targets,
                          Span<const std::uint32_t> order) {
  engine_->train(inputs, targets, order);
}
Evaluation BpttReference::evaluate(const float* inputs, const float* targets,
                                   const std::uint32_t* labels, std::size_t count) {
  return engine_->evaluate(inputs, targets, labels, count);
}
Network BpttReference::network() const { return engine_->network(); }
Gradient BpttReference::gradient(const Matrix& inputs, const Matrix& targets) {
  return engine_->gradient(inputs, targets);
}
TrainingState BpttReference::training_state() const { return engine_->state(); }
void BpttReference::set_training_state(const TrainingState& state) { engine_->set_state(state); }

}  // namespace memprop::learning
