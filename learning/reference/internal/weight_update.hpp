// From the signals of a batch to new weights: a rule's terms as outer products on packed matrices,
// its own changes, and the optimiser.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "learning/reference/internal/batch_signals.hpp"
#include "learning/reference/training_state.hpp"
#include "learning/rule/learning_config.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::internal {

template <class T>
class WeightUpdate {
 public:
  // Adds the slots it needs to signals. rate: of weight layers 1..L.
  WeightUpdate(const Network& network, const PackedNetwork<T>& net, const Rule& rule,
               const LearningConfig& learning, std::vector<double> rate, int threads,
               BatchSignals<T>& signals)
      : rule_(&rule),
        config_(learning.optimiser),
        rate_(std::move(rate)),
        threads_(threads),
        first_bias_only_(learning.bias_batch == BiasBatch::first),
        plain_bias_(learning.bias_plain) {
    for (std::size_t k = 0; k < net.list.size(); ++k) {
      const Connection& c = net.list[k];
      if (!c.trained) continue;
      Trained t;
      t.connection = k;
      t.rate = rate_[c.rate_layer() - 1];
      t.terms = resolve(rule.terms(network, c), c.to, c.from, net, k, signals);
      trained_.push_back(std::move(t));
    }
    for (std::size_t l = 1; l <= net.layers && net.config.bias; ++l) {
      bias_terms_.push_back(
          resolve(rule.bias_terms(network, l), l, 0, net, basal(net, l), signals));
    }
    direct_ = config_.kind == OptimiserKind::sgd && config_.weight_decay == 0 &&
              net.nominal.empty() && !rule.has_change() && !net.masked;
    if (!direct_) reserve_state(net);
  }

  // One update from the signals of count samples.
  void apply(PackedNetwork<T>& net, const BatchSignals<T>& signals, Columns<const T> x,
             const BatchInfo& batch) {
    ++updates_;
    const double mean = 1.0 / static_cast<double>(batch.count);
    for (std::size_t i = 0; i < trained_.size(); ++i) {
      Trained& t = trained_[i];
      if (direct_) {
        add_terms(t, net.panel[t.connection], t.rate * mean, signals, x, batch.count, false);
        for (const std::size_t m : net.mirrors[t.connection]) {
          add_terms(t, net.panel[m], t.rate * mean, signals, x, batch.count, true);
        }
      } else {
        wanted_[i].set_zero();
        add_wanted(net, t, wanted_[i], mean, signals, x, batch);
        step(net, i);
      }
    }
    for (std::size_t l = 0; l < bias_terms_.size(); ++l) {
      T* bias = net.bias[l].col(0);
      if (direct_ || plain_bias_) {
        add_bias(bias_terms_[l], bias, rate_[l] * mean, signals, bias_count(batch));
        continue;
      }
      wanted_bias_[l].set_zero();
      add_bias(bias_terms_[l], wanted_bias_[l].col(0), mean, signals, bias_count(batch));
      optimiser_step(config_, updates_, rate_[l], wanted_bias_[l].col(0), bias,
                     first_bias_.empty() ? nullptr : first_bias_[l].col(0),
                     second_bias_.empty() ? nullptr : second_bias_[l].col(0),
                     wanted_bias_[l].rows());
    }
  }

  // What apply() would want, into the gradient's matrices.
  void wanted(const PackedNetwork<T>& net, const BatchSignals<T>& signals, Columns<const T> x,
              const BatchInfo& batch, Matrix* (*place)(void*, const Connection&), void* context,
              std::vector<std::vector<double>>& bias) {
    const double mean = 1.0 / static_cast<double>(batch.count);
    for (const Trained& t : trained_) {
      const PanelMatrix<T>& shape = net.panel[t.connection];
      PanelMatrix<T> sum(shape.rows(), shape.cols());
      add_wanted(net, t, sum, mean, signals, x, batch);
      *place(context, net.list[t.connection]) = sum.dense();
    }
    for (std::size_t l = 0; l < bias_terms_.size(); ++l) {
      ActivityBlock<T> sum(net.bias[l].rows(), 1);
      add_bias(bias_terms_[l], sum.col(0), mean, signals, bias_count(batch));
      bias.emplace_back(sum.col(0), sum.col(0) + sum.rows());
    }
  }

