// Sleep on the chip: with ideal parts the spikes and weights of the software reference on the same
// random bits (S17), and what circuits and devices of a real one change, against hand computations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hw_models/sleep/sleep_setup.hpp"
#include "learning/continual/sleep.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/shift_register_inputs.hpp"
#include "testbenches/test/sleeping_chip.hpp"

namespace memprop::bench {
namespace {

const std::vector<double> kTheta{0.35, 0.3};

// S17: the same spikes in every layer and step, and the same weights to rounding.
TEST(SleepChip, IdealPartsGiveTheSpikesOfTheReference) {
  constexpr std::uint64_t kSteps = 4000;
  for (const auto gate : {learning::SleepGate::hard, learning::SleepGate::none}) {
    learning::SleepConfig config = test::sleep_config();
    config.gate = gate;
    if (gate == learning::SleepGate::none) config.increase *= 0.05;
    learning::Network network = learning::build_network(test::sleeping_shape(), 3);
    test::Sleeper chip(gate == learning::SleepGate::hard ? "s17_hard" : "s17_none",
                       test::sleeping_ideal_chip(), config, network);
    const test::Spikes on_chip = test::chip_spikes(chip, kTheta, kSteps);

    ShiftRegisterInputs inputs(36, config, test::kSleepSeed);
    const auto rates = learning::sleep_rates(config, test::sleep_means(36));
    inputs.load(rates);
    const learning::Network before = network;
    learning::SleepingNetwork reference(network, config, {{1.0, kTheta[0]}, {1.0, kTheta[1]}},
                                        rates, test::kSleepSeed, 1);
    reference.set_inputs(&inputs);
    std::size_t at = 0;
    std::vector<std::uint64_t> count(3, 0);
    for (std::uint64_t t = 0; t < kSteps; ++t) {
      reference.step();
      for (std::size_t l = 0; l < 3; ++l, ++at) {
        ASSERT_EQ(reference.spikes(l), on_chip[at]) << "step " << t << " layer " << l;
        for (const unsigned char s : reference.spikes(l)) count[l] += s;
      }
    }
    // Something has happened in every layer, and not always.
    EXPECT_GT(count[1], kSteps / 20);
    EXPECT_LT(count[1], kSteps * 7);
    EXPECT_GT(count[2], kSteps / 100);
    const learning::Network after = chip.analog().present_network();
    double largest = 0, moved = 0;
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::size_t k = 0; k < after.weight[l].size(); ++k) {
        largest =
            std::max(largest, std::abs(after.weight[l].data()[k] - network.weight[l].data()[k]));
        moved = std::max(moved, std::abs(before.weight[l].data()[k] - network.weight[l].data()[k]));
      }
    }
    EXPECT_EQ(chip.analog().tile(1).pairs().counters().saturated, 0U);
    EXPECT_LT(largest, 1e-9);
    EXPECT_GT(moved, 0.05);
    EXPECT_EQ(chip.mode.totals().raise_cells, reference.report().raised);
    EXPECT_EQ(chip.mode.totals().lower_cells, reference.report().lowered);
  }
}

