#include "analog/neuron/neuron_bank.hpp"

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::analog {

NeuronBank::NeuronBank(NeuronBankConfig config) : Element(config.name), config_(std::move(config)) {
  const std::size_t n = config_.capacitance_f.size();
  if (config_.leak_s.size() != n || config_.line_gain.size() != n ||
      config_.line_offset_v.size() != n) {
    throw InternalError("neuron bank: parameter lists of different lengths");
  }
  if (!config_.amplifier.offset_v.empty() && config_.amplifier.offset_v.size() != n) {
    throw InternalError("neuron bank: parameter lists of different lengths");
  }
  if (config_.activation_scale_v == 0.0) config_.activation_scale_v = config_.voltage_scale_v;
  target_v_.assign(n, 0.0);
  scaled_.assign(n, 0.0);
  total_leak_s_ = config_.leak_s;
  input_gain_.assign(n, 1.0);
  input_offset_a_.assign(n, 0.0);
}

void NeuronBank::declare(Declarations& declarations) {
  declarations.add_nodes(name() + "/v", config_.capacitance_f);
  declarations.add_lines(name() + "/r", size());
  if (config_.amplifier.ideal()) return;
  declarations.add_junctions(name() + "/v", size());
  if (config_.amplifier.time_constant_s == 0.0) return;
  // The state is the voltage I / g_L: a capacitance of tau g_L, charged by I' - I.
  std::vector<double> capacitance_f;
  for (const double g : config_.leak_s) {
    capacitance_f.push_back(config_.amplifier.time_constant_s * g);
  }
  declarations.add_nodes(name() + "/tia", capacitance_f);
}

void NeuronBank::connect(const Netlist& netlist) {
  nodes_ = netlist.nodes(name() + "/v");
  lines_ = netlist.lines(name() + "/r");
  if (config_.amplifier.ideal()) return;
  junctions_ = netlist.inputs(name() + "/v");
  if (config_.amplifier.time_constant_s > 0.0) amplifier_nodes_ = netlist.nodes(name() + "/tia");
}

void NeuronBank::drive_lines(double, const double* node, double* line) const {
  const std::size_t n = size();
  const double* v = node + nodes_.first;
  double* r = line + lines_.first;
  const double inverse_scale = 1.0 / config_.activation_scale_v;
  double* scaled = scaled_.data();
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) scaled[i] = v[i] * inverse_scale;
  activate(config_.activation, scaled, scaled, n);
  const double* gain = config_.line_gain.data();
  const double* offset = config_.line_offset_v.data();
  const double scale = config_.voltage_scale_v;
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) r[i] = gain[i] * scale * scaled[i] + offset[i];
}

void NeuronBank::add_currents(double, const double* node, const double* line,
                              double* current) const {
  if (held_) return;
  const std::size_t n = size();
  const double* v = node + nodes_.first;
  const double* r = line + lines_.first;
  double* i_node = current + nodes_.first;
  const double* leak = total_leak_s_.data();
  if (config_.ota_leak) {
    const double scale = config_.voltage_scale_v;
    const double slope = config_.activation_scale_v;
    double* scaled = scaled_.data();
    for (std::size_t i = 0; i < n; ++i) scaled[i] = v[i] / slope;
    activate(Activation::tanh, scaled, scaled, n);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) i_node[i] -= leak[i] * scale * scaled[i];
  } else {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) i_node[i] -= leak[i] * v[i];
  }
  if (config_.clamp.on) {
    for (std::size_t i = 0; i < n; ++i) i_node[i] -= config_.clamp.current(v[i]);
  }
  if (nudge_s_ != 0.0) {
    const double* target = target_v_.data();
    const double conductance = nudge_s_;
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) i_node[i] += conductance * (target[i] - r[i]);
  }
}

void NeuronBank::finish_currents(double, const double* node, const double*, double* current) const {
  if (held_) return;
  const std::size_t n = size();
  double* i_node = current + nodes_.first;
  if (!config_.amplifier.ideal()) {
    const double* input = current + junctions_.first;
    const double* gain = input_gain_.data();
    const double* offset = input_offset_a_.data();
    if (amplifier_nodes_.count == 0) {
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) i_node[i] += gain[i] * input[i] + offset[i];
    } else {
      const double* leak = config_.leak_s.data();
      const double* state = node + amplifier_nodes_.first;
      double* i_state = current + amplifier_nodes_.first;
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) {
        const double out = leak[i] * state[i];
        i_state[i] += gain[i] * input[i] + offset[i] - out;
        i_node[i] += out;
      }
    }
  }
  if (config_.amplifier.slew_v_per_s == 0.0) return;
  const double slew = config_.amplifier.slew_v_per_s;
  const double* c = config_.capacitance_f.data();
  double* scaled = scaled_.data();
  for (std::size_t i = 0; i < n; ++i) scaled[i] = i_node[i] / (c[i] * slew);
  activate(Activation::tanh, scaled, scaled, n);
  for (std::size_t i = 0; i < n; ++i) i_node[i] = c[i] * slew * scaled[i];
}

void NeuronBank::set_input_load(Span<const double> load_s, Span<const double> mirrored_s) {
  if (load_s.size() != size() || mirrored_s.size() != size()) {
    throw InternalError("neuron bank: wrong number of loads");
  }
  const AmplifierConfig& amplifier = config_.amplifier;
  const double input_ohm = amplifier.input_ohm();
  const double follows = amplifier.gain > 0.0 ? amplifier.gain / (1.0 + amplifier.gain) : 1.0;
  for (std::size_t i = 0; i < size(); ++i) {
    if (config_.passive) total_leak_s_[i] = config_.leak_s[i] + 2.0 * mirrored_s[i];
    input_gain_[i] = 1.0 / (1.0 + input_ohm * load_s[i]);
    if (amplifier.offset_v.empty()) continue;
    input_offset_a_[i] = -amplifier.offset_v[i] * follows * mirrored_s[i] * input_gain_[i];
  }
}

void NeuronBank::set_target(Span<const double> target_v) {
  if (target_v.size() != size()) throw InternalError("neuron bank: wrong number of targets");
  std::copy(target_v.begin(), target_v.end(), target_v_.begin());
}

}  // namespace memprop::analog
