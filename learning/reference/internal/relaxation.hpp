// The synchronous map of one block of columns, phase by phase.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "learning/reference/internal/branch_block.hpp"
#include "learning/reference/internal/column_blocks.hpp"
#include "learning/reference/internal/packed_network.hpp"
#include "learning/rule/rule.hpp"

namespace memprop::learning::internal {

// States of up to kBlockColumns samples; one per thread.
template <class T>
class Relaxation {
 public:
  // seed: of the "state-noise" stream.
  Relaxation(const PackedNetwork<T>& net, const IdealConfig& ideal, std::uint64_t seed)
      : net_(&net), recompute_drive_(ideal.recompute_drive), noise_(static_cast<T>(ideal.noise)) {
    if (ideal.noise > 0) noise_stream_.emplace(seed, "state-noise");
    for (std::size_t l = 0; l < net.recurrent; ++l) {
      const std::size_t n = net.config.layers[l + 1];
      v_.emplace_back(n, kBlockColumns);
      r_.emplace_back(n, kBlockColumns);
      if (!net.dt.empty()) next_.emplace_back(n, kBlockColumns);
    }
    moving_ = net.recurrent;
    drive_ = ActivityBlock<T>(net.config.layers[1], kBlockColumns);
    if (net.dendritic()) branches_.emplace(net, kBlockColumns);
    error_ = ActivityBlock<T>(net.config.layers[net.layers], kBlockColumns);
    scaled_ = error_;
  }

  // Clamps the inputs x of a network of this shape. key: of the first column's noise, which differs
  // from sample to sample.
  void clamp(const PackedNetwork<T>& net, Columns<const T> x, std::size_t count,
             std::uint64_t key) {
    net_ = &net;
    x_ = x;
    count_ = count;
    key_ = key;
    tick_ = 0;
    refresh_drive();
  }
  // Goes on with other weights; the inputs stay.
  void use(const PackedNetwork<T>& net) {
    if (&net == net_) return;
    net_ = &net;
    refresh_drive();
  }
  void start_from_zero() {
    for (std::size_t l = 0; l < net_->recurrent; ++l) {
      v_[l].set_zero();
      refresh_activity(l);
    }
  }

  // Runs a phase from the present state; beta has one value per column and may be null without a
  // nudge, held are the states that adaptation goes to and may be null without it.
  void run(const Phase& phase, Columns<const T> y, const T* beta,
           const std::vector<ActivityBlock<T>>* held = nullptr) {
    const bool nudged = phase.nudge != 0 && beta != nullptr;
    const bool kept = nudged && phase.error != NudgeError::recomputed;
    if (kept) keep_error(y);
    if (phase.output == Phase::Output::clamped) clamp_output(y);
    // A layer that is clamped or without drive stays; with pure adaptation all do.
    moving_ = phase.output == Phase::Output::free ? net_->recurrent : net_->recurrent - 1;
    if (!phase.driven) moving_ = 0;
    for (std::size_t t = 0; t < phase.steps; ++t) {
      const T times = phase.error == NudgeError::ramp ? static_cast<T>(t + 1) : T{1};
      step(y, nudged ? beta : nullptr, kept, times);
      if (phase.adaptation > 0 && held != nullptr) {
        adapt(static_cast<T>(phase.adaptation), phase.output, *held);
      }
    }
  }

