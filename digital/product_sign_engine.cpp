#include "digital/product_sign_engine.hpp"

namespace memprop::digital {
namespace {

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                   : static_cast<std::uint64_t>(value);
}

}  // namespace

void ProductSignEngine::evaluate_row(std::size_t t, ControllerCounters&) {
  Tile& tile = tiles_[t];
  clear_slots(tile);
  for (std::size_t i = 0; i < tile.columns; ++i) {
    const std::int64_t product = product_of(tile, i);
    if (magnitude(product) <= tile.registers.product_threshold) continue;
    add_pulses(tile, i, 1, product > 0);
  }
  plan_slots(tile);
}

void SerialSignEngine::evaluate_row(std::size_t t, ControllerCounters&) {
  Tile& tile = tiles_[t];
  clear_slots(tile);
  const std::int64_t x = tile.operands->row[0][tile.row];
  if (magnitude(x) <= tile.registers.row_threshold) return;
  for (std::size_t i = 0; i < tile.columns; ++i) {
    const std::int64_t d = tile.operands->col[0][i];
    if (magnitude(d) <= tile.registers.col_threshold) continue;
    add_pulses(tile, i, 1, (x > 0) == (d > 0));
  }
  plan_slots(tile);
}

}  // namespace memprop::digital
