// Parts of AnalogChip: what outlives a sample, for checkpoints.
#include "hw_models/analog_chip.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {

void AnalogChip::save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const {
  for (const auto& owned : tiles_) {
    const CrossbarTileModule* module = owned.get();
    for (const auto* pairs : {&module->pairs(), module->feedback_pairs()}) {
      if (pairs == nullptr) continue;
      const auto state = pairs->save();
      counters.push_back(state.size());
      values.insert(values.end(), state.begin(), state.end());
    }
    const auto cells = module->save_cells();
    counters.push_back(cells.size());
    values.insert(values.end(), cells.begin(), cells.end());
    values.push_back(module->array_energy_j());
    counters.push_back(module->slots());
  }
  if (twins_) {
    for (const auto& tile_module : twins_->tiles()) {
      values.push_back(tile_module->array_energy_j());
    }
  }
  const auto nodes = domain_.save_state();
  values.insert(values.end(), nodes.begin(), nodes.end());
  for (const auto& s : settling_) {
    counters.insert(counters.end(), {s.phases, s.unsettled});
    values.insert(values.end(), {s.sum, s.worst});
  }
  counters.insert(counters.end(), {adc_->conversions(), adc_->clipped(), dac_->conversions(),
                                   sample_, nudge_conversions_, nudge_clipped_,
                                   cell_converter_ ? cell_converter_->reads() : 0, updates_,
                                   refreshes_.pairs, refreshes_.pulses, refreshes_.cycles});
  if (const auto* amplifier = sample_hold_->difference_amplifier()) {
    counters.insert(counters.end(), {amplifier->saturated(), amplifier->amplified()});
  }
}

void AnalogChip::restore(Span<const double> values, Span<const std::uint64_t> counters) {
  std::size_t v = 0, c = 0;
  const auto need = [](bool ok) {
    if (!ok) throw InternalError("checkpoint does not fit the chip");
  };
  for (auto& module : tiles_) {
    for (auto* pairs : {&module->pairs(), module->feedback_pairs()}) {
      if (pairs == nullptr) continue;
      need(c < counters.size() && v + counters[c] <= values.size());
      pairs->restore(values.subspan(v, counters[c]));
      v += counters[c++];
    }
    need(c < counters.size() && v + counters[c] <= values.size());
    module->restore_cells(values.subspan(v, counters[c]));
    v += counters[c++];
    need(v < values.size() && c < counters.size());
    module->restore(values[v++], counters[c++]);
  }
  if (twins_) {
    need(v + twins_->tiles().size() <= values.size());
    for (auto& tile_module : twins_->tiles()) tile_module->restore(values[v++]);
  }
  need(v + domain_.node_count() + 2 * sample_banks == values.size() &&
       c + 2 * sample_banks + 11 + (sample_hold_->difference_amplifier() ? 2 : 0) ==
           counters.size());
  domain_.restore_state(values.subspan(v, domain_.node_count()));
  v += domain_.node_count();
  for (auto& s : settling_) {
    s.phases = counters[c++];
    s.unsettled = counters[c++];
    s.sum = values[v++];
    s.worst = values[v++];
  }
  adc_->restore(counters[c], counters[c + 1]);
  dac_->restore(counters[c + 2]);
  sample_ = counters[c + 3];
  nudge_conversions_ = counters[c + 4];
  nudge_clipped_ = counters[c + 5];
  if (cell_converter_) cell_converter_->restore(counters[c + 6]);
  updates_ = counters[c + 7];
  updating_ = false;
  refreshes_ = {counters[c + 8], counters[c + 9], counters[c + 10]};
  if (auto* amplifier = sample_hold_->difference_amplifier()) {
    amplifier->restore(counters[c + 11], counters[c + 12]);
  }
}

}  // namespace memprop::hw
