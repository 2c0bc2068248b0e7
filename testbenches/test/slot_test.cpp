// Option A1 slot by slot against its average over a slot pair: what the slots leave in the sampled
// activities is proportional to T_slot/tau and vanishes with it (ep-circuits 2.4).
#include <gtest/gtest.h>

#include <cmath>

#include "hw_models/chip_runner.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {
namespace {

constexpr double tau_s = 100e-9;

hw::ChipConfig ideal_chip(hw::FeedbackArray feedback, double slot_s, double forward_share) {
  hw::ChipConfig c;
  c.weight_range = {1.5};
  c.feedback = feedback;
  c.slot_s = slot_s;
  c.forward_share = forward_share;
  c.device.model = analog::DeviceModel::ideal;
  c.dac.bits = c.adc.bits = c.nudge_dac.bits = 0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.schedule = {2, 400, 4, 2, 400, 400};  // 40 tau: settled far below the ripple
  c.solver.rtol = 1e-11;
  c.solver.atol = 1e-13;
  return c;
}

// Held activities of the three phases in units of V_s.
std::vector<double> held_activities(const hw::ChipConfig& chip) {
  const FreshKernel kernel;
  learning::NetworkConfig network;
  network.layers = {small_inputs, 8, small_outputs};
  network.activation = {Activation::tanh};
  network.feedback_gain = {0.3};
  network.time_constant.mean_s = tau_s;
  hw::ChipRunner runner("runner", chip, learning::build_network(network, 11), {}, 1);
  const auto sample = small_samples(1);
  runner.run_sample(sample.inputs.row(0), sample.targets.row(0), true);
  std::vector<double> all;
  for (std::size_t bank = 0; bank < hw::sample_banks; ++bank) {
    for (const double v : runner.chip().analog().sample_hold().held(bank)) {
      all.push_back(v / runner.chip().analog().voltage_scale_v());
    }
  }
  return all;
}

class Slots : public ::testing::TestWithParam<double> {};

TEST_P(Slots, DeviationVanishesWithFirstOrder) {
  const auto averaged =
      held_activities(ideal_chip(hw::FeedbackArray::shared_averaged, 10e-9, GetParam()));
  // All divide the clock period or are divided by it: every sample falls on the end of a slot pair.
  const std::vector<double> slots = {10e-9, 5e-9, 2.5e-9, 1.25e-9};
  std::vector<double> deviation;
  for (const double slot_s : slots) {
    const auto resolved =
        held_activities(ideal_chip(hw::FeedbackArray::shared_slots, slot_s, GetParam()));
    ASSERT_EQ(resolved.size(), averaged.size());
    double largest = 0.0;
    for (std::size_t k = 0; k < averaged.size(); ++k) {
      largest = std::max(largest, std::abs(resolved[k] - averaged[k]));
    }
    deviation.push_back(largest);
    std::printf("slot pair %5.2f ns, T/tau %.4f: largest deviation %.3e\n", 1e9 * slot_s,
                slot_s / tau_s, largest);
  }
  // Slope of the least-squares line through (log T, log deviation).
  double sum_t = 0, sum_d = 0, sum_tt = 0, sum_td = 0;
  const auto n = static_cast<double>(slots.size());
  for (std::size_t k = 0; k < slots.size(); ++k) {
    const double t = std::log(slots[k]), d = std::log(deviation[k]);
    sum_t += t;
    sum_d += d;
    sum_tt += t * t;
    sum_td += t * d;
  }
  const double slope = (n * sum_td - sum_t * sum_d) / (n * sum_tt - sum_t * sum_t);
  std::printf("slope %.4f\n", slope);
  EXPECT_NEAR(slope, 1.0, 0.1);
  // A ripple of the size of the coupling: not a rounding effect, and small already at T = tau/10.
  EXPECT_GT(deviation.back(), 1e-5);
  EXPECT_LT(deviation.front(), 0.1);
}

INSTANTIATE_TEST_SUITE_P(ForwardShare, Slots, ::testing::Values(0.5, 0.8));

}  // namespace
}  // namespace memprop::bench::test
