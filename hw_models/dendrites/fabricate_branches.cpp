#include "hw_models/dendrites/fabricate_branches.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hw_models/fabrication.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

analog::BranchBankConfig fabricate_branches(const ChipConfig& chip,
                                            const learning::Network& network,
                                            const TileLayout& tile, std::uint64_t seed) {
  const BranchKeys& keys = chip.branch;
  const auto& d = network.config.dendrites;
  const std::size_t n = tile.columns(network);
  const double tau_s = tile.apical ? d.apical_tau_s : d.basal_tau_s;
  const std::string stream = "chip/" + tile.bank;
  const auto spreads = [&](const char* what, double sigma) {
    std::vector<double> factor(n, 1.0);
    if (sigma == 0.0) return factor;
    const RandomStream random(seed, stream + what);
    // As for the neurons: no negative capacitors or conductances.
    for (std::size_t b = 0; b < n; ++b) factor[b] = std::max(0.1, 1.0 + sigma * random.normal(b));
    return factor;
  };
  analog::BranchBankConfig bank;
  bank.name = tile.bank;
  bank.neurons = fmt::format("layer{}/neurons", tile.shape.to);
  bank.branches = tile.shape.branches;
  bank.knee_v = keys.rectifier == BranchRectifier::softplus ? keys.knee_v : 0.0;
  bank.capacitance_f = spreads("/capacitor", keys.capacitor_mismatch);
  bank.leak_s = spreads("/leak", keys.leak_mismatch);
  bank.coupling_s = spreads("/coupling", keys.coupling_mismatch);
  const double leak_s =
      chip.neuron.leak_s *
      std::max(0.1, 1.0 + chip.neuron.leak_temperature_coefficient * chip.temperature_shift_k);
  const double coupling_s =
      branch_gain(network, tile) * chip.neuron.leak_s / static_cast<double>(bank.branches);
  for (std::size_t b = 0; b < n; ++b) {
    bank.capacitance_f[b] *= tau_s * chip.neuron.leak_s;
    bank.leak_s[b] *= leak_s;
    bank.coupling_s[b] *= coupling_s;
  }
  bank.offset_v = fabricate_offsets(n, keys.offset_v, seed, stream + "/offset");
  bank.comparator_v = fabricate_offsets(n, keys.comparator_offset_v, seed, stream + "/comparator");
  return bank;
}

}  // namespace memprop::hw
