// Conversions of a sampled state with fewer converters than lines, and several of each line: the
// lines are converted in groups of `channels`, line g channels + c by converter c with group g,
// each group `average` = 2^k times in a row, and a line's code is the rounded mean of its
// conversions,
//     code = (sum + average / 2) >> k        (ties upwards, negative sums too).
// rtl/memprop_adc.sv is the same circuit.
//
//     edge that enters a conversion row      adc_start high for a cycle, group 0
//     edge at which adc_done is seen         codes are taken; after the last ones of a group
//     adc_group
//                                            names the next
//     edge after that                        adc_start again, unless it was the last conversion
// A converter that answers within T - 1 cycles thus needs rows of groups * average * T cycles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "solvers/span.hpp"

namespace memprop::digital {

class ConversionSequencer {
 public:
  static constexpr std::uint32_t most_averaged = 16;

  // channels: 1 to lines, 0 for one per line; average: 1, 2, 4, 8 or 16.
  ConversionSequencer(std::size_t lines, std::size_t channels, std::uint32_t average);

  std::size_t lines() const { return lines_; }
  std::size_t channels() const { return channels_; }
  std::size_t groups() const { return groups_; }
  std::uint64_t conversions_per_row() const { return std::uint64_t{groups_} * average_; }

  // The edge that enters a row of the phase table; `converts`: adc_start is high after it.
  void enter(bool converts);
  // The other edges of a row begin with this one: true if adc_start is high after it.
  bool restart();
  // adc_done was seen and awaiting() before the edge; `codes` of all converters. Adds the lines
  // that have got their code to `latch` (of all lines).
  void take(Span<const std::int32_t> codes, std::vector<std::int32_t>& latch);

  bool awaiting() const { return awaiting_; }
  bool finished() const { return !awaiting_ && !again_; }
  std::size_t group() const { return group_; }                        // adc_group, of the pins
  std::size_t first_line() const { return group_ * channels_; }       // of the present group
  std::size_t lines_of_group() const;                                 // the last may have fewer
  std::uint64_t taken() const { return group_ * average_ + count_; }  // conversions of the row

 private:
  std::size_t lines_, channels_, groups_;
  std::uint32_t average_, average_log2_;
  std::size_t group_ = 0;
  std::uint32_t count_ = 0;  // conversions of the group so far
  bool awaiting_ = false, again_ = false;
  std::vector<std::int64_t> sum_;  // by converter
};

// Groups in which so many lines are converted; channels as above.
std::size_t conversion_groups(std::size_t lines, std::size_t channels);

}  // namespace memprop::digital
