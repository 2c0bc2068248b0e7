// All phases of a learning rule on a batch of samples, block by block, in parallel: fills the
// signals that updates are made of.
#pragma once

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "learning/network/dendrites.hpp"
#include "learning/reference/internal/batch_signals.hpp"
#include "learning/reference/internal/column_blocks.hpp"
#include "learning/reference/internal/relaxation.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::internal {

// Keeps what it relaxes with; the network is its owner's, whose weights may change between batches.
template <class T>
class BatchRelaxation {
 public:
  BatchRelaxation(const Network& network, std::shared_ptr<const Rule> rule,
                  const IdealConfig& config, PackedNetwork<T>& net, BatchSignals<T>& signals,
                  std::vector<Phase> phases, int threads, std::uint64_t seed)
      : original_(network),
        rule_(std::move(rule)),
        config_(config),
        threads_(threads),
        phases_(std::move(phases)),
        net_(net),
        signals_(signals),
        signs_(seed, "nudge-sign"),
        hold_(seed, "hold-noise"),
        seed_(seed) {
    check_phases();
    for (int t = 0; t < threads_; ++t) {
      workers_.emplace_back(net_, config_, seed);
      latches_.emplace_back(net_, phases_);
      for (std::size_t p = 0; p < phases_.size(); ++p) {
        if (!signals_.wants_error(p)) continue;
        latches_.back().error[p] = ActivityBlock<T>(width(net_.layers), kBlockColumns);
      }
      for (std::size_t p = 0; p < phases_.size(); ++p) reserve_branches(p);
      scratch_.emplace_back(width(net_.layers), kBlockColumns);
    }
    for (std::size_t p = 0; p < phases_.size(); ++p) {
      if (phases_[p].perturbed) perturbed_.emplace_back(p, net_);
    }
  }

