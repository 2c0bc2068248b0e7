#include "digital/conversion_sequencer.hpp"

#include <algorithm>
#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {

std::size_t conversion_groups(std::size_t lines, std::size_t channels) {
  return channels == 0 ? 1 : (lines + channels - 1) / channels;
}

ConversionSequencer::ConversionSequencer(std::size_t lines, std::size_t channels,
                                         std::uint32_t average)
    : lines_(lines),
      channels_(channels == 0 ? lines : channels),
      groups_(conversion_groups(lines, channels)),
      average_(average),
      average_log2_(0) {
  if (channels_ > lines_) {
    throw UserError("controller: expected at most " + std::to_string(lines_) +
                    " converters, one per line, found " + std::to_string(channels_));
  }
  while ((1U << average_log2_) < average_ && average_log2_ < 5) ++average_log2_;
  if (average_ > most_averaged || average_ != 1U << average_log2_) {
    throw UserError("controller: expected 1, 2, 4, 8 or 16 conversions to average, found " +
                    std::to_string(average_));
  }
  sum_.assign(channels_, 0);
}

void ConversionSequencer::enter(bool converts) {
  awaiting_ = converts;
  again_ = false;
  group_ = 0;
  count_ = 0;
  std::fill(sum_.begin(), sum_.end(), 0);
}

bool ConversionSequencer::restart() {
  if (!again_) return false;
  again_ = false;
  awaiting_ = true;
  return true;
}

std::size_t ConversionSequencer::lines_of_group() const {
  return std::min(channels_, lines_ - first_line());
}

void ConversionSequencer::take(Span<const std::int32_t> codes, std::vector<std::int32_t>& latch) {
  awaiting_ = false;
  const std::size_t used = lines_of_group();
  if (average_ > 1) {
    for (std::size_t c = 0; c < used; ++c) sum_[c] += codes[c];
  }
  if (++count_ < average_) {
    again_ = true;
    return;
  }
  const auto line = latch.begin() + static_cast<std::ptrdiff_t>(first_line());
  if (average_ == 1) {
    std::copy(codes.begin(), codes.begin() + used, line);
  } else {
    for (std::size_t c = 0; c < used; ++c) {
      // The shift of a negative number is arithmetic with every compiler that we know.
      line[static_cast<std::ptrdiff_t>(c)] =
          static_cast<std::int32_t>((sum_[c] + (average_ >> 1)) >> average_log2_);
      sum_[c] = 0;
    }
  }
  count_ = 0;
  again_ = ++group_ < groups_;
  if (!again_) group_ = 0;
}

}  // namespace memprop::digital
