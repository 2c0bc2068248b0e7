// A small logistic network on a chip with ideal parts and circuits of adaptation: one sample, and
// the membranes where its phases end.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "learning/test/task.hpp"
#include "testbenches/experiment/state_monitor.hpp"
#include "testbenches/experiment/waveform_recorder.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {

using hw::AdaptationCircuit;
using learning::AdaptationMode;
using learning::Nudging;
using learning::RuleKind;
using learning::UpdateForm;

inline constexpr double tau_s = 100e-9, leak_s = 10e-6, scale_v = 0.1;
inline constexpr std::size_t inputs = 9, hidden = 7, outputs = 4;

inline learning::Network logistic_network(double feedback_gain = 1.0) {
  learning::NetworkConfig config =
      learning::test::chain_config({inputs, hidden, outputs}, feedback_gain);
  config.activation = {Activation::logistic};
  config.init = learning::WeightInit::fan_in_normal;
  config.time_constant.mean_s = tau_s;
  return learning::test::network_with_biases(config, 5);
}

// Phases of 40 tau, a window of 2 tau.
inline hw::ChipConfig adapting_chip() {
  hw::ChipConfig c;
  c.device.model = analog::DeviceModel::ideal;
  c.weight_range = {4.0};
  c.dac.bits = c.nudge_dac.bits = c.adc.bits = 0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.solver.rtol = 1e-11;
  c.solver.atol = 1e-13;
  c.schedule = {2, 400, 2, 2, 400, 400, 20};
  c.adaptation.circuit = AdaptationCircuit::track_hold;
  return c;
}

inline learning::LearningConfig hebbian(AdaptationMode mode = AdaptationMode::interleaved) {
  learning::LearningConfig l;
  l.rule = RuleKind::contrastive_hebbian;
  l.form = UpdateForm::predictive;
  l.clamp = 20.0;
  l.teacher_delay = 0;
  l.clamped_start = learning::ClampedStart::free;
  l.adaptation = {0.1, 20, mode};
  return l;
}

inline learning::LearningConfig nudged(Nudging nudging, AdaptationMode mode) {
  learning::LearningConfig l;
  l.nudging = nudging;
  l.form = UpdateForm::product;
  l.beta = 0.3;
  l.adaptation = {0.1, 5, mode};
  return l;
}

struct Sample {
  std::vector<float> x, y;
  std::vector<double> inputs, targets;
};

inline Sample the_sample() {
  const auto s = learning::test::random_samples(1, inputs, outputs, 5);
  Sample one{s.flat_inputs, s.flat_targets, {}, {}};
  one.inputs.assign(one.x.begin(), one.x.end());
  one.targets.assign(one.y.begin(), one.y.end());
  return one;
}

// Membranes [layer - 1] in units of activity where the free phase, the first taught one and its
// window end, and what was held.
struct Ends {
  std::vector<std::vector<double>> free, taught, adapted;
  std::vector<std::vector<double>> held;  // [bank], layers concatenated
  double worst_state = 0.0;               // of the state monitor
};

using Look = std::function<void(hw::ChipRunner&, const WaveformRecorder&)>;

inline Ends run(const hw::ChipConfig& chip, const learning::LearningConfig& learning,
                const Look& look = {}, const learning::Network& network = logistic_network()) {
  FreshKernel kernel;
  hw::ChipRunner runner("runner", chip, network, learning, 1);
  StateMonitor monitor(runner, learning, 0.01);
  WaveformRecorder waves(runner);
  const Sample s = the_sample();
  monitor.before();
  waves.begin();
  runner.run_sample(s.x, s.y, true);
  waves.end();
  monitor.after(waves, s.y);
  Ends ends;
  const auto& t = chip.schedule;
  const std::size_t free = t.load + t.free + t.sample;
  const std::size_t taught = free + t.convert + t.nudge_positive;
  const auto at = [&](std::size_t cycle) {
    std::vector<std::vector<double>> v;
    for (std::size_t l = 1; l <= network.layer_count(); ++l) {
      const auto range = waves.membranes(l);
      const auto node = waves.nodes(cycle);
      v.emplace_back();
      for (std::size_t i = 0; i < range.count; ++i)
        v.back().push_back(node[range.first + i] / scale_v);
    }
    return v;
  };
  ends.free = at(free);
  ends.taught = at(taught);
  ends.adapted = at(taught + t.adapt);
  for (std::size_t k = 0; k < 3; ++k) {
    ends.held.emplace_back();
    for (const double v : runner.chip().analog().sample_hold().held(k)) {
      ends.held.back().push_back(v / scale_v);
    }
  }
  for (const double e : monitor.error().values()) ends.worst_state = std::max(ends.worst_state, e);
  if (look) look(runner, waves);
  return ends;
}

}  // namespace memprop::bench::test
