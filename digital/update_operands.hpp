// What the update circuits multiply: signed integer codes at the rows and columns of each tile,
// formed from the input codes and the latched converter codes.
//
// simplified rule, one group:  D_ij = d_i x_j
//   d = c_positive - c_negative (centred), s (c_nudged - c_free) (one-sided, s the nudging sign)
//   x = input code (tile 0), free code of the layer below (others); predictive: its nudged code
// product difference, two groups:  D_ij = cA_i cA_j - cB_i cB_j
//   A, B = positive, negative (centred); nudged, free (one-sided; exchanged if s < 0)
// Columns that are branches have the code of their neuron in the samples in which their bit was
// set, and 0 in the others: in d too, before the difference is taken.
// The bias row has a constant code. D > 0 means weight up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "solvers/span.hpp"

namespace memprop::digital {

struct TileOperands {
  std::vector<std::int64_t> row[2];  // [group][row]
  std::vector<std::int64_t> col[2];  // [group][column]
};

class UpdateOperands {
 public:
  UpdateOperands() = default;
  UpdateOperands(const ControllerConfig& config, bool centred);

  // latch[k]: codes of sample k, layers 1..L concatenated.
  void load(Span<const std::uint16_t> input, const std::vector<std::int32_t> (&latch)[3],
            bool nudge_negative, const BranchGates* gates = nullptr);

  std::size_t groups() const { return groups_; }
  const std::vector<TileOperands>& tiles() const { return tiles_; }

 private:
  void load_columns(std::size_t t, const std::int32_t* a, const std::int32_t* b, std::size_t first,
                    std::size_t second, const BranchGates* gates);

  std::size_t groups_ = 1;
  bool centred_ = false;
  std::size_t row_sample_ = 0;  // of the simplified rule
  std::vector<TileOperands> tiles_;
  std::vector<TileShape> shapes_;
  std::vector<std::size_t> offset_;  // of layers 0 .. L in the latches; of the input 0
  std::vector<std::size_t> width_;
};

// Bounds that no code can exceed, for choosing the width of the arithmetic.
struct OperandBounds {
  std::uint64_t row = 0, col = 0, product = 0;  // of |x|, |d| or |c|, and |D|
};
OperandBounds operand_bounds(const ControllerConfig& config, std::size_t tile);

}  // namespace memprop::digital
