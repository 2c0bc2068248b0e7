#include "testbenches/experiment/sample_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace memprop::bench {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

}  // namespace

SampleSelection::SampleSelection(const OutputConfig& output)
    : listed_(output.samples),
      every_(output.sample_every),
      first_(output.sample_first),
      last_(output.sample_last > 0 ? output.sample_last : no_limit),
      begin_cycle_(output.window.empty() ? 0 : output.window.at(0)),
      end_cycle_(output.window.empty() ? no_limit : output.window.at(1)),
      stride_(output.stride),
      points_per_cycle_(output.points_per_cycle) {
  std::sort(listed_.begin(), listed_.end());
  listed_.erase(std::unique(listed_.begin(), listed_.end()), listed_.end());
}

bool SampleSelection::records(std::uint64_t sample) const {
  if (every_ > 0 && sample >= first_ && sample <= last_ && (sample - first_) % every_ == 0) {
    return true;
  }
  return std::binary_search(listed_.begin(), listed_.end(), sample);
}

std::uint64_t SampleSelection::count(std::uint64_t training_samples) const {
  std::uint64_t count = 0;
  const std::uint64_t end =
      last_ == no_limit ? training_samples : std::min(training_samples, last_ + 1);
  if (every_ > 0 && end > first_) count = (end - first_ - 1) / every_ + 1;
  for (const std::uint64_t sample : listed_) {
    const bool regular =
        every_ > 0 && sample >= first_ && sample < end && (sample - first_) % every_ == 0;
    if (sample < training_samples && !regular) ++count;
  }
  return count;
}

std::vector<std::uint64_t> SampleSelection::points(std::uint64_t last_cycle) const {
  std::vector<std::uint64_t> points;
  // Nothing lies between the last edge and the next sample.
  const std::uint64_t end = std::min(end_cycle_, last_cycle);
  for (std::uint64_t cycle = begin_cycle_; cycle <= end; cycle += stride_) {
    const std::uint64_t inside = cycle == last_cycle ? 1 : points_per_cycle_;
    for (std::uint64_t k = 0; k < inside; ++k) points.push_back(cycle * points_per_cycle_ + k);
  }
  return points;
}

double SampleSelection::mean_rows(double last_cycle) const {
  const auto whole = static_cast<std::uint64_t>(last_cycle);
  const double part = last_cycle - static_cast<double>(whole);
  // Between two lengths the rows are in proportion, up to one.
  return (1 - part) * static_cast<double>(points(whole).size()) +
         part * static_cast<double>(points(whole + 1).size());
}

std::vector<std::string> selection_warnings(const OutputConfig& output,
                                            std::uint64_t training_samples) {
  std::vector<std::string> warnings;
  for (const std::uint64_t sample : output.samples) {
    if (sample < training_samples) continue;
    warnings.push_back(
        fmt::format("output.samples: {} is not recorded, the run has {} training samples", sample,
                    training_samples));
  }
  if (!output.probes.empty() && output.samples.empty() && output.sample_every == 0) {
    warnings.push_back(
        "output.probes: no waveform is recorded, for output.samples and output.sample_every name "
        "no sample");
  } else if (!output.probes.empty() && training_samples > 0 &&
             SampleSelection(output).count(training_samples) == 0) {
    warnings.push_back(fmt::format(
        "output.probes: no waveform is recorded, for none of the chosen samples is among the {} of "
        "the run",
        training_samples));
  }
  return warnings;
}

std::vector<std::string> window_warnings(const OutputConfig& output, double cycles_per_sample) {
  const bool recorded =
      !output.probes.empty() && (!output.samples.empty() || output.sample_every > 0);
  if (!recorded || output.window.empty()) return {};
  if (SampleSelection(output).mean_rows(cycles_per_sample) > 0) return {};
  return {
      fmt::format("output.window: no waveform is recorded, for the window begins at cycle {} and a "
                  "sample takes "
                  "about {:.0f}",
                  output.window.at(0), cycles_per_sample)};
}

}  // namespace memprop::bench
