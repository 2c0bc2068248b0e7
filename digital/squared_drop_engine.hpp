// Update circuit U6 of resistive networks (ep-circuits 2.6): a conductance follows the difference
// of the squared voltage drops over it in two phases, as pulses of U1 or as one pulse of its sign.
//
// With integer codes v_i of the nodes above, a_j of what stands below, phases A and B (A, B =
// positive, negative when centred; nudged, free when one-sided; exchanged for a negative sign),
// d = vA_i - vB_i, s = vA_i + vB_i, e = aA_j - aB_j, t = aA_j + aB_j:
//
//   D_ij = -(d - e)(s - t)       = -[(vA - aA)^2 - (vB - aB)^2],   D > 0: conductance up
//
// v_i = code << drop_fraction_bits; a_j = (code * drop_mantissa + half) >> drop_shift, arithmetic,
// with half = 2^(drop_shift-1) (0 for a shift of 0): the host's ratio of the voltages of both codes
// times 2^drop_fraction_bits. Of tile 0 the second half of the rows has sources of the other sign:
// a_j = -((code * drop_mantissa + half) >> drop_shift). |D| saturates at 2^64 - 1.
//
// All rows are visited, in ascending order, with the draws, slots and cycles of U1.
// pulse_count: n_ij of U1's kernel for |D|. sign_sign: n_ij = 1 where |D| > row_threshold *
// 2^(2 drop_fraction_bits), and no register is advanced.
#pragma once

#include <vector>

#include "digital/pulse_count_engine.hpp"

namespace memprop::digital {

inline constexpr unsigned drop_fraction_bits = 4;

class SquaredDropEngine final : public PulseCountEngine {
 public:
  explicit SquaredDropEngine(const ControllerConfig& config);

  void start(const UpdateOperands& operands) override;

 protected:
  void evaluate_row(std::size_t t, ControllerCounters& counters) override;

 private:
  struct Columns {
    std::vector<std::int64_t> difference, sum;  // d, s
    std::vector<bool> up;                       // of the present row: D > 0
  };

  bool sign_only_;
  std::vector<Columns> columns_;  // per tile
};

}  // namespace memprop::digital
