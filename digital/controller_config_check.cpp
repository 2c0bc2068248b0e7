#include "digital/controller_config_check.hpp"

#include <cstdint>
#include <string>

#include "digital/phase_sequencer.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

void expect_range(const std::string& what, std::uint64_t value, std::uint64_t low,
                  std::uint64_t high) {
  if (value >= low && value <= high) return;
  throw UserError("controller: expected " + what + " from " + std::to_string(low) + " to " +
                  std::to_string(high) + ", found " + std::to_string(value));
}

void check_tile(const TileUpdateRegisters& tile, std::size_t index) {
  const std::string where = " of tile " + std::to_string(index);
  expect_range("rate_mantissa" + where, tile.rate_mantissa, 0, 0xffff);
  expect_range("rate_shift" + where, tile.rate_shift, 16, 80);
  expect_range("row_mantissa" + where, tile.row_mantissa, 0, 0xffff);
  expect_range("row_shift" + where, tile.row_shift, 0, 63);
  expect_range("col_mantissa" + where, tile.col_mantissa, 0, 0xffff);
  expect_range("col_shift" + where, tile.col_shift, 0, 63);
  expect_range("drop_shift" + where, tile.drop_shift, 0, 31);
}

void check_shapes(const ControllerConfig& config) {
  for (std::size_t t = 0; t < config.shapes.size(); ++t) {
    const TileShape& shape = config.shapes[t];
    const std::string where = " of tile " + std::to_string(t);
    expect_range("the layer at the rows" + where, shape.from, 0, config.widths.size() - 1);
    expect_range("the layer at the columns" + where, shape.to, 1, config.widths.size() - 1);
    expect_range("branches" + where, shape.branches, 0, 1U << 16);
    if (shape.branches > 0 && config.circuit == UpdateCircuit::write_verify) {
      throw UserError(
          "controller: write_verify reads every cell of a row, found a tile with branches, of "
          "which not every cell need be there");
    }
  }
  if (!config.shapes.empty() && config.squared_drop) {
    throw UserError("controller: squared_drop needs the tiles of the chain, found others");
  }
}

void check_optimiser(const ControllerConfig& config) {
  const OptimiserUnit& unit = config.optimiser;
  if (!unit.on) return;
  if (config.circuit != UpdateCircuit::accumulate) {
    throw UserError("controller: an optimiser needs the update circuit accumulate, found another");
  }
  expect_range("the samples of a batch", unit.batch, 1, 1U << 30);
  if (unit.tile.size() != config.tile.size()) {
    throw UserError("controller: expected the optimiser's settings for " +
                    std::to_string(config.tile.size()) + " tiles, found " +
                    std::to_string(unit.tile.size()));
  }
}

}  // namespace

void check_controller_config(const ControllerConfig& config) {
  if (config.widths.size() < 2) {
    throw UserError("controller: expected the widths of at least 2 layers, found " +
                    std::to_string(config.widths.size()));
  }
  for (std::size_t l = 0; l < config.widths.size(); ++l) {
    expect_range("the width of layer " + std::to_string(l), config.widths[l], 1, 1U << 24);
  }
  expect_range("x_full_scale", config.x_full_scale, 1, 0xffff);
  expect_range("adc_full_scale", config.adc_full_scale, 1, 0x7fffffff);
  const bool updates = config.circuit != UpdateCircuit::none;
  check_phase_table(config.table, updates);
  if (config.random_sign && is_centred(config.table)) {
    throw UserError(
        "controller: random_sign needs a schedule with one nudged phase, found one that also "
        "samples the negatively nudged state");
  }
  if (!updates) return;
  const bool signs =
      config.circuit == UpdateCircuit::sign_sign || config.circuit == UpdateCircuit::serial_sign;
  if (config.squared_drop) {
    if (!config.product_form || config.bias || config.widths.front() % 2 != 0 ||
        (config.circuit != UpdateCircuit::pulse_count &&
         config.circuit != UpdateCircuit::sign_sign)) {
      throw UserError(
          "controller: squared_drop needs the product form, pulse_count or sign_sign, no bias rows "
          "and an even number of inputs (each stands for a source of either sign)");
    }
  } else if (signs && config.product_form) {
    throw UserError(
        "controller: the update circuit sign_sign compares single codes and cannot form the "
        "product difference; use the update circuit pulse_count or stochastic, or the simplified "
        "form");
  }
  check_shapes(config);
  if (config.tile.size() != tile_count(config)) {
    throw UserError("controller: expected update registers for " +
                    std::to_string(tile_count(config)) + " tiles, found " +
                    std::to_string(config.tile.size()));
  }
  for (std::size_t t = 0; t < config.tile.size(); ++t) check_tile(config.tile[t], t);
  if (config.circuit == UpdateCircuit::accumulate) {
    expect_range("accumulator_bits", config.accumulator_bits, 2, 24);
    for (std::size_t t = 0; t < config.tile.size(); ++t) {
      expect_range("accumulate_threshold of tile " + std::to_string(t),
                   config.tile[t].accumulate_threshold, 1,
                   (1U << (config.accumulator_bits - 1)) - 1);
    }
  }
  check_optimiser(config);
  if (config.circuit == UpdateCircuit::write_verify) {
    expect_range("verify_cycles", config.verify_cycles, 1, 0xffff);
    expect_range("verify_rounds", config.verify_rounds, 1, 0xffff);
    for (std::size_t t = 0; t < config.tile.size(); ++t) {
      const std::string where = " of tile " + std::to_string(t);
      expect_range("verify_step" + where, config.tile[t].verify_step, 0, 1U << 30);
      expect_range("verify_tolerance" + where, config.tile[t].verify_tolerance, 0, 1U << 30);
    }
  }
  expect_range("max_pulses", config.max_pulses, 1, 0xffffffff);
  expect_range("stream_length", config.stream_length, 1, 0xffffffff);
}

}  // namespace memprop::digital
