// Update circuit U7 behind a digital optimiser: the changes wanted of a mini-batch are summed, and
// at its last sample become steps of the weights by momentum, AdaGrad or Adam
// (solvers/math/optimiser.hpp), whose state a memory keeps for every cell. The steps go to the
// accumulators of U7, and from there as pulses to the cells.
//
//   every sample       g_ij <- g_ij + D_ij change_per_code
//   every batch-th     step of g_ij / batch, g_ij <- 0
//                      a_ij <- saturated(a_ij + sign(step) n_ij),  n_ij = |step| units_per_weight,
//                      rounded at random with the columns' registers as in U1
//
// The unit computes in binary32, a row at a time; its memory gives and takes a row in the cycle of
// that row. Rows are those of U1, but at the end of a batch all of them: steps go on where a sample
// has no input. Without a batch there is no g_ij to keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/accumulate_engine.hpp"

namespace memprop::digital {

class OptimiserEngine : public AccumulateEngine {
 public:
  explicit OptimiserEngine(const ControllerConfig& config);

  void reset() override;
  void start(const UpdateOperands& operands) override;
  OptimiserCounters optimiser() const override;
  void save(std::vector<std::uint64_t>& state) const override;
  std::size_t saved_words() const override;
  void restore(Span<const std::uint64_t> state) override;

 protected:
  void evaluate_row(std::size_t t, ControllerCounters& counters) override;

 private:
  // Of every cell of a tile, at row * columns + column; empty where the optimiser has none.
  struct Memory {
    std::vector<float> sum, first, second;
  };
  template <class Visit>
  void for_each_memory(Visit visit);

  void add_step(Tile& tile, std::size_t t, ControllerCounters& counters);

  OptimiserUnit unit_;
  std::vector<Memory> memory_;           // per tile
  std::vector<float> change_, step_;     // of a row
  std::vector<std::uint64_t> fraction_;  // |step| in 65536ths of a unit
  std::uint64_t collected_ = 0;          // samples of the present batch so far
  std::uint64_t updates_ = 0;
  std::uint64_t words_ = 0;  // moved from and to the memory
  bool closing_ = false;     // the present sample ends a batch
};

}  // namespace memprop::digital
