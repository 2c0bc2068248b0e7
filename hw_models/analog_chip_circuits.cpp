// Parts of AnalogChip: twins, adaptation, what the lines load the amplifiers with, refresh of
// pairs.
#include <fmt/format.h>

#include <algorithm>

#include "digital/phase_table.hpp"
#include "hw_models/adaptation_setup.hpp"
#include "hw_models/analog_chip.hpp"
#include "hw_models/converter/input_coding.hpp"
#include "hw_models/input_load.hpp"

namespace memprop::hw {
void AnalogChip::add_twin(std::size_t l, analog::NeuronBankConfig bank, double nudge_s) {
  twins_->add_bank(std::make_unique<NeuronBankModule>(
      fmt::format("twin_layer{}", l).c_str(), bridge_, std::move(bank), nudge_s, config_.nudge));
  auto& module = *twins_->banks().back();
  module.row_en(row_en);
  module.nudge_en(nudge_en);
  module.nudge_sign(nudge_sign);
}

void AnalogChip::add_adaptation(std::uint64_t seed) {
  adaptation_ = std::make_unique<NeuronAdaptation>(
      "adaptation", bridge_, config_, fabricate_adaptation(config_, shape_, seed), seed);
  adaptation_->phase(phase);
  adaptation_->sh_en(sh_en);
  adaptation_->on_window([this](std::size_t number) { measure_residual(number); });
}

// The neurons see the conductances as they are now. A time-multiplexed array hangs on an amplifier
// for its share of the time, two arrays hang there together. A passive neuron is a node of all its
// arrays; what is mirrored then is the layer's own leak and capacitor.
void AnalogChip::set_input_loads() {
  const auto& neuron = banks_.front()->bank().config();
  const bool passive = neuron.passive;
  if (!passive && neuron.amplifier.gain == 0.0 && neuron.amplifier.offset_v.empty()) return;
  const bool separate = config_.feedback == FeedbackArray::separate_array;
  const std::size_t layers = layer_count();
  for (std::size_t l = 1; l <= layers; ++l) {
    std::vector<double> load(shape_.width(l), 0.0), mirrored(load);
    const double share = l < layers && !separate ? config_.forward_share : 1.0;
    add_column_load(tile(l).pairs(), share, load);
    add_column_load(tile(l).pairs(), passive ? mirror(l) : tile(l).tile().config().forward_gain,
                    mirrored);
    if (l < layers) {
      const auto& above = tile(l + 1);
      const auto& pairs = separate ? *above.feedback_pairs() : above.pairs();
      add_row_load(pairs, separate ? 1.0 : 1.0 - config_.forward_share, load);
      add_row_load(pairs, passive ? mirror(l) : above.tile().config().backward_gain, mirrored);
    }
    for (std::size_t number = layers + 1; number <= tile_count(); ++number) {
      const analog::CrossbarTileConfig& link = tile(number).tile().config();
      if (layout(number).shape.to == l) {
        add_column_load(tile(number).pairs(), share, load);
        add_column_load(tile(number).pairs(), passive ? mirror(l) : link.forward_gain, mirrored);
      }
      if (layout(number).shape.from != l || link.backward_gain == 0.0) continue;
      const auto& pairs = separate ? *tile(number).feedback_pairs() : tile(number).pairs();
      add_row_load(pairs, separate ? 1.0 : 1.0 - config_.forward_share, load);
      add_row_load(pairs, passive ? mirror(l) : link.backward_gain, mirrored);
    }
    banks_[l - 1]->bank().set_input_load(load, mirrored);
    if (twins_) twins_->banks()[l - 1]->bank().set_input_load(load, mirrored);
  }
}

void AnalogChip::set_rows(Span<const double> row_v) {
  std::vector<double> rows(row_v.begin(), row_v.end());
  if (config_.dac.coding == InputCoding::pulse_width) {
    const double full_v = config_.dac.range * voltage_scale_v_;
    const double nonlinear_v = config_.device.nonlinear_v;
    for (double& v : rows) v = pulse_width_voltage(v, full_v, nonlinear_v);
  }
  tiles_.front()->tile().set_static_rows(rows);
  if (twins_) twins_->tiles().front()->tile().set_static_rows(rows);
}

// Pairs are refreshed between two samples, after the last pulse of the update.
void AnalogChip::on_phase() {
  const auto now = static_cast<digital::Phase>(phase.read());
  updating_ = updating_ || now == digital::Phase::update;
  if (now != digital::Phase::idle || !updating_) return;
  updating_ = false;
  if (++updates_ % config_.update.refresh_every == 0) {
    bridge_.guard([this] { refresh_pairs(); });
  }
}

void AnalogChip::refresh_pairs() {
  constexpr unsigned most_rounds = 4096;
  // Numbers of slots that no update reaches.
  const std::uint64_t event = (std::uint64_t{1} << 62U) + updates_ * 2 * most_rounds;
  std::uint64_t longest = 0;  // tiles are refreshed at the same time
  for (auto& module : tiles_) {
    module->before_write();
    for (auto* pairs : {&module->pairs(), module->feedback_pairs()}) {
      if (pairs == nullptr) continue;
      const auto done = pairs->refresh(config_.update.refresh_level, most_rounds, event);
      refreshes_.pairs += done.pairs;
      refreshes_.pulses += done.pulses;
      // Row by row: a read, a SET slot and a RESET slot of each row and round.
      longest = std::max(longest, done.rounds * pairs->rows() * (config_.update.verify_cycles + 2));
    }
    module->after_write(false);
  }
  refreshes_.cycles += longest;
}

}  // namespace memprop::hw
