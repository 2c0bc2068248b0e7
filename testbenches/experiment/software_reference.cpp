#include "testbenches/experiment/software_reference.hpp"

#include <algorithm>
#include <thread>

#include "learning/continual/consolidation.hpp"
#include "learning/reference/backprop_reference.hpp"
#include "learning/reference/bptt_reference.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/resistive/resistive_reference.hpp"

namespace memprop::bench {

std::unique_ptr<learning::Reference> make_software_reference(const RunConfig& config,
                                                             const learning::Network& network) {
  using learning::RuleKind;
  const unsigned threads =
      config.threads > 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
  if (learning::is_resistive(network.config)) {
    auto resistive = std::make_unique<learning::ResistiveReference>(
        network, config.learning, config.ideal, threads, config.seed);
    if (config.learning.train) resistive->check_stability();  // before there is a trace
    return resistive;
  }
  if (config.tasks.consolidation != learning::Consolidation::none) {
    return std::make_unique<learning::ConsolidatedBackprop>(network, config.learning, config.tasks);
  }
  if (config.learning.rule == RuleKind::truncated_bptt) {
    return std::make_unique<learning::BpttReference>(network, config.learning, config.ideal,
                                                     threads, config.seed);
  }
  if (learning::is_baseline(config.learning.rule)) {
    return std::make_unique<learning::BackpropReference>(network, config.learning,
                                                         config.ideal.precision, threads);
  }
  if (config.fidelity == Fidelity::ideal) {
    return std::make_unique<learning::IdealReference>(network, config.learning, config.ideal,
                                                      threads, config.seed);
  }
  // States are dimensionless here: the tolerance in volts is one of full scale.
  ode::StepperConfig solver = config.chip.solver;
  solver.atol /= config.chip.voltage_scale_v;
  learning::OdeConfig ode = config.ode;
  ode.step_s = config.ideal.time_step_s;
  return std::make_unique<learning::OdeReference>(network, config.learning, ode, solver, threads,
                                                  config.seed);
}

void put_network(traces::Checkpoint& checkpoint, const learning::Network& network) {
  std::vector<double> weights;
  const auto add = [&](const auto& values) {
    weights.insert(weights.end(), values.begin(), values.end());
  };
  for (const auto& w : network.weight) add(w.values());
  for (const auto& f : network.feedback) add(f.values());
  for (const auto& b : network.bias) add(b);
  for (const auto& link : network.links) add(link.weight.values());
  checkpoint.put("weights", Span<const double>(weights));
}

void take_network(const traces::Checkpoint& checkpoint, learning::Network& network) {
  const auto& weights = checkpoint.doubles("weights");
  std::size_t k = 0;
  const auto take = [&](auto& values) {
    for (auto& v : values) v = weights.at(k++);
  };
  for (auto& w : network.weight) take(w.values());
  for (auto& f : network.feedback) take(f.values());
  for (auto& b : network.bias) take(b);
  for (auto& link : network.links) take(link.weight.values());
}

}  // namespace memprop::bench
