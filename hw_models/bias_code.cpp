#include "hw_models/bias_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/controller_setup.hpp"
#include "hw_models/fabrication.hpp"

namespace memprop::hw {

BiasCode bias_code(const ChipConfig& chip, const learning::Network& network,
                   const learning::LearningConfig& learning, const TileLayout& tile,
                   std::size_t t) {
  const bool inputs = tile.shape.from == 0;
  const bool raw = learning.scale == learning::GradientScale::raw || network.config.dendrites.on();
  const double line = raw ? 1.0 : 1.0 / forward_gain(network, t + 1);
  const double lsb = inputs ? input_lsb(chip) : activity_lsb(chip);
  const double one = std::nearbyint(line / lsb);
  // The largest code of a signed converter is one below its range.
  const double full =
      inputs ? std::nearbyint(chip.dac.range / lsb) : std::nearbyint(chip.adc.range / lsb) - 1;
  // One code less than one is a rounding.
  return {static_cast<std::uint32_t>(std::min(one, full)), one > full + 1 ? full / one : 1.0};
}

std::vector<std::string> bias_warnings(const ChipConfig& chip, const learning::Network& network,
                                       const learning::LearningConfig& learning) {
  std::vector<std::string> warnings;
  if (!network.config.bias || chip.update.circuit == UpdateCircuit::ideal_write) return warnings;
  const auto layout = tile_layout(network);
  for (std::size_t t = 0; t < layout.size(); ++t) {
    if (!layout[t].shape.bias) continue;
    const double share = bias_code(chip, network, learning, layout[t], t).share;
    if (share == 1.0) continue;
    warnings.push_back(fmt::format(
        "the biases of layer {} learn at {:.2f} of their rate: the constant code of their row ends "
        "at full scale ({})",
        layout[t].shape.to, share,
        layout[t].shape.from == 0 ? "chip.dac.range" : "chip.adc.range"));
  }
  return warnings;
}

}  // namespace memprop::hw
