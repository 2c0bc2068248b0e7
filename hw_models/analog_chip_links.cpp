// Parts of AnalogChip: the tiles of links between layers that are no neighbours.
#include "hw_models/analog_chip.hpp"

namespace memprop::hw {

void AnalogChip::program_links(const learning::Network& network) {
  for (std::size_t number = layer_count() + 1; number <= tile_count(); ++number) {
    if (layout(number).link == TileLayout::none) continue;
    auto& module = tile(number);
    Matrix difference = network.links[layout(number).link].weight;
    for (double& w : difference.values()) w *= config_.neuron.leak_s / mirror(number);
    for (auto* pairs : {&module.pairs(), module.feedback_pairs()}) {
      if (pairs == nullptr) continue;
      programming_clipped_ += pairs->program(difference);
      module.after_write(true);
    }
  }
}

void AnalogChip::read_links(learning::Network& network) const {
  for (std::size_t number = layer_count() + 1; number <= tile_count(); ++number) {
    if (layout(number).link == TileLayout::none) continue;
    Matrix& w = network.links[layout(number).link].weight;
    w = tile(number).pairs().difference();
    for (double& value : w.values()) value *= mirror(number) / config_.neuron.leak_s;
  }
}

}  // namespace memprop::hw
