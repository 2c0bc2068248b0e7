// The second copy of the network's neurons (chip.twin, imperfection 11 of ep-circuits 3.1): banks
// of neurons and a second reading of every tile, in the same analog domain as the originals. One
// copy stays free while the other is nudged; which one is settled at the beginning of a sample.
#pragma once

#include <memory>
#include <vector>

#include "hw_models/neuron_bank_module.hpp"
#include "hw_models/twin_tile_module.hpp"

namespace memprop::hw {

class Twins {
 public:
  explicit Twins(TwinMode mode) : mode_(mode) {}

  void add_bank(std::unique_ptr<NeuronBankModule> bank) { banks_.push_back(std::move(bank)); }
  void add_tile(std::unique_ptr<TwinTileModule> tile) { tiles_.push_back(std::move(tile)); }

  // Whether the originals are nudged in this sample, and the copies free.
  bool swapped(std::uint64_t sample) const { return mode_ == TwinMode::swapped && sample % 2 == 1; }

  std::vector<std::unique_ptr<NeuronBankModule>>& banks() { return banks_; }
  const std::vector<std::unique_ptr<NeuronBankModule>>& banks() const { return banks_; }
  std::vector<std::unique_ptr<TwinTileModule>>& tiles() { return tiles_; }
  const std::vector<std::unique_ptr<TwinTileModule>>& tiles() const { return tiles_; }

 private:
  TwinMode mode_;
  std::vector<std::unique_ptr<NeuronBankModule>> banks_;
  std::vector<std::unique_ptr<TwinTileModule>> tiles_;
};

}  // namespace memprop::hw
