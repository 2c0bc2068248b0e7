// Dendritic equilibrium propagation in plain loops, straight from the equations of
// network/dendrites.hpp: what the tests hold the engine against.
#pragma once

#include <algorithm>
#include <vector>

#include "learning/network/network.hpp"
#include "learning/reference/reference.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::learning::test {

inline NetworkConfig dendritic_config(std::vector<std::size_t> layers) {
  NetworkConfig config;
  config.layers = std::move(layers);
  config.activation = {Activation::hard_sigmoid};
  config.feedback_gain = {0.2};
  config.feedback = FeedbackWeights::separate;
  config.init = WeightInit::fan_in_uniform;
  config.bias = true;
  config.bias_init = BiasInit::fan_in_uniform;
  config.dendrites.basal_branches = 3;
  config.dendrites.apical_branches = 2;
  return config;
}

using Layers = std::vector<std::vector<double>>;  // of layers 1..L

// z of the branches of a projection.
inline std::vector<double> potentials(const Matrix& mask, const Matrix& w,
                                      const std::vector<double>& from, const double* bias) {
  std::vector<double> z(w.rows(), 0.0);
  for (std::size_t b = 0; b < w.rows(); ++b) {
    z[b] = bias != nullptr ? bias[b] : 0.0;
    for (std::size_t j = 0; j < w.cols(); ++j) z[b] += mask(b, j) * w(b, j) * from[j];
  }
  return z;
}

// Activities after `steps` iterations from `start` (null: from zero), all layers at once.
inline Layers loop_states(const Network& network, const std::vector<double>& x,
                          const std::vector<double>& y, double beta, std::size_t steps,
                          const Layers* start) {
  const NetworkConfig& c = network.config;
  const std::size_t layers = network.layer_count(), basal = c.dendrites.basal_branches,
                    apical = c.dendrites.apical_branches;
  Layers s;
  for (std::size_t l = 1; l <= layers; ++l) {
    std::vector<double> zero(network.width(l), 0.0);
    activate(c.activation[l - 1], zero.data(), zero.data(), zero.size());
    s.push_back(zero);
  }
  if (start != nullptr) s = *start;
  for (std::size_t t = 0; t < steps; ++t) {
    Layers next = s;
    for (std::size_t l = 1; l <= layers; ++l) {
      const std::vector<double>& below = l == 1 ? x : s[l - 2];
      const auto z = potentials(network.basal_mask[l - 1], network.weight[l - 1], below,
                                network.bias[l - 1].data());
      std::vector<double> u(network.width(l), 0.0);
      for (std::size_t b = 0; b < z.size(); ++b) {
        u[b / basal] += c.forward_gain[l - 1] / static_cast<double>(basal) * std::max(0.0, z[b]);
      }
      if (l < layers && !network.feedback.empty()) {
        const auto a =
            potentials(network.apical_mask[l - 1], network.feedback[l - 1], s[l], nullptr);
        for (std::size_t b = 0; b < a.size(); ++b) {
          u[b / apical] +=
              c.feedback_gain[l - 1] / static_cast<double>(apical) * std::max(0.0, a[b]);
        }
      } else if (l < layers) {
        const Matrix& w = network.weight[l];
        const auto above = potentials(network.basal_mask[l], w, s[l - 1], network.bias[l].data());
        for (std::size_t b = 0; b < w.rows(); ++b) {
          if (above[b] <= 0) continue;
          for (std::size_t i = 0; i < w.cols(); ++i) {
            u[i] += c.feedback_gain[l - 1] / static_cast<double>(basal) * w(b, i) * s[l][b / basal];
          }
        }
      }
      for (std::size_t i = 0; l == layers && beta != 0 && i < u.size(); ++i) {
        u[i] += beta * (y[i] - s[l - 1][i]);
      }
      activate(c.activation[l - 1], u.data(), next[l - 1].data(), u.size());
    }
    s = next;
  }
  return s;
}

// The mean over the samples of the contrast of the phases, scale = nudge.
inline Gradient loop_estimate(const Network& network, const LearningConfig& learning,
                              const IdealConfig& ideal, const Matrix& inputs,
                              const Matrix& targets) {
  const NetworkConfig& c = network.config;
  const std::size_t basal = c.dendrites.basal_branches, apical = c.dendrites.apical_branches;
  const bool centred = learning.nudging == Nudging::centred;
  Gradient g;
  for (const Matrix& w : network.weight) g.weight.emplace_back(w.rows(), w.cols());
  for (const auto& b : network.bias) g.bias.emplace_back(b.size(), 0.0);
  for (const Matrix& f : network.feedback) g.feedback.emplace_back(f.rows(), f.cols());
  for (std::size_t k = 0; k < inputs.rows(); ++k) {
    const std::vector<double> x(inputs.row(k).begin(), inputs.row(k).end());
    const std::vector<double> y(targets.row(k).begin(), targets.row(k).end());
    const Layers free = loop_states(network, x, y, 0.0, ideal.free_steps, nullptr);
    const Layers high = loop_states(network, x, y, learning.beta, ideal.nudged_steps, &free);
    const Layers low =
        centred ? loop_states(network, x, y, -learning.beta, ideal.nudged_steps, &free) : free;
    for (const auto& [states, sign] : {std::pair{&high, 1.0}, std::pair{&low, -1.0}}) {
      const double share =
          sign / (learning.beta * (centred ? 2.0 : 1.0)) / static_cast<double>(inputs.rows());
      for (std::size_t l = 1; l <= network.layer_count(); ++l) {
        const std::vector<double>& below = l == 1 ? x : (*states)[l - 2];
        const std::vector<double>& post = (*states)[l - 1];
        const auto z = potentials(network.basal_mask[l - 1], network.weight[l - 1], below,
                                  network.bias[l - 1].data());
        for (std::size_t b = 0; b < z.size(); ++b) {
          if (z[b] <= 0) continue;
          const double at =
              share * c.forward_gain[l - 1] / static_cast<double>(basal) * post[b / basal];
          g.bias[l - 1][b] += at;
          for (std::size_t j = 0; j < below.size(); ++j) {
            g.weight[l - 1](b, j) += at * below[j] * network.basal_mask[l - 1](b, j);
          }
        }
        if (l > network.feedback.size()) continue;
        const std::vector<double>& above = (*states)[l];
        const auto a =
            potentials(network.apical_mask[l - 1], network.feedback[l - 1], above, nullptr);
        for (std::size_t b = 0; b < a.size(); ++b) {
          if (a[b] <= 0) continue;
          const double at =
              share * c.feedback_gain[l - 1] / static_cast<double>(apical) * post[b / apical];
          for (std::size_t j = 0; j < above.size(); ++j) {
            g.feedback[l - 1](b, j) += at * above[j] * network.apical_mask[l - 1](b, j);
          }
        }
      }
    }
  }
  return g;
}

}  // namespace memprop::learning::test
