#include "digital/register_program.hpp"

#include <string>

#include "digital/phase_sequencer.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

namespace reg = registers;

// A value in its field, or the sentence that it does not fit.
std::uint32_t fit(const char* name, const reg::Bits& bits, std::uint64_t value) {
  const std::uint64_t most = bits.mask() >> bits.low;
  if (value > most) {
    throw UserError(std::string("register ") + name + ": expected a value up to " +
                    std::to_string(most) + ", found " + std::to_string(value));
  }
  return bits.at(static_cast<std::uint32_t>(value));
}

std::uint32_t engine_code(UpdateCircuit circuit) {
  switch (circuit) {
    case UpdateCircuit::none:
      return static_cast<std::uint32_t>(reg::ModeEngine::none);
    case UpdateCircuit::pulse_count:
      return static_cast<std::uint32_t>(reg::ModeEngine::pulse_count);
    case UpdateCircuit::stochastic:
      return static_cast<std::uint32_t>(reg::ModeEngine::stochastic);
    case UpdateCircuit::sign_sign:
      return static_cast<std::uint32_t>(reg::ModeEngine::sign_sign);
    case UpdateCircuit::accumulate:
      return static_cast<std::uint32_t>(reg::ModeEngine::accumulate);
    case UpdateCircuit::product_sign:
    case UpdateCircuit::serial_sign:
    case UpdateCircuit::write_verify:
      break;
  }
  throw UserError("register MODE.ENGINE: expected an update circuit that has a code, found none");
}

std::uint32_t bits_of(std::uint64_t full_scale) {
  std::uint32_t bits = 0;
  while (full_scale >> bits != 0) ++bits;
  return bits;
}

void check_build(const ControllerConfig& config, const ChipBuild& build) {
  const ChipBuild wanted = chip_build(config, build.target_bits);
  const auto differs = [](const char* what, std::uint64_t chip, std::uint64_t asked) {
    throw UserError(std::string("chip behind the bus: expected ") + what + " " +
                    std::to_string(chip) + ", as it is built, found " + std::to_string(asked));
  };
  if (wanted.widths != build.widths || !config.shapes.empty()) {
    throw UserError("chip behind the bus: expected the layer widths that it is built with");
  }
  if (wanted.bias != build.bias) differs("bias rows", build.bias, wanted.bias);
  if (wanted.input_bits != build.input_bits) {
    differs("input bits", build.input_bits, wanted.input_bits);
  }
  if (wanted.adc_bits != build.adc_bits) differs("ADC bits", build.adc_bits, wanted.adc_bits);
  if (channels_of(wanted) != channels_of(build)) {
    differs("converters", channels_of(build), channels_of(wanted));
  }
  if (wanted.accumulator_bits != 0 && wanted.accumulator_bits != build.accumulator_bits) {
    differs("accumulator bits", build.accumulator_bits, wanted.accumulator_bits);
  }
  if (config.table.size() > build.phase_rows) {
    differs("phase table rows, at most", build.phase_rows, config.table.size());
  }
  const std::uint32_t engine = engine_code(config.circuit);
  if ((build.engines >> engine & 1U) == 0) {
    throw UserError(std::string("register MODE.ENGINE: expected an update circuit that the chip "
                                "is built with, found ") +
                    reg::mode_engine_names[engine]);
  }
}

}  // namespace

ChipBuild chip_build(const ControllerConfig& config, std::uint32_t target_bits) {
  ChipBuild build;
  build.widths = config.widths;
  build.bias = config.bias;
  build.input_bits = bits_of(config.x_full_scale);
  build.adc_bits = bits_of(config.adc_full_scale) + 1;
  build.target_bits = target_bits;
  build.channels = static_cast<std::uint32_t>(config.adc_channels);
  if (config.circuit == UpdateCircuit::accumulate) {
    build.engines |= 1U << engine_code(config.circuit);
    build.accumulator_bits = config.accumulator_bits;
  }
  if (config.x_full_scale + 1ULL != 1ULL << build.input_bits ||
      config.adc_full_scale + 1ULL != 1ULL << (build.adc_bits - 1)) {
    throw UserError("chip behind the bus: expected full scales of 2^n - 1, found " +
                    std::to_string(config.x_full_scale) + " (inputs) and " +
                    std::to_string(config.adc_full_scale) + " (ADC)");
  }
  if (config.table.size() > build.phase_rows) {
    build.phase_rows = static_cast<std::uint32_t>(config.table.size());
  }
  check_chip_build(build);
  return build;
}

