// Training of resistive networks: a short X11, and X12, the circuit with amplifiers beside the
// ordinary network with tied feedback b = 1/A^2.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "learning/dataset/dataset.hpp"
#include "learning/resistive/resistive_reference.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

// The settings of X11 on the first 6,000 images, two epochs.
TEST(ResistiveTraining, ShortX11) {
  if (!std::filesystem::is_directory(std::string(MEMPROP_TEST_DATA_DIR) + "/mnist")) {
    GTEST_SKIP() << "not run: needs mnist in MEMPROP_DATA_DIR";
  }
  DataConfig data_config;
  data_config.name = "mnist";
  data_config.directory = MEMPROP_TEST_DATA_DIR;
  data_config.train_samples = 6000;
  data_config.test_samples = 2000;
  const TrainTest data = load_data(data_config, 784, 10);
  NetworkConfig config;
  config.style = NetworkStyle::resistive;
  config.layers = {784, 100, 10};
  config.init = WeightInit::fan_in_uniform;
  config.bias = true;
  config.resistive.input_gain = 100;
  LearningConfig learning;
  learning.beta = 1.0;
  learning.rate = {0.006};
  learning.batch = 4;
  IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = 4;
  ideal.precision = Precision::float32;
  ResistiveReference network(build_network(config, 1), learning, ideal, 1);
  std::vector<std::uint32_t> order(data.train.size());
  std::iota(order.begin(), order.end(), 0U);
  for (int epoch = 0; epoch < 2; ++epoch) {
    network.train(data.train.inputs.data(), data.train.targets.data(), order);
  }
  const std::vector<std::uint32_t> labels(data.test.labels.begin(), data.test.labels.end());
  const auto result = network.evaluate(data.test.inputs.data(), data.test.targets.data(),
                                       labels.data(), data.test.size());
  std::printf("accuracy %.2f %%\n", 100 * result.accuracy);
  EXPECT_GT(result.accuracy, 0.85);
  // Four iterations against the converged state.
  ideal.precision = Precision::float64;
  ResistiveReference exact(network.network(), learning, ideal, 1);
  double worst = 0.0;
  for (std::size_t k = 0; k < 100; ++k) {
    const auto row = data.test.inputs.row(k);
    const std::vector<double> x(row.begin(), row.end());
    const auto few = exact.relax(x), all = exact.solve(x);
    for (std::size_t i = 0; i < 10; ++i) {
      worst = std::max(worst, std::abs(few.output[i] - all.output[i]));
    }
  }
  std::printf("four iterations: %.1e from the converged outputs\n", worst);
  EXPECT_LT(worst, 1e-3);
}

// The same network as an ordinary one: v'_l = sqrt(D_l) v_l obeys
//   v'_l <- cut(W_l v'_{l-1} + b_l W_{l+1}^T v'_{l+1} + nudge),  W = A D^-1/2 G D_below^-1/2,
// tied feedback with gain b = 1/A^2. Knows conductances only by W, and the rule by b.
class TiedFeedback {
 public:
  TiedFeedback(const Network& network, double beta, double rate)
      : n_(network), beta_(beta), rate_(rate), layers_(network.layer_count()) {}

  std::vector<double> outputs(const float* x) { return relax(x, nullptr, 0.0).back(); }

  void train(const float* x, const float* y) {
    const auto plus = relax(x, y, beta_), minus = relax(x, y, -beta_);
    double gains = 1.0;  // b_l ... b_{L-1}
    for (std::size_t l = layers_; l-- > 0;) {
      const double b = l + 1 < layers_ ? n_.config.feedback_gain[l] : 1.0;
      if (l + 1 < layers_) gains *= b;
      const double a = l > 0 ? 1.0 / std::sqrt(n_.config.feedback_gain[l - 1]) : 1.0;
      Matrix& g = n_.weight[l];
      for (std::size_t i = 0; i < g.rows(); ++i) {
        for (std::size_t j = 0; j < g.cols(); ++j) {
          const double up = plus[l + 1][i] - a * plus[l][j],
                       down = minus[l + 1][i] - a * minus[l][j];
          g(i, j) = std::max(0.0, g(i, j) - rate_ / (4 * beta_ * gains) * (up * up - down * down));
        }
      }
    }
  }

