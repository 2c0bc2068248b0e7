#include "analog/resistive/resistive_bank.hpp"

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::analog {

ResistiveBank::ResistiveBank(ResistiveBankConfig config)
    : Element(config.name), config_(std::move(config)), target_v_(targets(), 0.0) {
  const std::size_t n = size();
  if (config_.low_v.size() != n || config_.high_v.size() != n ||
      (!config_.gain.empty() && config_.gain.size() != n) || (config_.pairs && n % 2 != 0) ||
      (!config_.current_a.empty() && config_.current_a.size() != n)) {
    throw InternalError(name() + ": lists of different lengths");
  }
}

void ResistiveBank::declare(Declarations& declarations) {
  declarations.add_nodes(name() + "/v", config_.capacitance_f);
  declarations.add_lines(name() + "/r", size());
  if (!config_.gain.empty()) declarations.add_lines(name() + "/a", size());
}

void ResistiveBank::connect(const Netlist& netlist) {
  nodes_ = netlist.nodes(name() + "/v");
  lines_ = netlist.lines(name() + "/r");
  if (!config_.gain.empty()) amplified_ = netlist.lines(name() + "/a");
}

void ResistiveBank::drive_lines(double, const double* node, double* line) const {
  const double* u = node + nodes_.first;
  double* v = line + lines_.first;
  if (config_.diode.law == DiodeLaw::ideal) {
    for (std::size_t i = 0; i < size(); ++i) {
      v[i] = std::min(std::max(u[i], config_.low_v[i]), config_.high_v[i]);
    }
  } else {
    std::copy_n(u, size(), v);
  }
  double* a = line + amplified_.first;
  for (std::size_t i = 0; i < amplified_.count; ++i) a[i] = config_.gain[i] * v[i];
}

void ResistiveBank::add_currents(double, const double* node, const double* line,
                                 double* current) const {
  if (held_) return;
  const double* u = node + nodes_.first;
  const double* v = line + lines_.first;
  double* in = current + nodes_.first;
  if (config_.diode.law == DiodeLaw::ideal) {
    for (std::size_t i = 0; i < size(); ++i) in[i] -= config_.diode_on_s * (u[i] - v[i]);
  } else if (config_.diode.law == DiodeLaw::exponential) {
    for (std::size_t i = 0; i < size(); ++i) {
      in[i] -= clamp_current(config_.diode, v[i], config_.low_v[i], config_.high_v[i]);
    }
  }
  for (std::size_t i = 0; i < config_.current_a.size(); ++i) in[i] += config_.current_a[i];
  if (nudge_s_ == 0.0) return;
  const std::size_t n = targets();
  for (std::size_t k = 0; k < n; ++k) {
    const double shown = config_.pairs ? v[k] - v[n + k] : v[k];
    const double nudge = nudge_s_ * (target_v_[k] - shown);
    in[k] += nudge;
    if (config_.pairs) in[n + k] -= nudge;
  }
}

void ResistiveBank::set_target(Span<const double> target_v) {
  if (target_v.size() != targets()) throw InternalError(name() + ": wrong number of targets");
  std::copy(target_v.begin(), target_v.end(), target_v_.begin());
}

}  // namespace memprop::analog
