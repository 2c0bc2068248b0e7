// The dendritic branches of one projection to a layer of neurons: nodes of their own between a
// crossbar's columns and the neurons, each with a leak and a rectifier (Kubo, arXiv:2605.08135, as
// a circuit). Voltages are relative to V_ref; branch b belongs to neuron i = floor(b / B).
//
//     C_b dV_b/dt = I_b - g_b V_b                 I_b: current of the crossbar's column      [A]
//     V_r,b = h(V_b - o_b)                        o_b: offset of the rectifier               [V]
//     I_i   = sum over b of i  g_c,b V_r,b        fixed conductance onto the neuron          [A]
//     bit_b = V_b > c_b                           c_b: offset of the comparator
//
// h(v) = max(0, v), or a diode with a knee, V_k ln(1 + exp(v / V_k)): V_k ln 2 above it at v = 0,
// the same a few V_k away. With V_b = V_s z, g_b = g_L and g_c = a g_L / B this is the rectified
// mean a / B sum max(0, z_b) of the software.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analog/domain/element.hpp"

namespace memprop::analog {

struct BranchBankConfig {
  std::string name;                   // "layer1/basal": nodes name/v, lines name/r
  std::string neurons;                // "layer1/neurons"
  std::size_t branches = 1;           // B, of each neuron
  double knee_v = 0.0;                // V_k; 0: an ideal rectifier
  std::vector<double> capacitance_f;  // C_b
  std::vector<double> leak_s;         // g_b
  std::vector<double> coupling_s;     // g_c,b
  std::vector<double> offset_v;       // o_b
  std::vector<double> comparator_v;   // c_b
};

// h of the header.
double rectified(double v, double knee_v);

class BranchBank final : public Element {
 public:
  // InternalError if the lists do not fit each other.
  explicit BranchBank(BranchBankConfig config);

  void declare(Declarations& declarations) override;
  void connect(const Netlist& netlist) override;
  void drive_lines(double t, const double* node, double* line) const override;
  void add_currents(double t, const double* node, const double* line,
                    double* current) const override;
  bool quiet() const override { return held_; }

  // Held branches keep their charge, as held neurons do.
  void set_held(bool held) { held_ = held; }
  bool held() const { return held_; }
  // The comparators' bits at given node voltages, size() of them.
  void bits(const double* node, std::uint8_t* out) const;

  std::size_t size() const { return config_.capacitance_f.size(); }
  Range nodes() const { return nodes_; }
  Range lines() const { return lines_; }
  const BranchBankConfig& config() const { return config_; }

 private:
  BranchBankConfig config_;
  Range nodes_, lines_, neuron_inputs_;
  bool held_ = true;
};

}  // namespace memprop::analog
