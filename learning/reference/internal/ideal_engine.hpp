// What IdealReference does, for one floating-point type.
#pragma once

#include <memory>

#include "learning/reference/ideal_reference.hpp"

namespace memprop::learning::internal {

class IdealEngine {
 public:
  virtual ~IdealEngine() = default;
  virtual void train(const float* inputs, const float* targets,
                     Span<const std::uint32_t> order) = 0;
  virtual Evaluation evaluate(const float* inputs, const float* targets,
                              const std::uint32_t* labels, std::size_t count) = 0;
  virtual Network network() const = 0;
  virtual LayerStates relax(Span<const double> x, Span<const double> y, const Phase& free,
                            const Phase* nudged) = 0;
  virtual std::vector<LayerStates> relax_phases(Span<const double> x, Span<const double> y) = 0;
  virtual FreePhaseEnd free_phase_end(const float* inputs, std::size_t count) = 0;
  virtual double oscillating_share(const float* inputs, const float* targets,
                                   std::size_t count) = 0;
  virtual Gradient estimate(const Matrix& inputs, const Matrix& targets) = 0;
  virtual std::vector<double> relative_difference() const = 0;
  virtual TrainingState state() const = 0;
  virtual void set_state(const TrainingState& state) = 0;
  std::uint64_t samples_trained = 0;
};

struct IdealSetup {
  Network network;
  std::shared_ptr<const Rule> rule;
  LearningConfig learning;
  IdealConfig config;
  unsigned threads;
  std::uint64_t seed;
};

std::unique_ptr<IdealEngine> make_ideal_engine(const IdealSetup& setup);

}  // namespace memprop::learning::internal
