// A user's controller in the chip: examples/cosim_sequencer is built on demand, keeps the rules of
// the border, trains, and is caught by the monitor where a fault is planted.
#include <gtest/gtest.h>

#include "hw_models/chip_runner.hpp"
#include "hw_models/monitor/protocol_monitor.hpp"
#include "hw_models/rtl/rtl_build.hpp"
#include "solvers/error.hpp"
#include "testbenches/cosim/test/cosim_chip.hpp"

namespace memprop::bench::cosim {
namespace {

hw::rtl::RtlSources sequencer(std::vector<std::string> parameters = {}) {
  return {{std::string(MEMPROP_SOURCE_DIR) + "/examples/cosim_sequencer/sequencer.v"},
          "sequencer",
          std::move(parameters)};
}

class UserController : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!have_verilator()) GTEST_SKIP() << "not run: needs the package verilator";
  }
  test::FreshKernel kernel_;
  SmallRun run_ = small_cosim_run(hw::UpdateCircuit::pulse_count);
};

std::string first_message(const hw::ProtocolMonitor& monitor) {
  const auto& found = monitor.rules().violations();
  return found.empty() ? "none" : found.front().message();
}

TEST_F(UserController, KeepsTheRulesOfTheBorder) {
  hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                        hw::rtl::rtl_factory(sequencer()));
  hw::ProtocolMonitor monitor("monitor", 2, hw::protocol_times(run_.chip));
  hw::watch(monitor, runner.chip());
  for (std::size_t k = 0; k < 20; ++k) {
    runner.run_sample(run_.x(k), run_.target(k), k % 5 != 4);
  }
  EXPECT_EQ(monitor.rules().total(), 0U) << first_message(monitor);
  EXPECT_GT(monitor.rules().cycles(), 20U * 100U);
}

TEST_F(UserController, ReportsANudgeReleasedEarly) {
  hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                        hw::rtl::rtl_factory(sequencer({"FAULT=1"})));
  hw::ProtocolMonitor monitor("monitor", 2, hw::protocol_times(run_.chip));
  hw::watch(monitor, runner.chip());
  for (std::size_t k = 0; k < 3; ++k) runner.run_sample(run_.x(k), run_.target(k), true);
  ASSERT_GT(monitor.rules().total(), 0U);
  const auto& first = monitor.rules().violations().front();
  EXPECT_EQ(first.rule, hw::Rule::nudge_held) << first.message();
  EXPECT_EQ(first.signal, "nudge_en");
}

TEST_F(UserController, ReportsAnUpdateDuringSampling) {
  hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                        hw::rtl::rtl_factory(sequencer({"FAULT=2"})));
  hw::ProtocolMonitor monitor("monitor", 2, hw::protocol_times(run_.chip));
  hw::watch(monitor, runner.chip());
  for (std::size_t k = 0; k < 3; ++k) runner.run_sample(run_.x(k), run_.target(k), true);
  EXPECT_GT(monitor.rules().count(hw::Rule::update_while_sampling), 0U) << first_message(monitor);
  EXPECT_EQ(monitor.rules().violations().front().signal, "upd_en");
}

TEST_F(UserController, IsCountedAtItsPins) {
  hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                        hw::rtl::rtl_factory(sequencer()));
  for (std::size_t k = 0; k < 10; ++k) runner.run_sample(run_.x(k), run_.target(k), true);
  const auto& counters = runner.chip().controller().counters();
  const auto lines = run_.network.width(1) + run_.network.width(2);
  EXPECT_EQ(counters.conversions, 10U * 3U * lines);
  const auto& s = run_.chip.schedule;
  EXPECT_EQ(counters.row_driven_cycles,
            10U * (s.free + s.nudge_positive + s.nudge_negative + 3U * s.sample));
  for (std::size_t t = 0; t < 2; ++t) {
    const auto device = runner.chip().analog().tile(t + 1).pairs().counters();
    EXPECT_EQ(counters.pulses_up[t], device.set_pulses);
    EXPECT_EQ(counters.pulses_down[t], device.reset_pulses);
    EXPECT_GT(counters.pulses_up[t] + counters.pulses_down[t], 0U);
  }
}

TEST_F(UserController, SavedStateGoesOnWithTheSameBits) {
  std::vector<double> values, end;
  std::vector<std::uint64_t> counters, end_counters;
  {
    test::FreshKernel kernel;
    hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                          hw::rtl::rtl_factory(sequencer()));
    for (std::size_t k = 0; k < 8; ++k) runner.run_sample(run_.x(k), run_.target(k), true);
    runner.save(values, counters);
    for (std::size_t k = 8; k < 16; ++k) runner.run_sample(run_.x(k), run_.target(k), true);
    runner.save(end, end_counters);
  }
  test::FreshKernel kernel;
  hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                        hw::rtl::rtl_factory(sequencer()));
  runner.restore(values, counters);
  for (std::size_t k = 8; k < 16; ++k) runner.run_sample(run_.x(k), run_.target(k), true);
  std::vector<double> resumed;
  std::vector<std::uint64_t> resumed_counters;
  runner.save(resumed, resumed_counters);
  EXPECT_EQ(resumed, end);
  EXPECT_EQ(resumed_counters, end_counters);
}

TEST_F(UserController, StateOfAnotherControllerIsRefused) {
  std::vector<std::uint64_t> state;
  {
    test::FreshKernel kernel;
    hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                          hw::rtl::rtl_factory(sequencer({"PAUSE=5"})));
    runner.run_sample(run_.x(0), run_.target(0), true);
    state = runner.chip().controller().save();
  }
  hw::ChipRunner runner("runner", run_.chip, run_.network, run_.learning, 1,
                        hw::rtl::rtl_factory(sequencer()));
  EXPECT_THROW(runner.chip().controller().restore(state), UserError);
}

}  // namespace
}  // namespace memprop::bench::cosim