  // Potentials of the branches of connection k as of the last iteration.
  const ActivityBlock<T>& potential(std::size_t k) const { return branches_->potential(k); }
  // What the branches of connection k let through to learning: the activity of their neuron where
  // their potential in the present state is above 0.
  void branch_activity(std::size_t k, ActivityBlock<T>& out) {
    branches_->update(*net_, k, r_, count_);
    branches_->gated(*net_, k, r_[net_->list[k].to - 1], count_, out);
  }
  // How a phase ended in its last iterations, per column: max |x(t) - x(t-1)| / dt, which is
  // max |F|, |x(t) - 2 x(t-1) + x(t-2)| / |x(t) - x(t-1)|, which is 0 for a state that moves by
  // rounding only, and |x(t) - x(t-1)|.
  struct Ending {
    T residual = 0, oscillation = 0, step = 0;
  };
  // Runs a phase of at least two steps and measures its end: a free one, or one whose nudge follows
  // the output (a kept error would be taken anew on the way).
  std::vector<Ending> run_and_measure(Phase phase, Columns<const T> y = {},
                                      const T* beta = nullptr) {
    const std::size_t last = 2;
    const std::size_t before = phase.steps - last;
    phase.steps = before;
    run(phase, y, beta);
    phase.steps = 1;
    const std::vector<ActivityBlock<T>> first = v_;
    run(phase, y, beta);
    const std::vector<ActivityBlock<T>> second = v_;
    run(phase, y, beta);
    std::vector<Ending> ends(count_);
    for (std::size_t j = 0; j < count_; ++j) {
      T change = 0, bend = 0, size = 0;
      for (std::size_t l = 0; l < net_->recurrent; ++l) {
        for (std::size_t i = 0; i < v_[l].rows(); ++i) {
          const T now = v_[l].col(j)[i] - second[l].col(j)[i];
          const T earlier = second[l].col(j)[i] - first[l].col(j)[i];
          const T dt = net_->dt.empty() ? T{1} : net_->dt[l].col(0)[i];
          ends[j].residual = std::max(ends[j].residual, std::abs(now) / dt);
          change += now * now;
          size += v_[l].col(j)[i] * v_[l].col(j)[i];
          bend += (now - earlier) * (now - earlier);
        }
      }
      const T rounding = T{100} * std::numeric_limits<T>::epsilon();
      const bool moves = change > rounding * rounding * size;
      ends[j].oscillation = moves ? std::sqrt(bend / change) : T{0};
      ends[j].step = std::sqrt(change);
    }
    return ends;
  }

  // |x - from| of each column.
  std::vector<T> distance(const std::vector<ActivityBlock<T>>& from) const {
    std::vector<T> sum(count_, T{0});
    for (std::size_t l = 0; l < net_->recurrent; ++l) {
      for (std::size_t j = 0; j < count_; ++j) {
        for (std::size_t i = 0; i < v_[l].rows(); ++i) {
          const T d = v_[l].col(j)[i] - from[l].col(j)[i];
          sum[j] += d * d;
        }
      }
    }
    for (T& s : sum) s = std::sqrt(s);
    return sum;
  }
  const std::vector<ActivityBlock<T>>& state() const { return v_; }
  bool noisy() const { return noise_stream_.has_value(); }

  std::size_t count() const { return count_; }
  const ActivityBlock<T>& v(std::size_t l) const { return v_[l]; }
  const ActivityBlock<T>& r(std::size_t l) const { return r_[l]; }
  ActivityBlock<T>& v(std::size_t l) { return v_[l]; }
  ActivityBlock<T>& r(std::size_t l) { return r_[l]; }

  // Logits of the readout outside the loop into h.
  void readout(ActivityBlock<T>& h) const {
    net_->panel[net_->readout].multiply(r_.back().in(), count_, T{1}, {net_->bias.back().col(0), 0},
                                        h.out());
  }
  // y - output of the present state into e.
  void output_error(Columns<const T> y, ActivityBlock<T>& e) const {
    const bool outside = net_->readout != kNone;
    if (outside) readout(e);
    for (std::size_t j = 0; j < count_; ++j) {
      T* out = e.col(j);
      if (outside) {
        softmax<T>(out, nullptr, e.rows());
      } else {
        std::copy_n(r_.back().col(j), e.rows(), out);
      }
      const T* target = y.col(j);
      for (std::size_t i = 0; i < e.rows(); ++i) out[i] = target[i] - out[i];
    }
  }

 private:
  void refresh_drive() {
    if (recompute_drive_) return;
    if (branches_) {
      branches_->set_input(*net_, x_, count_, drive_);
      return;
    }
    const Connection& c = net_->list[net_->input];
    net_->panel[net_->input].multiply(x_, count_, static_cast<T>(c.gain), {net_->bias[0].col(0), 0},
                                      drive_.out());
  }

