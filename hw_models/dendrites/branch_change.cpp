#include "hw_models/dendrites/branch_change.hpp"

#include "hw_models/controller_setup.hpp"
#include "hw_models/tile_layout.hpp"
#include "learning/rule/equilibrium_propagation.hpp"

namespace memprop::hw {

std::vector<Matrix> wanted_branch_change(const ChipConfig& chip, const learning::Network& network,
                                         const learning::LearningConfig& learning,
                                         const ControllerSeat& controller,
                                         const digital::BranchGates& gates, Span<const double> x,
                                         double sign, bool with_bias) {
  const std::size_t before = learning.nudging == learning::Nudging::centred ? 2 : 0;
  const bool product = learning.form == learning::UpdateForm::product;
  const double lsb = activity_lsb(chip);
  const auto rates = learning::layer_rates(learning, network.layer_count());
  std::vector<std::size_t> first(network.layer_count() + 1, 0);  // of layers in the codes
  for (std::size_t l = 2; l < first.size(); ++l) first[l] = first[l - 1] + network.width(l - 1);
  const auto layout = tile_layout(network);
  std::vector<Matrix> change;
  for (std::size_t t = 0; t < layout.size(); ++t) {
    const TileLayout& tile = layout[t];
    const double factor =
        rates[tile.weight_layer - 1] * sign * branch_change_scale(network, learning, tile);
    const std::size_t inputs = network.width(tile.shape.from);
    const auto row = [&](std::size_t sample, std::size_t j) {
      if (tile.shape.from == 0) return x[j];
      return controller.latched(product ? sample : 0)[first[tile.shape.from] + j] * lsb;
    };
    const auto column = [&](std::size_t sample, std::size_t b) {
      if (gates.gates(t, sample)[b] == 0) return 0.0;
      const std::size_t neuron = first[tile.shape.to] + b / tile.shape.branches;
      return controller.latched(sample)[neuron] * lsb;
    };
    const bool bias = with_bias && tile.shape.bias;
    Matrix d(tile.columns(network), inputs + (bias ? 1 : 0));
    for (std::size_t b = 0; b < d.rows(); ++b) {
      const double plus = column(1, b), minus = column(before, b);
      for (std::size_t j = 0; j < inputs; ++j) {
        if (tile.mask != nullptr && (*tile.mask)(b, j) == 0.0) continue;
        d(b, j) = factor * (plus * row(1, j) - minus * row(before, j));
      }
      if (bias) d(b, inputs) = factor * (plus - minus);
    }
    change.push_back(std::move(d));
  }
  return change;
}

}  // namespace memprop::hw
