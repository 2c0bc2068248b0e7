#include "analog/neuron/branch_bank.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {

double rectified(double v, double knee_v) {
  // In this order, so that what is no number stays none.
  if (knee_v == 0.0) return v < 0.0 ? 0.0 : v;
  const double x = v / knee_v;
  return knee_v * ((x < 0.0 ? 0.0 : x) + std::log1p(std::exp(-std::fabs(x))));
}

BranchBank::BranchBank(BranchBankConfig config) : Element(config.name), config_(std::move(config)) {
  const std::size_t n = config_.capacitance_f.size();
  for (const auto* list :
       {&config_.leak_s, &config_.coupling_s, &config_.offset_v, &config_.comparator_v}) {
    if (list->size() != n) throw InternalError(name() + ": parameter lists of different lengths");
  }
  if (config_.branches == 0 || n % config_.branches != 0) {
    throw InternalError(name() + ": branches that do not fit the neurons");
  }
}

void BranchBank::declare(Declarations& declarations) {
  declarations.add_nodes(name() + "/v", config_.capacitance_f);
  declarations.add_lines(name() + "/r", size());
}

void BranchBank::connect(const Netlist& netlist) {
  nodes_ = netlist.nodes(name() + "/v");
  lines_ = netlist.lines(name() + "/r");
  neuron_inputs_ = netlist.inputs(config_.neurons + "/v");
  if (neuron_inputs_.count * config_.branches != size()) {
    throw InternalError(name() + ": wrong number of neurons");
  }
}

void BranchBank::drive_lines(double, const double* node, double* line) const {
  const double* v = node + nodes_.first;
  const double* offset = config_.offset_v.data();
  double* r = line + lines_.first;
  const double knee = config_.knee_v;
  if (knee == 0.0) {
#pragma omp simd
    for (std::size_t b = 0; b < size(); ++b) {
      const double above = v[b] - offset[b];
      r[b] = above < 0.0 ? 0.0 : above;
    }
    return;
  }
  for (std::size_t b = 0; b < size(); ++b) r[b] = rectified(v[b] - offset[b], knee);
}

void BranchBank::add_currents(double, const double* node, const double* line,
                              double* current) const {
  if (held_) return;
  const double* v = node + nodes_.first;
  const double* r = line + lines_.first;
  const double* leak = config_.leak_s.data();
  const double* coupling = config_.coupling_s.data();
  double* i_branch = current + nodes_.first;
  double* i_neuron = current + neuron_inputs_.first;
#pragma omp simd
  for (std::size_t b = 0; b < size(); ++b) i_branch[b] -= leak[b] * v[b];
  const std::size_t each = config_.branches;
  for (std::size_t i = 0; i < neuron_inputs_.count; ++i) {
    double sum = 0.0;
    for (std::size_t b = i * each; b < (i + 1) * each; ++b) sum += coupling[b] * r[b];
    i_neuron[i] += sum;
  }
}

void BranchBank::bits(const double* node, std::uint8_t* out) const {
  const double* v = node + nodes_.first;
  for (std::size_t b = 0; b < size(); ++b) out[b] = v[b] > config_.comparator_v[b] ? 1 : 0;
}

}  // namespace memprop::analog
