// Update circuit U6 against its definition: differences of squared voltage drops.
#include <gtest/gtest.h>

#include <cmath>

#include "digital/host_registers.hpp"
#include "digital/shift_register.hpp"
#include "digital/squared_drop_engine.hpp"
#include "digital/test/sample_driver.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

const std::vector<std::size_t> widths{8, 5, 4};  // four inputs, each with either sign
constexpr double ratio[2] = {37.3, 2.0};  // voltage of a code below over that of a code above

ControllerConfig config_of(UpdateCircuit circuit, double pulses_per_drop,
                           NudgePhases phases = NudgePhases::centred) {
  ControllerConfig config = make_config(widths, circuit, phases);
  config.product_form = config.squared_drop = true;
  config.max_pulses = 1000;
  config.seed = 5;
  for (std::size_t t = 0; t < 2; ++t) {
    TileUpdateRegisters& r = config.tile[t];
    r.drop_shift = 6;
    r.drop_mantissa = static_cast<std::uint32_t>(std::lround(ratio[t] * 16 * 64));
    set_pulse_count_rate(r, pulses_per_drop / 256);
  }
  return config;
}

std::vector<Sample> random_samples(std::size_t count) {
  std::vector<Sample> samples(count);
  std::uint32_t s = 99;
  const auto draw = [&s](int range) {
    s = advance(s);
    return static_cast<int>((s >> 8) % static_cast<unsigned>(2 * range + 1)) - range;
  };
  for (Sample& sample : samples) {
    for (int j = 0; j < 4; ++j) sample.input.push_back(static_cast<std::uint16_t>(draw(100) + 100));
    for (std::size_t j = 0; j < 4; ++j) sample.input.push_back(sample.input[j]);
    sample.codes[0].resize(9);
    for (std::size_t i = 0; i < 9; ++i) {
      const int free = draw(400);
      sample.codes[0][i] = free;
      sample.codes[1].push_back(free + draw(12));
      sample.codes[2].push_back(free + draw(12));
    }
  }
  return samples;
}

// -[(drop in phase a)^2 - (drop in phase b)^2] in squared codes of the columns.
double wanted(const Sample& sample, std::size_t t, std::size_t j, std::size_t i, std::size_t a,
              std::size_t b) {
  const auto drop = [&](std::size_t phase) {
    const auto& v = sample.codes[phase];
    if (t == 0) {
      const double x = ratio[0] * sample.input[j];
      return v[i] - (j < 4 ? x : -x);
    }
    return v[5 + i] - ratio[1] * v[j];
  };
  return -(drop(a) * drop(a) - drop(b) * drop(b));
}

TEST(SquaredDrop, CountsAreTheRoundedDifferences) {
  const double per_drop = 3e-5;
  for (const auto phases : {NudgePhases::centred, NudgePhases::one_sided}) {
    Controller controller(config_of(UpdateCircuit::pulse_count, per_drop, phases));
    const std::size_t b = phases == NudgePhases::centred ? 2 : 0;
    double error_sum = 0.0;
    int cells = 0, pulsed = 0;
    for (const Sample& sample : random_samples(50)) {
      std::vector<int> net[2] = {std::vector<int>(8 * 5, 0), std::vector<int>(5 * 4, 0)};
      run_sample(controller, sample, [&](const ControllerOutputs& out) {
        for (std::size_t t = 0; t < 2; ++t) count_coincidences(out, t, net[t]);
      });
      for (std::size_t t = 0; t < 2; ++t) {
        const std::size_t columns = widths[t + 1];
        for (std::size_t k = 0; k < net[t].size(); ++k, ++cells) {
          const double exact = wanted(sample, t, k / columns, k % columns, 1, b) * per_drop;
          // Rounding up or down, and the ratio's rounding to 1/1024.
          EXPECT_NEAR(net[t][k], exact, 1.0 + 2e-3 * std::abs(exact) + 0.05);
          error_sum += net[t][k] - exact;
          pulsed += net[t][k] != 0;
        }
      }
    }
    EXPECT_GT(pulsed, cells / 3);
    // Rounding is right in the mean: each error has a variance of at most 1/4.
    EXPECT_LT(std::abs(error_sum), 4.0 * 0.5 * std::sqrt(cells));
    EXPECT_EQ(controller.counters().pulse_clipped, 0U);
  }
}

TEST(SquaredDrop, SignsGiveOnePulseBeyondTheThreshold) {
  ControllerConfig config = config_of(UpdateCircuit::sign_sign, 1e-6);
  const double threshold = 2000.0;
  for (auto& r : config.tile) r.row_threshold = static_cast<std::uint32_t>(threshold);
  Controller controller(config);
  int pulses = 0, silent = 0;
  for (const Sample& sample : random_samples(30)) {
    std::vector<int> net[2] = {std::vector<int>(8 * 5, 0), std::vector<int>(5 * 4, 0)};
    run_sample(controller, sample, [&](const ControllerOutputs& out) {
      for (std::size_t t = 0; t < 2; ++t) count_coincidences(out, t, net[t]);
    });
    for (std::size_t t = 0; t < 2; ++t) {
      for (std::size_t k = 0; k < net[t].size(); ++k) {
        const double exact = wanted(sample, t, k / widths[t + 1], k % widths[t + 1], 1, 2);
        if (std::abs(std::abs(exact) - threshold) < 0.02 * threshold + 50) continue;
        const int expected = std::abs(exact) > threshold ? (exact > 0 ? 1 : -1) : 0;
        EXPECT_EQ(net[t][k], expected);
        (expected != 0 ? pulses : silent) += 1;
      }
    }
  }
  EXPECT_GT(pulses, 500);
  EXPECT_GT(silent, 50);
}

TEST(SquaredDrop, EveryRowTakesACycle) {
  ControllerConfig config = config_of(UpdateCircuit::pulse_count, 0.0);
  Controller controller(config);
  const auto timing = run_sample(controller, random_samples(1)[0]);
  EXPECT_EQ(timing.update, 8U);  // of the larger tile, although nothing is written
}

TEST(SquaredDrop, StatesAreSavedAndRestored) {
  const auto samples = random_samples(10);
  Controller whole(config_of(UpdateCircuit::pulse_count, 3e-5));
  for (std::size_t k = 0; k < 5; ++k) run_sample(whole, samples[k]);
  Controller resumed(config_of(UpdateCircuit::pulse_count, 3e-5));
  resumed.restore(whole.save());
  std::vector<int> a(40, 0), b(40, 0);
  for (std::size_t k = 5; k < 10; ++k) {
    run_sample(whole, samples[k],
               [&](const ControllerOutputs& out) { count_coincidences(out, 0, a); });
    run_sample(resumed, samples[k],
               [&](const ControllerOutputs& out) { count_coincidences(out, 0, b); });
  }
  EXPECT_EQ(a, b);
}

TEST(SquaredDrop, WhatItCannotDoIsRefused) {
  for (const auto& spoil : std::vector<void (*)(ControllerConfig&)>{
           [](ControllerConfig& c) { c.product_form = false; },
           [](ControllerConfig& c) { c.bias = true; }, [](ControllerConfig& c) { c.widths[0] = 7; },
           [](ControllerConfig& c) { c.circuit = UpdateCircuit::stochastic; },
           [](ControllerConfig& c) { c.circuit = UpdateCircuit::accumulate; },
           [](ControllerConfig& c) { c.tile[0].drop_shift = 32; }}) {
    ControllerConfig config = config_of(UpdateCircuit::pulse_count, 1e-5);
    spoil(config);
    EXPECT_THROW(Controller{config}, UserError);
  }
}

}  // namespace
}  // namespace memprop::digital
