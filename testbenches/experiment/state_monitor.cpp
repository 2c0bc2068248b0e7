#include "testbenches/experiment/state_monitor.hpp"

#include <algorithm>
#include <cmath>

#include "learning/reference/continuous_network.hpp"

namespace memprop::bench {

StateMonitor::StateMonitor(hw::ChipRunner& runner, const learning::LearningConfig& learning,
                           double rtol_ratio)
    : runner_(runner), learning_(learning) {
  const auto& chip = runner.chip().config().solver;
  const double scale = runner.chip().analog().voltage_scale_v();
  stepper_config_.method = "fehlberg78";
  stepper_config_.rtol = std::max(chip.rtol * rtol_ratio, 1e-14);
  stepper_config_.atol = std::max(chip.atol / scale * rtol_ratio, 1e-15);
}

void StateMonitor::before() {
  weights_ = runner_.chip().analog().present_network_with_feedback();
  // The time constants the chip was fabricated with.
  for (std::size_t l = 1; l <= weights_.layer_count(); ++l) {
    const auto& bank = runner_.chip().analog().bank(l).bank().config();
    for (std::size_t i = 0; i < weights_.width(l); ++i) {
      weights_.tau_s[l - 1][i] = bank.capacitance_f[i] / bank.leak_s[i];
    }
  }
}

void StateMonitor::after(const WaveformRecorder& recorded, Span<const float> target) {
  learning::ContinuousNetwork network(weights_);
  const auto stepper = ode::make_stepper(stepper_config_);
  const double clock_s = runner_.chip().config().clock_s;
  const double scale = runner_.chip().analog().voltage_scale_v();
  const std::vector<double> y(target.begin(), target.end());
  network.set_input(runner_.chip().coded_input());
  network.set_free();
  std::vector<double> v(network.size(), 0.0);
  if (recorded.cycles() > 0 && !runner_.chip().config().neuron.reset) {
    // Without a precharge both start from what the last sample left.
    const auto start = recorded.nodes(0);
    for (std::size_t k = 0; k < v.size(); ++k) v[k] = start[k] / scale;
  }
  const std::size_t layers = weights_.layer_count();
  error_ = Matrix(recorded.cycles(), layers);
  states_ = Matrix(recorded.cycles(), v.size());
  std::vector<Matrix> lines;
  for (std::size_t l = 1; l <= layers; ++l) lines.push_back(recorded.activity(l));
  std::vector<double> r(v.size());
  const auto& log = runner_.phase_log();
  std::size_t entry = 0;
  bool driven = false;
  for (std::size_t cycle = 0; cycle < recorded.cycles(); ++cycle) {
    const auto chip = recorded.nodes(cycle);
    network.activity(v.data(), r.data());
    std::size_t k = 0;
    for (std::size_t l = 1; l <= layers; ++l) {
      const auto range = runner_.chip().analog().bank(l).bank().nodes();
      double worst = 0.0;
      for (std::size_t i = 0; i < range.count; ++i, ++k) {
        states_(cycle, k) = v[k];
        worst = std::max({worst, std::abs(chip[range.first + i] / scale - v[k]),
                          std::abs(lines[l - 1](cycle, i) / scale - r[k])});
      }
      error_(cycle, l - 1) = worst;
    }
    for (; entry < log.size() && log[entry].cycle <= cycle; ++entry) {
      driven = log[entry].row_en;
      const double sign = log[entry].nudge_negative ? -1.0 : 1.0;
      network.set_nudge(log[entry].nudge_en ? sign * learning_.beta : 0.0, y);
      stepper->restart();
    }
    if (!driven) continue;
    const double t = static_cast<double>(cycle) * clock_s;
    stepper->advance(network, v, t, t + clock_s);
  }
}

}  // namespace memprop::bench
