#include "hw_models/rtl/pin_observer.hpp"

#include <algorithm>

namespace memprop::hw::rtl {
namespace {

std::uint64_t ones(const digital::BitVector& lines) {
  std::uint64_t sum = 0;
  for (const std::uint64_t word : lines.words()) {
    sum += static_cast<std::uint64_t>(__builtin_popcountll(word));
  }
  return sum;
}

}  // namespace

PinObserver::PinObserver(const digital::ControllerConfig& config) {
  std::size_t neurons = 0;
  for (std::size_t l = 1; l < config.widths.size(); ++l) neurons += config.widths[l];
  for (auto& codes : latch_) codes.assign(neurons, 0);
  counters_.pulses_up.assign(config.widths.size() - 1, 0);
  counters_.pulses_down.assign(config.widths.size() - 1, 0);
}

void PinObserver::reset() {
  awaiting_ = false;
  for (auto& codes : latch_) std::fill(codes.begin(), codes.end(), 0);
  const std::size_t tiles = counters_.pulses_up.size();
  counters_ = digital::ControllerCounters{};
  counters_.pulses_up.assign(tiles, 0);
  counters_.pulses_down.assign(tiles, 0);
}

void PinObserver::edge(const digital::ControllerInputs& in, bool adc_start, std::uint8_t adc_bank,
                       const digital::ControllerOutputs& after) {
  if (!in.rst_n) {
    reset();
    return;
  }
  if (adc_start) {
    awaiting_ = true;
    bank_ = adc_bank;
  }
  if (awaiting_ && in.adc_done) {
    if (bank_ < 3 && in.adc_data.size() == latch_[bank_].size()) {
      std::copy(in.adc_data.begin(), in.adc_data.end(), latch_[bank_].begin());
      counters_.conversions += in.adc_data.size();
    }
    awaiting_ = false;
  }
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
