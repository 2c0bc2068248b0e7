// The exact steady state of a block of samples by block coordinate descent (Scellier,
// arXiv:2402.11674, section 4; ep-circuits 1.3), with bidirectional amplifiers.
//
// Kirchhoff's law at node i of layer l, with a_l = A_l v_l behind the amplifier:
//   (sum_j G_l,ij + sum_k G_{l+1},ki) v_i = sum_j G_l,ij a_{l-1},j + (1/A_l) sum_k G_{l+1},ki v_k
//                                           + i_i  (+ beta (y_i - v_i) at an output)
// and v_i is cut to what its diodes allow: the exact minimum over v_i of the co-content
//   E = sum_l kappa_l [1/2 sum_ij G_l,ij (v_i - a_j)^2 - sum_i i_i v_i],  kappa_{l+1} =
//   kappa_l/A_l^2.
// Nodes of one parity of layers do not touch each other: one iteration minimises over all odd
// layers, then over all even ones. Output pairs are minimised over both nodes at once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "learning/reference/internal/activity_block.hpp"
#include "learning/resistive/resistive_network.hpp"

namespace memprop::learning::internal {

inline constexpr std::size_t kResistiveColumns = 16;  // samples relaxed together

// The parameters as the relaxation needs them. Index 0 is layer 1.
template <class T>
struct PackedConductances {
  explicit PackedConductances(const Network& network)
      : config(network.config), layers(network.layer_count()) {
    for (std::size_t l = 0; l < layers; ++l) {
      const Matrix& g = network.weight[l];
      forward.emplace_back(g.rows(), g.cols());
      forward.back().assign(g, false);
      backward.emplace_back(l == 0 ? PanelMatrix<T>() : PanelMatrix<T>(g.cols(), g.rows()));
      if (l > 0) backward.back().assign(g, true);
      row_sum.emplace_back(g.rows(), 1);
      column_sum.emplace_back(l == 0 ? 0 : g.cols(), 1);
      current.emplace_back(g.rows(), 1);
      if (!network.bias.empty()) {
        std::copy(network.bias[l].begin(), network.bias[l].end(), current.back().col(0));
      }
      gain.push_back(static_cast<T>(amplifier_gain(config, l + 1)));
      low.emplace_back(g.rows(), 1);
      high.emplace_back(g.rows(), 1);
      for (std::size_t i = 0; i < g.rows(); ++i) {
        const NodeBounds bounds = node_bounds(config, l + 1, i);
        low.back().col(0)[i] = static_cast<T>(bounds.low);
        high.back().col(0)[i] = static_cast<T>(bounds.high);
      }
      total.emplace_back(g.rows(), 1);
      sum_rows(forward.back(), row_sum.back().col(0));
      if (l > 0) sum_rows(backward.back(), column_sum.back().col(0));
    }
    add_totals();
  }

  static void sum_rows(const PanelMatrix<T>& m, T* sum) {
    for (std::size_t r = 0; r < m.rows(); ++r) {
      T s = 0;
      for (std::size_t c = 0; c < m.cols(); ++c) s += m.at(r, c);
      sum[r] = s;
    }
  }
  // total = all conductance at a node, from the sums.
  void add_totals() {
    for (std::size_t l = 0; l < layers; ++l) {
      for (std::size_t i = 0; i < forward[l].rows(); ++i) {
        T s = row_sum[l].col(0)[i];
        if (l + 1 < layers) s += column_sum[l + 1].col(0)[i];
        total[l].col(0)[i] = s;
      }
    }
  }
  std::size_t nodes(std::size_t l) const { return forward[l].rows(); }
  bool pairs() const { return config.resistive.output_pairs; }

  NetworkConfig config;
  std::size_t layers;
  std::vector<PanelMatrix<T>> forward;   // G_l
  std::vector<PanelMatrix<T>> backward;  // G_l^T; none for l = 1
  std::vector<ActivityBlock<T>> row_sum, column_sum, total, current, low, high;
  std::vector<T> gain;  // A_l; 1 at the output
};

// The phases of up to kResistiveColumns samples.
template <class T>
class ResistiveRelaxation {
 public:
  explicit ResistiveRelaxation(const PackedConductances<T>& net)
      : net_(&net), drive_(net.nodes(0), kResistiveColumns) {
    for (std::size_t l = 0; l < net.layers; ++l) {
      v_.emplace_back(net.nodes(l), kResistiveColumns);
      sum_.emplace_back(net.nodes(l), kResistiveColumns);
    }
  }

