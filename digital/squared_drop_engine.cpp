#include "digital/squared_drop_engine.hpp"

#include <algorithm>
#include <limits>

namespace memprop::digital {
namespace {

__extension__ using Wide = __int128;  // codes of ideal converters have 32 bits

std::int64_t below(std::int64_t code, const TileUpdateRegisters& r) {
  const Wide half = r.drop_shift == 0 ? 0 : Wide{1} << (r.drop_shift - 1);
  return static_cast<std::int64_t>((Wide{code} * Wide{r.drop_mantissa} + half) >> r.drop_shift);
}

std::uint64_t saturated(Wide magnitude) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return magnitude > Wide{most} ? most : static_cast<std::uint64_t>(magnitude);
}

}  // namespace

SquaredDropEngine::SquaredDropEngine(const ControllerConfig& config)
    : PulseCountEngine(config), sign_only_(config.circuit == UpdateCircuit::sign_sign) {
  for (Tile& tile : tiles_) {
    tile.magnitude.assign(tile.n.size(), 0);
    columns_.push_back({std::vector<std::int64_t>(tile.columns, 0),
                        std::vector<std::int64_t>(tile.columns, 0),
                        std::vector<bool>(tile.columns, false)});
  }
}

void SquaredDropEngine::start(const UpdateOperands& operands) {
  PulseCountEngine::start(operands);
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    const TileOperands& codes = *tile.operands;
    for (std::size_t i = 0; i < tile.columns; ++i) {
      const std::int64_t a = codes.col[0][i] * (1 << drop_fraction_bits);
      const std::int64_t b = codes.col[1][i] * (1 << drop_fraction_bits);
      columns_[t].difference[i] = a - b;
      columns_[t].sum[i] = a + b;
    }
    // A source at zero volts has a drop too.
    for (std::size_t j = 0; j < tile.rows.size(); ++j) tile.rows[j] = static_cast<std::uint32_t>(j);
    tile.rows_count = tile.rows.size();
  }
}

void SquaredDropEngine::evaluate_row(std::size_t t, ControllerCounters& counters) {
  Tile& tile = tiles_[t];
  clear_slots(tile);
  Columns& columns = columns_[t];
  const std::size_t j = tile.row;
  std::int64_t a = below(tile.operands->row[0][j], tile.registers);
  std::int64_t b = below(tile.operands->row[1][j], tile.registers);
  if (t == 0 && j >= tile.rows.size() / 2) a = -a, b = -b;
  for (std::size_t i = 0; i < tile.columns; ++i) {
    const Wide d = -Wide{columns.difference[i] - (a - b)} * Wide{columns.sum[i] - (a + b)};
    columns.up[i] = d > 0;
    tile.magnitude[i] = saturated(d < 0 ? -d : d);
  }
  if (sign_only_) {
    const std::uint64_t threshold = std::uint64_t{tile.registers.row_threshold}
                                    << (2 * drop_fraction_bits);
    for (std::size_t i = 0; i < tile.columns; ++i) {
      if (tile.magnitude[i] > threshold) add_pulses(tile, i, 1, columns.up[i]);
    }
  } else {
    if (pulse_counts_wide(tile.blocks, tile.magnitude.data(), tile.registers.rate_mantissa,
                          tile.registers.rate_shift - 16) == 0) {
      return;
    }
    for_each_hit(tile, [&](std::size_t column) {
      const std::uint32_t wanted = tile.n[column];
      counters.pulse_clipped += wanted > max_pulses_;
      add_pulses(tile, column, std::min(wanted, max_pulses_), columns.up[column]);
    });
  }
  plan_slots(tile);
}

}  // namespace memprop::digital
