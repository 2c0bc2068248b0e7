#include "testbenches/cosim/controller_choice.hpp"

#include <fmt/format.h>

#include "hw_models/rtl/rtl_build.hpp"
#include "testbenches/cosim/lockstep.hpp"
#include "testbenches/cosim/pin_trace.hpp"

namespace memprop::bench {

hw::ControllerFactory controller_factory(const RunConfig& config) {
  const auto& choice = config.chip.controller;
  if (config.fidelity == Fidelity::cycle && !choice.lockstep) return {};
  hw::rtl::ModelListener listener;
  if (!choice.pin_trace.empty()) {
    listener = cosim::pin_trace_listener(choice.pin_trace, choice.pin_trace_edges);
  }
  const auto rtl = hw::rtl::rtl_factory({choice.sources, choice.top, choice.parameters}, listener);
  if (!choice.lockstep) return rtl;
  cosim::Lockstep::Member in_rtl{"rtl", rtl}, in_cpp{"C++", {}};
  if (config.fidelity == Fidelity::cycle) return cosim::lockstep_factory(in_cpp, in_rtl);
  return cosim::lockstep_factory(in_rtl, in_cpp);
}

std::vector<std::string> protocol_warnings(const hw::ProtocolMonitor* monitor) {
  std::vector<std::string> warnings;
  if (monitor == nullptr || monitor->rules().total() == 0) return warnings;
  const auto& rules = monitor->rules();
  // One line per broken rule: the first case and how many followed.
  for (std::size_t k = 0; k < hw::rule_count; ++k) {
    const auto rule = static_cast<hw::Rule>(k);
    if (rules.count(rule) == 0) continue;
    for (const auto& violation : rules.violations()) {
      if (violation.rule != rule) continue;
      warnings.push_back(fmt::format("{} ({} times)", violation.message(), rules.count(rule)));
      break;
    }
  }
  return warnings;
}

}  // namespace memprop::bench
