// Fits of simulated devices whose true values are known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analog/fit/device_fit.hpp"
#include "analog/memristor/pulse_device_array.hpp"

namespace memprop::analog::fit {

struct Case {
  const PulseModel* model;
  DeviceConfig config;
  std::vector<double> truth;  // as model->parameters()
};

inline Case case_of(const std::string& name, double read_noise_of_window) {
  Case c{&pulse_model(name), {}, {}};
  DeviceConfig& d = c.config;
  if (name == "exponential") {
    d.model = DeviceModel::exponential;
    d.g_min_s = 3.0769e-9;
    d.g_max_s = 38.462e-9;
    d.levels_up = 97;
    d.levels_down = 100;
    d.nonlinearity_up = 2.4;
    d.nonlinearity_down = 4.88;
    d.window_cycle_noise = 0.01;
    const double read = read_noise_of_window * (d.g_max_s - d.g_min_s);
    c.truth = {97, 100, 2.4, 4.88, 0.01, d.g_min_s, d.g_max_s, read};
    return c;
  }
  d.model = name == "soft-bounds" ? DeviceModel::soft_bounds : DeviceModel::constant_step;
  d.g_min_s = 1e-6;
  d.g_max_s = 20e-6;
  d.step = 0.03;
  d.up_down = -0.2;
  d.cycle_noise = 0.3;
  const double half = 0.5 * (d.g_max_s - d.g_min_s);
  c.truth = {0.8 * d.step * half, d.step * half, 0.3,
             d.g_min_s,           d.g_max_s,     2.0 * read_noise_of_window * half};
  return c;
}

// Rounds of pulses up and as many down from the low end, a reading after each, by the simulator.
inline PulseTrain simulated(const Case& c, std::uint64_t seed, unsigned pulses,
                            unsigned rounds = 2) {
  PulseDeviceArray device(c.config, 1, seed, "fit-truth");
  const RandomStream read(seed, "fit-read");
  const std::vector<double> start{c.config.g_min_s};
  device.set_conductance(start);
  const std::vector<std::uint32_t> cell{0};
  std::uint64_t event = 0;
  const auto reading = [&] {
    return device.conductance()[0] + c.truth.back() * read.normal(0, event);
  };
  PulseTrain train{"", {{reading(), 0, true, true}}};
  for (unsigned round = 0; round < rounds; ++round) {
    for (const bool up : {true, false}) {
      for (unsigned k = 0; k < pulses; ++k) {
        device.pulse(cell, up, ++event);
        train.readings.push_back({reading(), 1, up, false});
      }
    }
  }
  return train;
}

// In how many of the trials each true value lies inside its interval.
inline std::vector<int> coverage(const Case& c, int trials, std::uint64_t first_seed,
                                 unsigned pulses) {
  std::vector<int> hits(c.truth.size(), 0);
  for (int t = 0; t < trials; ++t) {
    const PulseTrain train = simulated(c, first_seed + static_cast<std::uint64_t>(t), pulses);
    const DeviceFit fit = fit_device(*c.model, {&train});
    for (std::size_t i = 0; i < hits.size(); ++i) {
      hits[i] += fit.estimates[i].low <= c.truth[i] && c.truth[i] <= fit.estimates[i].high ? 1 : 0;
    }
  }
  return hits;
}

}  // namespace memprop::analog::fit
