#include "digital/register_map.hpp"

#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

void expect_range(const char* what, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value >= low && value <= high) return;
  throw UserError(std::string("register map: expected ") + what + " from " + std::to_string(low) +
                  " to " + std::to_string(high) + ", found " + std::to_string(value));
}

// The most elements that the map has room for.
std::uint32_t room(registers::Count count) {
  std::uint32_t most = 0;
  for (const auto& entry : registers::entries) {
    if (entry.count == count && (most == 0 || entry.most < most)) most = entry.most;
  }
  return most;
}

}  // namespace

std::size_t neurons_of(const ChipBuild& build) {
  std::size_t neurons = 0;
  for (std::size_t l = 1; l < build.widths.size(); ++l) neurons += build.widths[l];
  return neurons;
}

std::uint32_t channels_of(const ChipBuild& build) {
  return build.channels == 0 ? static_cast<std::uint32_t>(neurons_of(build)) : build.channels;
}

void check_chip_build(const ChipBuild& build) {
  using registers::Count;
  expect_range("a number of layers", build.widths.size(), 2, room(Count::layers));
  for (const std::size_t width : build.widths) expect_range("a layer width", width, 1, 1U << 24);
  expect_range("a number of inputs", build.widths.front(), 1, room(Count::inputs));
  expect_range("a number of outputs", build.widths.back(), 1, room(Count::outputs));
  expect_range("a number of neurons", neurons_of(build), 1, room(Count::neurons));
  expect_range("a number of converters", channels_of(build), 1, neurons_of(build));
  expect_range("bits of the input DAC", build.input_bits, 1, 16);
  expect_range("bits of the ADC", build.adc_bits, 2, 32);
  expect_range("bits of the nudging DAC", build.target_bits, 2, 16);
  const auto accumulate = static_cast<std::uint32_t>(registers::ModeEngine::accumulate);
  const bool built = (build.engines >> accumulate & 1U) != 0;
  expect_range("bits of an accumulator", build.accumulator_bits, built ? 2 : 0, built ? 24 : 0);
  expect_range("rows of the phase table", build.phase_rows, 4, room(Count::phase_rows));
}

RegisterMap::RegisterMap(const ChipBuild& build) {
  check_chip_build(build);
  const auto set = [&](registers::Count count, std::size_t value) {
    counts_[static_cast<std::size_t>(count)] = static_cast<std::uint32_t>(value);
  };
  using registers::Count;
  set(Count::one, 1);
  set(Count::layers, build.widths.size());
  set(Count::tiles, build.widths.size() - 1);
  set(Count::inputs, build.widths.front());
  set(Count::outputs, build.widths.back());
  set(Count::neurons, neurons_of(build));
  set(Count::phase_rows, build.phase_rows);
}

std::uint32_t RegisterMap::count(const registers::Entry& entry) const {
  return counts_[static_cast<std::size_t>(entry.count)];
}

RegisterMap::Place RegisterMap::find(std::uint32_t address) const {
  for (const auto& entry : registers::entries) {
    if (address < entry.address) break;  // the entries stand in the order of their addresses
    const std::uint32_t offset = address - entry.address;
    if (offset == 0) return {&entry, 0};
    if (entry.stride == 0 || offset % entry.stride != 0) continue;
    if (offset / entry.stride < count(entry)) return {&entry, offset / entry.stride};
  }
  return {};
}

}  // namespace memprop::digital