  void keep_error(Columns<const T> y) { output_error(y, error_); }

  void clamp_output(Columns<const T> y) {
    for (std::size_t j = 0; j < count_; ++j) {
      std::copy_n(y.col(j), r_.back().rows(), v_.back().col(j));
      std::copy_n(y.col(j), r_.back().rows(), r_.back().col(j));
    }
  }

  void adapt(T c, Phase::Output output, const std::vector<ActivityBlock<T>>& held) {
    for (std::size_t l = 0; l < net_->recurrent; ++l) {
      if (l + 1 == net_->recurrent && output == Phase::Output::clamped) continue;
      for (std::size_t j = 0; j < count_; ++j) {
        T* v = v_[l].col(j);
        const T* to = held[l].col(j);
        for (std::size_t i = 0; i < v_[l].rows(); ++i) v[i] += c * (to[i] - v[i]);
      }
      refresh_activity(l);
    }
  }

  void step(Columns<const T> y, const T* beta, bool kept, T times) {
    const std::size_t top = net_->recurrent - 1;
    if (branches_ && recompute_drive_) branches_->set_input(*net_, x_, count_, drive_);
    if (branches_) branches_->update_all(*net_, r_, count_);
    const bool outside = net_->nudge_outside;
    for (std::size_t l = 0; l < moving_; ++l) {
      ActivityBlock<T>& total = net_->dt.empty() ? v_[l] : next_[l];
      if (branches_) {
        branches_->total(*net_, l, drive_, r_, count_, total);
        if (l == top && beta != nullptr) nudge(total, y, beta, kept, times);
        continue;
      }
      Columns<const T> sum{net_->bias[l].col(0), 0};
      if (l == 0) {
        if (recompute_drive_) {
          const T gain = static_cast<T>(net_->list[net_->input].gain);
          net_->panel[net_->input].multiply(x_, count_, gain, sum, total.out());
          sum = total.in();
        } else {
          sum = drive_.in();
        }
        if (net_->incoming[0].empty() && !recompute_drive_) {
          std::copy(drive_.col(0), drive_.col(count_), total.col(0));
        }
      }
      for (const std::size_t k : net_->incoming[l]) {
        const Connection& c = net_->list[k];
        net_->panel[k].multiply(r_[c.from - 1].in(), count_, static_cast<T>(c.gain), sum,
                                total.out());
        sum = total.in();
      }
      if (l == top && beta != nullptr && !outside) nudge(total, y, beta, kept, times);
    }
    for (std::size_t l = 0; l < moving_; ++l) {
      const bool nudged = l == top && beta != nullptr && outside;
      if (net_->config.dynamics == Dynamics::rate) {
        activate_columns(net_->config.activation[l], next_[l], next_[l], count_);
        if (nudged) nudge(next_[l], y, beta, kept, times);
      } else if (net_->config.dynamics == Dynamics::energy) {
        use_slope(l);
        // The cost of the energy form is that of the states.
        if (nudged) nudge_state(y, beta);
      }
      if (!net_->dt.empty()) blend(l);
      if (net_->config.dynamics == Dynamics::energy) keep_in_range(l);
      refresh_activity(l);
      if (noise_stream_) add_noise(l);
    }
    ++tick_;
  }

  void refresh_activity(std::size_t l) {
    if (net_->config.dynamics == Dynamics::rate) {
      std::copy(v_[l].col(0), v_[l].col(count_), r_[l].col(0));
    } else if (!net_->gain.empty()) {
      const T* gain = net_->gain[l].col(0);
      for (std::size_t j = 0; j < count_; ++j) {
        const T* v = v_[l].col(j);
        T* r = r_[l].col(j);
        for (std::size_t i = 0; i < v_[l].rows(); ++i) r[i] = gain[i] * v[i];
      }
      activate_columns(net_->config.activation[l], r_[l], r_[l], count_);
    } else {
      activate_columns(net_->config.activation[l], v_[l], r_[l], count_);
    }
  }

