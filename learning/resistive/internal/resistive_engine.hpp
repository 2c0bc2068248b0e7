// What ResistiveReference does, for one floating-point type.
#pragma once

#include <memory>

#include "learning/resistive/resistive_reference.hpp"

namespace memprop::learning::internal {

class ResistiveEngine {
 public:
  virtual ~ResistiveEngine() = default;
  virtual void train(const float* inputs, const float* targets,
                     Span<const std::uint32_t> order) = 0;
  virtual Evaluation evaluate(const float* inputs, const float* targets,
                              const std::uint32_t* labels, std::size_t count) = 0;
  virtual Network network() const = 0;
  virtual void check_stability() const = 0;
  virtual SteadyState relax(Span<const double> x, Span<const double> y, double beta,
                            std::size_t iterations) = 0;
  virtual SteadyState solve(Span<const double> x, Span<const double> y, double beta) = 0;
  virtual Gradient estimate(const Matrix& inputs, const Matrix& targets) = 0;
  std::uint64_t samples_trained = 0;
  double rate_factor = 1.0;
};

struct ResistiveSetup {
  Network network;
  LearningConfig learning;
  IdealConfig config;
  unsigned threads;
  std::uint64_t seed;
};

std::unique_ptr<ResistiveEngine> make_resistive_engine(const ResistiveSetup& setup);

}  // namespace memprop::learning::internal
