// What BpttReference does, for one floating-point type.
#pragma once

#include <memory>

#include "learning/reference/bptt_reference.hpp"

namespace memprop::learning::internal {

class BpttEngine {
 public:
  virtual ~BpttEngine() = default;
  virtual void train(const float* inputs, const float* targets,
                     Span<const std::uint32_t> order) = 0;
  virtual Evaluation evaluate(const float* inputs, const float* targets,
                              const std::uint32_t* labels, std::size_t count) = 0;
  virtual Gradient gradient(const Matrix& inputs, const Matrix& targets) = 0;
  virtual TrainingState state() const = 0;
  virtual void set_state(const TrainingState& state) = 0;
  virtual const Network& network() const = 0;
};

std::unique_ptr<BpttEngine> make_bptt_engine(const Network& network, const LearningConfig& learning,
                                             const IdealConfig& config, unsigned threads,
                                             std::uint64_t seed);

}  // namespace memprop::learning::internal
