#include "testbenches/experiment/resistive_run.hpp"

#include <fmt/format.h>

#include "hw_models/controller_setup.hpp"
#include "hw_models/resistive/resistive_setup.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/resistive_run_limits.hpp"

namespace memprop::bench {

void check_resistive_run(const RunConfig& config) {
  const auto limit = resistive_run_limit(config);
  if (!limit) return;
  throw UserError(fmt::format("key '{}': expected {} with network.style = \"resistive\", got {}",
                              limit->key, limit->expected, limit->got));
}

ResistiveRun::ResistiveRun(const RunConfig& config, const RunOptions& options,
                           const learning::Network& network, const learning::TrainTest& data)
    : ChipRun(config, options, data) {
  check_resistive_run(config);
  runner_ = std::make_unique<hw::ResistiveRunner>("chip_runner", config.chip, network,
                                                  config.learning, config.seed);
}

std::uint64_t ResistiveRun::train_on(std::size_t index) {
  run_training_sample(index);
  if (config_.chip.update.circuit == hw::UpdateCircuit::ideal_write) {
    auto& analog = runner_->analog();
    clipped_writes_ += analog.write_ideal(hw::wanted_conductance_change(
        config_.chip, analog.present_network(), config_.learning, runner_->controller(),
        runner_->coded_input(), runner_->last_nudge_sign()));
  }
  return runner_->last_cycles();
}

UpdateRow ResistiveRun::pulses() const {
  UpdateRow sum;
  for (std::size_t l = 1; l <= runner_->analog().layer_count(); ++l) {
    const auto& c = runner_->analog().devices(l).counters();
    sum.set_pulses += c.up;
    sum.reset_pulses += c.down;
    sum.saturated_pulses += c.saturated;
  }
  return sum;
}

std::uint64_t ResistiveRun::busy_cycles() const {
  return runner_->controller().counters().busy_cycles;
}

Energy ResistiveRun::energy() const {
  const auto& analog = runner_->analog();
  const auto busy = static_cast<double>(runner_->controller().counters().busy_cycles);
  Energy e;
  double nodes = 0;
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    nodes += static_cast<double>(analog.bank(l).size());
    e.writes_j += analog.devices(l).write_energy_j();
  }
  const auto& chip = config_.chip;
  e.arrays_j = analog.array_energy_j();
  e.neurons_j = nodes * chip.neuron.bias_current_a * chip.neuron.supply_v * busy * chip.clock_s;
  e.converters_j = static_cast<double>(analog.dac().conversions()) * chip.dac.energy_j +
                   static_cast<double>(analog.adc().conversions()) * chip.adc.energy_j +
                   static_cast<double>(analog.nudge_conversions()) * chip.nudge_dac.energy_j;
  e.digital_j = busy * chip.digital_energy_per_cycle_j;
  return e;
}

void ResistiveRun::fill_figures(RunResult& result) const {
  auto& analog = runner_->analog();
  const auto& counters = runner_->controller().counters();
  result.cycles = counters.busy_cycles;
  result.update_cycles = counters.update_cycles;
  result.simulated_s = static_cast<double>(counters.busy_cycles) * config_.chip.clock_s;
  result.clipped_counts = counters.pulse_clipped;
  result.clipped_inputs = runner_->input_clipped();
  result.clipped_targets = analog.nudge_clipped();
  result.conversions = analog.adc().conversions();
  result.clipped_conversions = analog.adc().clipped();
  result.clipped_weights = analog.programming_clipped();
  result.stuck_cells = analog.stuck_cells();
  const UpdateRow sum = pulses();
  result.set_pulses = sum.set_pulses;
  result.reset_pulses = sum.reset_pulses;
  result.saturated_pulses = sum.saturated_pulses;
  const ode::Stepper& stepper = analog.domain().stepper();
  result.stepper = stepper.name();
  result.solver_steps = stepper.counters().steps;
  result.solver_rejected = stepper.counters().rejected;
  result.solver_rhs = stepper.counters().rhs;
  result.energy = energy();
  result.settling.clear();
  const char* const names[] = {"free", "positive", "negative"};
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    const auto& s = analog.settling(k);
    if (s.phases == 0) continue;
    result.settling.push_back(
        {names[k], s.phases, s.unsettled, s.sum / static_cast<double>(s.phases), s.worst});
  }
}

}  // namespace memprop::bench
