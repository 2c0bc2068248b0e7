// The columns of a tile while the chip sleeps: the soma nodes as integrators with a second leak, a
// switch that discharges them, and a comparator each.
//
//     C_i dV_i/dt = I_i - G_i V_i                                                       [A]
// The leak switch is closed for T in every drive; the rows, and with them I_i, stand in the last
// t_p of it and are constant. So a drive is exactly
//     V_i <- V_i exp(-T G_i / C_i) + I_i (1 - exp(-t_p G_i / C_i)) / G_i
// (I_i t_p / C_i without a leak) plus what branches add (sleep_branches.hpp), cut to the rails of
// the amplifier where it has some: within each part of a drive V_i moves one way only, so cutting
// at its end is exact as well (with branches of different lags nearly). Between drives a soma keeps
// its charge. The comparator is high for V_i + o_i + noise >= V_theta.
#pragma once

#include <cstddef>
#include <vector>

#include "solvers/span.hpp"

namespace memprop::analog {

struct SleepColumnsConfig {
  std::vector<double> capacitance_f;  // C_i
  std::vector<double> leak_s;         // G_i; 0: none
  std::vector<double> offset_v;       // o_i of the comparators; empty: none
  double drive_s = 0.0;               // T
  double pulse_s = 0.0;               // t_p
  double rail_v = 0.0;                // largest |V_i|; 0: unlimited
};

class SleepColumns {
 public:
  explicit SleepColumns(SleepColumnsConfig config);

  std::size_t size() const { return voltage_v_.size(); }
  // One drive with these currents [A]. added_v: from branches [V]; empty: none.
  void drive(Span<const double> current_a, Span<const double> added_v = {});
  // noise_v: of the comparator, this time.
  bool above(std::size_t i, double threshold_v, double noise_v) const {
    return voltage_v_[i] + offset_v_[i] + noise_v >= threshold_v;
  }
  void discharge(std::size_t i) { voltage_v_[i] = 0.0; }
  void discharge_all();

  Span<const double> voltage_v() const { return voltage_v_; }
  // exp(-T G_i / C_i), and volts per ampere of a drive.
  double decay(std::size_t i) const { return decay_[i]; }
  double charge_ohm(std::size_t i) const { return charge_ohm_[i]; }

 private:
  std::vector<double> decay_, charge_ohm_, offset_v_, voltage_v_;
  double rail_v_;
};

// The sum of white noise behind a low-pass of time constant tau_n, over a window t, against its
// standing deviation: sqrt(2 (x - 1 + exp(-x))) / x with x = t / tau_n (the mean of an
// Ornstein-Uhlenbeck process).
double averaged_noise(double window_s, double correlation_s);

}  // namespace memprop::analog