std::vector<RegisterWrite> register_program(const ControllerConfig& config,
                                            const ChipBuild& build) {
  check_build(config, build);
  std::vector<RegisterWrite> writes;
  const auto put = [&](std::uint32_t address, std::uint32_t word) {
    writes.push_back({address, word});
  };
  put(reg::mode, reg::mode_engine.at(engine_code(config.circuit)) |
                     reg::mode_product.at(config.product_form) |
                     reg::mode_centred.at(is_centred(config.table)) |
                     reg::mode_random_sign.at(config.random_sign));
  put(reg::seed, config.seed);
  put(reg::max_pulses, fit("MAX_PULSES", reg::max_pulses_count, config.max_pulses));
  std::uint32_t average_log2 = 0;
  while (1U << average_log2 < config.adc_average) ++average_log2;
  put(reg::average, fit("AVERAGE.LOG2", reg::average_log2, average_log2));
  put(reg::stream_length, fit("STREAM_LENGTH", reg::stream_length_slots, config.stream_length));
  for (std::size_t t = 0; t + 1 < config.widths.size(); ++t) {
    const TileUpdateRegisters tile =
        t < config.tile.size() ? config.tile[t] : TileUpdateRegisters{};
    put(reg::tile_rate(t), fit("TILE_RATE.MANTISSA", reg::tile_rate_mantissa, tile.rate_mantissa) |
                               fit("TILE_RATE.SHIFT", reg::tile_rate_shift, tile.rate_shift));
    put(reg::tile_row_rate(t),
        fit("TILE_ROW_RATE.MANTISSA", reg::tile_row_rate_mantissa, tile.row_mantissa) |
            fit("TILE_ROW_RATE.SHIFT", reg::tile_row_rate_shift, tile.row_shift));
    put(reg::tile_col_rate(t),
        fit("TILE_COL_RATE.MANTISSA", reg::tile_col_rate_mantissa, tile.col_mantissa) |
            fit("TILE_COL_RATE.SHIFT", reg::tile_col_rate_shift, tile.col_shift));
    put(reg::tile_row_threshold(t), tile.row_threshold);
    put(reg::tile_col_threshold(t), tile.col_threshold);
    const std::uint32_t full = t == 0 ? config.x_full_scale : config.adc_full_scale;
    const std::uint32_t bias = config.bias_code.empty() ? full : config.bias_code[t];
    // Nothing is written that a chip without accumulators does not need.
    if (config.circuit == UpdateCircuit::accumulate) {
      put(reg::tile_accumulate(t),
          fit("TILE_ACCUMULATE", reg::tile_accumulate_threshold, tile.accumulate_threshold));
    }
    put(reg::tile_bias_code(t), fit("TILE_BIAS_CODE", reg::tile_bias_code_code, bias));
  }
  const PhaseRow& idle = config.table[0];
  if (idle.x_dac_load || idle.row_en || idle.nudge_en || idle.nudge_sign || idle.sh_en != 0 ||
      idle.convert || idle.adc_bank != 0) {
    throw UserError(
        "register TABLE_DRIVE: expected a phase table whose row 0 (IDLE) drives nothing, found one "
        "that does");
  }
  for (std::size_t k = 0; k < config.table.size(); ++k) {
    const PhaseRow& row = config.table[k];
    put(reg::table_drive(k),
        fit("TABLE_DRIVE.PHASE", reg::table_drive_phase, static_cast<std::uint32_t>(row.phase)) |
            reg::table_drive_x_dac_load.at(row.x_dac_load) |
            reg::table_drive_row_en.at(row.row_en) | reg::table_drive_nudge_en.at(row.nudge_en) |
            reg::table_drive_nudge_sign.at(row.nudge_sign) |
            fit("TABLE_DRIVE.SH_EN", reg::table_drive_sh_en, row.sh_en) |
            reg::table_drive_convert.at(row.convert) |
            fit("TABLE_DRIVE.ADC_BANK", reg::table_drive_adc_bank, row.adc_bank));
    put(reg::table_cycles(k), row.cycles);
    put(reg::table_next(k), fit("TABLE_NEXT.TRAIN", reg::table_next_train, row.next_train) |
                                fit("TABLE_NEXT.INFER", reg::table_next_infer, row.next_infer));
  }
  return writes;
}

}  // namespace memprop::digital
