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
  // after it. Throws UserError if a sample's conversions end, with another bank or outside the
  // phases, before each line has had as many as the chip averages.
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
  void begin_conversion(std::uint8_t bank, std::size_t group);

  digital::ConversionSequencer conversions_;  // as ours would be at this point
  std::size_t bank_ = 0;
  std::uint32_t group_ = 0;  // adc_group before the edge
};

}  // namespace memprop::hw::rtl
