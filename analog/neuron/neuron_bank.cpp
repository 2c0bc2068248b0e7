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
  target_v_.assign(n, 0.0);
  scaled_.assign(n, 0.0);
}

void NeuronBank::declare(Declarations& declarations) {
  declarations.add_nodes(name() + "/v", config_.capacitance_f);
  declarations.add_lines(name() + "/r", size());
}

void NeuronBank::connect(const Netlist& netlist) {
  nodes_ = netlist.nodes(name() + "/v");
  lines_ = netlist.lines(name() + "/r");
}

void NeuronBank::drive_lines(double, const double* node, double* line) const {
  const std::size_t n = size();
  const double* v = node + nodes_.first;
  double* r = line + lines_.first;
  const double inverse_scale = 1.0 / config_.voltage_scale_v;
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
  const double* leak = config_.leak_s.data();
  if (config_.ota_leak) {
    const double scale = config_.voltage_scale_v;
    double* scaled = scaled_.data();
    for (std::size_t i = 0; i < n; ++i) scaled[i] = v[i] / scale;
    activate(Activation::tanh, scaled, scaled, n);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) i_node[i] -= leak[i] * scale * scaled[i];
  } else {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) i_node[i] -= leak[i] * v[i];
  }
  if (nudge_s_ != 0.0) {
    const double* target = target_v_.data();
    const double conductance = nudge_s_;
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) i_node[i] += conductance * (target[i] - r[i]);
  }
}

void NeuronBank::set_target(Span<const double> target_v) {
  if (target_v.size() != size()) throw InternalError("neuron bank: wrong number of targets");
  std::copy(target_v.begin(), target_v.end(), target_v_.begin());
}

}  // namespace memprop::analog
