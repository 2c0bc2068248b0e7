// Sleep of chips with more tiles than layers: links, and dendritic neurons whose columns are
// branches. With ideal parts the spikes and weights of the software reference on the same random
// bits; what single parts change against hand computations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "learning/network/connection.hpp"
#include "testbenches/experiment/shift_register_inputs.hpp"
#include "testbenches/test/sleeping_chip.hpp"

namespace memprop::bench {
namespace {

struct Case {
  const char* name;
  learning::NetworkConfig shape;
  bool separate_arrays;
  std::vector<double> theta;
};

learning::NetworkConfig linked(std::vector<std::string> links) {
  learning::NetworkConfig c = test::sleeping_shape();
  c.layers = {36, 14, 10, 5};
  c.links = std::move(links);
  return c;
}

learning::NetworkConfig dendritic() {
  learning::NetworkConfig c = test::sleeping_shape();
  c.layers = {36, 14, 5};
  c.feedback = learning::FeedbackWeights::separate;
  c.train_feedback = true;
  c.forward_gain = {0.8};
  c.dendrites.basal_branches = 3;
  c.dendrites.basal_tau_s = 40e-9;
  c.dendrites.apical_tau_s = 150e-9;
  c.init_gain = 1.5;
  return c;
}

std::vector<Case> cases() {
  learning::NetworkConfig separate = linked({"1>3", "3>1"});
  separate.feedback = learning::FeedbackWeights::separate;
  return {{"tied", linked({"1-3"}), false, {0.35, 0.3, 0.3}},
          {"separate", separate, true, {0.35, 0.3, 0.3}},
          {"dendritic", dendritic(), true, {0.35, 0.3}}};
}

hw::ChipConfig chip_of(const Case& c) {
  hw::ChipConfig chip = test::sleeping_ideal_chip();
  if (c.separate_arrays) chip.feedback = hw::FeedbackArray::separate_array;
  return chip;
}

learning::SleepConfig sleep_of(const learning::NetworkConfig& shape) {
  learning::SleepConfig sleep = test::sleep_config();
  sleep.threshold.assign(shape.layers.size() - 1, 0.3);
  sleep.layer_scale.assign(shape.layers.size() - 1, 1.0);
  sleep.layer_scale.back() = 0.5;
  return sleep;
}

// Every forward matrix of a network, one after the other.
std::vector<double> forward_weights(learning::Network& network) {
  std::vector<double> all;
  for (const learning::Connection& c : learning::connections(network)) {
    if (c.from >= c.to || c.use == learning::Connection::Use::nudge) continue;
    const auto& w = c.matrix(network).values();
    all.insert(all.end(), w.begin(), w.end());
  }
  return all;
}

double largest_change(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
  return largest;
}

TEST(SleepTiles, IdealPartsGiveTheSpikesOfTheReference) {
  constexpr std::uint64_t kSteps = 3000;
  for (const Case& c : cases()) {
    for (const auto gate : {learning::SleepGate::hard, learning::SleepGate::none}) {
      const bool hard = gate == learning::SleepGate::hard;
      SCOPED_TRACE(std::string(c.name) + (hard ? ", gated" : ", not gated"));
      learning::SleepConfig config = sleep_of(c.shape);
      config.gate = gate;
      if (!hard) config.increase *= 0.05;
      learning::Network network = learning::build_network(c.shape, 3);
      const std::vector<double> before = forward_weights(network);
      test::Sleeper chip((std::string(c.name) + (hard ? "_gated" : "_free")).c_str(), chip_of(c),
                         config, network);
      const test::Spikes on_chip = test::chip_spikes(chip, c.theta, kSteps);

      ShiftRegisterInputs inputs(36, config, test::kSleepSeed);
      const auto rates = learning::sleep_rates(config, test::sleep_means(36));
      inputs.load(rates);
      std::vector<learning::SleepLayer> layers;
      for (const double theta : c.theta) layers.push_back({1.0, theta});
      learning::SleepingNetwork reference(network, config, layers, rates, test::kSleepSeed, 1);
      reference.set_inputs(&inputs);
      const std::size_t count = c.shape.layers.size();
      std::vector<std::uint64_t> spikes(count, 0);
      for (std::uint64_t t = 0, at = 0; t < kSteps; ++t) {
        reference.step();
        for (std::size_t l = 0; l < count; ++l, ++at) {
          ASSERT_EQ(reference.spikes(l), on_chip[at]) << "step " << t << " layer " << l;
          for (const unsigned char s : reference.spikes(l)) spikes[l] += s;
        }
      }
      for (std::size_t l = 1; l < count; ++l) {
        EXPECT_GT(spikes[l], kSteps / 100) << l;
        EXPECT_LT(spikes[l], kSteps * c.shape.layers[l] * 3 / 4) << l;
      }
      learning::Network after = chip.analog().present_network();
      const std::vector<double> expected = forward_weights(network);
      EXPECT_LT(largest_change(forward_weights(after), expected), 1e-9);
      EXPECT_GT(largest_change(before, expected), 0.02);
      EXPECT_EQ(chip.mode.totals().raise_cells, reference.report().raised);
      EXPECT_EQ(chip.mode.totals().lower_cells, reference.report().lowered);
    }
  }
}

// Of a link, and of the chain beside it: both have to have changed.
TEST(SleepTiles, LinksLearnAsleep) {
  const learning::NetworkConfig shape = linked({"1-3"});
  const learning::Network network = learning::build_network(shape, 3);
  test::Sleeper chip("link", test::sleeping_ideal_chip(), sleep_of(shape), network);
  chip.run({0.35, 0.3, 0.3}, 2000);
  const learning::Network after = chip.analog().present_network();
  EXPECT_GT(largest_change(after.weight[2].values(), network.weight[2].values()), 0.01);
  EXPECT_GT(largest_change(after.links[0].weight.values(), network.links[0].weight.values()), 0.01);
}

// Against the calibration of the software on the activities that the chip itself came to.
TEST(SleepTiles, ThresholdsAreThoseOfTheSoftware) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const learning::Network network = learning::build_network(c.shape, 3);
    const learning::SleepConfig config = sleep_of(c.shape);
    hw::ChipConfig chip_config = chip_of(c);
    chip_config.schedule.free = 800;
    chip_config.solver.rtol = 1e-9;
    chip_config.solver.atol = 1e-11;
    test::Sleeper chip((std::string("peaks_") + c.name).c_str(), chip_config, config, network);
    learning::SleepCalibration software(network);
    chip.mode.clear_peaks();
    for (int sample = 0; sample < 3; ++sample) {
      std::vector<float> x(36), y(5, 0.0F);
      for (std::size_t j = 0; j < 36; ++j) {
        x[j] = static_cast<float>(0.5 + 0.5 * std::sin(static_cast<double>(j) * (1.3 + sample)));
      }
      chip.runner.run_sample(x, y, false);
      chip.mode.take_peaks();
      const auto held = chip.analog().sample_hold().held(0);
      std::vector<std::vector<double>> activities{{x.begin(), x.end()}};
      std::size_t at = 0;
      for (std::size_t l = 1; l < c.shape.layers.size(); ++l) {
        activities.emplace_back();
        for (std::size_t i = 0; i < c.shape.layers[l]; ++i) {
          activities.back().push_back(held[at++] / chip.analog().voltage_scale_v());
        }
      }
      software.add(activities);
    }
    const auto theta = chip.mode.thresholds(), expected = software.thresholds(config);
    ASSERT_EQ(theta.size(), expected.size());
    for (std::size_t l = 0; l < theta.size(); ++l) {
      EXPECT_NEAR(theta[l], expected[l], 1e-5 * expected[l]) << l;
    }
  }
}

