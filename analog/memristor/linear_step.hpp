// Constant-step, linear-step and soft-bounds devices, exp step, power step and table, after Gokmen
// and Vlasov, Front. Neurosci. 10, 333 (2016), in the taxonomy of IBM aihwkit (Rasch et al., AICAS
// 2021). State w, dimensionless.
//
//     dw+ = dw_min (1 + s_dtod xi + b_up   + s_ud xi'),   b_up   =  min(up_down, 0)
//     dw- = dw_min (1 + s_dtod xi + b_down - s_ud xi'),   b_down = -max(up_down, 0)
//     b_max = w_max (1 + s_max xi''),   b_min = w_min (1 + s_min xi''')
// drawn once per device, with floors at 0 for the steps and for |b|; with a log-normal spread
// exp(s_dtod xi) stands for 1 + s_dtod xi. The asymmetry up_down enters one direction only and both
// directions share xi, as in the reference implementation.
//
//     constant step:  w <- w +- dw+-                       (1 + s_c xi)
//     soft bounds:    w <- w +- dw+- (1 - w/b_max or b_min)(1 + s_c xi)
//       additive:     w <- w +- dw+- ((1 - w/b_max or b_min) + s_c xi)
//     linear step:    soft bounds with g w in place of w, g (1 + s_g xi) per device, not below 0
//     exp step, power step, table: w <- w +- dw+- factor(w) (1 + s_c xi), see pulse_curve.hpp
// clipped to [b_min, b_max] and to G >= 0. With a reference device (soft bounds) a read shows
// w - r, r = w* + s_r xi with the symmetry point w* = (dw+ - dw-)/(dw+/b_max - dw-/b_min), or
// r = s_r xi; the state kept is w - r. What a read sees is w + dw_min s_w xi, drawn anew when
// the device is pulsed.
#pragma once

#include <cstddef>

#include "analog/memristor/pulse_law.hpp"

namespace memprop::analog {

PulseLaw linear_step_law(const DeviceConfig& config, std::size_t cells,
                         const RandomStream& fabrication);

}  // namespace memprop::analog
