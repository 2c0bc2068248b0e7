#include "digital/update_operands.hpp"

namespace memprop::digital {

UpdateOperands::UpdateOperands(const ControllerConfig& config, bool centred)
    : groups_(config.product_form ? 2 : 1),
      centred_(centred),
      row_sample_(config.predictive_form ? 1 : 0) {
  const std::size_t bias = config.bias ? 1 : 0;
  tiles_.resize(config.widths.size() - 1);
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    for (std::size_t g = 0; g < groups_; ++g) {
      tiles_[t].row[g].assign(config.widths[t] + bias, 0);
      tiles_[t].col[g].assign(config.widths[t + 1], 0);
      // The bias row's code never changes.
      if (config.bias) {
        const std::uint32_t full = t == 0 ? config.x_full_scale : config.adc_full_scale;
        tiles_[t].row[g].back() =
            static_cast<std::int32_t>(config.bias_code.empty() ? full : config.bias_code.at(t));
      }
    }
  }
}

void UpdateOperands::load(Span<const std::uint16_t> input,
                          const std::vector<std::int32_t> (&latch)[3], bool nudge_negative) {
  const std::size_t first = centred_ ? 1 : (nudge_negative ? 0 : 1);
  const std::size_t second = centred_ ? 2 : (nudge_negative ? 1 : 0);
  const bool product = groups_ == 2;
  std::size_t below = 0;  // offset of the layer below in the latches
  std::size_t here = 0;   // of the layer at the columns
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    TileOperands& tile = tiles_[t];
    const std::size_t columns = tile.col[0].size();
    for (std::size_t g = 0; g < groups_; ++g) {
      if (t == 0) {
        for (std::size_t j = 0; j < input.size(); ++j) tile.row[g][j] = input[j];
      } else {
        const std::size_t sample = product ? (g == 0 ? first : second) : row_sample_;
        const std::int32_t* codes = latch[sample].data() + below;
        for (std::size_t j = 0; j < here - below; ++j) tile.row[g][j] = codes[j];
      }
    }
    const std::int32_t* a = latch[first].data() + here;
    const std::int32_t* b = latch[second].data() + here;
    for (std::size_t i = 0; i < columns; ++i) {
      if (product) {
        tile.col[0][i] = a[i];
        tile.col[1][i] = b[i];
      } else {
        tile.col[0][i] = std::int64_t{a[i]} - std::int64_t{b[i]};
      }
    }
    below = here;
    here += columns;
  }
}

OperandBounds operand_bounds(const ControllerConfig& config, std::size_t tile) {
  // Two's complement codes reach one further down than up.
  const std::uint64_t code = std::uint64_t{config.adc_full_scale} + 1;
  OperandBounds bounds;
  bounds.row = tile == 0 ? config.x_full_scale : code;
  bounds.col = config.product_form ? code : 2 * code - 1;
  bounds.product = bounds.row * bounds.col * (config.product_form ? 2 : 1);
  return bounds;
}

}  // namespace memprop::digital