// What branches add to a capacitor with a leak, against a fine integration of the circuit.
TEST(SleepTiles, BranchesChargeTheirNeuronAsIntegrated) {
  constexpr double kTau = 30e-9, kPulse = 100e-9, kLeak = 10e-6;
  const std::vector<double> current{3e-6, -2e-6, 0.1e-6, -0.1e-6};
  for (const double knee_v : {0.0, 20e-3}) {
    for (const double leak_s : {0.0, 5e-6}) {
      analog::BranchBankConfig bank;
      bank.name = "branches";
      bank.branches = 4;
      bank.knee_v = knee_v;
      bank.capacitance_f.assign(4, kTau * kLeak);
      bank.capacitance_f[2] *= 3.0;
      bank.leak_s.assign(4, kLeak);
      bank.coupling_s = {2e-6, 2e-6, 3e-6, 2.5e-6};
      bank.offset_v = {20e-3, -0.15, 4e-3, -4e-3};  // crossed on the way up and on the way down
      bank.comparator_v = {0.0, 0.0, 0.01, -0.01};
      analog::SleepBranches branches(bank, {1e-12}, {leak_s}, kPulse);
      std::vector<double> added{0.0};
      branches.drive(current, added);
      std::vector<double> v(4, 0.0);
      double expected = 0.0;
      constexpr int kParts = 400000;
      const double dt = kPulse / kParts;
      for (int k = 0; k < kParts; ++k) {
        double in = -leak_s * expected;
        for (std::size_t b = 0; b < 4; ++b) {
          const double rise = (current[b] - kLeak * v[b]) / bank.capacitance_f[b];
          in += bank.coupling_s[b] *
                analog::rectified(v[b] + 0.5 * dt * rise - bank.offset_v[b], knee_v);
          v[b] += dt * (current[b] - kLeak * (v[b] + 0.5 * dt * rise)) / bank.capacitance_f[b];
        }
        expected += dt * in / 1e-12;
      }
      EXPECT_GT(expected, 1e-3);
      EXPECT_NEAR(added[0], expected, 1e-5 * expected) << knee_v << ' ' << leak_s;
      for (std::size_t b = 0; b < 4; ++b) {
        EXPECT_EQ(branches.bits()[b] != 0, v[b] > bank.comparator_v[b]) << b;
      }
    }
  }
}

