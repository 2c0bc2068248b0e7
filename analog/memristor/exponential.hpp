// The exponential pulse curve of MLP+NeuroSim (Chen, Peng, Yu, IEEE TCAD 37, 3067 (2018)).
//
// With pulse number P = 0..P_max, curvature A (own values for potentiation and depression) and
// window R = G_max - G_min:
//     B = R/(1 - exp(-P_max/A)),   G(P) = G_min + B (1 - exp(-P/A)),   A < 0 for depression
// One pulse up is P + 1 on the first curve, one pulse down P - 1 on the second. Eliminating P
// leaves, exactly,
//     G' - G_min = B (1 - q) + q (G - G_min),   q = exp(-1/A) up, exp(1/A) down
// so a pulse costs no logarithm. Cycle noise adds sigma_c2c R xi; the result is clipped to the
// window. Device to device the label NL is spread: NL + sigma_d2d xi, one draw per direction, kept
// within -9..9.
#pragma once

#include <cstddef>

#include "analog/memristor/pulse_law.hpp"

namespace memprop::analog {

// a = A/P_max of a nonlinearity label |NL| <= 9: the largest distance of the normalised curve from
// the straight line is 0.098995 |NL|. Negative for negative labels, infinite for a straight line.
double curvature_of_label(double label);

PulseLaw exponential_law(const DeviceConfig& config, std::size_t cells,
                         const RandomStream& fabrication);

}  // namespace memprop::analog
