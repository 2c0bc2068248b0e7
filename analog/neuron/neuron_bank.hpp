// A layer of analog neurons: leaky integrators behind summing amplifiers, with buffered activity
// lines (ep-circuits 2.3, circuits 1 to 3). Voltages are relative to V_ref.
//
//     C_i dV_i/dt = I_i - I_leak(V_i) - I_clamp(V_i) + G_beta (V_y,i - V_r,i)       [A]
//     V_r,i = (1 + e_i) V_s f(V_i / V_a) + o_i                                      [V]
//
// circuit 1: I_leak = g_L,i V_i; circuit 2 (OTA): I_leak = g_L,i V_s tanh(V_i / V_a), where V_a is
// 2 n U_T and V_s the same at the temperature of the design; circuit 3: circuit 1 with diodes to
// two rails, I_clamp (diode_clamp.hpp), and the membrane itself as activity (f linear).
//
// I_i is the current of the crossbars through a fully differential transimpedance amplifier of
// open-loop gain A, feedback resistance R_f and input offset V_os, its common mode held at V_ref,
// and a mirror of ratio m. Between its inputs stands v = V_os A / (1 + A) + R_in I_d with
// R_in = R_f / (1 + A), which takes v G_s from the lines' current difference I_d, G_s half of all
// conductances of the pairs on the neuron's lines. With J_i = m sum_j (G+ - G-) V_j:
//     I' = (J_i - m G_s,i V_os,i A / (1 + A)) / (1 + R_in G_s,i),     tau_TIA dI/dt = I' - I
// Without an amplifier (passive) the membrane itself stands at the end of its lines, whose rows are
// driven by V_j and, for the G- devices, -V_j: I_i = J_i - m 2 G_s,i V_i. So all conductances of
// its pairs add to the leak, tau_i = C_i / (g_L,i + m 2 G_s,i) follows the weights, and the neuron
// stands at g_L,i / (g_L,i + m 2 G_s,i) of what it would stand at. m scales a layer's leak and
// capacitor and the amplitude of the drivers from above, which is how it is built: C_i / m, g_L,i /
// m. An amplifier with a slew rate S charges no faster: dV/dt = S tanh(raw dV/dt / S), the tail
// current of its input pair steered by the difference.
#pragma once

#include <string>
#include <vector>

#include "analog/domain/element.hpp"
#include "analog/neuron/diode_clamp.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::analog {

struct AmplifierConfig {
  double gain = 0.0;             // A; 0: infinite
  double feedback_ohm = 10e3;    // R_f
  double time_constant_s = 0.0;  // tau_TIA; 0: at once
  double slew_v_per_s = 0.0;     // S; 0: unlimited
  std::vector<double> offset_v;  // V_os,i; empty: none

  double input_ohm() const { return gain > 0.0 ? feedback_ohm / (1.0 + gain) : 0.0; }
  // The crossbars' currents reach the membrane unchanged.
  bool ideal() const { return gain == 0.0 && time_constant_s == 0.0 && offset_v.empty(); }
};

struct NeuronBankConfig {
  std::string name;  // "layer1/neurons": nodes name/v (and name/tia), lines name/r
  Activation activation = Activation::tanh;
  double voltage_scale_v = 0.1;       // V_s
  double activation_scale_v = 0.0;    // V_a; 0: V_s
  bool ota_leak = false;              // circuit 2
  bool passive = false;               // no amplifier
  DiodeClamp clamp;                   // circuit 3
  std::vector<double> capacitance_f;  // C_i
  std::vector<double> leak_s;         // g_L,i
  std::vector<double> line_gain;      // 1 + e_i
  std::vector<double> line_offset_v;  // o_i
  AmplifierConfig amplifier;
};

class NeuronBank final : public Element {
 public:
  explicit NeuronBank(NeuronBankConfig config);

  void declare(Declarations& declarations) override;
  void connect(const Netlist& netlist) override;
  void drive_lines(double t, const double* node, double* line) const override;
  void add_currents(double t, const double* node, const double* line,
                    double* current) const override;
  void finish_currents(double t, const double* node, const double* line,
                       double* current) const override;
  bool quiet() const override { return held_; }

  // Held neurons keep their charge: leak and inputs are disconnected.
  void set_held(bool held) { held_ = held; }
  bool held() const { return held_; }
  Span<const double> target_v() const { return target_v_; }
  // Nudging conductance G_beta [S] towards the target voltages; negative for the negative phase.
  void set_nudge(double conductance_s) { nudge_s_ = conductance_s; }
  void set_target(Span<const double> target_v);
  // What the crossbars load the amplifiers' inputs with, G_s,i, and the same with the mirror's
  // ratio of each line, through which an offset reaches the membrane [S]. Matters where the
  // amplifier has a finite gain or an offset, and where there is none; zero to begin with.
  void set_input_load(Span<const double> load_s, Span<const double> mirrored_s);
  // g_L, and of passive neurons what the lines add to it [S].
  Span<const double> total_leak_s() const { return total_leak_s_; }

  // Plants a fault: another gain of one activity line.
  void set_line_gain(std::size_t neuron, double gain) { config_.line_gain.at(neuron) = gain; }

  std::size_t size() const { return config_.capacitance_f.size(); }
  Range nodes() const { return nodes_; }
  // States of the amplifiers, I / g_L,i as a voltage; none without a time constant.
  Range amplifier_nodes() const { return amplifier_nodes_; }
  Range lines() const { return lines_; }
  const NeuronBankConfig& config() const { return config_; }

 private:
  NeuronBankConfig config_;
  Range nodes_, amplifier_nodes_, lines_, junctions_;
  std::vector<double> target_v_;
  std::vector<double> total_leak_s_;    // of every neuron
  std::vector<double> input_gain_;      // 1 / (1 + R_in G_s,i)
  std::vector<double> input_offset_a_;  // -m G_s,i V_os,i A / (1 + A) times that
  mutable std::vector<double> scaled_;  // V/V_a, work space of one evaluation
  double nudge_s_ = 0.0;
  bool held_ = true;
};

}  // namespace memprop::analog
