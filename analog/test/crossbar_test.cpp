// Crossbar tiles: currents of both read directions, pair codings, read noise, power.
#include "analog/crossbar/crossbar_tile.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "analog/crossbar/device_pairs.hpp"
#include "analog/domain/domain.hpp"
#include "analog/neuron/neuron_bank.hpp"

namespace memprop::analog {
namespace {

DevicePairsConfig ideal_pairs(std::size_t rows, std::size_t columns, PairCoding coding) {
  DevicePairsConfig c;
  c.name = "tile1";
  c.rows = rows;
  c.columns = columns;
  c.coding = coding;
  c.device.model = DeviceModel::ideal;
  return c;
}

NeuronBankConfig bank(const std::string& name, std::size_t n) {
  NeuronBankConfig c;
  c.name = name;
  c.activation = Activation::linear;
  c.capacitance_f.assign(n, 1e-12);
  c.leak_s.assign(n, 10e-6);
  c.line_gain.assign(n, 1.0);
  c.line_offset_v.assign(n, 0.0);
  return c;
}

Matrix ramp(std::size_t columns, std::size_t rows) {
  Matrix d(columns, rows);
  for (std::size_t k = 0; k < d.size(); ++k) {
    d.data()[k] = 1e-6 * (static_cast<double>(k) - 3.5);
  }
  return d;
}

class Coding : public ::testing::TestWithParam<PairCoding> {};

TEST_P(Coding, ProgrammedDifferencesAndSums) {
  DevicePairs pairs(ideal_pairs(4, 2, GetParam()));
  const Matrix wanted = ramp(2, 4);
  // +-3.5 and +-2.5 uS exceed the reference coding's +-2.45 uS.
  const std::size_t clipped = pairs.program(wanted);
  if (GetParam() == PairCoding::reference) {
    EXPECT_EQ(clipped, 4u);
    EXPECT_NEAR(pairs.difference()(1, 3), 2.45e-6, 1e-15);
  } else {
    EXPECT_EQ(clipped, 0u);
    EXPECT_NEAR(pairs.difference()(1, 3), 3.5e-6, 1e-15);
  }
  EXPECT_NEAR(pairs.difference()(0, 2), -1.5e-6, 1e-15);
  // A pair in the middle of the window: G+ + G- is 5.1 uS plus what reference coding moves.
  double expected = 0.0;
  for (std::size_t i = 0; i < 2; ++i) {
    expected += 5.1e-6 + (GetParam() == PairCoding::reference ? pairs.difference()(i, 1) : 0.0);
  }
  EXPECT_NEAR(pairs.row_power(std::vector<double>{0.0, 0.3, 0.0, 0.0}.data()), 0.09 * expected,
              1e-16);
}

TEST_P(Coding, PulsesMoveTheDifferenceByOneStepAndKeepTheSums) {
  auto config = ideal_pairs(4, 2, GetParam());
  config.device.model = DeviceModel::constant_step;
  DevicePairs pairs(config);
  pairs.program(Matrix(2, 4));
  const std::vector<std::uint32_t> cells{1, 6};
  pairs.pulse(cells, true, 0);
  const double window = 4.9e-6, step = window * 0.0016 / 2.0;
  const double moved = GetParam() == PairCoding::differential ? 2.0 * step : step;
  EXPECT_NEAR(pairs.nominal_step_s(), moved, 1e-18);
  EXPECT_NEAR(pairs.difference()(0, 1), moved, 1e-18);
  EXPECT_NEAR(pairs.difference()(1, 2), moved, 1e-18);
  EXPECT_EQ(pairs.difference()(0, 0), 0.0);
  const double sum = pairs.row_power(std::vector<double>(4, 1.0).data());
  const double pulsed = GetParam() == PairCoding::differential ? 0.0 : 2.0 * step;
  EXPECT_NEAR(sum, 8 * 5.1e-6 + pulsed, 1e-17);
  EXPECT_NEAR(pairs.column_power(std::vector<double>(2, 1.0).data()), sum, 1e-17);
  EXPECT_EQ(pairs.counters().set_pulses, 2u);
  EXPECT_EQ(pairs.counters().reset_pulses, GetParam() == PairCoding::differential ? 2u : 0u);
  // V^2 G t of each pulse, at about mid-window conductance.
  const double each = 4.0 * 2.55e-6 * 10e-9;
  EXPECT_NEAR(pairs.write_energy_j(), each * (GetParam() == PairCoding::differential ? 4 : 2),
              0.01 * each);
}

TEST_P(Coding, SaveAndRestoreContinueIdentically) {
  auto config = ideal_pairs(4, 2, GetParam());
  config.device.model = DeviceModel::soft_bounds;
  config.device.cycle_noise = 0.3;
  DevicePairs a(config), b(config);
  a.program(ramp(2, 4));
  const std::vector<std::uint32_t> cells{0, 3, 5};
  a.pulse(cells, true, 0);
  b.restore(a.save());
  a.pulse(cells, false, 1);
  b.pulse(cells, false, 1);
  EXPECT_EQ(a.save(), b.save());
  EXPECT_EQ(a.difference().values(), b.difference().values());
}

INSTANTIATE_TEST_SUITE_P(Both, Coding,
                         ::testing::Values(PairCoding::reference, PairCoding::differential));

struct TwoLayers {
  explicit TwoLayers(CrossbarTileConfig config, bool second_array = false)
      : pairs(ideal_pairs(3, 2, PairCoding::differential)),
        feedback(ideal_pairs(3, 2, PairCoding::differential)),
        below(bank("below", 3)),
        above(bank("above", 2)),
        tile(std::move(config), pairs, second_array ? &feedback : nullptr) {
    ode::StepperConfig solver;
    domain = std::make_unique<Domain>(solver);
    domain->add(below);
    domain->add(above);
    domain->add(tile);
    domain->elaborate();
    Matrix d(2, 3);
    for (std::size_t k = 0; k < 6; ++k) d.data()[k] = 0.5e-6 * static_cast<double>(k + 1);
    pairs.program(d);
    for (std::size_t k = 0; k < 6; ++k) d.data()[k] *= -0.5;
    feedback.program(d);
    domain->set_nodes(below.nodes(), 0.1);
    domain->set_nodes(above.nodes(), 0.2);
    tile.set_driven(true);
  }
  std::vector<double> slopes() {
    std::vector<double> s(5);
    domain->slopes(s);
    return s;  // nodes in order of the names' banks: above, below
  }
  DevicePairs pairs, feedback;
  NeuronBank below, above;
  CrossbarTile tile;
  std::unique_ptr<Domain> domain;
};

CrossbarTileConfig between() {
  CrossbarTileConfig c;
  c.name = "tile1";
  c.input_bank = "below";
  c.output_bank = "above";
  c.forward_gain = 2.0;
  c.backward_gain = 0.5;
  return c;
}

TEST(CrossbarTile, BothDirectionsDeliverTheirCurrents) {
  TwoLayers net(between());
  const auto s = net.slopes();
  // dv/dt = I / 1 pF; held neurons add nothing.
  EXPECT_NEAR(s[net.above.nodes().first], 2.0 * 0.1 * (1 + 2 + 3) * 0.5e-6 / 1e-12, 1e-3);
  EXPECT_NEAR(s[net.above.nodes().first + 1], 2.0 * 0.1 * (4 + 5 + 6) * 0.5e-6 / 1e-12, 1e-3);
  EXPECT_NEAR(s[net.below.nodes().first + 2], 0.5 * 0.2 * (3 + 6) * 0.5e-6 / 1e-12, 1e-3);
}

TEST(CrossbarTile, SecondArrayFeedsBack) {
  TwoLayers net(between(), true);
  EXPECT_NEAR(net.slopes()[net.below.nodes().first + 2], -0.25 * 0.2 * (3 + 6) * 0.5e-6 / 1e-12,
              1e-3);
}

TEST(CrossbarTile, SlotsAverageToTheSameCurrents) {
  auto config = between();
  config.slots = true;
  config.forward_share = 0.25;
  TwoLayers slots(config), average(between());
  const auto mean = average.slopes();
  slots.tile.set_direction(true);
  const auto forward = slots.slopes();
  slots.tile.set_direction(false);
  const auto backward = slots.slopes();
  for (std::size_t k = 0; k < mean.size(); ++k) {
    EXPECT_NEAR(0.25 * forward[k] + 0.75 * backward[k], mean[k], 1e-9 * std::abs(mean[k]));
  }
}

TEST(CrossbarTile, PowerIsTheSumOverDrivenLines) {
  TwoLayers net(between());
  const double pair = 5.1e-6;  // balanced coding keeps G+ + G-
  const auto lines = net.domain->line_voltages();
  // Half of the time forward (3 lines at 0.1 V with 2 pairs), half backward (2 lines at 0.2 V).
  EXPECT_NEAR(net.tile.power(lines.data()), 0.5 * 3 * 0.01 * 2 * pair + 0.5 * 2 * 0.04 * 3 * pair,
              1e-15);
  net.tile.set_driven(false);
  EXPECT_EQ(net.tile.power(lines.data()), 0.0);
}

// The variance of a line's noise current is sigma^2 sum (G+^2 + G-^2) V^2.
TEST(CrossbarTile, ReadNoiseHasTheExactVariance) {
  CrossbarTileConfig config;
  config.name = "tile1";
  config.output_bank = "above";
  config.read_noise = 0.05;
  config.noise_correlation_s = 100e-9;
  config.noise_grid_s = 50e-9;
  DevicePairs pairs(ideal_pairs(3, 2, PairCoding::differential));
  Matrix d(2, 3);
  d(0, 0) = 2e-6;
  d(0, 2) = -1e-6;
  pairs.program(d);
  NeuronBank above(bank("above", 2));
  CrossbarTile tile(config, pairs, nullptr);
  Domain domain{ode::StepperConfig{}};
  domain.add(above);
  domain.add(tile);
  domain.elaborate();
  const std::vector<double> rows{0.1, 0.05, -0.02};
  double variance = 0.0;
  for (std::size_t j = 0; j < 3; ++j) {
    const double plus = 2.55e-6 + 0.5 * d(0, j), minus = 2.55e-6 - 0.5 * d(0, j);
    variance += (plus * plus + minus * minus) * rows[j] * rows[j];
  }
  variance *= 0.05 * 0.05;
  const double mean_current = d(0, 0) * rows[0] + d(0, 2) * rows[2];
  tile.set_driven(true);
  double sum = 0.0, squares = 0.0, lagged = 0.0;
  constexpr int samples = 4000;
  for (int sample = 0; sample < samples; ++sample) {
    tile.begin_sample(static_cast<std::uint64_t>(sample));
    tile.set_static_rows(rows);
    domain.set_origin();
    const auto current = [&](Ticks t) {
      domain.advance_to(t);
      std::vector<double> slope(2);
      domain.slopes(slope);
      return slope[0] * 1e-12 - mean_current;
    };
    const double first = current(10'000), second = current(110'000);  // 100 ns apart on the grid
    sum += first;
    squares += first * first;
    lagged += first * second;
  }
  const double standard_error = variance * std::sqrt(2.0 / samples);
  EXPECT_NEAR(sum / samples, 0.0, 4 * std::sqrt(variance / samples));
  EXPECT_NEAR(squares / samples, variance, 4 * standard_error);
  EXPECT_NEAR(lagged / samples, variance * std::exp(-1.0), 4 * standard_error);
}

}  // namespace
}  // namespace memprop::analog
