// Gains in front of what a layer receives from below, on a chip with ideal parts: no part of the
// weights, which stay as they are, nor of the biases. States and wanted changes equal those of the
// ideal reference.
#include <gtest/gtest.h>

#include "hw_models/controller_setup.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "testbenches/test/imperfection_fixture.hpp"

namespace memprop::bench {
namespace {

constexpr double tolerance = 1e-6;

TEST(ForwardGain, StatesAndChangesEqualTheIdealOnes) {
  constexpr float x[] = {1.0F, -0.5F, 0.25F}, y[] = {0.5F, -0.5F};
  test::Job job;
  job.network.config.forward_gain = {1.0, 0.7, 1.3};
  job.network.config.bias = true;
  job.network.bias = {{0.1, -0.2}, {0.05, 0.15}, {-0.1, 0.2}};
  job.chip.schedule = {2, 1200, 2, 2, 1200, 1200};
  learning::LearningConfig learning;
  learning.beta = 0.05;
  learning.rate = {1.0};
  learning::IdealConfig settings;
  settings.free_steps = settings.nudged_steps = 3000;
  learning::IdealReference ideal(job.network, learning, settings, 1);
  const std::vector<double> xd(x, x + 3), yd(y, y + 2);
  const auto free = ideal.relax_free(xd);
  Matrix inputs(1, 3), targets(1, 2);
  std::copy(xd.begin(), xd.end(), inputs.data());
  std::copy(yd.begin(), yd.end(), targets.data());
  const auto expected = ideal.ep_update_estimate(inputs, targets);

  test::FreshKernel kernel;
  hw::ChipRunner runner("runner", job.chip, job.network, learning, 1);
  const auto present = runner.chip().analog().present_network();
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t k = 0; k < present.weight[l].size(); ++k) {
      EXPECT_NEAR(present.weight[l].data()[k], job.network.weight[l].data()[k], 1e-12);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(present.bias[l][i], job.network.bias[l][i], 1e-12);
    }
  }
  runner.run_sample({x, 3}, {y, 2}, true);
  const auto& hold = runner.chip().analog().sample_hold();
  const auto change =
      hw::wanted_change(job.chip, job.network, learning, runner.chip().controller(), xd, 1.0, true);
  const double scale = runner.chip().analog().voltage_scale_v();
  for (std::size_t l = 0; l < 3; ++l) {
    const Matrix& w = expected.weight[l];
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(hold.held(0)[2 * l + i] / scale, std::tanh(free.v[l][i]), tolerance);
      for (std::size_t j = 0; j < w.cols(); ++j) {
        EXPECT_NEAR(change[l](i, j), w(i, j), tolerance) << l << " (" << i << ',' << j << ')';
      }
      EXPECT_NEAR(change[l](i, w.cols()), expected.bias[l][i], tolerance) << l << ',' << i;
    }
  }
}

}  // namespace
}  // namespace memprop::bench
