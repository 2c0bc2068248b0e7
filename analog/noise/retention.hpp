// How programmed conductances change while nobody writes.
//
//     power law   G(t) = G_p (t/t_0)^-nu for t > t_0,  nu = |mu + s xi|, drawn once per device and
//                 programming; t counts from the programming of the device
//     PCM         g_r = G/G_max: sigma_p = 0.26348 + 1.9650 g_r - 1.1731 g_r^2 [uS] of programming,
//                 mu = clip(-0.0155 ln g_r + 0.0244, 0.049, 0.1),
//                 s  = clip(-0.0125 ln g_r - 0.0059, 0.008, 0.045), t_0 = 20 s,
//                 read noise sigma_r/G = Q sqrt(ln((t + t_r)/(2 t_r))), Q = min(0.0088/g_r^0.65,
//                 0.2), t_r = 250 ns. Nandakumar et al., ICECS 2019,
//                 doi:10.1109/ICECS46596.2019.8964852; Joshi et al., Nat. Commun. 11, 2473 (2020);
//                 as in IBM aihwkit. G_max = 25 uS.
//     relaxation  of RRAM: sigma(g_r, t) after Wan et al., Nature 608, 504 (2022),
//                 doi:10.1038/s41586-022-04992-8, as fitted in IBM aihwkit; G_max = 40 uS; linear
//                 in ln t between 1 s, 1 day and 2 days
//     decay       G(t) = G_r + (G_p - G_r) exp(-t/tau): relaxation to a rest conductance, with
//                 tau = tau_0 exp(s xi), drawn once per device and programming
//     Arrhenius   t(T) = t_ref exp(E_a/k_B (1/T - 1/T_ref))
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "solvers/random_stream.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

enum class DriftOf { constant, pcm, decay };

struct RetentionConfig {
  DriftOf of = DriftOf::constant;
  double nu = 0.0;         // mu, constant; 0 with a spread of 0: off
  double nu_spread = 0.0;  // s, constant
  double t_0_s = 20.0;
  double g_max_s = 25e-6;  // pcm
  double decay_s = 0.0;    // tau_0 of decay; 0: off; nu_spread is its s
  double rest_s = 0.0;     // G_r of decay
  // Ageing runs exp(E_a/k_B (1/T_ref - 1/T)) times as fast at T as at T_ref.
  double activation_ev = 0.0;
  double reference_k = 300.0, temperature_k = 300.0;
};

double pcm_nu_mean(double relative_conductance);
double pcm_nu_spread(double relative_conductance);
double pcm_programming_sigma_s(double relative_conductance);
// Relative, t_s after programming.
double pcm_read_sigma(double relative_conductance, double t_s);
// Spread of an RRAM conductance after t_s [S]. Throws UserError outside of 1 s to 2 days.
double rram_relaxation_sigma_s(double relative_conductance, double t_s);
// CrossSim's fit of the same data at 1 s, G up to 39.26 uS [S].
double rram_relaxation_sigma_crosssim_s(double conductance_s);
// How much longer a time of t_ref at T_ref lasts at T.
double arrhenius_factor(double activation_ev, double temperature_k, double reference_k);

class Retention {
 public:
  // STREAM/drift: index = cell, event = number of the cell's programming.
  Retention(const RetentionConfig& config, std::size_t cells, std::uint64_t seed,
            std::string_view stream);
  // The listed cells are written to conductance_s at now_s: their clocks restart with a new nu.
  void program(Span<const std::uint32_t> list, Span<const double> conductance_s, double now_s);
  // Conductances of all cells at now_s.
  void read(double now_s, Span<double> out) const;
  // What a conductance of programmed_s in that cell has become, for devices whose programmed
  // conductances live elsewhere.
  double present(std::size_t cell, double programmed_s, double now_s) const;
  double nu(std::size_t cell) const { return nu_[cell]; }  // of decay: tau [s]

  // For checkpoints: 4 numbers per cell.
  std::vector<double> save() const;
  void restore(Span<const double> saved);

 private:
  RetentionConfig config_;
  double speed_;
  RandomStream drift_;
  std::vector<double> programmed_s_, at_s_, nu_;
  std::vector<std::uint64_t> count_;
};

}  // namespace memprop::analog
