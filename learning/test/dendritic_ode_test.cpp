// Dendritic neurons in continuous time: the fixed points and updates of the map, whatever the lags.
#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/test/dendritic_loops.hpp"
#include "learning/test/task.hpp"

namespace memprop::learning::test {
namespace {

struct Lags {
  double basal, apical;  // over the time constant of the neurons
};

// A3: lags of branches against neurons of 0 (none), 0.1 and 0.3, 1 and 1, 3 and 10.
TEST(DendriticOde, LagsMoveNoFixedPoint) {
  for (const FeedbackWeights feedback : {FeedbackWeights::separate, FeedbackWeights::tied}) {
    NetworkConfig config = dendritic_config({20, 12, 8, 5});
    config.feedback = feedback;
    config.train_feedback = feedback == FeedbackWeights::separate;
    config.feedback_gain = {0.3};
    config.links = {"1-3"};
    config.time_constant.mean_s = 100e-9;
    const Samples s = random_samples(3, 20, 5, 4);
    LearningConfig learning;
    learning.form = UpdateForm::product;
    learning.scale = GradientScale::nudge;
    learning.beta = 0.1;
    IdealConfig map;
    map.free_steps = map.nudged_steps = 300;
    for (const Lags lags : {Lags{0, 0}, Lags{0.1, 0.3}, Lags{1, 1}, Lags{3, 10}}) {
      config.dendrites.basal_tau_s = lags.basal * 100e-9;
      config.dendrites.apical_tau_s = lags.apical * 100e-9;
      const Network network = build_network(config, 11);
      OdeConfig phases;
      phases.free_s = phases.nudged_s = (20 + 20 * lags.apical) * 100e-9;
      ode::StepperConfig stepper;
      stepper.rtol = 1e-8;
      stepper.atol = 1e-10;
      OdeReference ode(network, learning, phases, stepper, 1);
      IdealReference ideal(network, learning, map, 1);
      for (std::size_t k = 0; k < 3; ++k) {
        const auto x = s.inputs.row(k), y = s.targets.row(k);
        const auto same = [&](const LayerStates& a, const LayerStates& b) {
          for (std::size_t l = 0; l < 3; ++l) {
            for (std::size_t i = 0; i < a.r[l].size(); ++i) {
              EXPECT_NEAR(a.r[l][i], b.r[l][i], 1e-4) << lags.apical << ' ' << l << ' ' << i;
            }
          }
        };
        same(ode.relax_free(x), ideal.relax_free(x));
        for (const double beta : {0.1, -0.1}) {
          same(ode.relax_nudged(x, y, beta), ideal.relax_nudged(x, y, beta));
        }
      }
      const Gradient slow = ode.ep_update_estimate(s.inputs, s.targets);
      const Gradient fast = ideal.ep_update_estimate(s.inputs, s.targets);
      for (std::size_t l = 0; l < 3; ++l) {
        EXPECT_LT(relative_error(slow.weight[l], fast.weight[l]), 1e-3) << l;
        EXPECT_LT(relative_error(slow.bias[l], fast.bias[l]), 1e-3) << l;
      }
      ASSERT_EQ(slow.feedback.size(), fast.feedback.size());
      for (std::size_t l = 0; l < slow.feedback.size(); ++l) {
        EXPECT_LT(relative_error(slow.feedback[l], fast.feedback[l]), 1e-3) << l;
      }
      EXPECT_LT(relative_error(slow.links[0], fast.links[0]), 1e-3);
    }
  }
}

TEST(DendriticOde, TrainsLikeTheMap) {
  NetworkConfig config = dendritic_config({12, 10, 4});
  config.train_feedback = true;
  config.dendrites.basal_tau_s = 30e-9;
  const Network start = build_network(config, 3);
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.scale = GradientScale::nudge;
  learning.beta = 0.1;
  learning.rate = {0.2, 0.1};
  learning.batch = 4;
  learning.optimiser.kind = OptimiserKind::momentum;
  OdeConfig phases;
  phases.free_s = phases.nudged_s = 3e-6;
  ode::StepperConfig stepper;
  stepper.rtol = 1e-8;
  stepper.atol = 1e-10;
  IdealConfig map;
  map.free_steps = map.nudged_steps = 100;
  const Samples s = random_samples(12, 12, 4, 5);
  OdeReference ode(start, learning, phases, stepper, 2);
  IdealReference ideal(start, learning, map, 1);
  ode.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  ideal.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_LT(relative_error(ode.network().weight[l], ideal.network().weight[l]), 1e-4);
  }
  EXPECT_LT(relative_error(ode.network().feedback[0], ideal.network().feedback[0]), 1e-4);
  EXPECT_NE(ode.network().feedback[0].values(), start.feedback[0].values());
}

}  // namespace
}  // namespace memprop::learning::test
