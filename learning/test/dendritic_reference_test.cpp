// Training of dendritic neurons in continuous time: states, estimates and steps of the ideal map.
#include <gtest/gtest.h>

#include <cmath>

#include "learning/reference/dendritic_dynamics.hpp"
#include "learning/reference/dendritic_gradient.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/test/dendritic_loops.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

constexpr double kTau = 100e-9;

NetworkConfig lagging_net(FeedbackWeights feedback) {
  NetworkConfig config = dendritic_config({20, 12, 8, 5});
  config.feedback = feedback;
  config.feedback_gain = {0.3};
  config.train_feedback = feedback == FeedbackWeights::separate;
  config.time_constant.mean_s = kTau;
  config.dendrites.basal_tau_s = 0.5 * kTau;
  config.dendrites.apical_tau_s = 2.0 * kTau;
  return config;
}

LearningConfig rule(Nudging nudging, UpdateForm form) {
  LearningConfig learning;
  learning.nudging = nudging;
  learning.form = form;
  learning.scale = GradientScale::nudge;
  learning.beta = 0.2;
  learning.rate = {0.4, 0.1, 0.05};
  learning.batch = 4;
  return learning;
}

OdeConfig long_phases() {
  OdeConfig config;
  config.free_s = config.nudged_s = 80 * kTau;
  return config;
}

ode::StepperConfig tight() {
  ode::StepperConfig config;
  config.rtol = 1e-9;
  config.atol = 1e-11;
  return config;
}

IdealConfig many_steps() {
  IdealConfig config;
  config.free_steps = config.nudged_steps = 300;
  return config;
}

void expect_near(const std::vector<double>& wanted, const std::vector<double>& got,
                 const std::string& what) {
  ASSERT_EQ(wanted.size(), got.size()) << what;
  double largest = 0;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    EXPECT_NEAR(wanted[k], got[k], 1e-6) << what << " " << k;
    largest = std::max(largest, std::abs(wanted[k]));
  }
  EXPECT_GT(largest, 5e-5) << what << " says nothing";
}

// An apical branch of silent inputs stands at 0 in the map and, coming from above, just above it in
// continuous time. In the product form its bit is multiplied by those inputs; in the simplified one
// it is not, and feedback is not compared.
void expect_gradients(const Gradient& wanted, const Gradient& got, UpdateForm form) {
  ASSERT_EQ(wanted.weight.size(), got.weight.size());
  for (std::size_t l = 0; l < wanted.weight.size(); ++l) {
    expect_near(wanted.weight[l].values(), got.weight[l].values(), "weight");
    expect_near(wanted.bias[l], got.bias[l], "bias");
  }
  ASSERT_EQ(wanted.feedback.size(), got.feedback.size());
  for (std::size_t l = 0; l < wanted.feedback.size() && form == UpdateForm::product; ++l) {
    expect_near(wanted.feedback[l].values(), got.feedback[l].values(), "feedback");
  }
}

TEST(DendriticOdeReference, EstimatesAreThoseOfTheMap) {
  const Samples s = random_samples(4, 20, 5, 7);
  for (const FeedbackWeights feedback : {FeedbackWeights::separate, FeedbackWeights::tied}) {
    const Network network = build_network(lagging_net(feedback), 21);
    for (const Nudging nudging : {Nudging::centred, Nudging::one_sided}) {
      for (const UpdateForm form : {UpdateForm::product, UpdateForm::simplified}) {
        const LearningConfig learning = rule(nudging, form);
        OdeReference ode(network, learning, long_phases(), tight(), 1);
        IdealReference ideal(network, learning, many_steps(), 1);
        expect_gradients(ideal.ep_update_estimate(s.inputs, s.targets),
                         ode.ep_update_estimate(s.inputs, s.targets), form);
      }
    }
  }
}

