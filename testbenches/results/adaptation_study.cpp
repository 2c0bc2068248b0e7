// How well updates with neuronal adaptation are aligned with what an infinitely weak teacher would
// teach (A9, A13, A14 of the neuronal-adaptation experiments): tables in Markdown. 8 x 8 digits,
// contrastive Hebbian learning with the published script's settings.
//
//   adaptation_study DIGITS.csv.gz [SEEDS [EPOCHS]]
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "learning/metric/first_order.hpp"
#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "testbenches/experiment/sample_order.hpp"

namespace {

using namespace memprop;
using namespace memprop::learning;

constexpr std::size_t kImages = 300;

struct Digits {
  Dataset train;
  Matrix inputs, targets;  // the first kImages
};

Digits load(const std::string& file) {
  DataConfig config;
  config.name = "files";
  config.train_inputs = file;
  config.test_on_train = true;
  config.train_samples = 1500;
  config.test_first = 1500;
  config.input_scale = 1.0 / 16.0;
  Digits d{load_data(config, 64, 10).train, Matrix(kImages, 64), Matrix(kImages, 10)};
  std::copy_n(d.train.inputs.values().begin(), d.inputs.size(), d.inputs.data());
  std::copy_n(d.train.targets.values().begin(), d.targets.size(), d.targets.data());
  return d;
}

LearningConfig rule(double c, std::size_t steps) {
  LearningConfig learning;
  learning.rule = RuleKind::contrastive_hebbian;
  learning.form = UpdateForm::predictive;
  learning.scale = GradientScale::raw;
  learning.adaptation = {c, steps, AdaptationMode::interleaved};
  learning.optimiser.kind = OptimiserKind::adagrad;
  learning.optimiser.epsilon = 1e-7;
  learning.bias_plain = true;
  learning.rate = {0.1};
  learning.batch = 10;
  return learning;
}

IdealConfig map_of(std::size_t steps, double hold_noise = 0.0) {
  IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = steps;
  ideal.time_step_s = 0.1;
  ideal.hold_noise = hold_noise;
  return ideal;
}

Network fresh(std::size_t hidden, std::uint64_t seed) {
  NetworkConfig config;
  config.layers = {64, hidden, 10};
  config.activation = {Activation::logistic};
  config.feedback_gain = {1.0};
  config.dynamics = Dynamics::rate;
  config.bias = true;
  config.bias_mean = {-0.5};
  config.bias_deviation = 1.0;
  config.init = WeightInit::positive_uniform;
  config.time_constant.mean_s = 1.0;
  return build_network(config, seed);
}

Network trained(const Network& net, const LearningConfig& learning, const Digits& d,
                std::size_t epochs, std::uint64_t seed) {
  IdealReference reference(net, learning, map_of(120), 1, seed);
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    const auto order = bench::epoch_order(d.train.size(), learning, seed, epoch);
    reference.train(d.train.inputs.data(), d.train.targets.data(), {order.data(), order.size()});
  }
  return reference.network();
}

struct Cosines {
  double first = 0, second = 0;
};

// Of the update's estimate with `steps` iterations a phase.
Cosines cosines(const Network& net, const LearningConfig& learning, std::size_t steps,
                double hold_noise, const Digits& d) {
  IdealReference settled(net, rule(0.1, 0), map_of(600), 1);
  const Gradient exact = first_order_change(net, settled, d.inputs, d.targets);
  IdealReference reference(net, learning, map_of(steps, hold_noise), 1);
  const Gradient g = reference.ep_update_estimate(d.inputs, d.targets);
  return {cosine(g.weight[0], exact.weight[0]), cosine(g.weight[1], exact.weight[1])};
}

void alignment(const Digits& d, std::uint64_t seeds, std::size_t epochs) {
  std::printf(
      "| hidden | adaptation | cos W1 at the start | cos W1 | cos W2 | cos W1, noise 0.01 | "
      "cos W2, noise 0.01 | cos W1, noise 0.05 | cos W2, noise 0.05 |\n");
  std::printf("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const std::size_t hidden : {6UL, 50UL}) {
    for (const std::size_t steps : {0UL, 20UL}) {
      double figure[7] = {};
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const Network start = fresh(hidden, seed);
        const LearningConfig learning = rule(0.1, steps);
        const Network end = trained(start, learning, d, epochs, seed);
        const auto mean = 1.0 / static_cast<double>(seeds);
        figure[0] += mean * cosines(start, learning, 120, 0.0, d).first;
        std::size_t at = 1;
        for (const double noise : {0.0, 0.01, 0.05}) {
          const Cosines c = cosines(end, learning, 120, noise, d);
          figure[at++] += mean * c.first;
          figure[at++] += mean * c.second;
        }
      }
      std::printf("| %zu | %s | %.4f | %.4f | %.4f | %.4f | %.4f | %.4f | %.4f |\n", hidden,
                  steps > 0 ? "yes" : "no", figure[0], figure[1], figure[2], figure[3], figure[4],
                  figure[5], figure[6]);
      std::fflush(stdout);
    }
  }
}

// The anchors beside ours; they are of another draw of the net.
void sweep(const Digits& d) {
  const struct {
    double c;
    std::size_t steps;
    double first, second;
  } kRows[] = {{0.1, 0, 0.819, 0.934},   {0.05, 10, 0.870, 0.973}, {0.1, 5, 0.847, 0.974},
               {0.05, 20, 0.942, 0.990}, {0.1, 10, 0.906, 0.991},  {0.2, 5, 0.871, 0.992},
               {0.05, 40, 0.994, 0.999}, {0.1, 20, 0.980, 0.999},  {0.2, 10, 0.944, 0.999},
               {0.1, 40, 0.999, 1.000},  {0.2, 20, 0.993, 1.000},  {0.2, 40, 0.703, 1.000}};
  const Network net = trained(fresh(6, 1), rule(0.1, 0), d, 6, 1);  // 900 updates
  std::printf("\n| s | c | N | cos W1 | anchor | cos W2 | anchor |\n");
  std::printf("| --- | --- | --- | --- | --- | --- | --- |\n");
  for (const auto& row : kRows) {
    const LearningConfig learning = rule(row.c, row.steps);
    const Cosines c = cosines(net, learning, 600, 0.0, d);
    std::printf("| %.3g | %g | %zu | %.3f | %.3f | %.3f | %.3f |\n",
                adaptation_factor(learning.adaptation), row.c, row.steps, c.first, row.first,
                c.second, row.second);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: adaptation_study DIGITS.csv.gz [SEEDS [EPOCHS]]\n");
    return 2;
  }
  const std::uint64_t seeds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 5;
  const std::size_t epochs = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 15;
  if (seeds == 0) {
    std::fprintf(stderr, "adaptation_study: expected a number of seeds, got '%s'\n", argv[2]);
    return 2;
  }
  try {
    const Digits d = load(argv[1]);
    alignment(d, seeds, epochs);
    sweep(d);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "adaptation_study: %s\n", error.what());
    return 2;
  }
  return 0;
}
