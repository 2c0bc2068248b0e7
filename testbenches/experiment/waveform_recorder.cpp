#include "testbenches/experiment/waveform_recorder.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::bench {
namespace {

analog::Domain& domain_of(hw::ChipRunner& runner) {
  return runner.chip().analog().bridge().domain();
}

}  // namespace

WaveformRecorder::WaveformRecorder(hw::ChipRunner& runner, std::size_t points_per_cycle)
    : runner_(runner),
      points_per_cycle_(points_per_cycle),
      step_(static_cast<analog::Ticks>(std::llround(runner.chip().config().clock_s * 1e12)) /
            static_cast<analog::Ticks>(points_per_cycle)),
      width_(domain_of(runner).node_count()) {}

WaveformRecorder::~WaveformRecorder() {
  if (attached_) end();
}

void WaveformRecorder::begin() {
  row_ = 0;
  nodes_.clear();
  domain_of(runner_).attach(this);
  attached_ = true;
}

void WaveformRecorder::end() {
  domain_of(runner_).detach(this);
  attached_ = false;
  // Cycles after the last integration (conversion, update): the neurons hold.
  const auto& log = runner_.phase_log();
  if (log.empty() || row_ == 0) return;
  for (; row_ <= log.back().cycle * points_per_cycle_; ++row_) {
    nodes_.resize((row_ + 1) * width_);
    std::copy_n(nodes_.begin() + static_cast<std::ptrdiff_t>((row_ - 1) * width_), width_,
                nodes_.begin() + static_cast<std::ptrdiff_t>(row_ * width_));
  }
}

// The same rounding as the domain's own times: whole picoseconds.
double WaveformRecorder::time_of(std::size_t point) const {
  return static_cast<double>(step_ * static_cast<analog::Ticks>(point)) * analog::seconds_per_tick;
}

void WaveformRecorder::on_step(const ode::DenseStep& step) {
  // A jump (precharge) belongs to the value after it: point k is taken from the step that ends at
  // or behind it, point 0 from the first step's beginning.
  for (double t = time_of(row_); t <= step.end() && (t > step.begin() || row_ == 0);
       t = time_of(row_)) {
    nodes_.resize((row_ + 1) * width_);
    step.evaluate(t, nodes_.data() + row_ * width_);
    ++row_;
  }
}

analog::Range WaveformRecorder::membranes(std::size_t l) const {
  return runner_.chip().analog().bank(l).bank().nodes();
}

std::size_t WaveformRecorder::line_count() const { return domain_of(runner_).line_count(); }

void WaveformRecorder::lines(std::size_t point, double* out) const {
  domain_of(runner_).evaluate_lines(0.0, nodes_.data() + point * width_, out);
}

analog::Range WaveformRecorder::activities(std::size_t l) const {
  return runner_.chip().analog().bank(l).bank().lines();
}

Matrix WaveformRecorder::membrane(std::size_t l) const {
  const auto range = membranes(l);
  Matrix out(row_, range.count);
  for (std::size_t k = 0; k < row_; ++k) {
    const auto from = nodes(k).subspan(range.first, range.count);
    std::copy(from.begin(), from.end(), out.row(k).begin());
  }
  return out;
}

}  // namespace memprop::bench
