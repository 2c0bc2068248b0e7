// The digital optimiser in front of the accumulators, against its equations in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <vector>

#include "digital/shift_register.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

const std::vector<std::size_t> widths{9, 7, 4};
constexpr std::size_t cells_of[2] = {10 * 7, 8 * 4};
constexpr std::uint64_t all_cells = cells_of[0] + cells_of[1];

ControllerConfig config_of(OptimiserKind kind, std::uint64_t batch) {
  ControllerConfig config = make_config(widths, UpdateCircuit::accumulate);
  config.bias = true;
  config.max_pulses = 1000;
  config.accumulator_bits = 24;
  config.seed = 11;
  for (auto& tile : config.tile) tile.accumulate_threshold = 64;
  config.optimiser.on = true;
  config.optimiser.optimiser.kind = kind;
  config.optimiser.batch = batch;
  config.optimiser.tile = {{1e-5F, 0.01F, 1e5}, {3e-6F, 0.02F, 2e5}};
  return config;
}

// Every third input is 0: rows that no single sample visits.
std::vector<Sample> random_samples(std::size_t count) {
  std::vector<Sample> samples(count);
  std::uint32_t s = 4711;
  for (Sample& sample : samples) {
    for (std::size_t j = 0; j < widths[0]; ++j) {
      s = advance(s);
      sample.input.push_back((s >> 16) % 3 == 0 ? 0 : static_cast<std::uint16_t>(s & 0xffU));
    }
    for (auto& codes : sample.codes) {
      for (std::size_t i = 0; i < widths[1] + widths[2]; ++i) {
        s = advance(s);
        codes.push_back((static_cast<std::int32_t>((s >> 8) % 41) - 20) * 5);
      }
    }
  }
  return samples;
}

// What every cell of a tile is to change by, in units, after all samples.
std::vector<double> expected_units(const ControllerConfig& config, std::size_t t,
                                   const std::vector<Sample>& samples) {
  const OptimiserUnit& unit = config.optimiser;
  const std::size_t rows = widths[t] + 1, columns = widths[t + 1], first = t == 0 ? 0 : widths[1];
  std::vector<double> sum(rows * columns, 0.0), m(sum), v(sum), total(sum);
  for (std::size_t k = 0; k < samples.size(); ++k) {
    for (std::size_t j = 0; j < rows; ++j) {
      double x = t == 0 ? 255 : 511;
      if (j < widths[t]) x = t == 0 ? samples[k].input[j] : samples[k].codes[0][j];
      for (std::size_t i = 0; i < columns; ++i) {
        const double d = samples[k].codes[1][first + i] - samples[k].codes[2][first + i];
        sum[j * columns + i] += x * d * static_cast<double>(unit.tile[t].change_per_code);
      }
    }
    if ((k + 1) % unit.batch != 0) continue;
    const double n = static_cast<double>((k + 1) / unit.batch);
    for (std::size_t c = 0; c < sum.size(); ++c) {
      const double g = sum[c] / static_cast<double>(unit.batch);
      sum[c] = 0;
      double step = g;
      if (unit.optimiser.kind == OptimiserKind::momentum) {
        m[c] = 0.9 * m[c] + g;
        step = m[c];
      } else if (unit.optimiser.kind == OptimiserKind::adagrad) {
        v[c] += g * g;
        step = g / (std::sqrt(v[c]) + 1e-8);
      } else if (unit.optimiser.kind == OptimiserKind::adam) {
        m[c] = 0.9 * m[c] + 0.1 * g;
        v[c] = 0.999 * v[c] + 0.001 * g * g;
        step = m[c] / (1 - std::pow(0.9, n)) / (std::sqrt(v[c] / (1 - std::pow(0.999, n))) + 1e-8);
      }
      total[c] += static_cast<double>(unit.tile[t].rate) * step * unit.tile[t].units_per_weight;
    }
  }
  return total;
}

TEST(OptimiserEngine, FollowsItsEquations) {
  for (const OptimiserKind kind :
       {OptimiserKind::sgd, OptimiserKind::momentum, OptimiserKind::adagrad, OptimiserKind::adam}) {
    for (const std::uint64_t batch : {1U, 4U}) {
      const ControllerConfig config = config_of(kind, batch);
      const auto samples = random_samples(40);
      for (std::size_t t = 0; t < 2; ++t) {
        Controller controller(config);
        std::vector<int> net(cells_of[t], 0);
        for (const Sample& sample : samples) {
          run_sample(controller, sample,
                     [&](const ControllerOutputs& out) { count_coincidences(out, t, net); });
        }
        const auto wanted = expected_units(config, t, samples);
        const auto left = controller.accumulators(t);
        const double updates = 40.0 / static_cast<double>(batch);
        double largest = 0;
        for (std::size_t c = 0; c < wanted.size(); ++c) {
          // Each update is rounded by less than a unit; binary32 adds 1e-6 of what was written.
          EXPECT_NEAR(net[c] * 64 + left[c], wanted[c], updates + 1e-4 * std::abs(wanted[c]))
              << "tile " << t << ", cell " << c;
          EXPECT_LT(std::abs(left[c]), 64);
          largest = std::max(largest, std::abs(wanted[c]));
        }
        EXPECT_GT(largest, 50 * updates);
        EXPECT_EQ(controller.optimiser().updates, 40 / batch);
        EXPECT_EQ(controller.counters().pulse_clipped, 0U);
      }
    }
  }
}