  // Moments of all tensors, one after the other.
  void save(TrainingState& state) const {
    state.updates = updates_;
    const auto add = [&](const auto& panels) {
      for (const auto& p : panels) {
        const Matrix m = p.dense();
        state.optimiser.insert(state.optimiser.end(), m.values().begin(), m.values().end());
      }
    };
    const auto add_columns = [&](const auto& blocks) {
      for (const auto& b : blocks) {
        state.optimiser.insert(state.optimiser.end(), b.col(0), b.col(0) + b.rows());
      }
    };
    add(first_);
    add(second_);
    add_columns(first_bias_);
    add_columns(second_bias_);
  }
  void load(const TrainingState& state) {
    updates_ = state.updates;
    std::size_t at = 0;
    const auto take = [&] {
      if (at >= state.optimiser.size()) {
        throw InternalError("the optimiser's saved state does not fit the network");
      }
      return static_cast<T>(state.optimiser[at++]);
    };
    for (auto* panels : {&first_, &second_}) {
      for (auto& p : *panels) {
        for (std::size_t r = 0; r < p.rows(); ++r) {
          for (std::size_t c = 0; c < p.cols(); ++c) p.at(r, c) = take();
        }
      }
    }
    for (auto* blocks : {&first_bias_, &second_bias_}) {
      for (auto& b : *blocks) {
        for (std::size_t i = 0; i < b.rows(); ++i) b.col(0)[i] = take();
      }
    }
    if (at != state.optimiser.size()) {
      throw InternalError("the optimiser's saved state does not fit the network");
    }
  }

 private:
  struct Resolved {
    double factor = 1;
    std::size_t column = 0, row = kNone;  // slots; kNone: the input
  };
  struct Trained {
    std::size_t connection = 0;
    double rate = 0;
    std::vector<Resolved> terms;
  };

  // The connection from below into layer l, at whose branches the biases are.
  static std::size_t basal(const PackedNetwork<T>& net, std::size_t l) {
    for (std::size_t k = 0; k < net.list.size(); ++k) {
      if (net.list[k].to == l && net.list[k].from + 1 == l) return k;
    }
    throw InternalError("a layer without a connection from below");
  }

  // The column signals of a connection with branches are those at the branches.
  std::vector<Resolved> resolve(const std::vector<Term>& terms, std::size_t to, std::size_t from,
                                const PackedNetwork<T>& net, std::size_t k,
                                BatchSignals<T>& signals) const {
    const std::size_t rows = net.branch_rows(k);
    std::vector<Resolved> resolved;
    for (const Term& term : terms) {
      // The input does not change from phase to phase.
      if (from == 0 && term.row.kind == Signal::Kind::difference) continue;
      Resolved r;
      r.factor = term.factor;
      if (rows > 0) {
        r.factor /= static_cast<double>(net.list[k].branches);
        r.column = signals.slot(to, term.column, k, rows);
      } else {
        r.column = signals.slot(to, term.column);
      }
      if (from > 0) r.row = signals.slot(from, term.row);
      resolved.push_back(r);
    }
    return resolved;
  }

  void reserve_state(const PackedNetwork<T>& net) {
    for (const Trained& t : trained_) {
      const PanelMatrix<T>& shape = net.panel[t.connection];
      wanted_.emplace_back(shape.rows(), shape.cols());
      if (config_.has_first()) first_.emplace_back(shape.rows(), shape.cols());
      if (config_.has_second()) second_.emplace_back(shape.rows(), shape.cols());
    }
    for (std::size_t l = 1; l <= bias_terms_.size(); ++l) {
      const std::size_t n = net.bias[l - 1].rows();
      wanted_bias_.emplace_back(n, 1);
      if (config_.has_first()) first_bias_.emplace_back(n, 1);
      if (config_.has_second()) second_bias_.emplace_back(n, 1);
    }
  }

