// The catalogue of imperfections against the description of all keys: none can be forgotten.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "cli/ablation/plan.hpp"
#include "cli/config/config.hpp"
#include "cli/config/dump.hpp"
#include "cli/config/field_list.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/ablation.hpp"

namespace memprop {
namespace {

constexpr const char* least = "[network]\nlayers = [6, 5, 4]\n";

bench::RunConfig config_with(const std::vector<std::string>& settings) {
  return config::parse_config(least, "test.toml", settings).run;
}

std::set<std::string> all_keys() {
  bench::RunConfig c = config::default_config();
  std::set<std::string> keys;
  for (const auto& field : config::list_fields(c)) keys.insert(field.key);
  return keys;
}

// name -> keys
std::map<std::string, std::string> plan_of(const std::vector<std::string>& settings) {
  std::map<std::string, std::string> out;
  for (const auto& one : cli::plan_ablation(config_with(settings))) out[one.name] = one.keys;
  return out;
}

std::vector<std::string> changed_keys(const bench::RunConfig& a, const bench::RunConfig& b) {
  std::vector<std::string> keys;
  for (const auto& d : config::compare(a, b)) {
    if (d.affects_results) keys.push_back(d.key);
  }
  return keys;
}

// Switched off once more, nothing changes. (Ranges and phases can be wider and longer without end.)
bool is_off(const std::string& name, const std::string& text) {
  if (name == "settling" || name.find("-range") != std::string::npos) return true;
  const bench::RunConfig run = config::parse_config(text, name).run;
  for (const auto& one : bench::imperfections()) {
    if (one.name != name) continue;
    if (!one.applies(run)) return true;
    std::vector<std::string> settings;
    for (const auto& s : one.off(run)) settings.push_back(s.key + "=" + s.value);
    return changed_keys(run, config::parse_config(text, name, settings).run).empty();
  }
  return false;
}

// What switches everything on that a chip of one kind can have.
const std::vector<std::string> everything_linear{"chip.device.model=soft-bounds",
                                                 "chip.device.step_spread=0.3",
                                                 "chip.device.cycle_noise=0.3",
                                                 "chip.device.up_down=0.1",
                                                 "chip.device.up_down_spread=0.1",
                                                 "chip.device.w_max_spread=0.2",
                                                 "chip.device.w_min_spread=0.2",
                                                 "chip.device.write_noise=1.0",
                                                 "chip.stuck_fraction=0.01",
                                                 "chip.noise.read=0.01",
                                                 "chip.update.circuit=pulse-count",
                                                 "chip.dac.noise=1 mV",
                                                 "chip.dac.offset=1 mV",
                                                 "chip.nudge_dac.noise=1 mV",
                                                 "chip.nudge_dac.offset=1 mV",
                                                 "chip.adc.noise=1 mV",
                                                 "chip.adc.offset=1 mV",
                                                 "chip.sample_hold.injection=1 mV",
                                                 "chip.sample_hold.leakage=1 pA",
                                                 "chip.dac.gain_error=0.01",
                                                 "chip.dac.inl=0.5",
                                                 "chip.nudge_dac.gain_error=0.01",
                                                 "chip.nudge_dac.dnl=0.5",
                                                 "chip.adc.gain_error=0.01",
                                                 "chip.adc.inl=0.5",
                                                 "chip.difference_amplifier.gain=8",
                                                 "chip.difference_amplifier.gain_error=0.01",
                                                 "chip.difference_amplifier.offset=1 mV",
                                                 "chip.difference_amplifier.noise=10 uV",
                                                 "chip.difference_amplifier.saturation=1.0",
                                                 "chip.nudge.sign_mismatch=0.1",
                                                 "chip.neuron.amplifier_gain=100",
                                                 "chip.neuron.amplifier_offset=1 mV",
                                                 "chip.neuron.slew_rate=1 MV/s",
                                                 "chip.temperature_shift=10 K",
                                                 "network.time_constant.family=lognormal",
                                                 "network.time_constant.cv=0.2",
                                                 "chip.neuron.capacitor_mismatch=0.1",
                                                 "chip.neuron.leak_mismatch=0.1",
                                                 "chip.neuron.gain_mismatch=0.1",
                                                 "chip.neuron.offset=1 mV",
                                                 "chip.neuron.circuit=ota",
                                                 "chip.neuron.reset=false",
                                                 "chip.feedback=shared-slots"};
const std::vector<std::string> everything_exponential{
    "chip.device.model=exponential",       "chip.device.nonlinearity_up=1.0",
    "chip.device.nonlinearity_spread=0.1", "chip.device.window_cycle_noise=0.01",
    "chip.update.circuit=stochastic",      "chip.feedback=separate-array"};
const std::vector<std::string> everything_in_the_cells{"chip.faults.open=0.01",
                                                       "chip.wires.row=1 ohm",
                                                       "chip.wires.column=1 ohm",
                                                       "chip.wires.transistor=1 kohm",
                                                       "chip.wires.transistor_limit=1 mA",
                                                       "chip.noise.thermal=true",
                                                       "chip.noise.shot=true",
                                                       "chip.noise.telegraph=0.1",
                                                       "chip.noise.flicker=1e-6",
                                                       "chip.retention.law=power-law",
                                                       "chip.retention.exponent=0.05",
                                                       "chip.write.disturb_set=0.01",
                                                       "chip.write.supply_drop=0.01",
                                                       "chip.write.jitter=0.01",
                                                       "chip.endurance.failure_pulses=1e6",
                                                       "chip.device.temperature_coefficient=0.001"};
const std::vector<std::string> everything_nonlinear{"chip.device.nonlinear_voltage=0.3 V"};
const std::vector<std::string> everything_by_signs{"chip.update.circuit=sign-sign"};
const std::vector<std::string> everything_accumulated{"chip.update.circuit=accumulate"};
const std::vector<std::string> everything_resistive{
    "network.style=resistive", "chip.resistive.diode=exponential",
    "chip.resistive.forward_mismatch=0.01", "chip.resistive.backward_mismatch=0.01"};
const std::vector<std::string> everything_clamped{
    "network.activation=hard-sigmoid", "chip.neuron.circuit=clamp",
    "chip.update.circuit=product-sign", "chip.pair=differential", "chip.update.reset_only=true"};
const std::vector<std::string> everything_adapting{
    "learning.adaptation.steps=5", "chip.adaptation.circuit=slow-variable",
    "chip.adaptation.conductance_mismatch=0.05", "chip.adaptation.offset=1 mV"};
const std::vector<std::string> everything_twice{
    "learning.nudging=one-sided", "chip.twin.mode=free-nudged", "chip.twin.gain_mismatch=0.01",
    "chip.update.circuit=write-verify"};

const std::vector<std::string> everything_passive{"chip.neuron.circuit=passive"};
const std::vector<std::string> everything_branched{
    "network.dendrites.basal_branches=2", "network.dendrites.apical_branches=2",
    "network.dendrites.basal_tau=10 ns",  "network.dendrites.apical_tau=20 ns",
    "network.feedback=separate",          "chip.feedback=separate-array",
    "chip.branch.rectifier=softplus",     "chip.branch.offset=1 mV",
    "chip.branch.comparator_offset=1 mV", "chip.branch.leak_mismatch=0.1",
    "chip.branch.masked_cells=off",       "chip.branch.off_conductance=10 nS"};
const std::vector<std::string> everything_asleep{"tasks.classes=2",
                                                 "sleep.enabled=true",
                                                 "sleep.threshold=[0.1, 0.1]",
                                                 "sleep.gate=hard",
                                                 "sleep.mean_bits=4",
                                                 "sleep.random=shift-register",
                                                 "chip.pair=differential",
                                                 "chip.sleep.comparator_offset=1 mV",
                                                 "chip.sleep.comparator_noise=1 mV",
                                                 "chip.sleep.threshold_bits=8",
                                                 "chip.sleep.sense_offset=1 nS",
                                                 "chip.sleep.rail=1 V"};

TEST(Ablation, EveryKeyOfTheChipIsAnImperfectionOrSaysWhyNot) {
  std::set<std::string> known;
  for (const auto& one : bench::imperfections()) known.insert(one.keys.begin(), one.keys.end());
  std::set<std::string> not_ones;
  for (const auto& [key, reason] : bench::not_imperfections()) {
    EXPECT_FALSE(reason.empty()) << key;
    EXPECT_EQ(known.count(key), 0U) << key << " stands in both lists";
    EXPECT_TRUE(not_ones.insert(key).second) << key << " stands twice";
  }
  const auto keys = all_keys();
  for (const auto& key : keys) {
    if (key.rfind("chip.", 0) != 0 && key.rfind("network.time_constant.", 0) != 0) continue;
    if (key == "network.time_constant.mean") continue;  // the scale of time
    EXPECT_TRUE(known.count(key) + not_ones.count(key) == 1)
        << key
        << ": add it to testbenches/experiment/ablation.cpp, as part of an imperfection or "
           "among those that are none";
  }
  for (const auto& key : known) EXPECT_EQ(keys.count(key), 1U) << key << " is no key";
  for (const auto& key : not_ones) EXPECT_EQ(keys.count(key), 1U) << key << " is no key";
}

TEST(Ablation, NamesAreUniqueAndSettingsTouchTheirOwnKeys) {
  std::set<std::string> names;
  for (const auto& one : bench::imperfections()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_NE(one.name, cli::all_imperfections);
    EXPECT_FALSE(one.meaning.empty());
    EXPECT_EQ(one.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos);
    for (const auto& setting : one.off(config_with({}))) {
      // The limit of pulses, bits and the voltage scale follow what is exchanged.
      const bool follows = setting.key == "chip.update.max_pulses" ||
                           setting.key == "chip.update.circuit" ||
                           setting.key == "chip.voltage_scale" ||
                           setting.key.substr(setting.key.rfind('.')) == ".bits";
      EXPECT_TRUE(follows || std::count(one.keys.begin(), one.keys.end(), setting.key) == 1)
          << one.name << " sets " << setting.key;
    }
  }
}

TEST(Ablation, EveryImperfectionCanBeOnAndIsOffAfterwards) {
  std::set<std::string> seen;
  for (const auto& settings :
       {everything_linear, everything_exponential, everything_by_signs, everything_accumulated,
        everything_in_the_cells, everything_nonlinear, everything_resistive, everything_clamped,
        everything_twice, everything_adapting, everything_passive, everything_branched,
        everything_asleep}) {
    const bench::RunConfig on = config_with(settings);
    for (const auto& one : cli::plan_ablation(on)) {
      seen.insert(one.name);
      const bench::RunConfig without = config::parse_config(one.config, one.name).run;
      if (one.name == cli::all_imperfections) continue;
      EXPECT_TRUE(is_off(one.name, one.config)) << one.name;
      for (const auto& key : changed_keys(on, without)) {
        // Beside the run, not in it.
        if (key.rfind("run.", 0) == 0 || key.rfind("data.", 0) == 0) continue;
        EXPECT_NE(one.keys.find(key + "="), std::string::npos) << one.name << " changed " << key;
      }
    }
  }
  for (const auto& one : bench::imperfections()) {
    EXPECT_EQ(seen.count(one.name), 1U) << one.name << " was never on in this test";
  }
  EXPECT_EQ(seen.count(cli::all_imperfections), 1U);
}

TEST(Ablation, WhatIsOffIsNotRun) {
  const auto plan = plan_of({"chip.adc.bits=ideal", "chip.sample_hold.thermal_noise=false"});
  EXPECT_EQ(plan.count("adc-bits"), 0U);
  EXPECT_EQ(plan.count("sample-noise"), 0U);
  EXPECT_EQ(plan.count("read-noise"), 0U);
  EXPECT_EQ(plan.count("ota"), 0U);
  EXPECT_EQ(plan.count("slots"), 0U);
  EXPECT_EQ(plan.at("dac-bits"), "chip.dac.bits=ideal");
}

TEST(Ablation, AWiderRangeKeepsTheStep) {
  const auto plan = cli::plan_ablation(config_with({"chip.dac.bits=8", "chip.adc.bits=10"}));
  for (const auto& one : plan) {
    const auto chip = config::parse_config(one.config, one.name).run.chip;
    if (one.name == "dac-range") {
      EXPECT_DOUBLE_EQ(chip.dac.range / 1023, 1.0 / 255);
    } else if (one.name == "adc-range") {
      EXPECT_DOUBLE_EQ(chip.adc.range / 2048, 1.0 / 512);
    } else if (one.name == "nudge-dac-range") {
      EXPECT_EQ(chip.nudge_dac.range, 4.0);
    }
  }
}

TEST(Ablation, ChildrenHaveTheSameSeedAndNothingBesideTheRun) {
  const auto plan = cli::plan_ablation(config_with({"run.seed=7", "output.path=out.h5"}));
  ASSERT_GT(plan.size(), 3U);
  for (const auto& one : plan) {
    const auto run = config::parse_config(one.config, one.name).run;
    EXPECT_EQ(run.seed, 7U);
    EXPECT_FALSE(run.ideal_reference);
    EXPECT_FALSE(run.backprop_reference);
    EXPECT_EQ(run.output.path, "");
    EXPECT_EQ(run.threads, 1U);
  }
}

TEST(Ablation, PathsOfChildrenAreAbsolute) {
  const auto plan = cli::plan_ablation(
      config_with({"data.name=files", "data.train_inputs=x.npy", "data.test_inputs=t.npz:a"}));
  const auto run = config::parse_config(plan.front().config, "child.toml", {}, "/elsewhere").run;
  EXPECT_EQ(run.data.train_inputs.front(), '/');
  EXPECT_EQ(run.data.train_inputs.find("/elsewhere"), std::string::npos);
  EXPECT_EQ(run.data.test_inputs.substr(run.data.test_inputs.size() - 8), "/t.npz:a");
  EXPECT_EQ(run.data.train_targets, "");
}

TEST(Ablation, SoftwareRunsAreRefused) {
  EXPECT_THROW(cli::plan_ablation(config_with({"run.fidelity=ideal"})), UserError);
  EXPECT_THROW(cli::plan_ablation(config_with({"run.fidelity=ode"})), UserError);
}

}  // namespace
}  // namespace memprop
