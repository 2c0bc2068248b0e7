// Neuronal adaptation of a layer of membranes (Kubo, Chalmers and Luczak, arXiv:2204.14008, Eq. 8,
// as a circuit): in a window of time a conductance pulls every membrane V_i towards a voltage H_i
// that stands for the neuron's own state of the free phase. Voltages are relative to V_ref.
//
//     C_i dV_i/dt = (currents of all others) - g_a,i (V_i - H_i - o_i)                [A]
//
// track-and-hold: H_i is the voltage of a hold capacitor behind a buffer of offset o_i, which
// droops by I_leak / C_h;
// slow variable: H_i = w_i with tau_w dw_i/dt = V_i - w_i at all times, a capacitor C_w behind a
// resistor tau_w / C_w and a buffer.
//
// Released membranes are cut off from everything else while the window is open: drive, leak and
// nudge, dV_i/dt = -(g_a,i / C_i)(V_i - H_i - o_i), so that over a window T the part
// exp(-g_a,i T / C_i) of V_i - H_i is left.
#pragma once

#include <string>
#include <vector>

#include "analog/domain/element.hpp"

namespace memprop::analog {

struct AdaptationBankConfig {
  std::string neurons;                  // name of the bank: nodes neurons/v (and neurons/w)
  std::vector<double> conductance_s;    // g_a,i
  std::vector<double> offset_v;         // o_i
  double droop_v_per_s = 0.0;           // I_leak / C_h of the hold capacitors
  double slow_time_constant_s = 0.0;    // tau_w; 0: track-and-hold
  double slow_capacitance_f = 100e-15;  // C_w
};

class AdaptationBank final : public Element {
 public:
  explicit AdaptationBank(AdaptationBankConfig config);

  void declare(Declarations& declarations) override;
  void connect(const Netlist& netlist) override;
  void add_currents(double t, const double* node, const double* line,
                    double* current) const override;
  void finish_currents(double t, const double* node, const double* line,
                       double* current) const override;
  // The slow variable follows even where nothing else moves.
  bool quiet() const override { return !open_ && !slow(); }

  // Track-and-hold: what is held from time t on [V].
  void set_held(Span<const double> held_v, double t_s);
  Span<const double> held() const { return held_v_; }
  // The window opens or closes; its released membranes are cut off from all others.
  void set_open(bool open) { open_ = open; }
  bool open() const { return open_; }
  void set_released(bool released) { released_ = released; }
  bool released() const { return released_; }

  std::size_t size() const { return config_.conductance_s.size(); }
  bool slow() const { return config_.slow_time_constant_s > 0.0; }
  Range membranes() const { return membranes_; }
  Range slow_nodes() const { return slow_nodes_; }  // none with track-and-hold
  const AdaptationBankConfig& config() const { return config_; }

 private:
  // Current into membrane i [A].
  double pull(double t, const double* node, std::size_t i) const;

  AdaptationBankConfig config_;
  Range membranes_, slow_nodes_;
  std::vector<double> held_v_;
  double held_since_s_ = 0.0;
  bool open_ = false;
  bool released_ = false;
};

}  // namespace memprop::analog
