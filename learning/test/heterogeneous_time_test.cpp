// Networks with heterogeneous time steps: what holds exactly whatever the spread, and what the ends
// of phases are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/continuous_network.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/test/task.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::test {
namespace {

ode::StepperConfig tight() {
  ode::StepperConfig config;
  config.rtol = 1e-10;
  config.atol = 1e-13;
  return config;
}

// Time steps of mean 0.2 for a map of steps of 0.2 s.
TimeConstantConfig steps(TimeConstantFamily family, double cv, double low = 0.1,
                         double high = 5.0) {
  TimeConstantConfig config;
  config.family = family;
  config.quantity = TimeConstantQuantity::rate;
  config.mean_s = 1.0;
  config.cv = cv;
  config.clip_low = low;
  config.clip_high = high;
  return config;
}

NetworkConfig rate_net(std::vector<std::size_t> layers, const TimeConstantConfig& tau) {
  NetworkConfig config = chain_config(std::move(layers), 1.0);
  config.activation = {Activation::logistic};
  config.dynamics = Dynamics::rate;
  config.time_constant = tau;
  config.init = WeightInit::fan_in_normal;
  return config;
}

IdealConfig map_of(std::size_t free, std::size_t nudged) {
  IdealConfig ideal;
  ideal.free_steps = free;
  ideal.nudged_steps = nudged;
  ideal.time_step_s = 0.2;
  return ideal;
}

// H1: one leaky neuron under a constant drive, s(T) = u (1 - (1 - dt)^T); u (1 - exp(-t/tau)) in
// continuous time and with the exact step.
TEST(HeterogeneousTime, OneNeuronFollowsTheClosedForm) {
  NetworkConfig config = rate_net({1, 40}, steps(TimeConstantFamily::lognormal, 0.5));
  config.activation = {Activation::linear};
  const Network net = network_with_biases(config, 3);
  const std::vector<double> x{0.7};
  for (const StepForm form : {StepForm::euler, StepForm::exact}) {
    IdealConfig ideal = map_of(17, 1);
    ideal.step_form = form;
    const LayerStates map =
        IdealReference(net, LearningConfig{}, ideal, 1).relax_free({x.data(), 1});
    OdeConfig lengths;
    lengths.free_s = 17 * 0.2;
    const LayerStates flow =
        OdeReference(net, LearningConfig{}, lengths, tight(), 1).relax_free({x.data(), 1});
    for (std::size_t i = 0; i < 40; ++i) {
      const double drive = net.weight[0](i, 0) * x[0] + net.bias[0][i];
      const double dt = 0.2 / net.tau_s[0][i];
      const double settled = 1 - std::exp(-17 * dt);
      EXPECT_NEAR(map.r[0][i],
                  drive * (form == StepForm::exact ? settled : 1 - std::pow(1 - dt, 17)), 1e-12);
      EXPECT_NEAR(flow.r[0][i], drive * settled, 1e-9);
    }
  }
}

const std::vector<TimeConstantConfig> kSpreads = {
    steps(TimeConstantFamily::equal, 0.0), steps(TimeConstantFamily::lognormal, 0.5),
    steps(TimeConstantFamily::gamma, 0.5), steps(TimeConstantFamily::normal, 0.5),
    steps(TimeConstantFamily::uniform, 0.5)};

// H2, H3: the time steps stand in no equilibrium, so neither states nor estimates feel them.
TEST(HeterogeneousTime, EquilibriaAndEstimatesDoNotDependOnTheSteps) {
  const Samples s = random_samples(2, 64, 10, 4);
  for (const Dynamics dynamics : {Dynamics::rate, Dynamics::energy}) {
    for (const NudgePlace place : {NudgePlace::inside, NudgePlace::outside}) {
      if (dynamics == Dynamics::energy && place == NudgePlace::inside) continue;
      LayerStates states;
      Gradient gradient;
      for (const TimeConstantConfig& tau : kSpreads) {
        NetworkConfig config = rate_net({64, 32, 10}, tau);
        config.dynamics = dynamics;
        // The range of the energy form clips no state of this activation.
        if (dynamics == Dynamics::energy) config.activation = {Activation::tanh};
        const Network net = network_with_biases(config, 5);
        LearningConfig learning;
        learning.nudging = Nudging::one_sided;
        learning.form = UpdateForm::product;
        learning.nudge_place = place;
        learning.beta = 0.01;
        IdealReference reference(net, learning, map_of(6000, 4000), 1);
        const LayerStates free = reference.relax_free(s.inputs.row(0));
        const Gradient estimate = reference.ep_update_estimate(s.inputs, s.targets);
        if (states.r.empty()) {
          states = free;
          gradient = estimate;
          continue;
        }
        for (std::size_t l = 0; l < 2; ++l) {
          for (std::size_t i = 0; i < free.r[l].size(); ++i) {
            EXPECT_NEAR(free.r[l][i], states.r[l][i], 1e-12);
          }
          EXPECT_LT(relative_error(estimate.weight[l], gradient.weight[l]), 1e-9);
        }
      }
    }
  }
}

// H4: dE/dt = -sum F_i^2/tau_i in the energy form, here with time constants from 0.01 to 100 s.
TEST(HeterogeneousTime, TheEnergyFallsForAnyTimeConstants) {
  for (const Activation f : {Activation::logistic, Activation::tanh}) {
    NetworkConfig config = rate_net({12, 20, 15, 6}, steps(TimeConstantFamily::equal, 0));
    config.dynamics = Dynamics::energy;
    config.activation = {f};
    Network net = network_with_biases(config, 6);
    const RandomStream stream(6, "any-tau");
    for (std::size_t l = 0; l < 3; ++l) {
      for (std::size_t i = 0; i < net.tau_s[l].size(); ++i) {
        net.tau_s[l][i] = std::pow(10.0, 4 * stream.uniform(i, l) - 2);
      }
    }
    const Samples s = random_samples(1, 12, 6, 6);
    ContinuousNetwork system(net);
    system.set_input(s.inputs.row(0));
    const double beta = 0.3;
    system.set_nudge(beta, s.targets.row(0));
    const auto energy = [&](const std::vector<double>& v) {
      std::vector<double> r(v.size());
      system.activity(v.data(), r.data());
      double e = 0;
      for (const double x : v) e += 0.5 * x * x;
      for (std::size_t l = 1; l <= 3; ++l) {
        const std::size_t at = system.first(l);
        for (std::size_t i = 0; i < net.width(l); ++i) {
          double drive = net.bias[l - 1][i];
          for (std::size_t j = 0; j < net.width(l - 1); ++j) {
            drive +=
                net.weight[l - 1](i, j) * (l == 1 ? s.inputs(0, j) : r[system.first(l - 1) + j]);
          }
          e -= r[at + i] * drive;
          const double off = l == 3 ? s.targets(0, i) - v[at + i] : 0.0;
          e += 0.5 * beta * off * off;
        }
      }
      return e;
    };
    for (std::size_t start = 0; start < 5; ++start) {
      std::vector<double> v(system.size());
      for (std::size_t i = 0; i < v.size(); ++i) v[i] = 2 * stream.normal(i, 100 + start);
      const auto stepper = ode::make_stepper(tight());
      double before = energy(v);
      const double first = before;
      for (int k = 0; k < 100; ++k) {
        stepper->advance(system, v, k * 0.5, (k + 1) * 0.5);
        const double now = energy(v);
        ASSERT_LE(now, before + 1e-9) << k;
        before = now;
      }
      EXPECT_LT(before, first - 0.1);
    }
  }
}

// H6: a ring of three neurons with negative gain, 1 -> 2 -> 3 -> 1 as one-way links of a network,
// oscillates from g^3 = (sum tau)(sum 1/tau) - 1 on: equal time constants are the worst.
TEST(HeterogeneousTime, SpreadStabilisesANegativeRing) {
  const struct {
    std::vector<double> tau;
    double threshold;
  } kCases[] = {
      {{1, 1, 1}, 2.0}, {{0.8, 1, 1.25}, 2.0249}, {{1, 2, 4}, 2.2407}, {{0.1, 1, 10}, 4.9625}};
  for (const auto& c : kCases) {
    const double sum = c.tau[0] + c.tau[1] + c.tau[2];
    const double inverse = 1 / c.tau[0] + 1 / c.tau[1] + 1 / c.tau[2];
    const double g = std::cbrt(sum * inverse - 1);
    EXPECT_NEAR(g, c.threshold, 5e-5);
    for (const double times : {0.99, 1.01}) {
      NetworkConfig config = chain_config({1, 1, 1, 1}, 1.0);
      config.activation = {Activation::linear};
      config.dynamics = Dynamics::rate;
      config.bias = false;
      config.feedback = FeedbackWeights::separate;
      config.links = {"3>1"};
      Network net = build_network(config, 1);
      net.feedback[0](0, 0) = net.feedback[1](0, 0) = 0;
      net.weight[1](0, 0) = net.weight[2](0, 0) = net.links[0].weight(0, 0) = -times * g;
      for (std::size_t l = 0; l < 3; ++l) net.tau_s[l][0] = c.tau[l];
      ContinuousNetwork system(net);
      const std::vector<double> x{0.0};
      system.set_input({x.data(), 1});
      std::vector<double> v{1.0, 0.0, 0.0};
      const auto stepper = ode::make_stepper(tight());
      // The largest activity of the second and of the last stretch, each of several periods.
      const double stretch = 20 * sum;
      double early = 0, late = 0;
      for (int k = 0; k < 4000; ++k) {
        stepper->advance(system, v, k * stretch / 400, (k + 1) * stretch / 400);
        const double now = std::max({std::abs(v[0]), std::abs(v[1]), std::abs(v[2])});
        if (k >= 400 && k < 800) early = std::max(early, now);
        if (k >= 3600) late = std::max(late, now);
      }
      if (times < 1) {
        EXPECT_LT(late, 0.9 * early) << g;
      } else {
        EXPECT_GT(late, 1.1 * early) << g;
      }
    }
  }
}

// A draw for every batch changes what is trained and no test; the same seed repeats it.
TEST(HeterogeneousTime, ResamplingIsPerBatchAndRepeatable) {
  const Samples s = random_samples(20, 12, 4, 2);
  const auto trained = [&](bool resample, std::size_t threads) {
    NetworkConfig config = rate_net({12, 16, 4}, steps(TimeConstantFamily::lognormal, 0.5));
    config.time_constant.resample = resample;
    const Network net = network_with_biases(config, 2);
    LearningConfig learning;
    learning.batch = 5;
    learning.rate = {0.5};
    IdealReference r(net, learning, map_of(6, 4), static_cast<unsigned>(threads));
    const auto before = r.relax_free(s.inputs.row(0)).r;
    r.train(s.flat_inputs.data(), s.flat_targets.data(), {s.order.data(), 5});
    Network same = net;
    const auto weights = r.network().weight[0].values();
    r.train(s.flat_inputs.data(), s.flat_targets.data(), {s.order.data() + 5, 15});
    return std::make_pair(before, std::make_pair(weights, r.network().weight[1].values()));
  };
  const auto fixed = trained(false, 1), fresh = trained(true, 1), again = trained(true, 2);
  EXPECT_EQ(fixed.first, fresh.first);
  EXPECT_NE(fixed.second.first, fresh.second.first);
  EXPECT_EQ(fresh.second, again.second);
}

// Feedback mismatch: another matrix on the way back only, and kept while the forward one learns.
TEST(HeterogeneousTime, FeedbackMismatchActsOnTheWayBackAlone) {
  const Samples s = random_samples(4, 12, 4, 3);
  const NetworkConfig two = rate_net({12, 16, 4}, steps(TimeConstantFamily::equal, 0));
  const NetworkConfig one = rate_net({12, 4}, steps(TimeConstantFamily::equal, 0));
  const auto output = [&](const NetworkConfig& config, double mismatch) {
    IdealConfig ideal = map_of(200, 10);
    ideal.feedback_mismatch = mismatch;
    return IdealReference(network_with_biases(config, 3), LearningConfig{}, ideal, 1)
        .relax_free(s.inputs.row(0))
        .output;
  };
  EXPECT_EQ(output(one, 0.0), output(one, 0.2));  // nothing goes back
  EXPECT_NE(output(two, 0.0), output(two, 0.2));
}

// The residual and the oscillation of the end of a free phase, for a map whose end is known.
TEST(HeterogeneousTime, EndsOfFreePhasesAreMeasured) {
  NetworkConfig config = rate_net({1, 1}, steps(TimeConstantFamily::equal, 0));
  config.activation = {Activation::linear};
  config.bias = false;
  Network net = build_network(config, 1);
  net.weight[0](0, 0) = 1.0;
  const std::vector<float> x{1.0F};
  for (const double dt : {0.2, 1.9}) {
    IdealConfig ideal = map_of(10, 1);
    ideal.time_step_s = dt;
    const FreePhaseEnd end =
        IdealReference(net, LearningConfig{}, ideal, 1).free_phase_end(x.data(), 1);
    // s(t) = 1 - (1 - dt)^t: the bracket before the last step, and the ratio of the last changes.
    EXPECT_NEAR(end.residual, std::pow(std::abs(1 - dt), 9), 1e-12);
    EXPECT_NEAR(end.oscillation, std::abs(1 - 1 / (1 - dt)), 1e-9);
  }
}

// One neuron with a linear output: r(t) = x w + beta (y - r(t-1)) goes back and forth with a factor
// of beta; from 1 on it grows. Halfway steps of a map with a time step damp it.
TEST(HeterogeneousTime, NudgesThatOscillateAreFound) {
  NetworkConfig config = rate_net({1, 1}, steps(TimeConstantFamily::equal, 0));
  config.activation = {Activation::linear};
  config.bias = false;
  Network net = build_network(config, 1);
  net.weight[0](0, 0) = 1.0;
  const std::vector<float> x{1.0F, 0.5F}, y{0.0F, 0.5F};  // the second is right: no shift
  const auto share = [&](double beta, double dt, NudgeError error) {
    LearningConfig learning;
    learning.beta = beta;
    learning.nudging = Nudging::one_sided;
    learning.nudge_error = error;
    IdealConfig ideal = map_of(10, 12);
    ideal.time_step_s = dt;
    return IdealReference(net, learning, ideal, 1).oscillating_share(x.data(), y.data(), 2);
  };
  EXPECT_EQ(share(1.0, 1.0, NudgeError::recomputed), 0.5);
  EXPECT_EQ(share(0.95, 1.0, NudgeError::recomputed), 0.5);
  EXPECT_EQ(share(0.5, 1.0, NudgeError::recomputed), 0.0);  // 0.5^12 is left of it
  EXPECT_EQ(share(1.0, 0.5, NudgeError::recomputed), 0.0);
  EXPECT_EQ(share(1.0, 1.0, NudgeError::constant), 0.0);
}

}  // namespace
}  // namespace memprop::learning::test
