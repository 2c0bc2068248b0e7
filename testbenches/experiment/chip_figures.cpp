#include "testbenches/experiment/chip_figures.hpp"

#include <algorithm>
#include <cmath>

#include "digital/cell_reader.hpp"
#include "learning/metric/gradient_metric.hpp"

namespace memprop::bench {
namespace {

void fill_cell_figures(RunResult& result, const hw::Chip& chip) {
  result.wire_error.clear();
  result.wire_reductions = result.counted_devices = result.most_pulses = result.worn_devices = 0;
  double pulses = 0.0;
  for (std::size_t l = 1; l <= chip.analog().tile_count(); ++l) {
    const auto& tile = chip.analog().tile(l);
    for (const auto* cells : {tile.cells(), tile.feedback_cells()}) {
      if (cells == nullptr || cells->wires() == nullptr) continue;
      result.wire_error.push_back(cells->largest_followed_error());
      result.wire_reductions += cells->wires()->reductions();
    }
    for (const auto* pairs : {&tile.pairs(), tile.feedback_pairs()}) {
      if (pairs == nullptr) continue;
      const auto wear = pairs->wear();
      result.counted_devices += wear.devices;
      result.worn_devices += wear.failed;
      result.most_pulses = std::max(result.most_pulses, wear.most);
      pulses += static_cast<double>(wear.pulses);
    }
  }
  if (result.counted_devices > 0) {
    result.mean_pulses = pulses / static_cast<double>(result.counted_devices);
  }
}

}  // namespace

Energy chip_energy(const hw::ChipRunner& runner) {
  const auto& chip = runner.chip();
  const auto& config = chip.config();
  const auto& counters = chip.controller().counters();
  Energy e;
  double neurons = 0;
  for (std::size_t l = 1; l <= chip.analog().layer_count(); ++l) {
    neurons += static_cast<double>(chip.analog().bank(l).bank().size());
  }
  for (std::size_t l = 1; l <= chip.analog().tile_count(); ++l) {
    const auto& tile = chip.analog().tile(l);
    e.arrays_j += tile.array_energy_j();
    for (const auto* pairs : {&tile.pairs(), tile.feedback_pairs()}) {
      if (pairs != nullptr) e.writes_j += pairs->write_energy_j();
    }
  }
  if (const auto* twins = chip.analog().twins()) {
    neurons *= 2.0;
    for (const auto& tile : twins->tiles()) e.arrays_j += tile->array_energy_j();
  }
  const auto busy = static_cast<double>(counters.busy_cycles);
  e.neurons_j =
      neurons * config.neuron.bias_current_a * config.neuron.supply_v * busy * config.clock_s;
  if (const auto* amplifier = chip.analog().sample_hold().difference_amplifier()) {
    e.neurons_j += static_cast<double>(amplifier->amplifiers()) *
                   config.difference_amplifier.bias_current_a * config.neuron.supply_v * busy *
                   config.clock_s;
  }
  if (const auto* adaptation = chip.analog().adaptation()) {
    e.neurons_j += static_cast<double>(adaptation->neurons()) * config.adaptation.bias_current_a *
                   config.neuron.supply_v * busy * config.clock_s;
  }
  e.converters_j =
      static_cast<double>(chip.analog().dac().conversions()) * config.dac.energy_j +
      static_cast<double>(chip.analog().adc().conversions()) * config.adc.energy_j +
      static_cast<double>(chip.analog().nudge_conversions()) * config.nudge_dac.energy_j;
  if (config.update.circuit == hw::UpdateCircuit::write_verify) {
    const auto reads = chip.controller().core().verify().reads;
    e.converters_j += static_cast<double>(reads) * config.adc.energy_j;
  }
  e.digital_j = busy * config.digital_energy_per_cycle_j;
  if (chip.controller().config().optimiser.on) {
    const auto words = chip.controller().core().optimiser().words;
    e.digital_j += static_cast<double>(words) * config.update.state_energy_j;
  }
  return e;
}

void fill_chip_figures(RunResult& result, hw::ChipRunner& runner) {
  auto& chip = runner.chip();
  const auto& counters = chip.controller().counters();
  result.cycles = counters.busy_cycles;
  result.update_cycles = counters.update_cycles;
  result.simulated_s = static_cast<double>(counters.busy_cycles) * chip.config().clock_s;
  result.clipped_counts = counters.pulse_clipped;
  result.clipped_inputs = chip.input_clipped();
  result.clipped_targets = chip.analog().nudge_clipped();
  result.conversions = chip.analog().adc().conversions();
  result.clipped_conversions = chip.analog().adc().clipped();
  result.clipped_weights = chip.analog().programming_clipped();
  if (const auto* amplifier = chip.analog().sample_hold().difference_amplifier()) {
    result.amplified_differences = amplifier->amplified();
    result.saturated_differences = amplifier->saturated();
  }
  result.set_pulses = result.reset_pulses = result.saturated_pulses = result.stuck_cells = 0;
  for (std::size_t l = 1; l <= chip.analog().tile_count(); ++l) {
    const auto c = chip.analog().tile(l).pairs().counters();
    result.set_pulses += c.set_pulses;
    result.reset_pulses += c.reset_pulses;
    result.saturated_pulses += c.saturated;
    result.stuck_cells += chip.analog().tile(l).pairs().stuck_cells();
  }
  fill_cell_figures(result, chip);
  if (chip.config().update.circuit == hw::UpdateCircuit::write_verify) {
    const auto verify = chip.controller().core().verify();
    result.verify_reads = verify.reads;
    result.verify_cells = verify.cells;
    result.verify_unfinished = verify.unfinished;
  }
  if (chip.controller().config().optimiser.on) {
    const auto optimiser = chip.controller().core().optimiser();
    result.optimiser_memory_bits = optimiser.memory_bits;
    result.optimiser_words = optimiser.words;
  }
  result.refreshed_pairs = chip.analog().refreshes().pairs;
  result.refresh_cycles = chip.analog().refreshes().cycles;
  const ode::Stepper& stepper = chip.analog().bridge().domain().stepper();
  result.stepper = stepper.name();
  result.solver_steps = stepper.counters().steps;
  result.solver_rejected = stepper.counters().rejected;
  result.solver_rhs = stepper.counters().rhs;
  result.energy = chip_energy(runner);
  result.settling.clear();
  const char* const names[] = {"free", "positive", "negative"};
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    const auto& s = chip.analog().settling(k);
    if (s.phases == 0) continue;
    result.settling.push_back(
        {names[k], s.phases, s.unsettled, s.sum / static_cast<double>(s.phases), s.worst});
  }
  result.feedback_angle_deg.clear();
  for (std::size_t l = 2; l <= chip.analog().layer_count(); ++l) {
    const auto* feedback = chip.analog().tile(l).feedback_pairs();
    if (feedback == nullptr) continue;
    const double cosine =
        learning::cosine(feedback->difference(), chip.analog().tile(l).pairs().difference());
    result.feedback_angle_deg.push_back(std::acos(std::clamp(cosine, -1.0, 1.0)) * 180.0 /
                                        3.14159265358979323846);
  }
}

}  // namespace memprop::bench
