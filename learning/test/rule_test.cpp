// Rules from outside: phases, signals and terms, perturbed weights, changes of a rule's own.
#include "learning/rule/rule.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

constexpr double kBeta = 0.2;

Phase phase(std::size_t start, std::size_t steps, double nudge) {
  Phase p;
  p.name = "phase";
  p.start = start;
  p.steps = steps;
  p.nudge = nudge;
  return p;
}

// Hebbian in one phase, anti-Hebbian in the other: the product difference as a user would write it,
// two plain products in place of the library's difference and mean.
class TwoProducts : public Rule {
 public:
  std::string name() const override { return "two products"; }
  std::vector<Phase> phases() const override {
    return {phase(Phase::from_zero, 60, 0), phase(0, 30, kBeta), phase(0, 30, -kBeta)};
  }
  std::vector<Term> terms(const Network& network, const Connection& c) const override {
    const double factor = 1.0 / (2 * kBeta * feedback_reach(network)[c.to - 1]);
    const auto product = [&](double g, std::size_t p) {
      const Signal s{Signal::Kind::activity, p, p};
      return Term{g, s, s};
    };
    return {product(factor, 1), product(-factor, 2)};
  }
};

TEST(Rule, TermsOfOnesOwnGiveTheSameEstimate) {
  NetworkConfig config = chain_config({10, 12, 9, 4}, 0.3);
  config.bias = false;
  const Network net = build_network(config, 1);
  const Samples s = random_samples(5, 10, 4, 1);
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.beta = kBeta;
  IdealConfig ideal;
  ideal.free_steps = 60;
  ideal.nudged_steps = 30;
  IdealReference ours(net, learning, ideal, 1);
  IdealReference own(net, std::make_shared<TwoProducts>(), learning, IdealConfig{}, 1);
  const Gradient a = ours.ep_update_estimate(s.inputs, s.targets);
  const Gradient b = own.ep_update_estimate(s.inputs, s.targets);
  for (std::size_t l = 0; l < 3; ++l) EXPECT_LT(relative_error(b.weight[l], a.weight[l]), 1e-12);
}

// Moves one weight in one phase; the change is the slope of the loss there.
class OneWeight : public Rule {
 public:
  OneWeight(std::size_t to, std::size_t index) : to_(to), index_(index) {}
  std::string name() const override { return "one weight"; }
  std::vector<Phase> phases() const override {
    Phase base = phase(Phase::from_zero, 200, 0);
    Phase up = base;
    up.loss = up.perturbed = true;
    const Phase down = up;
    return {base, up, down};
  }
  std::vector<Term> terms(const Network&, const Connection&) const override { return {}; }
  void perturb(const BatchInfo&, std::size_t p, const Connection& c,
               Matrix& weight) const override {
    if (c.to == to_) weight.values()[index_] += p == 1 ? 1e-4 : -1e-4;
  }
  bool has_change() const override { return true; }
  void change(const BatchInfo& batch, const Connection& c, Matrix& sum) const override {
    if (c.to == to_) sum.values()[index_] -= (batch.loss[1] - batch.loss[2]) / 2e-4;
  }

 private:
  std::size_t to_, index_;
};

TEST(Rule, PerturbedPhasesUseOtherWeightsInBothDirections) {
  for (const Readout readout : {Readout::softmax, Readout::squared_error}) {
    const NetworkConfig config = chain_config({10, 12, 9, 4}, 0.1, readout);
    const Network net = network_with_biases(config, 1);
    const Samples s = random_samples(20, 10, 4, 1);  // more than one block
    for (std::size_t l = 1; l <= 3; ++l) {
      const std::size_t index = 7;
      IdealReference r(net, std::make_shared<OneWeight>(l, index), LearningConfig{}, IdealConfig{},
                       2);
      const Gradient g = r.ep_update_estimate(s.inputs, s.targets);
      double exact = 0;
      for (std::size_t k = 0; k < 20; ++k) {
        exact +=
            exact_gradient(net, s.inputs.row(k), s.targets.row(k)).weight[l - 1].values()[index] /
            20;
      }
      EXPECT_NEAR(-g.weight[l - 1].values()[index], exact, 1e-7) << l;
      r.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
      EXPECT_NE(r.network().weight[l - 1].values()[index], net.weight[l - 1].values()[index]);
    }
  }
}

class Wrong : public TwoProducts {
 public:
  explicit Wrong(int what) : what_(what) {}
  std::vector<Phase> phases() const override {
    auto all = TwoProducts::phases();
    if (what_ == 0) all.clear();
    if (what_ == 1) all[0].nudge = 1;
    if (what_ == 2) all[1].start = 2;
    return all;
  }
  std::vector<Term> terms(const Network& network, const Connection& c) const override {
    auto all = TwoProducts::terms(network, c);
    if (what_ == 3) all[0].column.a = 3;
    if (what_ == 4) all[0].column.kind = Signal::Kind::error;  // of a hidden layer
    return all;
  }

 private:
  int what_;
};

TEST(Rule, WhatCannotRunIsRefused) {
  NetworkConfig config = chain_config({10, 12, 9, 4}, 0.3, Readout::softmax);
  const Network net = build_network(config, 1);
  for (int what = 0; what < 5; ++what) {
    EXPECT_THROW(
        IdealReference(net, std::make_shared<Wrong>(what), LearningConfig{}, IdealConfig{}, 1),
        InternalError)
        << what;
  }
}

}  // namespace
}  // namespace memprop::learning::test