TEST(OptimiserEngine, RoundsWithoutBias) {
  ControllerConfig config = config_of(OptimiserKind::sgd, 2);
  for (auto& tile : config.optimiser.tile) tile.units_per_weight *= 1e-3;  // parts of a unit
  const auto few = random_samples(8);
  std::vector<Sample> samples;
  for (std::size_t turn = 0; turn < 250; ++turn) {
    samples.insert(samples.end(), few.begin(), few.end());
  }
  Controller controller(config);
  std::vector<int> net(cells_of[0], 0);
  for (const Sample& sample : samples) {
    run_sample(controller, sample,
               [&](const ControllerOutputs& out) { count_coincidences(out, 0, net); });
  }
  const auto wanted = expected_units(config, 0, samples);
  const auto left = controller.accumulators(0);
  double error = 0;
  for (std::size_t c = 0; c < wanted.size(); ++c) {
    const double difference = net[c] * 64 + left[c] - wanted[c];
    EXPECT_LT(std::abs(difference), 5 * std::sqrt(1000 * 0.25)) << c;
    error += difference / static_cast<double>(wanted.size());
  }
  EXPECT_LT(std::abs(error), 5 * std::sqrt(1000 * 0.25 / static_cast<double>(wanted.size())));
}

TEST(OptimiserEngine, CountsItsMemoryAndTime) {
  const auto samples = random_samples(2);
  std::uint64_t visited[2] = {0, 0};
  for (std::size_t k = 0; k < 2; ++k) {
    const Sample& sample = samples[k];
    for (const auto x : sample.input) visited[k] += 7U * static_cast<unsigned>(x != 0);
    for (std::size_t j = 0; j < widths[1]; ++j) {
      visited[k] += 4U * static_cast<unsigned>(sample.codes[0][j] != 0);
    }
    visited[k] += 7 + 4;  // rows of the biases
  }
  Controller adam(config_of(OptimiserKind::adam, 2));
  EXPECT_EQ(adam.optimiser().memory_bits, 3 * 32 * all_cells);
  const std::uint64_t idle = run_sample(adam, samples[0]).update;
  EXPECT_EQ(adam.optimiser().words, 2 * visited[0]);
  EXPECT_EQ(adam.counters().pulses_up[0] + adam.counters().pulses_down[0], 0U);
  EXPECT_LE(idle, 10U);  // a cycle for each row
  run_sample(adam, samples[1]);
  EXPECT_EQ(adam.optimiser().words, 2 * visited[0] + 2 * all_cells + 4 * all_cells);

  Controller momentum(config_of(OptimiserKind::momentum, 1));
  EXPECT_EQ(momentum.optimiser().memory_bits, 32 * all_cells);
  run_sample(momentum, samples[0]);
  EXPECT_EQ(momentum.optimiser().words, 2 * all_cells);
  Controller plain(config_of(OptimiserKind::sgd, 1));
  run_sample(plain, samples[0]);
  EXPECT_EQ(plain.optimiser().words, 0U);
  EXPECT_EQ(plain.optimiser().memory_bits, 0U);
}

TEST(OptimiserEngine, TilesWithoutARateStandStill) {
  ControllerConfig config = config_of(OptimiserKind::adam, 2);
  config.optimiser.tile[0].rate = 0.0F;
  Controller controller(config);
  for (const Sample& sample : random_samples(6)) run_sample(controller, sample);
  EXPECT_EQ(controller.optimiser().memory_bits, 3 * 32 * cells_of[1]);
  for (const std::int32_t a : controller.accumulators(0)) EXPECT_EQ(a, 0);
  EXPECT_EQ(controller.counters().pulses_up[0] + controller.counters().pulses_down[0], 0U);
  EXPECT_GT(controller.counters().pulses_up[1], 0U);
}

TEST(OptimiserEngine, SavesInTheMiddleOfABatch) {
  const ControllerConfig config = config_of(OptimiserKind::adam, 4);
  const auto samples = random_samples(18);
  Controller whole(config), first(config), second(config);
  for (const Sample& sample : samples) run_sample(whole, sample);
  for (std::size_t k = 0; k < 6; ++k) run_sample(first, samples[k]);
  run_sample(second, samples[15]);
  second.restore(first.save());
  for (std::size_t k = 6; k < samples.size(); ++k) run_sample(second, samples[k]);
  EXPECT_EQ(second.save(), whole.save());
  EXPECT_EQ(second.optimiser().words, whole.optimiser().words);
  Controller other(config_of(OptimiserKind::momentum, 4));
  EXPECT_THROW(other.restore(whole.save()), UserError);
  ControllerInputs in;
  in.rst_n = false;
  second.step(in);
  EXPECT_EQ(second.save(), Controller(config).save());
}

TEST(OptimiserEngine, NeedsAccumulatorsAndSettingsOfEveryTile) {
  ControllerConfig config = config_of(OptimiserKind::adam, 4);
  config.circuit = UpdateCircuit::pulse_count;
  EXPECT_THROW(Controller{config}, UserError);
  config = config_of(OptimiserKind::adam, 0);
  EXPECT_THROW(Controller{config}, UserError);
  config = config_of(OptimiserKind::adam, 4);
  config.optimiser.tile.pop_back();
  EXPECT_THROW(Controller{config}, UserError);
}

}  // namespace
}  // namespace memprop::digital
