#include "analog/neuron/adaptation_bank.hpp"

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::analog {

// Its name sorts behind that of the neurons: what it takes away from released membranes is all that
// they were given (finish_currents).
AdaptationBank::AdaptationBank(AdaptationBankConfig config)
    : Element(config.neurons + "/adaptation"), config_(std::move(config)) {
  if (config_.offset_v.size() != size()) {
    throw InternalError("adaptation bank: parameter lists of different lengths");
  }
  held_v_.assign(size(), 0.0);
}

void AdaptationBank::declare(Declarations& declarations) {
  if (!slow()) return;
  const std::vector<double> capacitance(size(), config_.slow_capacitance_f);
  declarations.add_nodes(config_.neurons + "/w", capacitance);
}

void AdaptationBank::connect(const Netlist& netlist) {
  membranes_ = netlist.nodes(config_.neurons + "/v");
  if (membranes_.count != size()) throw InternalError(name() + ": another number of neurons");
  if (slow()) slow_nodes_ = netlist.nodes(config_.neurons + "/w");
}

double AdaptationBank::pull(double t, const double* node, std::size_t i) const {
  const double target = slow() ? node[slow_nodes_.first + i]
                               : held_v_[i] - config_.droop_v_per_s * (t - held_since_s_);
  return config_.conductance_s[i] * (target + config_.offset_v[i] - node[membranes_.first + i]);
}

void AdaptationBank::add_currents(double t, const double* node, const double*,
                                  double* current) const {
  const std::size_t n = size();
  if (slow()) {
    const double g = config_.slow_capacitance_f / config_.slow_time_constant_s;
    const double* v = node + membranes_.first;
    const double* w = node + slow_nodes_.first;
    double* into = current + slow_nodes_.first;
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) into[i] += g * (v[i] - w[i]);
  }
  if (!open_ || released_) return;
  for (std::size_t i = 0; i < n; ++i) current[membranes_.first + i] += pull(t, node, i);
}

void AdaptationBank::finish_currents(double t, const double* node, const double*,
                                     double* current) const {
  if (!open_ || !released_) return;
  for (std::size_t i = 0; i < size(); ++i) current[membranes_.first + i] = pull(t, node, i);
}

void AdaptationBank::set_held(Span<const double> held_v, double t_s) {
  if (held_v.size() != size()) throw InternalError(name() + ": wrong number of held voltages");
  std::copy(held_v.begin(), held_v.end(), held_v_.begin());
  held_since_s_ = t_s;
}

}  // namespace memprop::analog
