// The synchronous map of one block of columns: packed weights, and the phases that use them.
#pragma once

#include <cstddef>
#include <vector>

#include "learning/network/network.hpp"
#include "learning/network/network_check.hpp"
#include "learning/reference/internal/activity_block.hpp"
#include "learning/reference/reference_config.hpp"

namespace memprop::learning::internal {

// Columns relaxed together: their states stay in the nearest caches.
inline constexpr std::size_t kBlockColumns = 16;

// The network's parameters as the map needs them. Index 0 is weight layer 1.
template <class T>
struct PackedNetwork {
  PackedNetwork(const Network& network, double time_step_s)
      : config(network.config),
        layers(network.layer_count()),
        recurrent(recurrent_layers(network.config)),
        tied(network.feedback.empty()) {
    for (std::size_t l = 0; l < layers; ++l) {
      const Matrix& w = network.weight[l];
      forward.emplace_back(w.rows(), w.cols());
      forward.back().assign(w, false);
      if (l == 0) {
        backward.emplace_back();
      } else {
        backward.emplace_back(w.cols(), w.rows());
        if (tied) {
          backward.back().assign(w, true);
        } else {
          backward.back().assign(network.feedback[l - 1], false);
        }
      }
      bias.emplace_back(w.rows(), 1);
      if (!network.bias.empty()) {
        for (std::size_t i = 0; i < w.rows(); ++i) {
          bias.back().col(0)[i] = static_cast<T>(network.bias[l][i]);
        }
      }
      if (time_step_s > 0 && l < recurrent) {
        dt.emplace_back(w.rows(), 1);
        for (std::size_t i = 0; i < w.rows(); ++i) {
          dt.back().col(0)[i] = static_cast<T>(time_step_s / network.tau_s[l][i]);
        }
      }
    }
  }

  NetworkConfig config;
  std::size_t layers;     // L
  std::size_t recurrent;  // layers with a state
  bool tied;
  std::vector<PanelMatrix<T>> forward;   // W_l
  std::vector<PanelMatrix<T>> backward;  // W_l^T or B_{l-1}; none for l = 1
  std::vector<ActivityBlock<T>> bias;
  std::vector<ActivityBlock<T>> dt;  // empty: full replacement
};

// States of up to kBlockColumns samples; one per thread.
template <class T>
class Relaxation {
 public:
  Relaxation(const PackedNetwork<T>& net, bool recompute_drive)
      : net_(&net), recompute_drive_(recompute_drive) {
    for (std::size_t l = 0; l < net.recurrent; ++l) {
      const std::size_t n = net.config.layers[l + 1];
      v_.emplace_back(n, kBlockColumns);
      r_.emplace_back(n, kBlockColumns);
      if (!net.dt.empty()) next_.emplace_back(n, kBlockColumns);
    }
    drive_ = ActivityBlock<T>(net.config.layers[1], kBlockColumns);
    error_ = ActivityBlock<T>(net.config.layers[net.layers], kBlockColumns);
  }

  // Clamps the inputs x and runs the free phase from v = 0.
  void run_free(Columns<const T> x, std::size_t count, std::size_t steps) {
    x_ = x;
    count_ = count;
    if (!recompute_drive_) {
      net_->forward[0].multiply(x, count, T{1}, {net_->bias[0].col(0), 0}, drive_.out());
    }
    for (std::size_t l = 0; l < net_->recurrent; ++l) {
      v_[l].set_zero();
      activate_columns(net_->config.activation[l], v_[l], r_[l], count_);
    }
    for (std::size_t t = 0; t < steps; ++t) step({}, nullptr);
  }

  // Runs a nudged phase from the present state; beta has one value per column.
  void run_nudged(Columns<const T> y, const T* beta, std::size_t steps) {
    for (std::size_t t = 0; t < steps; ++t) step(y, beta);
  }

  const ActivityBlock<T>& v(std::size_t l) const { return v_[l]; }
  const ActivityBlock<T>& r(std::size_t l) const { return r_[l]; }
  ActivityBlock<T>& v(std::size_t l) { return v_[l]; }
  ActivityBlock<T>& r(std::size_t l) { return r_[l]; }

  // Logits of the readout outside the loop into h.
  void readout(ActivityBlock<T>& h) const {
    const std::size_t top = net_->layers - 1;
    net_->forward[top].multiply(r_.back().in(), count_, T{1}, {net_->bias[top].col(0), 0}, h.out());
  }

 private:
  void step(Columns<const T> y, const T* beta) {
    const std::size_t top = net_->recurrent - 1;
    for (std::size_t l = 0; l <= top; ++l) {
      ActivityBlock<T>& total = net_->dt.empty() ? v_[l] : next_[l];
      if (l == 0) {
        add_input(total, top > 0);
      } else {
        net_->forward[l].multiply(r_[l - 1].in(), count_, T{1}, {net_->bias[l].col(0), 0},
                                  total.out());
      }
      if (l < top) {
        const bool first = l == 0 && !recompute_drive_;
        net_->backward[l + 1].multiply(r_[l + 1].in(), count_,
                                       static_cast<T>(net_->config.feedback_gain[l]),
                                       first ? drive_.in() : total.in(), total.out());
      }
      if (l == top && beta != nullptr) nudge(total, y, beta);
    }
    for (std::size_t l = 0; l <= top; ++l) {
      if (!net_->dt.empty()) blend(l);
      activate_columns(net_->config.activation[l], v_[l], r_[l], count_);
    }
  }

  // With feedback to come and a kept drive nothing is to be done: the drive starts that sum.
  void add_input(ActivityBlock<T>& total, bool feedback_follows) {
    if (recompute_drive_) {
      net_->forward[0].multiply(x_, count_, T{1}, {net_->bias[0].col(0), 0}, total.out());
    } else if (!feedback_follows) {
      std::copy(drive_.col(0), drive_.col(count_), total.col(0));
    }
  }

  void nudge(ActivityBlock<T>& total, Columns<const T> y, const T* beta) {
    const ActivityBlock<T>& r = r_.back();
    if (net_->config.readout == Readout::squared_error) {
      for (std::size_t j = 0; j < count_; ++j) {
        const T* target = y.col(j);
        const T* activity = r.col(j);
        T* out = total.col(j);
        for (std::size_t i = 0; i < r.rows(); ++i) out[i] += beta[j] * (target[i] - activity[i]);
      }
      return;
    }
    readout(error_);
    for (std::size_t j = 0; j < count_; ++j) {
      T* e = error_.col(j);
      const T* target = y.col(j);
      softmax<T>(e, nullptr, error_.rows());
      for (std::size_t i = 0; i < error_.rows(); ++i) e[i] = beta[j] * (target[i] - e[i]);
    }
    net_->backward[net_->layers - 1].multiply(error_.in(), count_, T{1}, total.in(), total.out());
  }

  void blend(std::size_t l) {
    const T* dt = net_->dt[l].col(0);
    for (std::size_t j = 0; j < count_; ++j) {
      T* v = v_[l].col(j);
      const T* next = next_[l].col(j);
      for (std::size_t i = 0; i < v_[l].rows(); ++i) v[i] += dt[i] * (next[i] - v[i]);
    }
  }

  const PackedNetwork<T>* net_;
  bool recompute_drive_;
  Columns<const T> x_;
  std::size_t count_ = 0;
  std::vector<ActivityBlock<T>> v_, r_, next_;
  ActivityBlock<T> drive_;  // W_1 x + bias_1
  ActivityBlock<T> error_;  // of the readout outside the loop
};

}  // namespace memprop::learning::internal
