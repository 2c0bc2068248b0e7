// Reading of correct configuration files and overrides.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/config/config.hpp"
#include "cli/config/nearest.hpp"

namespace memprop::config {
namespace {

constexpr const char* kMinimal = "[network]\nlayers = [784, 128, 10]\n";

bench::RunConfig parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_config(text, "run.toml", overrides).run;
}

TEST(ConfigReader, MinimalFileKeepsTheDefaults) {
  const bench::RunConfig c = parse(kMinimal);
  EXPECT_EQ(c.network.layers, (std::vector<std::size_t>{784, 128, 10}));
  EXPECT_EQ(c.network.activation, std::vector<Activation>{Activation::tanh});
  EXPECT_EQ(c.network.feedback_gain, std::vector<double>{1.0});
  EXPECT_EQ(c.fidelity, bench::Fidelity::cycle);
  EXPECT_EQ(c.chip.clock_s, 10e-9);
  EXPECT_EQ(c.chip.nudge_dac.bits, 8U);
}

TEST(ConfigReader, ReadsEveryKindOfValue) {
  const bench::RunConfig c = parse(R"(
[run]
name = "wide \"one\""
fidelity = "ode"
seed = 9223372036854775807
ideal_reference = false
[network]
layers = [4, 3, 3, 2]
activation = "shifted-logistic"
feedback_gain = [0.1, 0.01]
[network.time_constant]
family = "lognormal"
mean = "250 ns"
cv = 0.4
clip = [0.5, 2]
[learning]
nudging = "random-sign"
rate = 0.05
beta = 1
batch = 20
[chip]
clock = "5ns"
weight_range = [1, 2.5, 1]
[chip.adc]
bits = "ideal"
noise = "150 uV"
[solver]
atol = "1 uV"
[output]
probes = ["layer1/neurons/v", "*"]
samples = [0, 100]
)");
  EXPECT_EQ(c.name, "wide \"one\"");
  EXPECT_EQ(c.fidelity, bench::Fidelity::ode);
  EXPECT_EQ(c.seed, 9223372036854775807U);
  EXPECT_FALSE(c.ideal_reference);
  EXPECT_EQ(c.network.activation, std::vector<Activation>{Activation::shifted_logistic});
  EXPECT_EQ(c.network.feedback_gain, (std::vector<double>{0.1, 0.01}));
  EXPECT_EQ(c.network.time_constant.family, learning::TimeConstantFamily::lognormal);
  EXPECT_EQ(c.network.time_constant.mean_s, 250e-9);
  EXPECT_EQ(c.network.time_constant.clip_low, 0.5);
  EXPECT_EQ(c.network.time_constant.clip_high, 2.0);
  EXPECT_EQ(c.learning.nudging, learning::Nudging::random_sign);
  EXPECT_EQ(c.learning.rate, std::vector<double>{0.05});
  EXPECT_EQ(c.learning.beta, 1.0);
  EXPECT_EQ(c.chip.clock_s, 5e-9);
  EXPECT_EQ(c.chip.weight_range, (std::vector<double>{1, 2.5, 1}));
  EXPECT_EQ(c.chip.adc.bits, 0U);
  EXPECT_EQ(c.chip.adc.noise_v, 150e-6);
  EXPECT_EQ(c.chip.solver.atol, 1e-6);
  EXPECT_EQ(c.output.probes, (std::vector<std::string>{"layer1/neurons/v", "*"}));
  EXPECT_EQ(c.output.samples, (std::vector<std::uint64_t>{0, 100}));
}

TEST(ConfigReader, DottedKeysAndInlineTablesAreTheSame) {
  const bench::RunConfig c =
      parse("network.layers = [2, 1]\nchip.dac.bits = 4\nchip.adc = {bits = 6}\n");
  EXPECT_EQ(c.chip.dac.bits, 4U);
  EXPECT_EQ(c.chip.adc.bits, 6U);
}

TEST(ConfigReader, PresetComesFirstWhereverItStands) {
  const bench::RunConfig c =
      parse(std::string(kMinimal) + "[chip.device]\ng_max = \"8 uS\"\npreset = \"linear-64\"\n");
  const bench::RunConfig plain =
      parse(std::string(kMinimal) + "[chip.device]\npreset = \"linear-64\"\n");
  EXPECT_EQ(c.chip.device.preset, "linear-64");
  EXPECT_EQ(c.chip.device.g_max_s, 8e-6);
  EXPECT_EQ(c.chip.device.step, plain.chip.device.step);
  EXPECT_NE(c.chip.device.step, analog::DeviceConfig{}.step);
}

TEST(ConfigReader, OverridesAreTomlOrBareWords) {
  const bench::RunConfig c = parse(
      kMinimal, {"run.seed=3", "chip.dac.bits=4", "chip.clock=5 ns", "learning.nudging=one-sided",
                 "network.layers=[8, 4, 2]", "learning.beta = 1e-2", "chip.adc.bits=ideal",
                 "run.name=2020-01-01", "output.path=out/a b.h5", "network.bias=true", "run.seed=4",
                 "chip.slot=\"7 ns\""});
  EXPECT_EQ(c.seed, 4U);  // the last one counts
  EXPECT_EQ(c.chip.dac.bits, 4U);
  EXPECT_EQ(c.chip.clock_s, 5e-9);
  EXPECT_EQ(c.chip.slot_s, 7e-9);
  EXPECT_EQ(c.learning.nudging, learning::Nudging::one_sided);
  EXPECT_EQ(c.network.layers, (std::vector<std::size_t>{8, 4, 2}));
  EXPECT_EQ(c.learning.beta, 1e-2);
  EXPECT_EQ(c.chip.adc.bits, 0U);
  EXPECT_EQ(c.name, "2020-01-01");
  EXPECT_EQ(c.output.path, "out/a b.h5");
  EXPECT_TRUE(c.network.bias);
}

TEST(ConfigReader, DataPathsCountFromTheFilesFolder) {
  const auto folder = std::filesystem::temp_directory_path() / "memprop_config_paths";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "run.toml").string();
  const std::string text =
      "[network]\nlayers = [2, 1]\n[data]\nname = \"files\"\ntrain_inputs = \"sub/../x.csv\"\n"
      "test_inputs = \"/abs/y.csv\"\n";
  std::ofstream(path) << text;
  const Config c = load_config(path, {"data.train_targets=t.csv"});
  EXPECT_EQ(c.run.data.train_inputs, (folder / "x.csv").string());
  EXPECT_EQ(c.run.data.test_inputs, "/abs/y.csv");
  EXPECT_EQ(c.run.data.train_targets, "t.csv");
  EXPECT_EQ(c.run.data.test_targets, "");
  EXPECT_EQ(c.text, text);
  std::filesystem::remove_all(folder);
}

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(nearest("beta", {"gamma", "betas", "xyz"}), "betas");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace memprop::config
