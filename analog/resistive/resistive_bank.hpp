// A layer of nodes of a resistive network (ep-circuits 1.2, 2.4 option A3): each with a capacitance
// to ground, a diode clamp, and, in hidden layers, a bidirectional amplifier towards the array
// above; in the output layer, nudging conductances.
//
//     C_i dV_i/dt = I_arrays,i + I_source,i - I_clamp(V_i) + I_nudge,i          [A]
//     a_i = A_i (1 + e_i) V_i        voltage forwards (VCVS)
//     I_i = (1 + e'_i) I_out,i / A_i  current backwards (CCCS); taken by the array above
//     I_nudge,k = G_beta (V_y,k - V_k), or with pairs (k+, k-)
//     I_nudge,k+ = -I_nudge,k- = G_beta [V_y,k - (V_k+ - V_k-)]
// Voltages are relative to ground. G_beta < 0 in the negative phase is an active element.
//
// With ideal diodes the element integrates the charge that the arrays bring, U_i = Q_i/C_i, as node
// "NAME/v"; the node's voltage, line "NAME/r", is U cut to the clamp. A charge beyond the clamp
// leaves through the diode at the rate G_on (U - V), which holds U finite and acts nowhere else: at
// rest V fulfils Kirchhoff's law exactly or stands at a clamp. G_on sets how fast a node leaves it.
#pragma once

#include <string>
#include <vector>

#include "analog/domain/element.hpp"
#include "analog/resistive/diode_clamp.hpp"

namespace memprop::analog {

struct ResistiveBankConfig {
  std::string name;                   // "layer1/nodes": nodes NAME/v, lines NAME/r and NAME/a
  std::vector<double> capacitance_f;  // C_i
  std::vector<double> low_v, high_v;  // clamp sources; infinite: no diode on that side
  DiodeConfig diode;
  double diode_on_s = 1e-3;       // G_on of ideal diodes
  std::vector<double> gain;       // A_i (1 + e_i); empty: no amplifier (output layer)
  bool pairs = false;             // nodes k and k + n/2 are one output
  std::vector<double> current_a;  // constant current into each node; empty: none
};

class ResistiveBank final : public Element {
 public:
  explicit ResistiveBank(ResistiveBankConfig config);

  void declare(Declarations& declarations) override;
  void connect(const Netlist& netlist) override;
  void drive_lines(double t, const double* node, double* line) const override;
  void add_currents(double t, const double* node, const double* line,
                    double* current) const override;
  bool quiet() const override { return held_; }

  // Held nodes keep their charge: arrays, diodes and nudging are disconnected.
  void set_held(bool held) { held_ = held; }
  bool held() const { return held_; }
  // G_beta [S] towards the targets; negative for the negative phase.
  void set_nudge(double conductance_s) { nudge_s_ = conductance_s; }
  void set_target(Span<const double> target_v);

  Span<const double> target_v() const { return {target_v_.data(), target_v_.size()}; }

  std::size_t size() const { return config_.capacitance_f.size(); }
  std::size_t targets() const { return config_.pairs ? size() / 2 : size(); }
  Range nodes() const { return nodes_; }
  Range lines() const { return lines_; }
  const ResistiveBankConfig& config() const { return config_; }

 private:
  ResistiveBankConfig config_;
  Range nodes_, lines_, amplified_;
  std::vector<double> target_v_;
  double nudge_s_ = 0.0;
  bool held_ = true;
};

}  // namespace memprop::analog