// Pairs that stand above 0 are left alone, G+ never moves, others end within two steps above 0.
TEST(SleepChip, TheSignSenseGates) {
  learning::SleepConfig config = test::sleep_config();
  config.increase = 0.03;
  const learning::Network network = learning::build_network(test::sleeping_shape(), 3);
  const hw::ChipConfig chip_config = test::sleeping_stepped_chip(1.0 / 32.0);
  test::Sleeper chip("gate", chip_config, config, network);
  const learning::Network before = chip.analog().present_network();
  std::vector<std::vector<double>> plus;
  for (std::size_t l = 1; l <= 2; ++l) {
    const auto g = chip.analog().tile(l).pairs().plus().conductances();
    plus.emplace_back(g.begin(), g.end());
  }
  chip.run(kTheta, 3000);
  const learning::Network after = chip.analog().present_network();
  std::uint64_t moved = 0;
  for (std::size_t l = 0; l < 2; ++l) {
    const auto g = chip.analog().tile(l + 1).pairs().plus().conductances();
    EXPECT_TRUE(std::equal(g.begin(), g.end(), plus[l].begin()));
    for (std::size_t k = 0; k < after.weight[l].size(); ++k) {
      const double w0 = before.weight[l].data()[k], w = after.weight[l].data()[k];
      if (w0 > 1e-12) {
        EXPECT_EQ(w, w0);
      } else {
        // 64 steps of one device span a weight of 1: at most four pulses of 1/64 at once.
        EXPECT_LE(w, 4.0 / 64.0 + 1e-12);
        moved += w != w0 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(moved, 100U);
}

// Signs come from driven columns also where awake a tile is read from its rows only, behind wires
// that make the two ways differ.
TEST(SleepChip, SignsAreSensedBehindWires) {
  learning::SleepConfig config = test::sleep_config();
  config.increase = 0.03;
  config.decrease_ratio = 0.0;
  const learning::Network network = learning::build_network(test::sleeping_shape(), 3);
  hw::ChipConfig chip_config = test::sleeping_stepped_chip(1.0 / 32.0);
  chip_config.wires.row_ohm = chip_config.wires.column_ohm = 1.0;
  chip_config.wires.driver_ohm = 50.0;
  test::Sleeper chip("signs", chip_config, config, network);
  const learning::Network before = chip.analog().present_network();
  chip.run(kTheta, 2000);
  const learning::Network after = chip.analog().present_network();
  std::size_t raised = 0;
  for (std::size_t k = 0; k < after.weight[0].size(); ++k) {
    const double w0 = before.weight[0].data()[k], w = after.weight[0].data()[k];
    if (w0 > 0.02) {
      EXPECT_EQ(w, w0);
    }
    raised += w > w0 ? 1 : 0;
  }
  EXPECT_GT(raised, 100U);
}

// Every pulse the sequencer orders arrives at the devices, and only there.
TEST(SleepChip, CountsAndSaturationAreThoseOfTheDevices) {
  learning::SleepConfig config = test::sleep_config();
  config.increase = 0.05;
  config.decrease_ratio = 1.0;
  const learning::Network network = learning::build_network(test::sleeping_shape(), 3);
  test::Sleeper chip("counts", test::sleeping_stepped_chip(1.0 / 8.0), config, network);
  chip.run(kTheta, 2000);
  std::uint64_t set = 0, reset = 0, saturated = 0;
  for (std::size_t l = 1; l <= 2; ++l) {
    const auto c = chip.analog().tile(l).pairs().counters();
    set += c.set_pulses;
    reset += c.reset_pulses;
    saturated += c.saturated;
  }
  const hw::SleepTotals& totals = chip.mode.totals();
  EXPECT_EQ(reset, totals.raise_pulses);  // weight up: RESET of G-
  EXPECT_EQ(set, totals.lower_pulses);
  EXPECT_GT(reset, 0U);
  EXPECT_GT(saturated, 0U);  // as many falls as rises: silent senders push weights to the bound
  EXPECT_EQ(totals.steps, 2000U);
  EXPECT_EQ(totals.decisions, 2000U * 19U);
  EXPECT_GT(totals.arrays_j, 0.0);
  // Cells that were not saturated moved by their pulses: events times probability.
  const double step = chip.analog().tile(1).pairs().nominal_minus_step_s() *
                      chip.analog().mirror(1) / test::sleeping_ideal_chip().neuron.leak_s;
  EXPECT_NEAR(step, 1.0 / 16.0, 1e-12);  // the state spans 2, the weight of one device 1
  const double p = hw::raise_of_event(config, 1) / step;
  EXPECT_EQ(chip.mode.sequencer().config().tile[0].raise_rate,
            static_cast<std::uint32_t>(std::lround(65536.0 * p)));
}

// The leak against its closed form: after one row pulse, exp(-t/tau_leak), also with spread.
TEST(SleepChip, MembranesLeakAsTheirCapacitorsSay) {
  learning::SleepConfig config = test::sleep_config();
  config.leak = 0.9;
  hw::ChipConfig chip_config = test::sleeping_ideal_chip();
  chip_config.neuron.capacitor_mismatch = 0.1;
  chip_config.neuron.leak_mismatch = 0.1;
  chip_config.sleep.pulse_cycles = 4;
  const learning::Network network = learning::build_network(test::sleeping_shape(), 3);
  test::Sleeper chip("leak", chip_config, config, network);
  const auto& neurons = chip.analog().bank(1).bank().config();
  const double drive_s = 10 * chip_config.clock_s, tau_s = network.tau_s[0][0];
  double spread = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    const double nominal_f = tau_s * chip_config.neuron.leak_s;
    const double leak_s =
        -std::log(0.9) * nominal_f / drive_s * neurons.leak_s[i] / chip_config.neuron.leak_s;
    const double rate = leak_s / neurons.capacitance_f[i];
    EXPECT_NEAR(chip.mode.columns(1).decay(i), std::exp(-drive_s * rate), 1e-12);
    EXPECT_NEAR(chip.mode.columns(1).charge_ohm(i),
                (1.0 - std::exp(-0.4 * drive_s * rate)) / leak_s, 1e-9 / leak_s);
    spread = std::max(spread, std::abs(chip.mode.columns(1).decay(i) - 0.9));
  }
  EXPECT_GT(spread, 0.003);
  // Subthreshold: two steps by hand, with the threshold out of reach.
  analog::SleepColumns columns({{1e-12}, {2e-6}, {0.01}, 100e-9, 40e-9, 0.0});
  columns.drive(std::vector<double>{3e-6});
  const double x = std::exp(-0.2), charge = (1.0 - std::exp(-0.08)) / 2e-6;
  EXPECT_NEAR(columns.voltage_v()[0], 3e-6 * charge, 1e-15);
  columns.drive(std::vector<double>{-1e-6});
  EXPECT_NEAR(columns.voltage_v()[0], 3e-6 * charge * x - 1e-6 * charge, 1e-15);
  // A small step integrator agrees with the closed form.
  double v = 0;
  constexpr int kParts = 400000;
  for (int drive = 0; drive < 2; ++drive) {
    for (int k = 0; k < kParts; ++k) {
      const double t = 100e-9 * (k + 0.5) / kParts;
      const double current = t > 60e-9 ? (drive == 0 ? 3e-6 : -1e-6) : 0.0;
      v += 100e-9 / kParts * (current - 2e-6 * v) / 1e-12;
    }
  }
  EXPECT_NEAR(v, columns.voltage_v()[0], 1e-6 * std::abs(v) + 1e-7);
  EXPECT_TRUE(columns.above(0, columns.voltage_v()[0] + 0.0099, 0.0));  // its offset is 0.01 V
  EXPECT_FALSE(columns.above(0, columns.voltage_v()[0] + 0.0101, 0.0));
  analog::SleepColumns railed({{1e-12}, {0.0}, {}, 100e-9, 100e-9, 0.25});
  railed.drive(std::vector<double>{3e-6});
  EXPECT_EQ(railed.voltage_v()[0], 0.25);
  railed.drive(std::vector<double>{-9e-6});
  EXPECT_EQ(railed.voltage_v()[0], -0.25);
}

// What the peak detectors find is what the free phase drives.
TEST(SleepChip, ThresholdsAreRelativeToTheDriveAwake) {
  const learning::Network network = learning::build_network(test::sleeping_shape(), 3);
  hw::ChipConfig chip_config = test::sleeping_ideal_chip();
  chip_config.schedule.free = 600;
  chip_config.solver.rtol = 1e-9;
  chip_config.solver.atol = 1e-11;
  test::Sleeper chip("peaks", chip_config, test::sleep_config(), network);
  std::vector<float> x(36), y(5, 0.0F);
  for (std::size_t j = 0; j < 36; ++j) x[j] = static_cast<float>(test::sleep_means(36)[j]);
  chip.mode.clear_peaks();
  chip.runner.run_sample(x, y, false);
  chip.mode.take_peaks();
  const std::vector<double> theta = chip.mode.thresholds();
  // The drive of layer 1 from the inputs alone; that of layer 2 from the lines that were converted.
  double first = 0, second = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 36; ++j) sum += network.weight[0](i, j) * x[j];
    first = std::max(first, sum);
  }
  const auto held = chip.analog().sample_hold().held(0);
  for (std::size_t i = 0; i < 5; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 14; ++j) sum += network.weight[1](i, j) * held[j];
    second = std::max(second, sum / chip.analog().voltage_scale_v());
  }
  // At least the largest weight: here that of layer 2.
  for (const double w : network.weight[0].values()) first = std::max(first, w);
  for (const double w : network.weight[1].values()) second = std::max(second, w);
  EXPECT_NEAR(theta[0], 0.3 * first, 1e-6 * first);
  EXPECT_NEAR(theta[1], 0.3 * second, 1e-5 * second);
  EXPECT_GT(first, 0.5);
  // As volts: a drive of exactly theta on a nominal column ends at the threshold.
  const auto& columns = chip.mode.columns(1);
  EXPECT_NEAR(chip.mode.threshold_v(1, 0.7),
              0.7 * chip_config.neuron.leak_s * chip_config.voltage_scale_v * columns.charge_ohm(0),
              1e-12);
}

