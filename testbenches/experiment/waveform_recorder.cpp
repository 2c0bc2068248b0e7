#include "testbenches/experiment/waveform_recorder.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::bench {
namespace {

analog::Domain& domain_of(hw::ChipRunner& runner) {
  return runner.chip().analog().bridge().domain();
}

}  // namespace

WaveformRecorder::WaveformRecorder(hw::ChipRunner& runner)
    : runner_(runner),
      clock_s_(runner.chip().config().clock_s),
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
  for (; row_ <= log.back().cycle; ++row_) {
    nodes_.resize((row_ + 1) * width_);
    std::copy_n(nodes_.begin() + static_cast<std::ptrdiff_t>((row_ - 1) * width_), width_,
                nodes_.begin() + static_cast<std::ptrdiff_t>(row_ * width_));
  }
}

// The same rounding as the domain's own times: whole picoseconds.
double WaveformRecorder::time_of(std::size_t cycle) const {
  const auto ticks =
      static_cast<analog::Ticks>(std::llround(clock_s_ * 1e12)) * static_cast<analog::Ticks>(cycle);
  return static_cast<double>(ticks) * analog::seconds_per_tick;
}

void WaveformRecorder::on_step(const ode::DenseStep& step) {
  // A jump (precharge) belongs to the value after it: cycle k is taken from the step that ends at
  // or behind it, cycle 0 from the first step's beginning.
  for (double t = time_of(row_); t <= step.end() && (t > step.begin() || row_ == 0);
       t = time_of(row_)) {
    nodes_.resize((row_ + 1) * width_);
    step.evaluate(t, nodes_.data() + row_ * width_);
    ++row_;
  }
}

template <class Pick>
Matrix WaveformRecorder::gather(std::size_t l, Pick pick) const {
  const std::size_t n = runner_.chip().analog().bank(l).bank().size();
  Matrix out(row_, n);
  for (std::size_t k = 0; k < row_; ++k) pick(nodes_.data() + k * width_, out.row(k).data());
  return out;
}

Matrix WaveformRecorder::membrane(std::size_t l) const {
  const auto range = runner_.chip().analog().bank(l).bank().nodes();
  return gather(l, [&](const double* node, double* out) {
    std::copy_n(node + range.first, range.count, out);
  });
}

Matrix WaveformRecorder::activity(std::size_t l) const {
  auto& domain = domain_of(runner_);
  const auto range = runner_.chip().analog().bank(l).bank().lines();
  std::vector<double> line(domain.line_count());
  return gather(l, [&](const double* node, double* out) {
    domain.evaluate_lines(0.0, node, line.data());
    std::copy_n(line.begin() + static_cast<std::ptrdiff_t>(range.first), range.count, out);
  });
}

std::vector<std::uint8_t> WaveformRecorder::phase() const {
  std::vector<std::uint8_t> phase(row_, 0);
  for (const auto& change : runner_.phase_log()) {
    for (std::size_t k = change.cycle; k < row_; ++k) {
      phase[k] = static_cast<std::uint8_t>(change.phase);
    }
  }
  return phase;
}

}  // namespace memprop::bench
