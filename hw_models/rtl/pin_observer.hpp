// What can be known of a controller from its pins: the codes that the ADC delivered, and counts.
// It stands in for the inside of a controller that has none to look into.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "solvers/span.hpp"

namespace memprop::hw::rtl {

class PinObserver {
 public:
  // `outputs` are shaped for the chip: one entry of upd_pol, row_pulse and col_pulse per tile.
  explicit PinObserver(const digital::ControllerConfig& config);

  // One rising edge: the inputs that it sampled, adc_start and adc_bank before it, and all outputs
  // after it.
  void edge(const digital::ControllerInputs& in, bool adc_start, std::uint8_t adc_bank,
            const digital::ControllerOutputs& after);

  Span<const std::int32_t> latched(std::size_t k) const { return latch_[k]; }
  const digital::ControllerCounters& counters() const { return counters_; }
  digital::ControllerCounters& counters() { return counters_; }

  void save(std::vector<std::uint64_t>& state) const;
  std::size_t saved_words() const { return 4 + 2 * counters_.pulses_up.size(); }
  void restore(Span<const std::uint64_t> state);

 private:
  void reset();

  std::vector<std::int32_t> latch_[3];
  digital::ControllerCounters counters_;
  std::size_t bank_ = 0;
  bool awaiting_ = false;  // between adc_start and the first adc_done
};

}  // namespace memprop::hw::rtl