 private:
  // Voltages of all layers, sources first.
  std::vector<std::vector<double>> relax(const float* x, const float* y, double beta) {
    std::vector<std::vector<double>> v(layers_ + 1), root(layers_ + 1);
    v[0].resize(resistive_nodes(n_.config, 0));
    drive_sources(n_.config, x, v[0].data());
    root[0].assign(v[0].size(), 1.0);
    for (std::size_t l = 1; l <= layers_; ++l) {
      const Matrix& g = n_.weight[l - 1];
      v[l].assign(g.rows(), 0.0);
      for (std::size_t i = 0; i < g.rows(); ++i) {
        double d = 0.0;
        for (std::size_t j = 0; j < g.cols(); ++j) d += g(i, j);
        for (std::size_t k = 0; l < layers_ && k < n_.weight[l].rows(); ++k)
          d += n_.weight[l](k, i);
        root[l].push_back(std::sqrt(d));
      }
    }
    std::vector<Matrix> w = n_.weight;
    for (std::size_t l = 0; l < layers_; ++l) {
      const double a = l > 0 ? 1.0 / std::sqrt(n_.config.feedback_gain[l - 1]) : 1.0;
      for (std::size_t i = 0; i < w[l].rows(); ++i) {
        for (std::size_t j = 0; j < w[l].cols(); ++j)
          w[l](i, j) *= a / (root[l + 1][i] * root[l][j]);
      }
    }
    for (int step = 0; step < 200; ++step) {
      auto next = v;
      for (std::size_t l = 1; l <= layers_; ++l) {
        for (std::size_t i = 0; i < v[l].size(); ++i) {
          double drive = 0.0;
          for (std::size_t j = 0; j < v[l - 1].size(); ++j) drive += w[l - 1](i, j) * v[l - 1][j];
          if (l < layers_) {
            double back = 0.0;
            for (std::size_t k = 0; k < v[l + 1].size(); ++k) back += w[l](k, i) * v[l + 1][k];
            drive += n_.config.feedback_gain[l - 1] * back;
            const auto bounds = node_bounds(n_.config, l, i);
            drive = std::clamp(drive, bounds.low * root[l][i], bounds.high * root[l][i]);
          } else if (y != nullptr) {
            // beta of the voltages is beta/D of v'.
            const double d = root[l][i] * root[l][i];
            drive = (drive + beta / d * y[i] * root[l][i]) / (1.0 + beta / d);
          }
          next[l][i] = drive;
        }
      }
      v = next;
    }
    for (std::size_t l = 1; l <= layers_; ++l) {
      for (std::size_t i = 0; i < v[l].size(); ++i) v[l][i] /= root[l][i];
    }
    return v;
  }

  Network n_;
  double beta_, rate_;
  std::size_t layers_;
};

// Noisy copies of one pattern per class.
struct Clusters {
  std::vector<float> x, y;
  std::vector<std::uint32_t> label, order;
};
Clusters clusters(std::size_t count, std::size_t n_in, std::size_t n_out) {
  const RandomStream stream(11, "clusters");
  Clusters c;
  for (std::size_t k = 0; k < count; ++k) {
    const auto label = static_cast<std::uint32_t>(k % n_out);
    c.label.push_back(label);
    c.order.push_back(static_cast<std::uint32_t>(k));
    for (std::size_t j = 0; j < n_in; ++j) {
      const double pattern = stream.uniform(j, label) - 0.5;
      c.x.push_back(static_cast<float>(pattern + 0.35 * stream.normal(j, 100 + k)));
    }
    for (std::size_t i = 0; i < n_out; ++i) c.y.push_back(i == label ? 1.0F : 0.0F);
  }
  return c;
}

TEST(ResistiveTraining, X12AccuracyCurvesOfAmplifiersAndFeedbackGainsOverlap) {
  constexpr std::size_t n_in = 10, n_out = 3, count = 60, epochs = 5;
  const Clusters data = clusters(count, n_in, n_out);
  for (const double gain : {1.0, 2.0, 4.0, 8.0}) {
    NetworkConfig config;
    config.style = NetworkStyle::resistive;
    config.layers = {n_in, 8, n_out};
    config.init = WeightInit::fan_in_uniform;
    config.resistive.input_gain = 10;
    config.resistive.amplifier_gain = {gain};
    LearningConfig learning;
    learning.beta = 0.02;
    learning.rate = {0.004};
    IdealConfig ideal;
    ideal.free_steps = ideal.nudged_steps = 60;
    const Network start = build_network(config, 2);
    ResistiveReference circuit(start, learning, ideal, 1);
    TiedFeedback ordinary(start, learning.beta, 0.004);
    std::printf("A = %.0f, b = %.4f:", gain, 1 / (gain * gain));
    double first = 0.0, last = 0.0;
    for (std::size_t e = 0; e < epochs; ++e) {
      circuit.train(data.x.data(), data.y.data(), data.order);
      const double ours =
          circuit.evaluate(data.x.data(), data.y.data(), data.label.data(), count).accuracy;
      double right = 0.0;
      for (std::size_t k = 0; k < count; ++k) {
        ordinary.train(data.x.data() + k * n_in, data.y.data() + k * n_out);
      }
      for (std::size_t k = 0; k < count; ++k) {
        const auto out = ordinary.outputs(data.x.data() + k * n_in);
        right += std::max_element(out.begin(), out.end()) - out.begin() == data.label[k];
      }
      const double theirs = right / count;
      std::printf(" %.1f/%.1f %%", 100 * ours, 100 * theirs);
      EXPECT_NEAR(ours, theirs, 1.0 / count + 1e-12) << gain << " epoch " << e;
      if (e == 0) first = ours;
      last = ours;
    }
    std::printf("\n");
    EXPECT_GT(last, 0.6);  // three classes
    EXPECT_GE(last, first);
  }
}

}  // namespace
}  // namespace memprop::learning
