// Wires inside a chip: its steady state against an independent dense solution of all nodes, forward
// and backward reads that are no longer each other's transpose, exact solutions every so many
// updates, and no change of a bit where there are none.
#include <gtest/gtest.h>

#include "testbenches/test/tile_effects_fixture.hpp"

namespace memprop::bench::test {
namespace {

hw::WiresConfig wires() {
  hw::WiresConfig w;
  w.row_ohm = 2e3;  // so that 24 cells of a few uS feel them
  w.column_ohm = 3e3;
  w.driver_ohm = 5e3;
  w.sense_ohm = 1e3;
  return w;
}

// Both devices of every pair in adjacent columns.
std::vector<std::vector<double>> array_of(const analog::DevicePairs& pairs) {
  std::vector<std::vector<double>> g(pairs.rows(), std::vector<double>(2 * pairs.columns()));
  for (std::size_t k = 0; k < pairs.rows() * pairs.columns(); ++k) {
    const double minus =
        pairs.minus() != nullptr ? pairs.minus()->conductance()[k] : pairs.reference_s();
    g[k % pairs.rows()][2 * (k / pairs.rows())] = pairs.plus().conductance()[k];
    g[k % pairs.rows()][2 * (k / pairs.rows()) + 1] = minus;
  }
  return g;
}

// The free state by fixed-point iteration around dense reads.
std::vector<double> dense_state(const hw::Chip& chip, const hw::WiresConfig& w, double g_leak) {
  std::vector<std::vector<double>> r{{1.0, -0.5, 0.25}, {0, 0}, {0, 0}, {0, 0}};
  for (int iteration = 0; iteration < 400; ++iteration) {
    for (std::size_t l = 1; l <= 3; ++l) {
      const auto& tile = chip.analog().tile(l);
      const auto up = dense_read(array_of(tile.pairs()), w, true, r[l - 1]);
      std::vector<double> v(2);
      for (std::size_t i = 0; i < 2; ++i) {
        v[i] = tile.tile().config().forward_gain / g_leak * (up[2 * i] - up[2 * i + 1]);
      }
      if (l < 3) {
        const auto& above = chip.analog().tile(l + 1);
        std::vector<double> drive;  // the columns of a pair are driven with opposite voltages
        for (const double value : r[l + 1]) drive.insert(drive.end(), {value, -value});
        const auto& pairs =
            above.feedback_pairs() != nullptr ? *above.feedback_pairs() : above.pairs();
        const auto down = dense_read(array_of(pairs), w, false, drive);
        for (std::size_t i = 0; i < 2; ++i) {
          v[i] += above.tile().config().backward_gain / g_leak * down[i];
        }
      }
      for (std::size_t i = 0; i < 2; ++i) r[l][i] = std::tanh(v[i]);
    }
  }
  std::vector<double> all;
  for (std::size_t l = 1; l <= 3; ++l) all.insert(all.end(), r[l].begin(), r[l].end());
  return all;
}

struct WireCase {
  const char* name;
  analog::PairCoding pair;
  hw::FeedbackArray feedback;
  bool two_sided;
  double transistor_ohm;
};
void PrintTo(const WireCase& c, std::ostream* out) { *out << c.name; }

class Wires : public ::testing::TestWithParam<WireCase> {};

TEST_P(Wires, SteadyStateIsThatOfADenseSolution) {
  const WireCase& c = GetParam();
  hw::ChipConfig config = ideal_chip(c.pair);
  config.feedback = c.feedback;
  config.wires = wires();
  config.wires.transistor_ohm = c.transistor_ohm;
  if (c.two_sided) config.wires.drive = analog::LineEnds::both;
  std::vector<double> expected;
  const Held with = golden_run(config, golden(0.3), 0.1, 1, [&](const hw::ChipRunner& runner) {
    expected = dense_state(runner.chip(), config.wires, config.neuron.leak_s);
  });
  // An independent solution; what is left is the integration's and settling's error.
  EXPECT_LT(largest_difference(with.free, expected), 1e-8);
  config.wires = {};
  const Held without = golden_run(config, golden(0.3), 0.1);
  EXPECT_GT(largest_difference(without.free, expected), 1e-2);  // the wires matter
}

INSTANTIATE_TEST_SUITE_P(
    Tiles, Wires,
    ::testing::Values(WireCase{"differential, one array", analog::PairCoding::differential,
                               hw::FeedbackArray::shared_averaged, false, 0.0},
                      WireCase{"reference, two-sided drive", analog::PairCoding::reference,
                               hw::FeedbackArray::shared_averaged, true, 0.0},
                      WireCase{"second array, 1T1R", analog::PairCoding::differential,
                               hw::FeedbackArray::separate_array, false, 2e4}));

TEST(WiresInAChip, FeedbackIsTheTransposeOnlyWithEqualEnds) {
  const auto asymmetry = [](double driver_ohm) {
    hw::ChipConfig config = ideal_chip();
    config.wires = wires();
    config.wires.driver_ohm = driver_ohm;
    double worst = 0.0;
    golden_run(config, golden(0.3), 0.1, 1, [&](const hw::ChipRunner& runner) {
      const auto& cells = *runner.chip().analog().tile(2).cells();
      for (std::size_t k = 0; k < cells.forward().size(); ++k) {
        worst = std::max(worst, std::abs(cells.forward().data()[k] - cells.backward().data()[k]));
      }
    });
    return worst / 1e-6;  // of a micro-siemens
  };
  EXPECT_EQ(asymmetry(1e3), 0.0);
  EXPECT_GT(asymmetry(5e3), 1e-3);
}

// One array and two, both ways: what hardly bends is linear, what bends is not, and neither shows
// in a difference of phases without nudge.
TEST(WiresInAChip, CellsThatBendBehindThem) {
  for (const auto feedback :
       {hw::FeedbackArray::shared_averaged, hw::FeedbackArray::separate_array}) {
    const auto held = [&](double nonlinear_v, double limit_a, double beta) {
      hw::ChipConfig config = ideal_chip();
      config.feedback = feedback;
      config.wires = wires();
      config.wires.transistor_ohm = 2e4;
      config.wires.transistor_limit_a = limit_a;
      config.device.nonlinear_v = nonlinear_v;
      return golden_run(config, golden(0.3), beta);
    };
    const Held linear = held(0.0, 0.0, 0.1);
    EXPECT_LT(largest_difference(held(1e3, 0.0, 0.1).nudged, linear.nudged), 1e-8);
    EXPECT_LT(largest_difference(held(0.0, 1.0, 0.1).nudged, linear.nudged), 1e-8);
    EXPECT_GT(largest_difference(held(0.05, 0.0, 0.1).nudged, linear.nudged), 1e-3);
    EXPECT_GT(largest_difference(held(0.0, 2e-7, 0.1).nudged, linear.nudged), 1e-3);
    const Held same = held(0.05, 2e-7, 1e-12);
    EXPECT_LT(largest_difference(same.free, same.nudged), 1e-9);
  }
}

// Static: no difference between phases where nothing is nudged (imperfection 7: a wrong, but fixed
// network).
TEST(WiresInAChip, CancelBetweenPhases) {
  hw::ChipConfig config = ideal_chip();
  config.wires = wires();
  const Held run = golden_run(config, golden(0.3), 1e-12);
  EXPECT_LT(largest_difference(run.free, run.nudged), 1e-9);
}

struct Trained {
  Held held;
  std::vector<double> conductance;
  bool effects = false;
};

Trained train(const hw::ChipConfig& config, int samples) {
  Trained t;
  t.held = golden_run(config, golden(0.3), 0.1, samples, [&](const hw::ChipRunner& runner) {
    for (std::size_t l = 1; l <= 3; ++l) {
      const auto& tile = runner.chip().analog().tile(l);
      const auto g = tile.pairs().plus().conductances();
      t.conductance.insert(t.conductance.end(), g.begin(), g.end());
      t.effects = t.effects || tile.cells() != nullptr;
    }
  });
  return t;
}

TEST(WiresInAChip, WithoutResistanceNothingChanges) {
  hw::ChipConfig config = ideal_chip();
  config.update.circuit = hw::UpdateCircuit::pulse_count;
  config.device.model = analog::DeviceModel::soft_bounds;
  const Trained plain = train(config, 5);
  config.wires.refresh_every = 7;
  config.wires.drive = analog::LineEnds::both;
  config.wires.placement = analog::PairPlacement::separate_arrays;
  const Trained same = train(config, 5);
  EXPECT_FALSE(same.effects);
  EXPECT_EQ(plain.conductance, same.conductance);
  EXPECT_EQ(plain.held.nudged, same.held.nudged);
  // Hardly any resistance: hardly any change.
  config.wires.row_ohm = config.wires.column_ohm = 1e-3;
  const Trained close = train(config, 5);
  EXPECT_TRUE(close.effects);
  EXPECT_LT(largest_difference(plain.held.nudged, close.held.nudged), 1e-7);
}

TEST(WiresInAChip, ExactEveryNUpdatesWithTheErrorMeasured) {
  struct Figures {
    std::uint64_t reductions = 0;
    double error = 0.0;
  };
  const auto figures = [&](std::uint32_t every, bool follow) {
    hw::ChipConfig config = ideal_chip();
    config.wires = wires();
    config.wires.refresh_every = every;
    config.wires.follow = follow;
    config.update.circuit = hw::UpdateCircuit::pulse_count;
    config.device.model = analog::DeviceModel::soft_bounds;
    config.device.step = 0.0005;  // fine: pulses after every sample
    Figures f;
    golden_run(config, golden(0.3), 0.5, 13, [&](const hw::ChipRunner& runner) {
      const auto& cells = *runner.chip().analog().tile(2).cells();
      f = {cells.wires()->reductions(), cells.largest_followed_error()};
    });
    return f;
  };
  const Figures always = figures(1, true), followed = figures(4, true), stale = figures(4, false);
  // Two factorisations each, for the ends differ by direction: at the start, and after updates 4, 8
  // and 12 of the 12 before the last sample.
  EXPECT_EQ(always.reductions, 2U * 13U);
  EXPECT_EQ(followed.reductions, 2U * 4U);
  EXPECT_EQ(always.error, 0.0);
  EXPECT_GT(stale.error, 1e-3);
  EXPECT_GT(followed.error, 0.0);
  EXPECT_LT(followed.error, 0.5 * stale.error);
}

// What the sources of the driven lines deliver: the cells' and the wires' heat.
TEST(WiresInAChip, PowerIsThatOfTheSources) {
  hw::ChipConfig config = ideal_chip();
  config.wires = wires();
  golden_run(config, golden(0.3), 0.1, 1, [&](const hw::ChipRunner& runner) {
    const auto& tile = runner.chip().analog().tile(2);
    // An ideal write has changed the devices since; the lines still see the old ones.
    const auto cells = tile.cells();
    std::vector<std::vector<double>> g(2, std::vector<double>(4));
    for (std::size_t k = 0; k < 4; ++k) {
      g[k % 2][2 * (k / 2)] = cells->plus_s()[k];
      g[k % 2][2 * (k / 2) + 1] = cells->minus_s()[k];
    }
    const std::vector<double> v{0.07, -0.03};
    double rows_w = 0.0, columns_w = 0.0;
    dense_read(g, config.wires, true, v, &rows_w);
    dense_read(g, config.wires, false, {v[0], -v[0], v[1], -v[1]}, &columns_w);
    EXPECT_NEAR(cells->row_power(v.data()) / rows_w, 1.0, 1e-9);
    EXPECT_NEAR(cells->column_power(v.data()) / columns_w, 1.0, 1e-9);
    EXPECT_LT(rows_w, 0.99 * tile.pairs().row_power(v.data()));
    EXPECT_GT(runner.chip().analog().tile(1).array_energy_j(), 0.0);
  });
}

}  // namespace
}  // namespace memprop::bench::test
