#include "learning/reference/internal/bptt_engine.hpp"

#include <omp.h>

#include <algorithm>

#include "learning/network/dendrites.hpp"
#include "learning/reference/internal/dense_optimiser.hpp"
#include "learning/reference/internal/evaluation_tally.hpp"
#include "learning/reference/internal/relaxation.hpp"
#include "learning/reference/internal/unrolled_history.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::internal {
namespace {

template <class T>
class TypedBptt final : public BpttEngine {
 public:
  TypedBptt(const Network& network, const LearningConfig& learning, const IdealConfig& config,
            unsigned threads, std::uint64_t seed)
      : network_(network),
        batch_(learning.batch),
        config_(config),
        kept_steps_(std::min(config.nudged_steps, config.free_steps)),
        threads_(static_cast<int>(std::max(1U, threads))),
        net_(network, config, seed),
        optimiser_(network, learning) {
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      backward_.emplace_back(net_.panel[k].cols(), net_.panel[k].rows());
      partner_.push_back(net_.list[k].branches > 0 && net_.list[k].transposed ? net_.partner(k)
                                                                              : kNone);
    }
    repack();
    for (int t = 0; t < threads_; ++t) {
      workers_.emplace_back(net_, config_, seed);
      histories_.emplace_back(net_, kept_steps_);
    }
  }

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override {
    for (std::size_t first = 0; first < order.size(); first += batch_) {
      const std::size_t count = std::min(batch_, order.size() - first);
      reserve(count);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t s = order[first + j];
        std::copy_n(inputs + s * width(0), width(0), x_.col(j));
        std::copy_n(targets + s * width(net_.layers), width(net_.layers), y_.col(j));
      }
      run_batch(count);
      const Gradient wanted = form(count, -1.0 / static_cast<double>(count));
      optimiser_.apply(wanted, network_);
      repack();
      samples_trained_ += count;
    }
  }

  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override {
    const std::size_t n_out = width(net_.layers);
    EvaluationTally tally(count, labels);
    const ColumnBlocks blocks(count, threads_);
#pragma omp parallel num_threads(threads_) if (threads_ > 1)
    {
      ActivityBlock<T> x(width(0), kBlockColumns);
      std::vector<T> y(n_out);
#pragma omp for schedule(static)
      for (std::size_t b = 0; b < blocks.count(); ++b) {
        Relaxation<T>& worker = workers_[this_thread()];
        const std::size_t first = blocks.first(b), n = blocks.size(b);
        for (std::size_t j = 0; j < n; ++j) {
          std::copy_n(inputs + (first + j) * width(0), width(0), x.col(j));
        }
        worker.clamp(net_, x.in(), n, 0);
        worker.start_from_zero();
        worker.run(steps(config_.free_steps), {}, nullptr);
        for (std::size_t j = 0; j < n; ++j) {
          const T* out = worker.r(net_.recurrent - 1).col(j);
          std::copy_n(targets + (first + j) * n_out, n_out, y.begin());
          tally.answer(first + j, out, n_out);
          tally.cost(first + j, squared_error(out, y.data(), n_out));
        }
      }
    }
    return tally.mean();
  }

  Gradient gradient(const Matrix& inputs, const Matrix& targets) override {
    const std::size_t count = inputs.rows();
    if (inputs.cols() != width(0) || targets.cols() != width(net_.layers) ||
        targets.rows() != count) {
      throw InternalError("samples do not fit the network");
    }
    reserve(count);
    for (std::size_t j = 0; j < count; ++j) {
      std::copy(inputs.row(j).begin(), inputs.row(j).end(), x_.col(j));
      std::copy(targets.row(j).begin(), targets.row(j).end(), y_.col(j));
    }
    run_batch(count);
    return form(count, 1.0 / static_cast<double>(count));
  }

  TrainingState state() const override {
    TrainingState s;
    s.samples_trained = samples_trained_;
    optimiser_.save(s);
    return s;
  }
  void set_state(const TrainingState& s) override {
    samples_trained_ = s.samples_trained;
    optimiser_.load(s);
  }
  const Network& network() const override { return network_; }

 private:
  std::size_t width(std::size_t l) const { return net_.config.layers[l]; }
  std::size_t this_thread() const { return static_cast<std::size_t>(omp_get_thread_num()); }
  static Phase steps(std::size_t n) {
    Phase phase;
    phase.name = "free";
    phase.steps = n;
    return phase;
  }

  void repack() {
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      const Connection& c = net_.list[k];
      const Matrix& m = c.matrix(network_);
      net_.panel[k].assign(m, c.transposed);
      if (c.from > 0) backward_[k].assign(m, !c.transposed);
    }
    for (std::size_t l = 0; l < network_.bias.size(); ++l) {
      for (std::size_t i = 0; i < network_.bias[l].size(); ++i) {
        net_.bias[l].col(0)[i] = static_cast<T>(network_.bias[l][i]);
      }
    }
  }

  // The two sides of the outer products of each use of a matrix: what arrives at its rows, what it
  // was multiplied with. Of the input, which is constant, the sum over the iterations.
  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    capacity_ = count;
    x_ = ActivityBlock<T>(width(0), count);
    y_ = ActivityBlock<T>(width(net_.layers), count);
    left_.clear();
    right_.clear();
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      const bool input = net_.list[k].from == 0;
      left_.emplace_back(net_.panel[k].rows(), input ? count : count * kept_steps_);
      right_.emplace_back(net_.panel[k].cols(), input ? 0 : count * kept_steps_);
    }
    bias_.clear();
    for (std::size_t l = 0; l < net_.layers && net_.config.bias; ++l) {
      bias_.emplace_back(net_.bias[l].rows(), count);
    }
  }

  void run_batch(std::size_t count) {
    const ColumnBlocks blocks(count, threads_);
    const bool together = threads_ > 1 && blocks.count() > 1;
#pragma omp parallel for num_threads(threads_) if (together) schedule(static)
    for (std::size_t b = 0; b < blocks.count(); ++b) {
      run_block(blocks.first(b), blocks.size(b));
    }
  }

  void run_block(std::size_t first, std::size_t n) {
    Relaxation<T>& worker = workers_[this_thread()];
    UnrolledHistory<T>& h = histories_[this_thread()];
    worker.clamp(net_, x_.in(first), n, 0);
    worker.start_from_zero();
    worker.run(steps(config_.free_steps - kept_steps_), {}, nullptr);
    for (std::size_t t = 0; t < kept_steps_; ++t) {
      for (std::size_t l = 0; l < net_.recurrent; ++l) copy(worker.r(l), h.r[t][l], n);
      worker.run(steps(1), {}, nullptr);
      for (std::size_t l = 0; l < net_.recurrent; ++l) copy(worker.v(l), h.v[t][l], n);
      for (std::size_t k = 0; k < net_.list.size(); ++k) {
        if (net_.branch_rows(k) > 0) copy(worker.potential(k), h.potential[t][k], n);
      }
    }
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      h.back[l].set_zero();
      for (std::size_t j = 0; l + 1 == net_.recurrent && j < n; ++j) {
        for (std::size_t i = 0; i < h.back[l].rows(); ++i) {
          h.back[l].col(j)[i] = worker.r(l).col(j)[i] - y_.col(first + j)[i];
        }
      }
    }
    for (std::size_t j = 0; j < n; ++j) {
      std::fill_n(left_[net_.input].col(first + j), left_[net_.input].rows(), T{0});
      for (auto& b : bias_) std::fill_n(b.col(first + j), b.rows(), T{0});
    }
    for (std::size_t t = kept_steps_; t-- > 0;) step_back(h, t, first, n);
  }

  // Through iteration t: from dC/dr after it to dC/dr before it.
  void step_back(UnrolledHistory<T>& h, std::size_t t, std::size_t first, std::size_t n) {
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      const Activation f = net_.config.activation[l];
      for (std::size_t j = 0; j < n; ++j) {
        const T* v = h.v[t][l].col(j);
        const T* back = h.back[l].col(j);
        T* delta = h.delta[l].col(j);
        activate(f, v, delta, h.delta[l].rows());
        for (std::size_t i = 0; i < h.delta[l].rows(); ++i) {
          delta[i] = back[i] * slope_of(f, v[i], delta[i]);
        }
      }
      h.back[l].set_zero();
    }
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      const Connection& c = net_.list[k];
      const ActivityBlock<T>& delta = h.delta[c.to - 1];
      const bool through_branches = net_.branch_rows(k) > 0;
      const T share =
          static_cast<T>(c.gain / static_cast<double>(std::max<std::size_t>(1, c.branches)));
      for (std::size_t j = 0; j < n; ++j) {
        const std::size_t column = c.from == 0 ? first + j : (first + j) * kept_steps_ + t;
        T* left = left_[k].col(column);
        if (through_branches) {
          spread(h.potential[t][k].col(j), delta.col(j), c.branches, delta.rows(), share, left,
                 c.from == 0);
        } else {
          for (std::size_t i = 0; i < delta.rows(); ++i) {
            left[i] = (c.from == 0 ? left[i] : T{0}) + share * delta.col(j)[i];
          }
        }
        add_bias(c, left_[k].rows(), h, t, k, j, first + j, share);
        if (c.from == 0) continue;
        T* right = right_[k].col(column);
        const T* sender = h.r[t][c.from - 1].col(j);
        if (partner_[k] == kNone) {
          std::copy_n(sender, right_[k].rows(), right);
        } else {
          spread(h.potential[t][partner_[k]].col(j), sender, c.branches, width(c.from), T{1}, right,
                 false);
        }
        send_back(h, t, k, left, j);
      }
    }
  }

  // dC/dr of the sender of connection k from what arrives at its rows, one column.
  void send_back(UnrolledHistory<T>& h, std::size_t t, std::size_t k, const T* left,
                 std::size_t j) {
    const Connection& c = net_.list[k];
    ActivityBlock<T>& back = h.back[c.from - 1];
    if (partner_[k] == kNone) {
      backward_[k].multiply({left, left_[k].ld()}, 1, T{1}, {back.col(j), back.ld()},
                            {back.col(j), back.ld()});
      return;
    }
    backward_[k].multiply({left, left_[k].ld()}, 1, T{1}, {}, h.scratch.out());
    const T* z = h.potential[t][partner_[k]].col(j);
    for (std::size_t i = 0, b = 0; i < back.rows(); ++i) {
      for (const std::size_t end = b + c.branches; b < end; ++b) {
        if (z[b] > T{0}) back.col(j)[i] += h.scratch.col(0)[b];
      }
    }
  }

  // What connection k from below gives to the biases of its layer; `left` may be a sum already.
  void add_bias(const Connection& c, std::size_t rows, const UnrolledHistory<T>& h, std::size_t t,
                std::size_t k, std::size_t j, std::size_t column, T share) {
    if (bias_.empty() || c.store != Connection::Store::weight || c.transposed) return;
    const ActivityBlock<T>& delta = h.delta[c.to - 1];
    T* bias = bias_[c.to - 1].col(column);
    if (net_.branch_rows(k) > 0) {
      spread(h.potential[t][k].col(j), delta.col(j), c.branches, delta.rows(), share, bias, true);
    } else {
      for (std::size_t i = 0; i < rows; ++i) bias[i] += delta.col(j)[i];
    }
  }

  static void copy(const ActivityBlock<T>& from, ActivityBlock<T>& to, std::size_t n) {
    std::copy(from.col(0), from.col(n), to.col(0));
  }

  // scale times the sum over the batch, of every matrix that is kept.
  Gradient form(std::size_t count, double scale) {
    Gradient g;
    g.weight.resize(net_.layers);
    g.links.resize(network_.links.size());
    if (network_.config.train_feedback) g.feedback.resize(network_.feedback.size());
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      const Connection& c = net_.list[k];
      if (!c.trained) continue;
      const Matrix& kept = c.matrix(network_);
      PanelMatrix<T> sum(kept.rows(), kept.cols());
      for (std::size_t use = 0; use < net_.list.size(); ++use) {
        const Connection& u = net_.list[use];
        if (u.store == c.store && u.index == c.index) add_use(sum, use, scale, count);
      }
      Matrix dense = sum.dense();
      if (const Matrix* mask = c.mask(network_)) apply_mask(*mask, dense);
      place(g, c) = std::move(dense);
    }
    for (const ActivityBlock<T>& b : bias_) {
      std::vector<double> total(b.rows(), 0.0);
      for (std::size_t j = 0; j < count; ++j) {
        for (std::size_t i = 0; i < b.rows(); ++i) {
          total[i] += scale * static_cast<double>(b.col(j)[i]);
        }
      }
      g.bias.push_back(std::move(total));
    }
    return g;
  }

  static Matrix& place(Gradient& g, const Connection& c) {
    switch (c.store) {
      case Connection::Store::link:
        return g.links[c.index];
      case Connection::Store::feedback:
        return g.feedback[c.index];
      case Connection::Store::weight:
        break;
    }
    return g.weight[c.index];
  }

  void add_use(PanelMatrix<T>& sum, std::size_t use, double scale, std::size_t count) {
    const Connection& u = net_.list[use];
    const Columns<const T> left = left_[use].in();
    const Columns<const T> right = u.from == 0 ? x_.in() : right_[use].in();
    const std::size_t columns = u.from == 0 ? count : count * kept_steps_;
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && sum.panels() > 1) \
    schedule(static)
    for (std::size_t p = 0; p < sum.panels(); ++p) {
      sum.add_outer(p, static_cast<T>(scale), u.transposed ? right : left,
                    u.transposed ? left : right, columns);
    }
  }

  Network network_;
  std::size_t batch_;
  IdealConfig config_;
  std::size_t kept_steps_;
  int threads_;
  PackedNetwork<T> net_;
  DenseOptimiser optimiser_;
  std::vector<PanelMatrix<T>> backward_;  // per connection: the transpose of its panel
  std::vector<std::size_t> partner_;      // per connection: whose branches a transposed one uses
  std::vector<Relaxation<T>> workers_;    // per thread
  std::vector<UnrolledHistory<T>> histories_;
  std::size_t capacity_ = 0;
  ActivityBlock<T> x_, y_;
  std::vector<ActivityBlock<T>> left_, right_;  // per connection
  std::vector<ActivityBlock<T>> bias_;
  std::uint64_t samples_trained_ = 0;
};

}  // namespace

std::unique_ptr<BpttEngine> make_bptt_engine(const Network& network, const LearningConfig& learning,
                                             const IdealConfig& config, unsigned threads,
                                             std::uint64_t seed) {
  if (config.precision == Precision::float32) {
    return std::make_unique<TypedBptt<float>>(network, learning, config, threads, seed);
  }
  return std::make_unique<TypedBptt<double>>(network, learning, config, threads, seed);
}

}  // namespace memprop::learning::internal