  // From v = 0. sources: one column per sample.
  void run_free(Columns<const T> sources, std::size_t count, std::size_t iterations) {
    net_->forward[0].multiply(sources, count, T{1}, {net_->current[0].col(0), 0}, drive_.out());
    for (auto& v : v_) v.set_zero();
    for (std::size_t k = 0; k < iterations; ++k) iterate(count, {}, nullptr);
  }
  // From the present state; beta: one per sample, of either sign.
  void run_nudged(Columns<const T> target, const T* beta, std::size_t count,
                  std::size_t iterations) {
    for (std::size_t k = 0; k < iterations; ++k) iterate(count, target, beta);
  }
  // One iteration; the largest change of a voltage.
  T iterate_and_measure(std::size_t count, Columns<const T> target, const T* beta) {
    std::vector<ActivityBlock<T>> before = v_;
    iterate(count, target, beta);
    T largest = 0;
    for (std::size_t l = 0; l < net_->layers; ++l) {
      for (std::size_t j = 0; j < count; ++j) {
        for (std::size_t i = 0; i < net_->nodes(l); ++i) {
          largest = std::max(largest, std::abs(v_[l].col(j)[i] - before[l].col(j)[i]));
        }
      }
    }
    return largest;
  }

  ActivityBlock<T>& v(std::size_t l) { return v_[l]; }
  const ActivityBlock<T>& v(std::size_t l) const { return v_[l]; }

 private:
  void iterate(std::size_t count, Columns<const T> target, const T* beta) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}}) {
      for (std::size_t l = first; l < net_->layers; l += 2) {
        inflow(l, count);
        if (l + 1 < net_->layers) {
          clamp(l, count);
        } else {
          outputs(count, target, beta);
        }
      }
    }
  }

  // sum_ = what flows into the nodes of layer l while they are at zero volts.
  void inflow(std::size_t l, std::size_t count) {
    const auto& net = *net_;
    ActivityBlock<T>& sum = sum_[l];
    const bool above = l + 1 < net.layers;
    if (l > 0) {
      net.forward[l].multiply(v_[l - 1].in(), count, net.gain[l - 1], {net.current[l].col(0), 0},
                              sum.out());
    } else if (!above) {
      std::copy(drive_.col(0), drive_.col(0) + count * drive_.ld(), sum.col(0));
    }
    if (above) {
      net.backward[l + 1].multiply(v_[l + 1].in(), count, T{1} / net.gain[l],
                                   l > 0 ? sum.in() : drive_.in(), sum.out());
    }
  }

  void clamp(std::size_t l, std::size_t count) {
    const T* total = net_->total[l].col(0);
    const T* low = net_->low[l].col(0);
    const T* high = net_->high[l].col(0);
    const std::size_t n = net_->nodes(l);
    for (std::size_t j = 0; j < count; ++j) {
      const T* in = sum_[l].col(j);
      T* out = v_[l].col(j);
      for (std::size_t i = 0; i < n; ++i) {
        // A node without any conductance stays where the diodes leave it nearest to zero.
        const T free = total[i] > T{0} ? in[i] / total[i] : T{0};
        const T above = free > low[i] ? free : low[i];
        out[i] = above < high[i] ? above : high[i];
      }
    }
  }

  void outputs(std::size_t count, Columns<const T> target, const T* beta) {
    const std::size_t last = net_->layers - 1;
    const T* total = net_->total[last].col(0);
    const std::size_t nodes = net_->nodes(last);
    for (std::size_t j = 0; j < count; ++j) {
      const T* in = sum_[last].col(j);
      T* out = v_[last].col(j);
      const T b = beta != nullptr ? beta[j] : T{0};
      const T* y = beta != nullptr ? target.col(j) : nullptr;
      if (!net_->pairs() || y == nullptr) {
        for (std::size_t i = 0; i < nodes; ++i) {
          const T all = total[i] + b;
          const T flow = y != nullptr ? in[i] + b * y[i] : in[i];
          out[i] = all > T{0} ? flow / all : T{0};
        }
        continue;
      }
      // i+ = -i- = beta (y - (v+ - v-)) couples the two nodes of a pair.
      const std::size_t n = nodes / 2;
      for (std::size_t i = 0; i < n; ++i) {
        const T p = total[i] + b, q = total[n + i] + b;
        const T flow_p = in[i] + b * y[i], flow_q = in[n + i] - b * y[i];
        const T det = p * q - b * b;
        out[i] = det > T{0} ? (q * flow_p + b * flow_q) / det : T{0};
        out[n + i] = det > T{0} ? (p * flow_q + b * flow_p) / det : T{0};
      }
    }
  }

  const PackedConductances<T>* net_;
  ActivityBlock<T> drive_;  // G_1 x + i_1
  std::vector<ActivityBlock<T>> v_, sum_;
};

}  // namespace memprop::learning::internal
