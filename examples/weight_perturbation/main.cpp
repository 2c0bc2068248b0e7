// A learning rule from outside the library: weight perturbation (Jabri and Flower, 1992).
//
// Every update tries the network twice: as it is, and with all weights moved by +-delta at random.
// The change of the loss, times the move, is on average the gradient:
//   change_ij = -(C(W + delta P) - C(W)) / delta  P_ij,   P_ij = +-1
// It needs no feedback, no nudge and nothing from neighbours but one number for the whole network,
// and pays with noise that grows with the number of weights.
//
// The program holds the rule against the exact gradient, then trains with it.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/rule/rule.hpp"
#include "solvers/random_stream.hpp"

using namespace memprop;
using namespace memprop::learning;

namespace {

class WeightPerturbation : public Rule {
 public:
  WeightPerturbation(double delta, std::size_t steps, std::uint64_t seed)
      : delta_(delta), steps_(steps), stream_(seed, "weight-perturbation") {}

  std::string name() const override { return "weight perturbation"; }

  // Both settle freely from zero, and their costs are wanted.
  std::vector<Phase> phases() const override {
    Phase base;
    base.name = "base";
    base.steps = steps_;
    base.loss = true;
    Phase moved = base;
    moved.name = "perturbed";
    moved.perturbed = true;
    return {base, moved};
  }

  // No products of signals: change() does it alone.
  std::vector<Term> terms(const Network&, const Connection&) const override { return {}; }

  void perturb(const BatchInfo& batch, std::size_t, const Connection& connection,
               Matrix& weight) const override {
    for (std::size_t i = 0; i < weight.size(); ++i) {
      weight.values()[i] += delta_ * direction(batch, connection, i);
    }
  }

  bool has_change() const override { return true; }
  void change(const BatchInfo& batch, const Connection& connection, Matrix& sum) const override {
    const double slope = (batch.loss[1] - batch.loss[0]) / delta_;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum.values()[i] -= slope * direction(batch, connection, i);
    }
  }

 private:
  // Keyed by the batch, so that nothing has to be kept and a resumed run draws the same.
  double direction(const BatchInfo& batch, const Connection& c, std::size_t i) const {
    const std::uint64_t place = (static_cast<std::uint64_t>(c.to) << 40U) | i;
    return stream_.uniform(place, batch.first_sample) < 0.5 ? -1.0 : 1.0;
  }

  double delta_;
  std::size_t steps_;
  RandomStream stream_;
};

// Three clouds of points in the plane; the third input is 1.
struct Points {
  Matrix inputs, targets;
  std::vector<float> flat_inputs, flat_targets;
  std::vector<std::uint32_t> labels, order;
};

Points make_points(std::size_t count) {
  const RandomStream stream(5, "points");
  Points p{Matrix(count, 3), Matrix(count, 3), {}, {}, {}, {}};
  for (std::size_t k = 0; k < count; ++k) {
    const auto label = static_cast<std::uint32_t>(k % 3);
    const double angle = 2.0943951 * label;
    p.inputs(k, 0) = std::cos(angle) + 0.35 * stream.normal(k, 0);
    p.inputs(k, 1) = std::sin(angle) + 0.35 * stream.normal(k, 1);
    p.inputs(k, 2) = 1.0;
    p.targets(k, label) = 1.0;
    p.labels.push_back(label);
    p.order.push_back(static_cast<std::uint32_t>(k));
  }
  p.flat_inputs.assign(p.inputs.values().begin(), p.inputs.values().end());
  p.flat_targets.assign(p.targets.values().begin(), p.targets.values().end());
  return p;
}

}  // namespace

int main() {
  NetworkConfig shape;
  shape.layers = {3, 12, 3};
  shape.activation = {Activation::tanh};
  shape.feedback_gain = {0.1};
  shape.readout = Readout::softmax;
  const Network network = build_network(shape, 2);

  const auto rule = std::make_shared<WeightPerturbation>(1e-4, 20, 1);
  LearningConfig learning;
  learning.batch = 30;
  learning.rate = {0.02};
  const Points points = make_points(300);

  // 1. The mean of many trials is the gradient: 72 weights and 4000 trials leave a cosine of about
  //    1/sqrt(1 + 72/4000) = 0.991.
  IdealReference reference(network, rule, learning, IdealConfig{}, 1);
  const std::size_t trials = 4000;
  Matrix sum1(12, 3), sum2(3, 12);
  Matrix x(1, 3), y(1, 3);
  for (std::size_t i = 0; i < 3; ++i) x(0, i) = points.inputs(1, i), y(0, i) = points.targets(1, i);
  for (std::size_t t = 0; t < trials; ++t) {
    TrainingState state;
    state.samples_trained = t;  // the key of the perturbation
    reference.set_training_state(state);
    const Gradient g = reference.ep_update_estimate(x, y);
    for (std::size_t i = 0; i < sum1.size(); ++i) sum1.values()[i] -= g.weight[0].values()[i];
    for (std::size_t i = 0; i < sum2.size(); ++i) sum2.values()[i] -= g.weight[1].values()[i];
  }
  const ExactGradient exact = exact_gradient(network, x.row(0), y.row(0));
  std::vector<double> found(sum1.values()), truth(exact.weight[0].values());
  found.insert(found.end(), sum2.values().begin(), sum2.values().end());
  truth.insert(truth.end(), exact.weight[1].values().begin(), exact.weight[1].values().end());
  const double aligned = cosine(found, truth);
  std::printf("cosine with the exact gradient, %zu trials: %.3f\n", trials, aligned);

  // 2. It trains.
  IdealReference trained(network, rule, learning, IdealConfig{}, 1);
  const auto accuracy = [&] {
    return trained
        .evaluate(points.flat_inputs.data(), points.flat_targets.data(), points.labels.data(), 300)
        .accuracy;
  };
  const double before = accuracy();
  for (int epoch = 0; epoch < 200; ++epoch) {
    trained.train(points.flat_inputs.data(), points.flat_targets.data(), points.order);
  }
  const double after = accuracy();
  std::printf("accuracy: %.1f %% before, %.1f %% after 2000 updates\n", 100 * before, 100 * after);
  return aligned > 0.97 && after > 0.95 && after > before ? 0 : 1;
}