  // drive <- f'(x) drive.
  void use_slope(std::size_t l) {
    const Activation f = net_->config.activation[l];
    for (std::size_t j = 0; j < count_; ++j) {
      T* drive = next_[l].col(j);
      const T* v = v_[l].col(j);
      const T* r = r_[l].col(j);
      for (std::size_t i = 0; i < v_[l].rows(); ++i) drive[i] *= slope_of(f, v[i], r[i]);
    }
  }

  void nudge_state(Columns<const T> y, const T* beta) {
    for (std::size_t j = 0; j < count_; ++j) {
      const T* target = y.col(j);
      const T* state = v_.back().col(j);
      T* out = next_.back().col(j);
      for (std::size_t i = 0; i < v_.back().rows(); ++i) out[i] += beta[j] * (target[i] - state[i]);
    }
  }

  // States of sigmoids end at 0 and 1 (Ernoult et al., arXiv:1905.13633, authors' code).
  void keep_in_range(std::size_t l) {
    const Activation f = net_->config.activation[l];
    if (f == Activation::linear || f == Activation::tanh) return;
    for (std::size_t j = 0; j < count_; ++j) {
      T* v = v_[l].col(j);
      // A state that is not a number stays one, so that it is found.
      for (std::size_t i = 0; i < v_[l].rows(); ++i) v[i] = std::clamp(v[i], T{0}, T{1});
    }
  }

  void nudge(ActivityBlock<T>& total, Columns<const T> y, const T* beta, bool kept, T times) {
    const ActivityBlock<T>& r = r_.back();
    const bool outside = net_->readout != kNone;
    if (!outside && !kept) {
      for (std::size_t j = 0; j < count_; ++j) {
        const T* target = y.col(j);
        const T* activity = r.col(j);
        T* out = total.col(j);
        for (std::size_t i = 0; i < r.rows(); ++i) out[i] += beta[j] * (target[i] - activity[i]);
      }
      return;
    }
    if (!kept) output_error(y, error_);
    ActivityBlock<T>& scaled = outside ? scaled_ : total;
    for (std::size_t j = 0; j < count_; ++j) {
      const T strength = beta[j] * times;
      const T* e = error_.col(j);
      T* out = scaled.col(j);
      for (std::size_t i = 0; i < error_.rows(); ++i) {
        out[i] = (outside ? T{0} : out[i]) + strength * e[i];
      }
    }
    if (outside) {
      net_->panel[net_->nudge].multiply(scaled_.in(), count_, T{1}, total.in(), total.out());
    }
  }

  void blend(std::size_t l) {
    const T* dt = net_->dt[l].col(0);
    for (std::size_t j = 0; j < count_; ++j) {
      T* v = v_[l].col(j);
      const T* next = next_[l].col(j);
      for (std::size_t i = 0; i < v_[l].rows(); ++i) v[i] += dt[i] * (next[i] - v[i]);
    }
  }

  void add_noise(std::size_t l) {
    noise_values_.resize(r_[l].rows());
    for (std::size_t j = 0; j < count_; ++j) {
      // 2^20 iterations a sample, 2^44 samples.
      const std::uint64_t event = ((key_ + j) << 20U) + tick_;
      noise_stream_->normals(static_cast<std::uint64_t>(l) << 32U, event,
                             {noise_values_.data(), noise_values_.size()});
      T* r = r_[l].col(j);
      for (std::size_t i = 0; i < noise_values_.size(); ++i) {
        r[i] += noise_ * static_cast<T>(noise_values_[i]);
      }
    }
  }

  const PackedNetwork<T>* net_;
  bool recompute_drive_;
  T noise_;
  std::optional<RandomStream> noise_stream_;
  std::vector<double> noise_values_;
  Columns<const T> x_;
  std::size_t count_ = 0;
  std::size_t moving_ = 0;  // layers that the dynamics move
  std::uint64_t key_ = 0, tick_ = 0;
  std::vector<ActivityBlock<T>> v_, r_, next_;
  ActivityBlock<T> drive_;  // W_1 x + bias_1
  std::optional<BranchBlock<T>> branches_;
  ActivityBlock<T> error_, scaled_;
};

}  // namespace memprop::learning::internal