TEST(SleepTiles, EveryImperfectionOfTheBranchesActs) {
  const Case c = cases().back();
  const learning::Network network = learning::build_network(c.shape, 3);
  const auto spikes = [&](const char* name, const std::function<void(hw::ChipConfig&)>& set) {
    hw::ChipConfig config = test::sleeping_stepped_chip(1.0 / 32.0);
    config.feedback = hw::FeedbackArray::separate_array;
    set(config);
    test::Sleeper chip(name, config, sleep_of(c.shape), network);
    return test::chip_spikes(chip, c.theta, 300);
  };
  const test::Spikes clean = spikes("clean", [](hw::ChipConfig&) {});
  const auto change = [&](const char* name, const std::function<void(hw::ChipConfig&)>& set) {
    EXPECT_NE(spikes(name, set), clean) << name;
  };
  change("knee", [](hw::ChipConfig& k) { k.branch.rectifier = hw::BranchRectifier::softplus; });
  change("offset", [](hw::ChipConfig& k) { k.branch.offset_v = 0.02; });
  change("comparator", [](hw::ChipConfig& k) { k.branch.comparator_offset_v = 0.1; });
  change("capacitor", [](hw::ChipConfig& k) { k.branch.capacitor_mismatch = 0.2; });
  change("leak", [](hw::ChipConfig& k) { k.branch.leak_mismatch = 0.2; });
  change("coupling", [](hw::ChipConfig& k) { k.branch.coupling_mismatch = 0.2; });
  change("off", [](hw::ChipConfig& k) {
    k.branch.masked = hw::MaskedCells::off;
    k.branch.off_s = 1e-6;
    k.branch.off_spread = 1.0;
  });
  change("read", [](hw::ChipConfig& k) { k.noise.read = 0.2; });
}

// Unconnected inputs of a branch are never written, and pulses are those of the devices.
TEST(SleepTiles, PulsesReachOnlyCellsThatAreThere) {
  const Case c = cases().back();
  const learning::Network network = learning::build_network(c.shape, 3);
  hw::ChipConfig config = test::sleeping_stepped_chip(1.0 / 8.0);
  config.feedback = hw::FeedbackArray::separate_array;
  learning::SleepConfig sleep = sleep_of(c.shape);
  sleep.increase = 0.05;
  sleep.decrease_ratio = 0.5;
  test::Sleeper chip("absent", config, sleep, network);
  chip.run(c.theta, 2000);
  std::uint64_t set = 0, reset = 0;
  for (std::size_t t = 1; t <= chip.analog().tile_count(); ++t) {
    const auto& pairs = chip.analog().tile(t).pairs();
    set += pairs.counters().set_pulses;
    reset += pairs.counters().reset_pulses;
    if (chip.analog().layout(t).apical) {
      EXPECT_EQ(pairs.counters().set_pulses + pairs.counters().reset_pulses, 0U);
    }
    for (std::size_t cell = 0; cell < pairs.difference().size(); ++cell) {
      if (!pairs.formed(cell)) {
        ASSERT_EQ(pairs.difference().data()[cell], 0.0);
      }
    }
  }
  EXPECT_GT(reset, 100U);
  EXPECT_EQ(reset, chip.mode.totals().raise_pulses);
  EXPECT_EQ(set, chip.mode.totals().lower_pulses);
}

TEST(SleepTiles, GoOnFromASavedState) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const learning::Network network = learning::build_network(c.shape, 3);
    hw::ChipConfig config = test::sleeping_stepped_chip(1.0 / 32.0);
    config.device.cycle_noise = 0.3;
    config.noise.read = 0.01;
    if (c.separate_arrays) config.feedback = hw::FeedbackArray::separate_array;
    std::vector<double> chip_values, values;
    std::vector<std::uint64_t> chip_counters, counters;
    std::vector<test::Spikes> spikes;
    std::vector<std::vector<double>> weights;
    for (const bool whole : {true, false}) {
      test::Sleeper chip((std::string(c.name) + (whole ? "_whole" : "_resumed")).c_str(), config,
                         sleep_of(c.shape), network);
      if (whole) {
        chip.run(c.theta, 300);
        chip.runner.save(chip_values, chip_counters);
        chip.mode.save(values, counters);
      } else {
        chip.runner.restore(chip_values, chip_counters);
        chip.mode.restore(values, counters);
      }
      spikes.push_back(test::chip_spikes(chip, c.theta, 300));
      learning::Network after = chip.analog().present_network();
      weights.push_back(forward_weights(after));
    }
    EXPECT_EQ(spikes[0], spikes[1]);
    EXPECT_EQ(weights[0], weights[1]);
  }
}

}  // namespace
}  // namespace memprop::bench