TEST(SleepChip, GoesOnFromASavedState) {
  const learning::Network network = learning::build_network(test::sleeping_shape(), 3);
  hw::ChipConfig chip_config = test::sleeping_stepped_chip(1.0 / 32.0);
  chip_config.device.cycle_noise = 0.3;
  chip_config.noise.read = 0.01;
  chip_config.sleep.comparator_noise_v = 1e-3;
  chip_config.sleep.comparator_offset_v = 2e-3;
  chip_config.sleep.sense_offset_s = 1e-7;
  std::vector<double> chip_values, values, energy;
  std::vector<std::uint64_t> chip_counters, counters;
  std::vector<test::Spikes> spikes;
  std::vector<std::vector<double>> devices;
  for (const bool whole : {true, false}) {
    test::Sleeper chip(whole ? "whole" : "resumed", chip_config, test::sleep_config(), network);
    if (whole) {
      chip.run(kTheta, 500);
      chip.runner.save(chip_values, chip_counters);
      chip.mode.save(values, counters);
    } else {
      chip.runner.restore(chip_values, chip_counters);
      chip.mode.restore(values, counters);
    }
    spikes.push_back(test::chip_spikes(chip, kTheta, 500));
    devices.push_back(chip.analog().tile(1).pairs().save());
    const std::vector<double> second = chip.analog().tile(2).pairs().save();
    devices.back().insert(devices.back().end(), second.begin(), second.end());
    energy.push_back(chip.mode.totals().arrays_j);
  }
  EXPECT_EQ(spikes[0], spikes[1]);
  EXPECT_EQ(devices[0], devices[1]);
  EXPECT_EQ(energy[0], energy[1]);
}

