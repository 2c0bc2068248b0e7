// The lock-step bench itself: two controllers of one kind agree, a fault planted in one of them
// stops at its cycle with the right pin and the history, and resets reach every phase.
#include "testbenches/cosim/lockstep.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "hw_models/controller_module.hpp"
#include "hw_models/rtl/rtl_build.hpp"
#include "testbenches/cosim/bench/lockstep_configs.hpp"
#include "testbenches/cosim/stimulus_bench.hpp"
#include "testbenches/cosim/test/cosim_chip.hpp"

namespace memprop::bench::cosim {
namespace {

digital::ControllerConfig config_named(const std::string& name) {
  for (const auto& named : lockstep_configs({5, 4, 3}, true)) {
    if (named.name == name) return named.config;
  }
  throw std::runtime_error("no configuration " + name);
}

class LockstepBench : public ::testing::Test {
 protected:
  // The difference that ends a run of so many cycles, or none.
  std::unique_ptr<LockstepDifference> run(const digital::ControllerConfig& config,
                                          const hw::ControllerFactory& shadow, int cycles,
                                          const StimulusConfig& stimulus = {}) {
    sc_core::sc_clock clk("clk", 10, sc_core::SC_NS);
    bench_ = std::make_unique<StimulusBench>(
        "bench", config, lockstep_factory({"one", {}}, {"other", shadow}), stimulus);
    bench_->clk(clk);
    sc_core::sc_start(sc_core::sc_time(10.0 * cycles, sc_core::SC_NS));
    try {
      if (const auto error = bench_->seat().take_error()) std::rethrow_exception(error);
    } catch (const LockstepDifference& difference) {
      return std::make_unique<LockstepDifference>(difference);
    }
    return nullptr;
  }
  test::FreshKernel kernel_;
  std::unique_ptr<StimulusBench> bench_;
};

TEST_F(LockstepBench, EqualControllersDoNotDiffer) {
  EXPECT_EQ(run(config_named("U1 centred product"), {}, 20000), nullptr);
  EXPECT_GT(bench_->samples(), 100U);
  EXPECT_EQ(bench_->cycles(), 20000U);
}

TEST_F(LockstepBench, ResetsReachEveryPhase) {
  StimulusConfig often;
  often.reset_chance = 1.0 / 40;
  often.train_chance = 0.3;
  run(config_named("U2 centred simplified"), {}, 60000, often);
  for (std::size_t phase = 0; phase < bench_->resets_by_phase().size(); ++phase) {
    EXPECT_GT(bench_->resets_by_phase()[phase], 0U)
        << digital::name(static_cast<digital::Phase>(phase));
  }
}

hw::ControllerFactory changed(const std::function<void(digital::ControllerConfig&)>& change) {
  return [change](const char* name, digital::ControllerConfig config) {
    change(config);
    return std::make_unique<hw::ControllerModule>(name, config);
  };
}

TEST_F(LockstepBench, NamesCyclePinValuesAndHistory) {
  const auto difference = run(config_named("U2 centred simplified"),
                              changed([](auto& c) { c.table[2].cycles += 1; }), 5000);
  ASSERT_NE(difference, nullptr);
  EXPECT_EQ(difference->difference.signal, "phase");
  EXPECT_EQ(difference->difference.left, "3");   // SAMPLE0
  EXPECT_EQ(difference->difference.right, "2");  // still FREE
  const std::string text = difference->what();
  EXPECT_NE(text.find("phase is 3 in one and 2 in other"), std::string::npos) << text;
  EXPECT_NE(text.find("the last "), std::string::npos) << text;
  // The cycle of the report is the kernel's: ten nanoseconds each, compared at the falling edge.
  EXPECT_NEAR(difference->time_s, 10e-9 * static_cast<double>(difference->cycle) + 5e-9, 1e-12);
}

TEST_F(LockstepBench, NamesTheLineThatDiffers) {
  const auto difference = run(config_named("U3 centred simplified"),
                              changed([](auto& c) { c.tile[1].col_threshold = 400; }), 20000);
  ASSERT_NE(difference, nullptr);
  EXPECT_EQ(difference->difference.signal.rfind("col_pulse[1][", 0), 0U)
      << difference->difference.signal;
  EXPECT_EQ(difference->difference.left, "1");
  EXPECT_EQ(difference->difference.right, "0");
}

TEST_F(LockstepBench, RtlRunsTwoHundredThousandCyclesWithoutADifference) {
  if (!have_verilator()) GTEST_SKIP() << "not run: needs the package verilator";
  const auto difference = run(config_named("U2 random-sign product"),
                              hw::rtl::rtl_factory(hw::rtl::RtlSources{}), 200000);
  EXPECT_EQ(difference, nullptr) << difference->what();
  EXPECT_EQ(bench_->cycles(), 200000U);
  EXPECT_GT(bench_->samples(), 1000U);
}

}  // namespace
}  // namespace memprop::bench::cosim
