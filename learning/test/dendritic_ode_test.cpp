// Dendritic neurons in continuous time: the fixed points of the map, whatever the lags.
#include "learning/reference/dendritic_dynamics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learning/reference/ideal_reference.hpp"
#include "learning/test/dendritic_loops.hpp"
#include "learning/test/task.hpp"

namespace memprop::learning::test {
namespace {

struct Lags {
  double basal, apical;  // over the time constant of the neurons
};

// A3: lags of branches against neurons of 0 (none), 0.1 and 0.3, 1 and 1, 3 and 10.
TEST(DendriticOde, LagsMoveNoFixedPoint) {
  constexpr double kTau = 100e-9;
  for (const FeedbackWeights feedback : {FeedbackWeights::separate, FeedbackWeights::tied}) {
    NetworkConfig config = dendritic_config({20, 12, 8, 5});
    config.feedback = feedback;
    config.feedback_gain = {0.3};
    config.links = {"1-3"};
    config.time_constant.mean_s = kTau;
    const Samples s = random_samples(3, 20, 5, 4);
    IdealConfig map;
    map.free_steps = map.nudged_steps = 300;
    for (const Lags lags : {Lags{0, 0}, Lags{0.1, 0.3}, Lags{1, 1}, Lags{3, 10}}) {
      config.dendrites.basal_tau_s = lags.basal * kTau;
      config.dendrites.apical_tau_s = lags.apical * kTau;
      const Network network = build_network(config, 11);
      ode::StepperConfig stepper_config;
      stepper_config.rtol = 1e-8;
      stepper_config.atol = 1e-10;
      const auto stepper = ode::make_stepper(stepper_config);
      DendriticDynamics system(network);
      IdealReference ideal(network, LearningConfig{}, map, 1);
      const double length = (20 + 20 * lags.apical) * kTau;
      for (std::size_t k = 0; k < 3; ++k) {
        const auto x = s.inputs.row(k), y = s.targets.row(k);
        std::vector<double> r(system.signals());
        const auto expect_state = [&](const LayerStates& wanted, const std::vector<double>& v) {
          system.activity(v.data(), r.data());
          for (std::size_t l = 1; l <= 3; ++l) {
            for (std::size_t i = 0; i < network.width(l); ++i) {
              EXPECT_NEAR(r[system.first(l) + i], wanted.r[l - 1][i], 1e-4) << lags.apical;
            }
          }
        };
        std::vector<double> free(system.size(), 0.0);
        system.set_input(x);
        system.set_nudge(0.0, {});
        stepper->reset();
        stepper->advance(system, free, 0.0, length);
        expect_state(ideal.relax_free(x), free);
        for (const double beta : {0.1, -0.1}) {
          std::vector<double> nudged = free;
          system.set_nudge(beta, y);
          stepper->reset();
          stepper->advance(system, nudged, 0.0, length);
          expect_state(ideal.relax_nudged(x, y, beta), nudged);
        }
      }
    }
  }
}

}  // namespace
}  // namespace memprop::learning::test