  const std::vector<Phase>& phases() const { return phases_; }
  // For other relaxations of the same network, outside of a batch.
  Relaxation<T>& worker(std::size_t thread) { return workers_[thread]; }

  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    capacity_ = count;
    x_ = ActivityBlock<T>(width(0), count);
    y_ = ActivityBlock<T>(width(net_.layers), count);
    signals_.reserve(count);
    sign_.assign(count, T{1});
    not_finite_.assign(ColumnBlocks(count, threads_).count(), Offender{});
    loss_.assign(phases_.size(), std::vector<double>(count, 0.0));
  }
  // Inputs and targets of the batch, a column per sample, to be filled after reserve().
  ActivityBlock<T>& x() { return x_; }
  ActivityBlock<T>& y() { return y_; }

  // samples_trained: before the batch, which its random numbers are keyed by. Throws
  // NonFiniteState.
  BatchInfo run(std::size_t count, std::uint64_t samples_trained) {
    samples_trained_ = samples_trained;
    BatchInfo batch;
    batch.first_sample = samples_trained;
    batch.count = count;
    for (std::size_t j = 0; j < count; ++j) {
      sign_[j] = signs_.uniform(samples_trained + j) < 0.5 ? T{-1} : T{1};
    }
    for (auto& [phase, net] : perturbed_) perturb(batch, phase, net);
    const bool resample = net_.config.time_constant.resample;
    if (resample) net_.draw_steps(samples_trained + 1, config_, seed_);
    const ColumnBlocks blocks(count, threads_);
    const bool together = threads_ > 1 && blocks.count() > 1;
#pragma omp parallel for num_threads(threads_) if (together) schedule(static)
    for (std::size_t b = 0; b < blocks.count(); ++b) {
      relax_block(b, blocks.first(b), blocks.size(b));
    }
    if (resample) net_.draw_steps(0, config_, seed_);
    for (std::size_t b = 0; b < blocks.count(); ++b) {
      if (!not_finite_[b].found) continue;
      throw NonFiniteState(
          fmt::format("the ideal reference's layer {} became non-finite in training sample {} "
                      "(counted from 0 over the run)",
                      not_finite_[b].layer + 1,
                      samples_trained + blocks.first(b) + not_finite_[b].column),
          0.0, not_finite_[b].neuron);
    }
    batch.loss.assign(phases_.size(), 0.0);
    for (std::size_t p = 0; p < phases_.size(); ++p) {
      if (!phases_[p].loss) continue;
      for (std::size_t j = 0; j < count; ++j) batch.loss[p] += loss_[p][j];
      batch.loss[p] /= static_cast<double>(count);
    }
    return batch;
  }

  // The states at the end of every phase of a batch of one sample.
  std::vector<LayerStates> run_one(std::uint64_t samples_trained) {
    samples_trained_ = samples_trained;
    sign_[0] = T{1};
    std::vector<LayerStates> ends;
    relax_block(0, 0, 1, &ends);
    return ends;
  }

  // Of the worker's first column.
  LayerStates states_of(const Relaxation<T>& worker) {
    LayerStates states;
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      const std::size_t n = width(l + 1);
      states.v.emplace_back(worker.v(l).col(0), worker.v(l).col(0) + n);
      states.r.emplace_back(worker.r(l).col(0), worker.r(l).col(0) + n);
    }
    states.output = states.r.back();
    if (softmax_readout()) {
      ActivityBlock<T>& out = scratch_.front();
      worker.readout(out);
      softmax<T>(out.col(0), nullptr, out.rows());
      states.output.assign(out.col(0), out.col(0) + out.rows());
    }
    return states;
  }

 private:
  struct Offender {
    bool found = false;
    std::size_t layer = 0, column = 0, neuron = 0;
  };

  std::size_t width(std::size_t l) const { return net_.config.layers[l]; }
  bool softmax_readout() const { return net_.config.readout == Readout::softmax; }
  std::size_t this_thread() const { return static_cast<std::size_t>(omp_get_thread_num()); }

  void reserve_branches(std::size_t p) {
    std::vector<ActivityBlock<T>>& branch = latches_.back().branch[p];
    branch.resize(net_.list.size());
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      if (!signals_.wants_branches(p, k)) continue;
      branch[k] = ActivityBlock<T>(net_.branch_rows(k), kBlockColumns);
    }
  }

  void check_phases() const {
    if (phases_.empty() || phases_.front().start != Phase::from_zero ||
        phases_.front().nudge != 0 || phases_.front().perturbed) {
      throw InternalError("the first phase of a learning rule has to be free, from zero");
    }
    for (std::size_t p = 0; p < phases_.size(); ++p) {
      if (phases_[p].start != Phase::from_zero && phases_[p].start >= p) {
        throw InternalError("a phase of a learning rule starts from a later one");
      }
      if (phases_[p].adaptation > 0 && phases_[p].adapt_to >= p) {
        throw InternalError("a phase of a learning rule adapts to a later one");
      }
      // A released output keeps its state, whatever that is; a clamped one holds an activity.
      const bool lets_go = phases_[p].output == Phase::Output::released;
      const bool holds = phases_[p].output == Phase::Output::clamped;
      if (((holds || lets_go) && softmax_readout()) ||
          (holds && net_.config.dynamics != Dynamics::rate)) {
        throw InternalError("a learning rule clamps a network whose output is no state");
      }
    }
  }

  // Weights of a perturbed phase; the ways that use a transpose change with it.
  void perturb(const BatchInfo& batch, std::size_t phase, PackedNetwork<T>& net) {
    for (std::size_t k = 0; k < net.list.size(); ++k) {
      if (!net.list[k].trained) continue;
      Matrix w = net_.panel[k].dense();
      rule_->perturb(batch, phase, net.list[k], w);
      if (const Matrix* mask = net.list[k].mask(original_)) apply_mask(*mask, w);
      net.panel[k].assign(w, false);
      for (const std::size_t m : net.mirrors[k]) net.panel[m].assign(w, true);
    }
    net.bias = net_.bias;
  }

  // ends: of the first column's phases; may be null.
  void relax_block(std::size_t block, std::size_t first, std::size_t n,
                   std::vector<LayerStates>* ends = nullptr) {
    Relaxation<T>& worker = workers_[this_thread()];
    PhaseLatches<T>& latches = latches_[this_thread()];
    not_finite_[block].found = false;
    worker.clamp(net_, x_.in(first), n, samples_trained_ + first);
    std::size_t weights = 0;  // of perturbed_
    for (std::size_t p = 0; p < phases_.size(); ++p) {
      const Phase& phase = phases_[p];
      worker.use(phase.perturbed ? perturbed_[weights++].second : net_);
      enter(worker, latches, p, n);
      T beta[kBlockColumns];
      for (std::size_t j = 0; j < n; ++j) {
        beta[j] = static_cast<T>(phase.nudge) * (phase.random_sign ? sign_[first + j] : T{1});
      }
      worker.run(phase, y_.in(first), beta,
                 phase.adaptation > 0 ? &latches.v[phase.adapt_to] : nullptr);
      leave(worker, latches, p, first, n);
      if (ends != nullptr) ends->push_back(states_of(worker));
      find_non_finite(worker, block, n);
      if (not_finite_[block].found) return;
    }
    signals_.fill(latches, phases_, first, n, sign_.data());
  }

  void enter(Relaxation<T>& worker, const PhaseLatches<T>& latches, std::size_t p, std::size_t n) {
    const std::size_t start = phases_[p].start;
    if (start == Phase::from_zero) {
      worker.start_from_zero();
    } else if (start + 1 != p) {
      for (std::size_t l = 0; l < net_.recurrent; ++l) {
        std::copy(latches.v[start][l].col(0), latches.v[start][l].col(n), worker.v(l).col(0));
        std::copy(latches.r[start][l].col(0), latches.r[start][l].col(n), worker.r(l).col(0));
      }
    }
  }

  void leave(Relaxation<T>& worker, PhaseLatches<T>& latches, std::size_t p, std::size_t first,
             std::size_t n) {
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      std::copy(worker.r(l).col(0), worker.r(l).col(n), latches.r[p][l].col(0));
      if (latches.v[p].empty()) continue;
      std::copy(worker.v(l).col(0), worker.v(l).col(n), latches.v[p][l].col(0));
    }
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      if (latches.branch[p][k].rows() > 0) worker.branch_activity(k, latches.branch[p][k]);
    }
    if (config_.hold_noise > 0) add_hold_noise(latches, p, samples_trained_ + first, n);
    if (latches.error[p].rows() > 0) worker.output_error(y_.in(first), latches.error[p]);
    if (phases_[p].loss) measure_loss(worker, p, first, n);
  }

  // On the held values: a phase that goes on from its predecessor goes on from the state itself,
  // one that starts from a held state from that. The same on state and activity.
  void add_hold_noise(PhaseLatches<T>& latches, std::size_t p, std::uint64_t sample,
                      std::size_t n) {
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      for (std::size_t j = 0; j < n; ++j) {
        const std::uint64_t event = ((sample + j) << 8U) | p;
        for (std::size_t i = 0; i < width(l + 1); ++i) {
          const std::uint64_t neuron = (static_cast<std::uint64_t>(l) << 32U) | i;
          const T off = static_cast<T>(config_.hold_noise * hold_.normal(neuron, event));
          latches.r[p][l].col(j)[i] += off;
          if (!latches.v[p].empty()) latches.v[p][l].col(j)[i] += off;
        }
      }
    }
  }

  void measure_loss(Relaxation<T>& worker, std::size_t p, std::size_t first, std::size_t n) {
    ActivityBlock<T>& out = scratch_[this_thread()];
    if (softmax_readout()) worker.readout(out);
    for (std::size_t j = 0; j < n; ++j) {
      const T* y = y_.col(first + j);
      loss_[p][first + j] = softmax_readout()
                                ? softmax(out.col(j), y, out.rows())
                                : squared_error(worker.r(net_.recurrent - 1).col(j), y, out.rows());
    }
  }

  void find_non_finite(const Relaxation<T>& worker, std::size_t block, std::size_t n) {
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      for (std::size_t j = 0; j < n; ++j) {
        const T* v = worker.v(l).col(j);
        // A sum is non-finite if a term is; v is far from the largest number otherwise.
        T sum = 0;
        for (std::size_t i = 0; i < width(l + 1); ++i) sum += v[i] * T{0};
        if (sum == T{0}) continue;
        std::size_t i = 0;
        while (i + 1 < width(l + 1) && std::isfinite(v[i])) ++i;
        not_finite_[block] = {true, l, j, i};
        return;
      }
    }
  }

  const Network& original_;
  std::shared_ptr<const Rule> rule_;
  IdealConfig config_;
  int threads_;
  std::vector<Phase> phases_;
  PackedNetwork<T>& net_;
  BatchSignals<T>& signals_;
  RandomStream signs_, hold_;
  std::uint64_t seed_;
  std::vector<std::pair<std::size_t, PackedNetwork<T>>> perturbed_;  // by phase
  std::vector<Relaxation<T>> workers_;                               // per thread
  std::vector<PhaseLatches<T>> latches_;
  std::vector<ActivityBlock<T>> scratch_;

  std::size_t capacity_ = 0;
  std::uint64_t samples_trained_ = 0;
  ActivityBlock<T> x_, y_;
  std::vector<T> sign_;
  std::vector<Offender> not_finite_;       // per block
  std::vector<std::vector<double>> loss_;  // per phase and sample
};

}  // namespace memprop::learning::internal
