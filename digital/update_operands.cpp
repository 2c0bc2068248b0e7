#include "digital/update_operands.hpp"

#include "solvers/error.hpp"

namespace memprop::digital {

UpdateOperands::UpdateOperands(const ControllerConfig& config, bool centred)
    : groups_(config.product_form ? 2 : 1),
      centred_(centred),
      row_sample_(config.predictive_form ? 1 : 0),
      offset_(config.widths.size(), 0),
      width_(config.widths) {
  for (std::size_t l = 2; l < width_.size(); ++l) offset_[l] = offset_[l - 1] + width_[l - 1];
  tiles_.resize(tile_count(config));
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    shapes_.push_back(tile_shape(config, t));
    for (std::size_t g = 0; g < groups_; ++g) {
      tiles_[t].row[g].assign(tile_rows(config, t), 0);
      tiles_[t].col[g].assign(tile_columns(config, t), 0);
      // The bias row's code never changes.
      if (shapes_[t].bias) {
        const std::uint32_t full =
            shapes_[t].from == 0 ? config.x_full_scale : config.adc_full_scale;
        tiles_[t].row[g].back() =
            static_cast<std::int32_t>(config.bias_code.empty() ? full : config.bias_code.at(t));
      }
    }
  }
}

void UpdateOperands::load(Span<const std::uint16_t> input,
                          const std::vector<std::int32_t> (&latch)[3], bool nudge_negative,
                          const BranchGates* gates) {
  const std::size_t first = centred_ ? 1 : (nudge_negative ? 0 : 1);
  const std::size_t second = centred_ ? 2 : (nudge_negative ? 1 : 0);
  const bool product = groups_ == 2;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    TileOperands& tile = tiles_[t];
    const TileShape& shape = shapes_[t];
    for (std::size_t g = 0; g < groups_; ++g) {
      if (shape.from == 0) {
        for (std::size_t j = 0; j < input.size(); ++j) tile.row[g][j] = input[j];
      } else {
        const std::size_t sample = product ? (g == 0 ? first : second) : row_sample_;
        const std::int32_t* codes = latch[sample].data() + offset_[shape.from];
        for (std::size_t j = 0; j < width_[shape.from]; ++j) tile.row[g][j] = codes[j];
      }
    }
    load_columns(t, latch[first].data() + offset_[shape.to],
                 latch[second].data() + offset_[shape.to], first, second, gates);
  }
}

void UpdateOperands::load_columns(std::size_t t, const std::int32_t* a, const std::int32_t* b,
                                  std::size_t first, std::size_t second, const BranchGates* gates) {
  TileOperands& tile = tiles_[t];
  const bool product = groups_ == 2;
  const auto put = [&](std::size_t i, std::int64_t plus, std::int64_t minus) {
    if (product) {
      tile.col[0][i] = plus;
      tile.col[1][i] = minus;
    } else {
      tile.col[0][i] = plus - minus;
    }
  };
  const std::size_t columns = tile.col[0].size(), branches = shapes_[t].branches;
  if (branches == 0) {
    for (std::size_t i = 0; i < columns; ++i) put(i, a[i], b[i]);
    return;
  }
  if (gates == nullptr) throw InternalError("controller: nobody knows the bits of the branches");
  const auto open_a = gates->gates(t, first), open_b = gates->gates(t, second);
  for (std::size_t i = 0; i < columns; ++i) {
    put(i, open_a[i] != 0 ? a[i / branches] : 0, open_b[i] != 0 ? b[i / branches] : 0);
  }
}

OperandBounds operand_bounds(const ControllerConfig& config, std::size_t tile) {
  // Two's complement codes reach one further down than up.
  const std::uint64_t code = std::uint64_t{config.adc_full_scale} + 1;
  OperandBounds bounds;
  bounds.row = tile_shape(config, tile).from == 0 ? config.x_full_scale : code;
  bounds.col = config.product_form ? code : 2 * code - 1;
  bounds.product = bounds.row * bounds.col * (config.product_form ? 2 : 1);
  return bounds;
}

}  // namespace memprop::digital
