// X26 of ep-circuits: the controller in C++ and the one in Verilog go through the same phases cycle
// by cycle and leave bit-identical conductances after 1,000 training samples.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "hw_models/chip_runner.hpp"
#include "hw_models/rtl/rtl_build.hpp"
#include "testbenches/cosim/lockstep.hpp"
#include "testbenches/cosim/test/cosim_chip.hpp"

namespace memprop::bench::cosim {
namespace {

using hw::UpdateCircuit;
using learning::Nudging;

constexpr std::size_t samples = 1000;

// Three different chips: widths, bias, converters, lengths of phases and updates.
SmallRun chip_of(int set, UpdateCircuit circuit, Nudging nudging) {
  RunConfig base = test::small_run();
  hw::ChipConfig& chip = base.chip;
  if (set == 1) {
    base.network.layers = {test::small_inputs, 5, test::small_outputs};
    base.network.bias = false;
    chip.adc.bits = 8;
    chip.dac.bits = 6;
    chip.schedule = {3, 40, 2, 3, 25, 30};
    chip.update.max_pulses = 4;
    chip.update.stream_length = 12;
    base.learning.form = circuit == UpdateCircuit::sign_sign ? learning::UpdateForm::simplified
                                                             : learning::UpdateForm::product;
  } else if (set == 2) {
    base.network.layers = {test::small_inputs, 7, 6, test::small_outputs};
    base.network.feedback_gain = {0.3, 0.2};
    chip.adc.bits = 12;
    chip.schedule = {1, 60, 1, 3, 30, 45};
    chip.adc.channels = 4;  // for 17 neurons
    chip.adc.average = 4;
    chip.update.max_pulses = 2;
    chip.update.stream_length = 7;
  }
  chip.update.circuit = circuit;
  chip.update.sign_threshold_post = 0.02;
  chip.update.sign_threshold_pre = 0.1;
  SmallRun run;
  run.chip = chip;
  run.learning = base.learning;
  run.learning.nudging = nudging;
  run.network = learning::build_network(base.network, 1);
  run.data = test::small_samples(40);
  return run;
}

struct EndState {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  std::vector<std::uint64_t> pulses;
  std::uint64_t busy_cycles = 0, cut = 0;
};

EndState train(const SmallRun& run, const hw::ControllerFactory& controller,
               std::uint64_t* compared = nullptr) {
  test::FreshKernel kernel;
  hw::ChipRunner runner("runner", run.chip, run.network, run.learning, 1, controller);
  for (std::size_t k = 0; k < samples; ++k) {
    // Every tenth sample is an inference.
    runner.run_sample(run.x(k), run.target(k), k % 10 != 9);
  }
  EndState end;
  runner.chip().analog().save(end.values, end.counters);
  const auto& counters = runner.chip().controller().counters();
  end.pulses = counters.pulses_up;
  end.pulses.insert(end.pulses.end(), counters.pulses_down.begin(), counters.pulses_down.end());
  end.busy_cycles = counters.busy_cycles;
  end.cut = counters.pulse_clipped;
  if (compared != nullptr) {
    *compared = dynamic_cast<Lockstep&>(runner.chip().controller()).cycles();
  }
  return end;
}

class X26 : public ::testing::TestWithParam<std::tuple<UpdateCircuit, Nudging, int>> {};

TEST_P(X26, SamePhasesAndConductancesAfterAThousandSamples) {
  if (!have_verilator()) GTEST_SKIP() << "not run: needs the package verilator";
  const auto [circuit, nudging, set] = GetParam();
  const SmallRun run = chip_of(set, circuit, nudging);
  const EndState cpp = train(run, {});
  std::uint64_t compared = 0;
  const EndState rtl = train(
      run, lockstep_factory({"rtl", hw::rtl::rtl_factory(hw::rtl::RtlSources{})}, {"C++", {}}),
      &compared);
  EXPECT_EQ(cpp.values, rtl.values);  // conductances, energies, node voltages
  EXPECT_EQ(cpp.counters, rtl.counters);
  EXPECT_EQ(cpp.pulses, rtl.pulses);
  EXPECT_EQ(cpp.busy_cycles, rtl.busy_cycles);
  EXPECT_EQ(cpp.cut, rtl.cut);
  EXPECT_GT(compared, cpp.busy_cycles);
  std::uint64_t pulses = 0;
  for (const auto count : cpp.pulses) pulses += count;
  EXPECT_GT(pulses, samples) << "too few pulses to say anything";
}

std::string name_of(const ::testing::TestParamInfo<X26::ParamType>& info) {
  const auto [circuit, nudging, set] = info.param;
  const char* const circuits[] = {"U1", "U2", "U3"};
  const std::string schedule = nudging == Nudging::centred     ? "Centred"
                               : nudging == Nudging::one_sided ? "OneSided"
                                                               : "RandomSign";
  return circuits[static_cast<int>(circuit)] + schedule + "Set" + std::to_string(set);
}

#ifdef MEMPROP_X26_ALL
INSTANTIATE_TEST_SUITE_P(All, X26,
                         ::testing::Combine(::testing::Values(UpdateCircuit::pulse_count,
                                                              UpdateCircuit::stochastic,
                                                              UpdateCircuit::sign_sign),
                                            ::testing::Values(Nudging::centred, Nudging::one_sided,
                                                              Nudging::random_sign),
                                            ::testing::Values(0, 1, 2)),
                         name_of);
#else
// Every circuit, every schedule and every chip once; all of them are under the label slow.
INSTANTIATE_TEST_SUITE_P(
    Some, X26,
    ::testing::Values(X26::ParamType{UpdateCircuit::pulse_count, Nudging::centred, 0},
                      X26::ParamType{UpdateCircuit::stochastic, Nudging::one_sided, 1},
                      X26::ParamType{UpdateCircuit::sign_sign, Nudging::random_sign, 2}),
    name_of);
#endif

}  // namespace
}  // namespace memprop::bench::cosim
