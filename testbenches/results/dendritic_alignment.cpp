// How well dendritic equilibrium propagation estimates the gradient while it learns: cosine and
// norm ratio of its estimates with the exact gradient through the 60 free iterations, on the first
// batch, and iterations to settle; with feedback that learns and fixed. A table in Markdown.
//
//   dendritic_alignment IMAGES LABELS [BATCHES]   training files; at most so many batches (2000)
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <string>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/bptt_reference.hpp"
#include "learning/reference/ideal_reference.hpp"

namespace {

using namespace memprop;
using namespace memprop::learning;

constexpr std::size_t kBatch = 64;

// As published (configs/dendritic.toml).
NetworkConfig network_config(bool plastic) {
  NetworkConfig config;
  config.layers = {784, 256, 10};
  config.activation = {Activation::hard_sigmoid};
  config.feedback_gain = {0.2};
  config.feedback = FeedbackWeights::separate;
  config.train_feedback = plastic;
  config.init = WeightInit::fan_in_uniform;
  config.bias = true;
  config.bias_init = BiasInit::fan_in_uniform;
  config.dendrites.basal_branches = 8;
  return config;
}

LearningConfig learning_config() {
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.scale = GradientScale::nudge;
  learning.beta = 0.1;
  learning.rate = {0.4, 0.02};
  learning.batch = kBatch;
  learning.optimiser.kind = OptimiserKind::momentum;
  return learning;
}

// Iterations until no activity of any of the inputs changes by more than 1e-6.
std::size_t settling(const Network& network, const Matrix& inputs) {
  std::size_t worst = 0;
  for (std::size_t k = 0; k < inputs.rows(); ++k) {
    std::vector<std::vector<double>> before;
    for (std::size_t t = 1; t <= 60; ++t) {
      IdealConfig ideal;
      ideal.free_steps = t;
      const auto r =
          IdealReference(network, LearningConfig{}, ideal, 1).relax_free(inputs.row(k)).r;
      double change = t > 1 ? 0.0 : 1.0;
      for (std::size_t l = 0; t > 1 && l < r.size(); ++l) {
        for (std::size_t i = 0; i < r[l].size(); ++i) {
          change = std::max(change, std::abs(r[l][i] - before[l][i]));
        }
      }
      if (change < 1e-6) {
        worst = std::max(worst, t - 1);
        break;
      }
      before = r;
    }
  }
  return worst;
}

void print_row(const Network& network, const Matrix& inputs, const Matrix& targets,
               std::size_t batches, bool plastic) {
  IdealConfig ideal;
  ideal.free_steps = 60;
  ideal.nudged_steps = 60;
  const Gradient exact =
      BpttReference(network, learning_config(), ideal, 1).gradient(inputs, targets);
  ideal.nudged_steps = 12;
  LearningConfig learning = learning_config();
  const Gradient centred =
      IdealReference(network, learning, ideal, 1).ep_update_estimate(inputs, targets);
  learning.nudging = Nudging::one_sided;
  const Gradient one_sided =
      IdealReference(network, learning, ideal, 1).ep_update_estimate(inputs, targets);
  Matrix few(4, inputs.cols());
  std::copy_n(inputs.data(), few.size(), few.data());
  // Estimates are of the descent.
  std::printf("| %s | %zu | %zu | %.3f | %.3f | %.3f | %.3f | %.2f | %.2f |\n",
              plastic ? "learns" : "fixed", batches, settling(network, few),
              -cosine(centred.weight[0], exact.weight[0]),
              -cosine(one_sided.weight[0], exact.weight[0]),
              -cosine(centred.weight[1], exact.weight[1]),
              plastic ? -cosine(centred.feedback[0], exact.feedback[0]) : 0.0,
              norm_ratio(centred.weight[0], exact.weight[0]),
              norm_ratio(centred.weight[1], exact.weight[1]));
  std::fflush(stdout);
}

void measure(const Dataset& data, std::size_t most, bool plastic) {
  Matrix inputs(kBatch, 784), targets(kBatch, 10);
  std::copy_n(data.inputs.values().begin(), inputs.size(), inputs.data());
  std::copy_n(data.targets.values().begin(), targets.size(), targets.data());
  Network network = build_network(network_config(plastic), 1);
  IdealConfig ideal;
  ideal.free_steps = 60;
  ideal.nudged_steps = 12;
  ideal.precision = Precision::float32;
  IdealReference trained(network, learning_config(), ideal, 1);
  std::size_t done = 0;
  for (const std::size_t batches : {0UL, 100UL, 300UL, 1000UL, 2000UL}) {
    if (batches > most) break;
    std::vector<std::uint32_t> order;
    for (; done < batches; ++done) {
      for (std::size_t j = 0; j < kBatch; ++j) {
        order.push_back(static_cast<std::uint32_t>((done * kBatch + j) % data.size()));
      }
    }
    if (!order.empty()) {
      trained.train(data.inputs.values().data(), data.targets.values().data(), order);
    }
    print_row(trained.network(), inputs, targets, batches, plastic);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: dendritic_alignment IMAGES LABELS [BATCHES]\n");
    return 2;
  }
  try {
    DataConfig config;
    config.name = "files";
    config.train_inputs = argv[1];
    config.train_targets = argv[2];
    config.test_on_train = true;
    const Dataset data = load_data(config, 784, 10).train;
    const std::size_t most = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 2000;
    std::printf(
        "| feedback | batches | iterations to 1e-6 | cosine, hidden | hidden, +beta only | output "
        "| "
        "apical | norm ratio, hidden | output |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (const bool plastic : {true, false}) measure(data, most, plastic);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dendritic_alignment: %s\n", error.what());
    return 1;
  }
  return 0;
}
