// The nonlinear element of a node in a resistive network: up to two diodes, each in series with a
// clamp source (ep-circuits 1.2; 2.3, circuit 3).
//
//   exponential  I(V) = I_S [exp((V - V_hi)/(n U_T)) - 1] - I_S [exp((V_lo - V)/(n U_T)) - 1]
//                out of the node (Shockley); an infinite V_hi or V_lo means no diode there.
//   ideal        V stays in [V_lo, V_hi] whatever current that takes.
//   none         no element.
#pragma once

namespace memprop::analog {

enum class DiodeLaw { none, ideal, exponential };

struct DiodeConfig {
  DiodeLaw law = DiodeLaw::ideal;
  double saturation_a = 1e-14;  // I_S
  double slope_v = 25.852e-3;   // n U_T
};

// Current of one diode at forward voltage v [A]. Above 40 n U_T it goes on along its tangent, as
// circuit simulators do, so that a trial step of an integrator stays finite.
double diode_current(const DiodeConfig& config, double v);

// Current out of a node at v with both diodes, law `exponential` [A].
double clamp_current(const DiodeConfig& config, double v, double low_v, double high_v);

}  // namespace memprop::analog