// Synapses that are not there stay away, and a step is the map's.
TEST(DendriticOdeReference, StepsAreThoseOfTheMap) {
  const Network network = build_network(lagging_net(FeedbackWeights::separate), 22);
  const LearningConfig learning = rule(Nudging::centred, UpdateForm::product);
  OdeReference ode(network, learning, long_phases(), tight(), 2);
  IdealReference ideal(network, learning, many_steps(), 1);
  const Samples s = random_samples(8, 20, 5, 8);
  const std::vector<float> inputs(s.inputs.values().begin(), s.inputs.values().end());
  const std::vector<float> targets(s.targets.values().begin(), s.targets.values().end());
  const std::vector<std::uint32_t> order{3, 1, 0, 2, 7, 6, 4, 5};
  ode.train(inputs.data(), targets.data(), order);
  ideal.train(inputs.data(), targets.data(), order);
  const Network a = ode.network(), b = ideal.network();
  for (std::size_t l = 0; l < 3; ++l) {
    expect_near(b.weight[l].values(), a.weight[l].values(), "weight");
    expect_near(b.bias[l], a.bias[l], "bias");
    for (std::size_t k = 0; k < a.weight[l].size(); ++k) {
      if (network.basal_mask[l].values()[k] != 0.0) continue;
      EXPECT_EQ(0.0, a.weight[l].values()[k]);
    }
  }
  for (std::size_t l = 0; l < 2; ++l) {
    expect_near(b.feedback[l].values(), a.feedback[l].values(), "feedback");
    EXPECT_NE(network.feedback[l].values(), a.feedback[l].values());
  }
}

// The same bits from any number of threads, and after a resume.
TEST(DendriticOdeReference, ResumesBitForBit) {
  NetworkConfig config = lagging_net(FeedbackWeights::separate);
  const Network network = build_network(config, 23);
  LearningConfig learning = rule(Nudging::centred, UpdateForm::product);
  learning.optimiser.kind = OptimiserKind::momentum;
  OdeConfig phases;
  phases.free_s = phases.nudged_s = 5 * kTau;
  const Samples s = random_samples(8, 20, 5, 9);
  const std::vector<float> inputs(s.inputs.values().begin(), s.inputs.values().end());
  const std::vector<float> targets(s.targets.values().begin(), s.targets.values().end());
  const std::vector<std::uint32_t> first{0, 1, 2, 3}, second{4, 5, 6, 7};
  OdeReference whole(network, learning, phases, {}, 1), part(network, learning, phases, {}, 3);
  whole.train(inputs.data(), targets.data(), first);
  part.train(inputs.data(), targets.data(), first);
  OdeReference resumed(part.network(), learning, phases, {}, 2);
  resumed.set_training_state(part.training_state());
  whole.train(inputs.data(), targets.data(), second);
  resumed.train(inputs.data(), targets.data(), second);
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_EQ(whole.network().weight[l].values(), resumed.network().weight[l].values());
  }
  EXPECT_EQ(whole.network().feedback[0].values(), resumed.network().feedback[0].values());
}

// Implicit differentiation against differences of the loss.
TEST(DendriticGradient, EqualsDifferencesOfTheLoss) {
  NetworkConfig config = lagging_net(FeedbackWeights::separate);
  config.feedback_gain = {0.5};
  const Network network = build_network(config, 25);
  const Samples s = random_samples(1, 20, 5, 10);
  const auto x = s.inputs.row(0), y = s.targets.row(0);
  const DendriticGradient exact = dendritic_gradient(network, x, y);
  constexpr double h = 1e-6;
  const auto expect_slopes = [&](const Matrix& gradient, auto matrix_of, const Matrix& mask) {
    std::size_t checked = 0;
    for (std::size_t k = 0; k < gradient.size(); k += 7) {
      if (mask.values()[k] == 0.0) {
        EXPECT_EQ(0.0, gradient.values()[k]);
        continue;
      }
      Network moved = network;
      double& w = matrix_of(moved).values()[k];
      const double before = w;
      w = before + h;
      const double above = dendritic_gradient(moved, x, y).loss;
      w = before - h;
      const double below = dendritic_gradient(moved, x, y).loss;
      EXPECT_NEAR((above - below) / (2 * h), gradient.values()[k], 1e-8) << k;
      checked += gradient.values()[k] != 0.0;
    }
    EXPECT_GT(checked, 0U);
  };
  for (std::size_t l = 0; l < 3; ++l) {
    expect_slopes(
        exact.weight[l], [&](Network& n) -> Matrix& { return n.weight[l]; }, network.basal_mask[l]);
  }
  for (std::size_t l = 0; l < 2; ++l) {
    expect_slopes(
        exact.feedback[l], [&](Network& n) -> Matrix& { return n.feedback[l]; },
        network.apical_mask[l]);
  }
}

