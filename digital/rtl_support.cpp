#include "digital/rtl_support.hpp"

#include <cstdint>
#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

void expect_at_most(const std::string& what, std::uint64_t value, std::uint64_t most) {
  if (value <= most) return;
  throw UserError("controller in RTL: expected " + what + " up to " + std::to_string(most) +
                  ", found " + std::to_string(value));
}

// A full scale of 2^bits - 1 with bits from low to high.
void expect_full_scale(const std::string& what, std::uint32_t value, unsigned low, unsigned high) {
  for (unsigned bits = low; bits <= high; ++bits) {
    if (value == (std::uint64_t{1} << bits) - 1) return;
  }
  throw UserError("controller in RTL: expected " + what + " to be 2^n - 1 with n from " +
                  std::to_string(low) + " to " + std::to_string(high) + ", found " +
                  std::to_string(value));
}

}  // namespace

void check_rtl_support(const ControllerConfig& config, std::size_t phase_rows) {
  const char* missing = config.circuit == UpdateCircuit::product_sign ? "product_sign (U4)"
                        : config.circuit == UpdateCircuit::serial_sign
                            ? "serial_sign (U3 row by row)"
                        : config.circuit == UpdateCircuit::write_verify ? "write_verify (U5)"
                                                                        : nullptr;
  if (missing != nullptr) {
    throw UserError(
        std::string("controller in RTL: expected the update circuit pulse_count, stochastic, "
                    "sign_sign or accumulate, found ") +
        missing + ", which only the controller in C++ has");
  }
  if (!config.shapes.empty()) {
    throw UserError(
        "controller in RTL: expected the tiles of a chain of layers, found others (links, "
        "dendritic neurons), which only the controller in C++ has");
  }
  if (config.optimiser.on) {
    throw UserError(
        "controller in RTL: expected plain descent after every sample, found an optimiser or a "
        "batch, which only the controller in C++ has");
  }
  expect_at_most("tiles", config.widths.size() - 1, 8);
  expect_at_most("rows of the phase table", config.table.size(), phase_rows);
  if (!config.table.empty() && config.table[0].convert) {
    throw UserError("controller in RTL: expected no conversion in row 0 (IDLE), found one");
  }
  expect_full_scale("x_full_scale", config.x_full_scale, 1, 16);
  expect_full_scale("adc_full_scale", config.adc_full_scale, 1, 31);
  expect_at_most("max_pulses", config.max_pulses, 0xffff);
  expect_at_most("stream_length", config.stream_length, 0xffff);
  for (std::size_t t = 0; t < config.bias_code.size(); ++t) {
    expect_at_most("bias_code of tile " + std::to_string(t), config.bias_code[t],
                   t == 0 ? config.x_full_scale : config.adc_full_scale);
  }
}

}  // namespace memprop::digital
