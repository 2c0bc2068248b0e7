// The golden network on chips that are ideal but for what a test switches on: what its
// sample-and-holds take, in units of activity.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "learning/test/golden_network.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {

using learning::Nudging;

struct Held {
  std::vector<double> free, plus, minus;  // held activities, layers concatenated
};

inline hw::ChipConfig bare_chip() {
  hw::ChipConfig c;
  c.device.model = analog::DeviceModel::ideal;
  c.dac.bits = c.nudge_dac.bits = c.adc.bits = 0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.solver.rtol = 1e-11;
  c.solver.atol = 1e-13;
  c.schedule = {2, 600, 2, 2, 600, 600};  // 60 tau
  return c;
}

inline learning::Network golden() {
  auto network = learning::test::golden_network(0.1);
  for (auto& layer : network.tau_s) layer.assign(layer.size(), 100e-9);
  return network;
}

struct Job {
  hw::ChipConfig chip = bare_chip();
  learning::Network network = golden();
  double beta = 0.1;
  Nudging nudging = Nudging::centred;
  learning::UpdateForm form = learning::UpdateForm::product;
  std::uint64_t seed = 1;
  std::size_t samples = 1;  // the last one is returned
  bool codes = false;       // what the converter makes of it instead of the held voltages
};

using Look = std::function<void(hw::ChipRunner&)>;

inline Held run(const Job& job, const Look& prepare = {}, const Look& look = {}) {
  constexpr float x[] = {1.0F, -0.5F, 0.25F};
  constexpr float y[] = {0.5F, -0.5F};
  FreshKernel kernel;
  learning::LearningConfig learning;
  learning.nudging = job.nudging;
  learning.form = job.form;
  learning.beta = job.beta;
  hw::ChipRunner runner("runner", job.chip, job.network, learning, job.seed);
  if (prepare) prepare(runner);
  for (std::size_t k = 0; k < job.samples; ++k) runner.run_sample({x, 3}, {y, 2}, true);
  if (look) look(runner);
  Held held;
  const double scale = runner.chip().analog().voltage_scale_v();
  const double lsb = job.chip.adc.range / std::ldexp(1.0, static_cast<int>(job.chip.adc.bits) - 1);
  for (std::size_t bank = 0; bank < 3; ++bank) {
    std::vector<double> r;
    if (job.codes) {
      for (const auto code : runner.chip().controller().latched(bank)) r.push_back(code * lsb);
    } else {
      for (const double v : runner.chip().analog().sample_hold().held(bank)) r.push_back(v / scale);
    }
    (bank == 0 ? held.free : bank == 1 ? held.plus : held.minus) = r;
  }
  return held;
}

// (r+ - r-) / 2 beta, or (r+ - r0) / beta: what the update is made of.
inline std::vector<double> response(const Job& job, const Held& held) {
  const bool centred = job.nudging == Nudging::centred;
  const auto& before = centred ? held.minus : held.free;
  std::vector<double> d(held.plus.size());
  for (std::size_t k = 0; k < d.size(); ++k) {
    d[k] = (held.plus[k] - before[k]) / ((centred ? 2.0 : 1.0) * job.beta);
  }
  return d;
}

inline double largest(const std::vector<double>& a) {
  double most = 0.0;
  for (const double v : a) most = std::max(most, std::abs(v));
  return most;
}

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) most = std::max(most, std::abs(a[k] - b[k]));
  return most;
}

// How far an imperfection moves the free state, and the response relative to its largest value.
struct Effect {
  double state, response;
};

inline Effect effect(Job job, const std::function<void(Job&)>& change, double beta) {
  job.beta = beta;
  const Held ideal = run(job);
  Job changed = job;
  change(changed);
  const Held held = run(changed);
  const auto expected = response(job, ideal);
  return {largest_difference(held.free, ideal.free),
          largest_difference(response(changed, held), expected) / largest(expected)};
}

}  // namespace memprop::bench::test