  // w += step * (sum over the batch of the terms), or its transpose.
  void add_terms(const Trained& t, PanelMatrix<T>& w, double step, const BatchSignals<T>& signals,
                 Columns<const T> x, std::size_t count, bool transposed) const {
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && w.panels() > 1) schedule(static)
    for (std::size_t p = 0; p < w.panels(); ++p) {
      for (const Resolved& term : t.terms) {
        const Columns<const T> column = signals.at(term.column).values.in();
        const Columns<const T> row = term.row == kNone ? x : signals.at(term.row).values.in();
        w.add_outer(p, static_cast<T>(step * term.factor), transposed ? row : column,
                    transposed ? column : row, count);
      }
    }
  }

  void add_wanted(const PackedNetwork<T>& net, const Trained& t, PanelMatrix<T>& sum, double mean,
                  const BatchSignals<T>& signals, Columns<const T> x,
                  const BatchInfo& batch) const {
    add_terms(t, sum, mean, signals, x, batch.count, false);
    if (rule_->has_change()) {
      Matrix own(sum.rows(), sum.cols());
      rule_->change(batch, net.list[t.connection], own);
      for (std::size_t r = 0; r < own.rows(); ++r) {
        for (std::size_t c = 0; c < own.cols(); ++c) sum.at(r, c) += static_cast<T>(own(r, c));
      }
    }
    apply_mask(net.mask[t.connection], sum);
  }

  // Synapses that are not there do not change.
  static void apply_mask(const PanelMatrix<T>& mask, PanelMatrix<T>& sum) {
    for (std::size_t p = 0; p < mask.panels(); ++p) {
      T* to = sum.panel(p);
      const T* there = mask.panel(p);
      for (std::size_t i = 0; i < mask.panel_values(); ++i) to[i] *= there[i];
    }
  }

  void step(PackedNetwork<T>& net, std::size_t i) {
    const Trained& t = trained_[i];
    PanelMatrix<T>& w = net.kept(t.connection);
    const std::vector<std::size_t>& mirrors = net.mirrors[t.connection];
    const bool mismatch = !net.nominal.empty();
#pragma omp parallel num_threads(threads_) if (threads_ > 1)
    {
#pragma omp for schedule(static)
      for (std::size_t p = 0; p < w.panels(); ++p) {
        optimiser_step(config_, updates_, t.rate, wanted_[i].panel(p), w.panel(p),
                       first_.empty() ? nullptr : first_[i].panel(p),
                       second_.empty() ? nullptr : second_[i].panel(p), w.panel_values());
        if (mismatch) scale_panel(net, t.connection, p);
      }
      for (const std::size_t m : mirrors) {
        PanelMatrix<T>& mirror = net.kept(m);
#pragma omp for schedule(static)
        for (std::size_t p = 0; p < mirror.panels(); ++p) {
          mirror.assign_transposed(w, p);
          if (mismatch) scale_panel(net, m, p);
        }
      }
    }
  }

  static void scale_panel(PackedNetwork<T>& net, std::size_t k, std::size_t p) {
    const T* w = net.nominal[k].panel(p);
    const T* f = net.factor[k].panel(p);
    T* out = net.panel[k].panel(p);
    for (std::size_t i = 0; i < net.panel[k].panel_values(); ++i) out[i] = w[i] * f[i];
  }

  // Samples of the batch that a bias follows.
  std::size_t bias_count(const BatchInfo& batch) const {
    return first_bias_only_ ? 1 : batch.count;
  }

  static void add_bias(const std::vector<Resolved>& terms, T* bias, double step,
                       const BatchSignals<T>& signals, std::size_t count) {
    for (const Resolved& term : terms) {
      const ActivityBlock<T>& post = signals.at(term.column).values;
      for (std::size_t i = 0; i < post.rows(); ++i) {
        T sum = 0;
        for (std::size_t j = 0; j < count; ++j) sum += post.col(j)[i];
        bias[i] += static_cast<T>(step * term.factor) * sum;
      }
    }
  }

  const Rule* rule_;
  OptimiserConfig config_;
  std::vector<double> rate_;
  int threads_;
  bool first_bias_only_, plain_bias_;
  bool direct_ = true;  // plain descent: terms go straight into the packed matrices
  std::uint64_t updates_ = 0;
  std::vector<Trained> trained_;
  std::vector<std::vector<Resolved>> bias_terms_;  // per layer; empty without biases
  std::vector<PanelMatrix<T>> wanted_, first_, second_;
  std::vector<ActivityBlock<T>> wanted_bias_, first_bias_, second_bias_;
};

}  // namespace memprop::learning::internal
