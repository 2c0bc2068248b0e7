// Parts of AnalogChip: the branches of dendritic neurons, and the tiles of their feedback.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/analog_chip.hpp"
#include "hw_models/dendrites/fabricate_branches.hpp"
#include "hw_models/fabrication.hpp"
#include "hw_models/tile_effects.hpp"

namespace memprop::hw {

void AnalogChip::add_branches(std::uint64_t seed) {
  branch_latch_ = std::make_unique<BranchLatch>("branch_latch", bridge_);
  branch_latch_->sh_en(sh_en);
  for (const TileLayout& tile : layout_) {
    branches_.push_back(
        std::make_unique<BranchBankModule>(fmt::format("branches_{}", tile.name).c_str(), bridge_,
                                           fabricate_branches(config_, shape_, tile, seed)));
    branches_.back()->row_en(row_en);
    branch_latch_->add_bank(branches_.back()->bank());
  }
}

void AnalogChip::program_apical(const learning::Network& network) {
  for (std::size_t number = layer_count() + 1; number <= tile_count(); ++number) {
    if (!layout(number).apical) continue;
    auto& module = tile(number);
    Matrix difference = network.feedback[layout(number).shape.to - 1];
    for (double& w : difference.values()) w *= config_.neuron.leak_s / mirror(number);
    programming_clipped_ += module.pairs().program(difference);
    module.after_write(true);
  }
}

// What cells leak that were never formed is no weight.
void AnalogChip::read_apical(learning::Network& network) const {
  for (std::size_t number = 1; number <= tile_count() && !branches_.empty(); ++number) {
    const TileLayout& one = layout(number);
    if (one.apical) {
      Matrix& w = network.feedback[one.shape.to - 1];
      w = tile(number).pairs().difference();
      for (double& value : w.values()) value *= mirror(number) / config_.neuron.leak_s;
    }
    Matrix& w = one.apical ? network.feedback[one.shape.to - 1] : network.weight[one.shape.to - 1];
    for (std::size_t k = 0; k < w.size(); ++k) {
      if (one.mask->values()[k] == 0.0) w.values()[k] = 0.0;
    }
  }
}

// With the slopes of measure_residual(): the largest |tau dV/dt| of the branches [V].
double AnalogChip::branch_residual() const {
  double largest = 0.0;
  for (const auto& module : branches_) {
    const analog::BranchBank& bank = module->bank();
    for (std::size_t b = 0; b < bank.size(); ++b) {
      const double tau = bank.config().capacitance_f[b] / bank.config().leak_s[b];
      largest = std::max(largest, std::abs(tau * slope_[bank.nodes().first + b]));
    }
  }
  return largest;
}

}  // namespace memprop::hw
