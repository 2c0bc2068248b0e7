// Host side: real-valued rates into the integer registers of the update circuits. The only place in
// digital/ that knows floating-point numbers; the chip itself never sees them.
//
// With wanted change dw = rate * (code product) * row_lsb * col_lsb and w_LSB the weight step of
// one pulse, the pulses per unit of code product are
//   R = rate * row_lsb * col_lsb / w_LSB                                  (ep-circuits 2.6, U1)
//   C_x C_d = R / BL    with C_x, C_d the firing probabilities per code   (ep-circuits 2.6, U2)
#pragma once

#include <cstdint>

#include "digital/controller.hpp"

namespace memprop::digital {

// R. All arguments are dimensionless (activities and weights); rate >= 0, the others > 0.
double pulses_per_code_product(double rate, double row_lsb, double col_lsb, double weight_step);

// U1: R = rate_mantissa / 2^rate_shift, to a relative 2^-16 (R from 2^-65 to 1 - 2^-17; down to
// 2^-73 with fewer bits). R = 0 is allowed and gives no pulses.
void set_pulse_count_rate(TileUpdateRegisters& registers, double pulses_per_product);

// The largest firing probabilities of U2, at the peak codes and before saturation at 1.
struct PeakProbability {
  double row, col;
};

// U2: splits C_x C_d so that both lines fire with the same probability at the peak codes (the
// largest magnitudes the caller expects, > 0). If a result exceeds 1 the pair of codes at the peak
// wants more than BL pulses and the lines saturate; no other split avoids that.
PeakProbability set_stochastic_rate(TileUpdateRegisters& registers, double pulses_per_product,
                                    std::uint32_t stream_length, double peak_row_code,
                                    double peak_col_code);

// U3: the code threshold for which |code| > result is |code| * lsb > threshold.
std::uint32_t threshold_code(double threshold, double lsb);

}  // namespace memprop::digital