// Offsets, noise and coarse thresholds move spikes; what they do is not nothing.
TEST(SleepChip, EveryImperfectionOfTheModeActs) {
  const learning::Network network = learning::build_network(test::sleeping_shape(), 3);
  test::Spikes expected;
  {
    test::Sleeper clean("clean", test::sleeping_stepped_chip(1.0 / 32.0), test::sleep_config(),
                        network);
    expected = test::chip_spikes(clean, kTheta, 300);
  }
  const auto change = [&](const char* name, const std::function<void(hw::ChipConfig&)>& set) {
    hw::ChipConfig config = test::sleeping_stepped_chip(1.0 / 32.0);
    set(config);
    test::Sleeper chip(name, config, test::sleep_config(), network);
    const test::Spikes spikes = test::chip_spikes(chip, kTheta, 300);
    EXPECT_NE(spikes, expected) << name;
    for (std::size_t k = 0; k < spikes.size(); k += 3) {
      EXPECT_EQ(spikes[k], expected[k]) << name;  // not those of the inputs
    }
  };
  change("offset", [](hw::ChipConfig& c) { c.sleep.comparator_offset_v = 0.01; });
  change("noise", [](hw::ChipConfig& c) { c.sleep.comparator_noise_v = 0.01; });
  change("bits", [](hw::ChipConfig& c) { c.sleep.threshold_bits = 4; });
  change("rail", [](hw::ChipConfig& c) { c.sleep.rail_v = 0.04; });
  change("sense", [](hw::ChipConfig& c) { c.sleep.sense_offset_s = 1e-5; });
  change("read", [](hw::ChipConfig& c) { c.noise.read = 0.2; });
  change("thermal", [](hw::ChipConfig& c) {
    c.noise.thermal = true;
    c.temperature_k = 3e6;  // far beyond any: shows that it is there
  });
  change("wires", [](hw::ChipConfig& c) { c.wires.row_ohm = c.wires.column_ohm = 200.0; });
  change("telegraph", [](hw::ChipConfig& c) { c.noise.telegraph = 0.3; });
}

}  // namespace
}  // namespace memprop::bench
