#include "testbenches/experiment/waveform_recorder.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::bench {

WaveformRecorder::WaveformRecorder(hw::ChipRunner& runner, std::size_t points_per_cycle)
    : runner_(runner),
      points_per_cycle_(points_per_cycle),
      grid_(runner.chip().analog().bridge().domain(),
            static_cast<analog::Ticks>(std::llround(runner.chip().config().clock_s * 1e12)) /
                static_cast<analog::Ticks>(points_per_cycle)) {}

void WaveformRecorder::end() {
  grid_.stop();
  // Cycles after the last integration (conversion, update): the neurons hold.
  const auto& log = runner_.phase_log();
  if (!log.empty()) grid_.hold(log.back().cycle * points_per_cycle_ + 1);
}

analog::Range WaveformRecorder::membranes(std::size_t l) const {
  return runner_.chip().analog().bank(l).bank().nodes();
}

analog::Range WaveformRecorder::activities(std::size_t l) const {
  return runner_.chip().analog().bank(l).bank().lines();
}

Matrix WaveformRecorder::membrane(std::size_t l) const {
  const auto range = membranes(l);
  Matrix out(points(), range.count);
  for (std::size_t k = 0; k < points(); ++k) {
    const auto from = nodes(k).subspan(range.first, range.count);
    std::copy(from.begin(), from.end(), out.row(k).begin());
  }
  return out;
}

}  // namespace memprop::bench
