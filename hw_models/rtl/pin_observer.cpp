#include "hw_models/rtl/pin_observer.hpp"

#include <algorithm>
#include <string>

#include "solvers/error.hpp"

namespace memprop::hw::rtl {
namespace {

std::uint64_t ones(const digital::BitVector& lines) {
  std::uint64_t sum = 0;
  for (const std::uint64_t word : lines.words()) {
    sum += static_cast<std::uint64_t>(__builtin_popcountll(word));
  }
  return sum;
}

std::size_t neurons_of(const digital::ControllerConfig& config) {
  std::size_t neurons = 0;
  for (std::size_t l = 1; l < config.widths.size(); ++l) neurons += config.widths[l];
  return neurons;
}

}  // namespace

PinObserver::PinObserver(const digital::ControllerConfig& config)
    : conversions_(neurons_of(config), config.adc_channels, config.adc_average) {
  for (auto& codes : latch_) codes.assign(neurons_of(config), 0);
  counters_.pulses_up.assign(config.widths.size() - 1, 0);
  counters_.pulses_down.assign(config.widths.size() - 1, 0);
}

void PinObserver::reset() {
  conversions_.enter(false);
  group_ = 0;
  for (auto& codes : latch_) std::fill(codes.begin(), codes.end(), 0);
  const std::size_t tiles = counters_.pulses_up.size();
  counters_ = digital::ControllerCounters{};
  counters_.pulses_up.assign(tiles, 0);
  counters_.pulses_down.assign(tiles, 0);
}

// A conversion is the first of its sample, or it goes on where the last one ended.
void PinObserver::begin_conversion(std::uint8_t bank, std::size_t group) {
  if (bank > 2) {
    throw UserError("controller: expected conversions of banks 0 to 2, found one of bank " +
                    std::to_string(bank));
  }
  if (bank == bank_ && conversions_.restart() && group == conversions_.group()) return;
  if (!conversions_.finished() || group != 0) {
    throw UserError("controller: expected " + std::to_string(conversions_.conversions_per_row()) +
                    " conversions of a sampled state, group by group, found one of bank " +
                    std::to_string(bank) + " and group " + std::to_string(group) + " after " +
                    std::to_string(conversions_.taken()) + " of bank " + std::to_string(bank_));
  }
  bank_ = bank;
  conversions_.enter(true);
}

void PinObserver::edge(const digital::ControllerInputs& in, bool adc_start, std::uint8_t adc_bank,
                       const digital::ControllerOutputs& after) {
  if (!in.rst_n) {
    reset();
    return;
  }
  if (adc_start) begin_conversion(adc_bank, group_);
  if (conversions_.awaiting() && in.adc_done && in.adc_data.size() == conversions_.channels()) {
    counters_.conversions += conversions_.lines_of_group();
    conversions_.take(in.adc_data, latch_[bank_]);
  }
  group_ = after.adc_group;
  counters_.busy_cycles += after.busy;
  counters_.row_driven_cycles += after.row_en;
  if (after.phase == digital::Phase::update) ++counters_.update_cycles;
  if (!after.upd_en) return;
  for (std::size_t t = 0; t < counters_.pulses_up.size(); ++t) {
    const std::uint64_t columns = ones(after.col_pulse[t]);
    if (columns == 0) continue;
    const std::uint64_t pulses = columns * ones(after.row_pulse[t]);
    (after.upd_pol[t] != 0 ? counters_.pulses_up : counters_.pulses_down)[t] += pulses;
  }
}

void PinObserver::save(std::vector<std::uint64_t>& state) const {
  state.insert(state.end(), {counters_.busy_cycles, counters_.update_cycles,
                             counters_.row_driven_cycles, counters_.conversions});
  state.insert(state.end(), counters_.pulses_up.begin(), counters_.pulses_up.end());
  state.insert(state.end(), counters_.pulses_down.begin(), counters_.pulses_down.end());
}

void PinObserver::restore(Span<const std::uint64_t> state) {
  const std::size_t tiles = counters_.pulses_up.size();
  reset();
  counters_.busy_cycles = state[0];
  counters_.update_cycles = state[1];
  counters_.row_driven_cycles = state[2];
  counters_.conversions = state[3];
  for (std::size_t t = 0; t < tiles; ++t) {
    counters_.pulses_up[t] = state[4 + t];
    counters_.pulses_down[t] = state[4 + tiles + t];
  }
}

}  // namespace memprop::hw::rtl
