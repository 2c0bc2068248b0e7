// The golden network of ep-circuits 2.1 on a chip with ideal parts: states and the EP estimate
// equal those of the ideal reference (experiment X1 at cycle level).
#include <gtest/gtest.h>

#include <cmath>

#include "hw_models/chip_runner.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/golden_network.hpp"
#include "testbenches/experiment/waveform_recorder.hpp"

namespace memprop::bench {
namespace {

using learning::test::golden_network;

constexpr float x[] = {1.0F, -0.5F, 0.25F};
constexpr float y[] = {0.5F, -0.5F};
constexpr double beta = 0.05;
constexpr double tolerance = 1e-6;

struct Option {
  double gain;
  hw::FeedbackArray feedback;
  bool heterogeneous;
  analog::PairCoding pair;
};

void PrintTo(const Option& o, std::ostream* out) {
  *out << "b=" << o.gain << " feedback=" << static_cast<int>(o.feedback)
       << (o.heterogeneous ? " heterogeneous" : " equal") << " tau, pair "
       << static_cast<int>(o.pair);
}

hw::ChipConfig ideal_chip(const Option& option, double longest_tau_s) {
  hw::ChipConfig c;
  c.feedback = option.feedback;
  c.pair = option.pair;
  c.device.model = analog::DeviceModel::ideal;
  c.dac.bits = 0;
  c.nudge_dac.bits = 0;
  c.adc.bits = 0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.solver.rtol = 1e-12;
  c.solver.atol = 1e-14;
  // Weak contraction at b = 1: twice the 60 tau_max of the criterion.
  const auto cycles = static_cast<std::uint32_t>(std::ceil(120.0 * longest_tau_s / c.clock_s));
  c.schedule = {2, cycles, 2, 2, cycles, cycles};
  return c;
}

class GoldenChip : public ::testing::TestWithParam<Option> {};

TEST_P(GoldenChip, StatesAndEstimateEqualTheIdealOnes) {
  const Option option = GetParam();
  auto network = golden_network(option.gain);
  double longest = 100e-9;
  for (auto& layer : network.tau_s) layer.assign(layer.size(), 100e-9);
  if (option.heterogeneous) {
    network.tau_s = {{100e-9, 700e-9}, {30e-9, 200e-9}, {400e-9, 50e-9}};
    longest = 700e-9;
  }
  learning::LearningConfig learning;
  learning.nudging = learning::Nudging::centred;
  learning.form = learning::UpdateForm::product;
  learning.beta = beta;

  learning::IdealConfig settings;
  settings.free_steps = settings.nudged_steps = 5000;
  learning::IdealReference ideal(network, learning, settings, 1);
  const std::vector<double> xd(x, x + 3), yd(y, y + 2);
  const auto free = ideal.relax_free(xd);
  Matrix inputs(1, 3), targets(1, 2);
  std::copy(xd.begin(), xd.end(), inputs.data());
  std::copy(yd.begin(), yd.end(), targets.data());
  const auto expected = ideal.ep_update_estimate(inputs, targets);

  hw::ChipRunner runner("runner", ideal_chip(option, longest), network, learning, 1);
  EXPECT_EQ(runner.chip().analog().programming_clipped(), 0u);
  WaveformRecorder waves(runner);
  waves.begin();
  runner.run_sample({x, 3}, {y, 2}, true);
  waves.end();

  const auto& schedule = runner.chip().config().schedule;
  const std::size_t end_of_free = schedule.load + schedule.free + schedule.sample;
  const double scale = runner.chip().analog().voltage_scale_v();
  for (std::size_t l = 1; l <= 3; ++l) {
    const Matrix v = waves.membrane(l);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(v(end_of_free, i) / scale, free.v[l - 1][i], tolerance) << l << ',' << i;
      for (const auto& golden : learning::test::kGoldenCases) {
        if (golden.gain != option.gain) continue;
        EXPECT_NEAR(v(end_of_free, i) / scale, golden.v[2 * (l - 1) + i], tolerance);
      }
    }
  }

  // The product difference from the held voltages, as the circuit of 2.5 has them.
  const auto& held = runner.chip().analog().sample_hold();
  const auto activity = [&](std::size_t bank, std::size_t l, std::size_t i) {
    return l == 0 ? xd[i] : held.held(bank)[2 * (l - 1) + i] / scale;
  };
  for (std::size_t l = 1; l <= 3; ++l) {
    const double attenuation = std::pow(option.gain, 3.0 - static_cast<double>(l));
    const auto& w = expected.weight[l - 1];
    for (std::size_t i = 0; i < w.rows(); ++i) {
      for (std::size_t j = 0; j < w.cols(); ++j) {
        const double difference =
            activity(1, l, i) * activity(1, l - 1, j) - activity(2, l, i) * activity(2, l - 1, j);
        EXPECT_NEAR(difference / (2.0 * beta * attenuation), w(i, j), tolerance)
            << "layer " << l << " (" << i << ',' << j << ')';
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    X1, GoldenChip,
    ::testing::Values(
        Option{0.1, hw::FeedbackArray::shared_averaged, false, analog::PairCoding::reference},
        Option{0.1, hw::FeedbackArray::shared_averaged, true, analog::PairCoding::differential},
        Option{0.1, hw::FeedbackArray::separate_array, true, analog::PairCoding::reference},
        Option{1.0, hw::FeedbackArray::shared_averaged, true, analog::PairCoding::reference},
        Option{1.0, hw::FeedbackArray::separate_array, false, analog::PairCoding::differential},
        Option{0.01, hw::FeedbackArray::shared_averaged, true, analog::PairCoding::reference}));

}  // namespace
}  // namespace memprop::bench
