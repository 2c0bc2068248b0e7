// A layer of analog neurons: leaky integrators behind virtual grounds with buffered activity lines
// (ep-circuits 2.3, circuits 1 and 2).
//
//     C_i dV_i/dt = -I_leak,i(V_i) + I_array,i + G_beta (V_y,i - V_r,i)         [A]
//     V_r,i = (1 + e_i) V_s f(V_i / V_s) + o_i                                  [V]
// circuit 1: I_leak = g_L,i V_i; circuit 2 (OTA): I_leak = g_L,i V_s tanh(V_i / V_s),
// V_s = 2 n U_T. Voltages are relative to V_ref. The array currents come from the crossbar tiles.
#pragma once

#include <string>
#include <vector>

#include "analog/domain/element.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::analog {

struct NeuronBankConfig {
  std::string name;  // "layer1/neurons": nodes name/v, lines name/r
  Activation activation = Activation::tanh;
  double voltage_scale_v = 0.1;       // V_s
  bool ota_leak = false;              // circuit 2
  std::vector<double> capacitance_f;  // C_i
  std::vector<double> leak_s;         // g_L,i
  std::vector<double> line_gain;      // 1 + e_i
  std::vector<double> line_offset_v;  // o_i
};

class NeuronBank final : public Element {
 public:
  explicit NeuronBank(NeuronBankConfig config);

  void declare(Declarations& declarations) override;
  void connect(const Netlist& netlist) override;
  void drive_lines(double t, const double* node, double* line) const override;
  void add_currents(double t, const double* node, const double* line,
                    double* current) const override;
  bool quiet() const override { return held_; }

  // Held neurons keep their charge: leak and inputs are disconnected.
  void set_held(bool held) { held_ = held; }
  bool held() const { return held_; }
  Span<const double> target_v() const { return target_v_; }
  // Nudging conductance G_beta [S] towards the target voltages; negative for the negative phase.
  void set_nudge(double conductance_s) { nudge_s_ = conductance_s; }
  void set_target(Span<const double> target_v);

  // Plants a fault: another gain of one activity line.
  void set_line_gain(std::size_t neuron, double gain) { config_.line_gain.at(neuron) = gain; }

  std::size_t size() const { return config_.capacitance_f.size(); }
  Range nodes() const { return nodes_; }
  Range lines() const { return lines_; }
  const NeuronBankConfig& config() const { return config_; }

 private:
  NeuronBankConfig config_;
  Range nodes_, lines_;
  std::vector<double> target_v_;
  mutable std::vector<double> scaled_;  // V/V_s, work space of one evaluation
  double nudge_s_ = 0.0;
  bool held_ = true;
};

}  // namespace memprop::analog
