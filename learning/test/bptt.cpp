#include "learning/test/bptt.hpp"

#include <utility>

#include "solvers/math/activation.hpp"

namespace memprop::learning::test {
namespace {

using Layers = std::vector<std::vector<double>>;  // of layers 1..L

// out += scale * W x, or W^T x.
void add(const Matrix& w, bool transposed, const std::vector<double>& x, double scale,
         std::vector<double>& out) {
  for (std::size_t i = 0; i < w.rows(); ++i) {
    for (std::size_t j = 0; j < w.cols(); ++j) {
      if (transposed) {
        out[j] += scale * w(i, j) * x[i];
      } else {
        out[i] += scale * w(i, j) * x[j];
      }
    }
  }
}

void add_outer(Matrix& w, const std::vector<double>& a, const std::vector<double>& b,
               double scale) {
  for (std::size_t i = 0; i < w.rows(); ++i) {
    for (std::size_t j = 0; j < w.cols(); ++j) w(i, j) += scale * a[i] * b[j];
  }
}

struct Step {
  Layers r;      // activity before the step
  Layers slope;  // f' of the state after it
};

// The last `most` of `steps` free steps; end receives the final activity.
std::vector<Step> unroll(const Network& network, const std::vector<double>& x, std::size_t steps,
                         std::size_t most, Layers& end) {
  const std::size_t layers = network.layer_count();
  Layers r, drive;
  for (std::size_t l = 0; l < layers; ++l) {
    drive.emplace_back(network.width(l + 1), 0.0);
    r.emplace_back(network.width(l + 1), 0.0);
    activate(network.config.activation[l], r[l].data(), r[l].data(), r[l].size());
  }
  std::vector<double> input(network.width(1), 0.0);
  add(network.weight[0], false, x, 1.0, input);
  std::vector<Step> kept;
  for (std::size_t t = 0; t < steps; ++t) {
    Step step{r, r};
    for (std::size_t l = 0; l < layers; ++l) {
      drive[l] = l == 0 ? input : std::vector<double>(network.width(l + 1), 0.0);
      if (l > 0) add(network.weight[l], false, step.r[l - 1], 1.0, drive[l]);
      if (l + 1 < layers) {
        add(network.weight[l + 1], true, step.r[l + 1], network.config.feedback_gain[l], drive[l]);
      }
      activate(network.config.activation[l], drive[l].data(), r[l].data(), r[l].size());
      activation_slope(network.config.activation[l], drive[l].data(), r[l].data(),
                       step.slope[l].data(), r[l].size());
    }
    if (t + most >= steps) kept.push_back(std::move(step));
  }
  end = r;
  return kept;
}

}  // namespace

std::vector<std::vector<Matrix>> bptt_gradients(const Network& network, const Matrix& inputs,
                                                const Matrix& targets, std::size_t steps,
                                                std::size_t most) {
  const std::size_t layers = network.layer_count();
  std::vector<Matrix> zero;
  for (const Matrix& w : network.weight) zero.emplace_back(w.rows(), w.cols());
  std::vector<std::vector<Matrix>> result(most, zero);
  const double mean = 1.0 / static_cast<double>(inputs.rows());
  for (std::size_t s = 0; s < inputs.rows(); ++s) {
    const std::vector<double> x(inputs.row(s).begin(), inputs.row(s).end());
    Layers end;
    const std::vector<Step> kept = unroll(network, x, steps, most, end);
    Layers g = end;  // dC/dr
    for (std::size_t l = 0; l < layers; ++l) g[l].assign(g[l].size(), 0.0);
    for (std::size_t i = 0; i < end.back().size(); ++i) g.back()[i] = end.back()[i] - targets(s, i);

    std::vector<double> input_sum(network.width(1), 0.0);  // of layer 1's adjoints so far
    std::vector<Matrix> sum = zero;
    for (std::size_t k = 0; k < most; ++k) {
      const Step& step = kept[most - 1 - k];
      Layers before = g;
      for (auto& part : before) part.assign(part.size(), 0.0);
      for (std::size_t l = 0; l < layers; ++l) {
        std::vector<double> lambda = g[l];
        for (std::size_t i = 0; i < lambda.size(); ++i) lambda[i] *= step.slope[l][i];
        if (l == 0) {
          for (std::size_t i = 0; i < lambda.size(); ++i) input_sum[i] += lambda[i];
        } else {
          add_outer(sum[l], lambda, step.r[l - 1], mean);
          add(network.weight[l], true, lambda, 1.0, before[l - 1]);
        }
        if (l + 1 < layers) {
          const double gain = network.config.feedback_gain[l];
          add_outer(sum[l + 1], step.r[l + 1], lambda, mean * gain);
          add(network.weight[l + 1], false, lambda, gain, before[l + 1]);
        }
      }
      add_outer(result[k][0], input_sum, x, mean);
      for (std::size_t l = 1; l < layers; ++l) {
        for (std::size_t i = 0; i < sum[l].size(); ++i) {
          result[k][l].values()[i] += sum[l].values()[i];
        }
      }
      g = before;
    }
  }
  return result;
}

}  // namespace memprop::learning::test