// The map is the splitting of the flow: halving its step halves the difference. Branches follow
// without lag, as the map's do.
TEST(DendriticOdeReference, AdaptsAsTheMapDoesInSmallSteps) {
  NetworkConfig config = lagging_net(FeedbackWeights::separate);
  config.dendrites.basal_tau_s = config.dendrites.apical_tau_s = 0.0;
  const Network network = build_network(config, 24);
  const Samples s = random_samples(1, 20, 5, 24);
  const double tau = config.time_constant.mean_s, rate = 1.0536;
  std::vector<double> distance;
  double moved = 0;
  for (const double dt : {0.1, 0.05, 0.025}) {
    LearningConfig learning = rule(Nudging::one_sided, UpdateForm::product);
    const auto steps = static_cast<std::size_t>(std::lround(2.0 / dt));
    learning.adaptation = {1 - std::exp(-rate * dt), steps, AdaptationMode::interleaved};
    IdealConfig ideal;
    ideal.free_steps = ideal.nudged_steps = static_cast<std::size_t>(std::lround(60.0 / dt));
    ideal.time_step_s = dt * tau;
    OdeConfig lengths;
    lengths.free_s = lengths.nudged_s = 60.0 * tau;
    lengths.step_s = dt * tau;
    const auto map =
        IdealReference(network, learning, ideal, 1).relax_phases(s.inputs.row(0), s.targets.row(0));
    const auto flow = OdeReference(network, learning, lengths, tight(), 1)
                          .relax_phases(s.inputs.row(0), s.targets.row(0));
    ASSERT_EQ(map.size(), flow.size());
    double sum = 0, back = 0;
    for (std::size_t l = 0; l < flow[2].v.size(); ++l) {
      for (std::size_t i = 0; i < flow[2].v[l].size(); ++i) {
        sum += std::pow(map[2].v[l][i] - flow[2].v[l][i], 2);
        back += std::pow(flow[2].v[l][i] - flow[1].v[l][i], 2);
      }
    }
    distance.push_back(std::sqrt(sum));
    moved = std::sqrt(back);
  }
  EXPECT_LT(distance[2], 0.05 * moved);
  for (const std::size_t k : {0UL, 1UL}) {
    EXPECT_GT(distance[k] / distance[k + 1], 1.8);
    EXPECT_LT(distance[k] / distance[k + 1], 2.2);
  }
}

// The copies of settled neurons stand where these do, and creep when they move.
TEST(DendriticOdeReference, SlowCopiesFollow) {
  const NetworkConfig config = lagging_net(FeedbackWeights::separate);
  const Network network = build_network(config, 24);
  const Samples s = random_samples(1, 20, 5, 24);
  const double tau = config.time_constant.mean_s, slow = 5 * tau;
  DendriticDynamics system(network, slow);
  const std::size_t n = system.neurons(), at = system.size() - n;
  EXPECT_EQ(system.size(), DendriticDynamics(network).size() + n);
  system.set_input(s.inputs.row(0));
  std::vector<double> state(system.size(), 0.0);
  const auto stepper = ode::make_stepper(tight());
  stepper->advance(system, state, 0.0, 40 * slow);
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(state[at + i], state[i], 1e-7);
  std::vector<double> moved = state;
  for (std::size_t i = 0; i < n; ++i) moved[i] += 0.25;
  system.set_adaptation(0.0, {}, false);
  stepper->restart();
  stepper->advance(system, moved, 0.0, slow);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(moved[i], state[i] + 0.25, 1e-12);
    EXPECT_NEAR(moved[at + i] - state[at + i], 0.25 * (1 - std::exp(-1.0)), 1e-7);
  }
}

}  // namespace
}  // namespace memprop::learning::test
