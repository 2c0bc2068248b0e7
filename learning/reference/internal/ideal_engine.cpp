#include "learning/reference/internal/ideal_engine.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/reference/internal/relaxation.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::internal {
namespace {

template <class T>
class Engine final : public IdealEngine {
 public:
  explicit Engine(const IdealSetup& setup)
      : original_(setup.network),
        learning_(setup.learning),
        config_(setup.config),
        threads_(static_cast<int>(std::max(1U, setup.threads))),
        net_(setup.network, setup.config.time_step_s),
        rate_(layer_rates(setup.learning, net_.layers)),
        signs_(setup.seed, "nudge-sign") {
    for (int t = 0; t < threads_; ++t) workers_.emplace_back(net_, config_.recompute_drive);
  }

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override {
    for (std::size_t first = 0; first < order.size(); first += learning_.batch) {
      const std::size_t count = std::min(learning_.batch, order.size() - first);
      reserve(count);
      const std::size_t n_in = width(0);
      const std::size_t n_out = width(net_.layers);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t sample = order[first + j];
        std::copy_n(inputs + sample * n_in, n_in, x_.col(j));
        std::copy_n(targets + sample * n_out, n_out, y_.col(j));
      }
      draw_signs(count);
      relax_batch(count);
      const double mean = 1.0 / static_cast<double>(count);
      for (std::size_t l = 0; l < net_.layers; ++l) {
        const double step = rate_[l] * mean * difference_scale(net_.config, learning_, l + 1);
        add_update(l, net_.forward[l], step, count, false);
        if (l > 0 && net_.tied) add_update(l, net_.backward[l], step, count, true);
        if (net_.config.bias) add_bias_update(l, net_.bias[l].col(0), step, count);
      }
      samples_trained += count;
      last_count_ = count;
    }
  }

  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override {
    const std::size_t n_in = width(0);
    const std::size_t n_out = width(net_.layers);
    std::vector<double> loss(count);
    std::vector<unsigned char> right(count);
    const std::size_t blocks = (count + kBlockColumns - 1) / kBlockColumns;
#pragma omp parallel num_threads(threads_) if (threads_ > 1)
    {
      ActivityBlock<T> x(n_in, kBlockColumns);
      ActivityBlock<T> out(n_out, kBlockColumns);
      std::vector<T> y(n_out);
#pragma omp for schedule(static)
      for (std::size_t b = 0; b < blocks; ++b) {
        Relaxation<T>& worker = this_worker();
        const std::size_t first = b * kBlockColumns;
        const std::size_t n = std::min(kBlockColumns, count - first);
        for (std::size_t j = 0; j < n; ++j) {
          std::copy_n(inputs + (first + j) * n_in, n_in, x.col(j));
        }
        worker.run_free(x.in(), n, config_.free_steps);
        const bool softmax_readout = net_.config.readout == Readout::softmax;
        if (softmax_readout) worker.readout(out);
        for (std::size_t j = 0; j < n; ++j) {
          T* o = softmax_readout ? out.col(j) : worker.r(net_.recurrent - 1).col(j);
          std::copy_n(targets + (first + j) * n_out, n_out, y.begin());
          if (labels != nullptr) {
            const auto best = static_cast<std::size_t>(std::max_element(o, o + n_out) - o);
            right[first + j] = best == labels[first + j] ? 1 : 0;
          }
          loss[first + j] =
              softmax_readout ? softmax(o, y.data(), n_out) : squared_error(o, y.data(), n_out);
        }
      }
    }
    Evaluation result;
    double hits = 0;
    for (std::size_t s = 0; s < count; ++s) {
      result.loss += loss[s];
      hits += right[s];
    }
    result.loss /= static_cast<double>(count);
    result.accuracy = labels != nullptr ? hits / static_cast<double>(count)
                                        : std::numeric_limits<double>::quiet_NaN();
    return result;
  }

  Network network() const override {
    Network result = original_;
    for (std::size_t l = 0; l < net_.layers; ++l) {
      result.weight[l] = net_.forward[l].dense();
      if (net_.config.bias) {
        const T* b = net_.bias[l].col(0);
        result.bias[l].assign(b, b + width(l + 1));
      }
    }
    return result;
  }

  LayerStates relax(Span<const double> x, Span<const double> y, double beta) override {
    if (x.size() != width(0) || (!y.empty() && y.size() != width(net_.layers))) {
      throw InternalError("a sample does not fit the network");
    }
    ActivityBlock<T> in(width(0), 1);
    ActivityBlock<T> target(width(net_.layers), 1);
    ActivityBlock<T> out(width(net_.layers), kBlockColumns);
    std::copy(x.begin(), x.end(), in.col(0));
    std::copy(y.begin(), y.end(), target.col(0));
    Relaxation<T>& worker = workers_.front();
    worker.run_free(in.in(), 1, config_.free_steps);
    if (!y.empty()) {
      const T strength = static_cast<T>(beta);
      worker.run_nudged(target.in(), &strength, config_.nudged_steps);
    }
    LayerStates states;
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      const std::size_t n = width(l + 1);
      states.v.emplace_back(worker.v(l).col(0), worker.v(l).col(0) + n);
      states.r.emplace_back(worker.r(l).col(0), worker.r(l).col(0) + n);
    }
    states.output = states.r.back();
    if (net_.config.readout == Readout::softmax) {
      worker.readout(out);
      softmax<T>(out.col(0), nullptr, out.rows());
      states.output.assign(out.col(0), out.col(0) + out.rows());
    }
    return states;
  }

  Gradient estimate(const Matrix& inputs, const Matrix& targets) override {
    const std::size_t count = inputs.rows();
    if (inputs.cols() != width(0) || targets.cols() != width(net_.layers)) {
      throw InternalError("samples do not fit the network");
    }
    reserve(count);
    for (std::size_t j = 0; j < count; ++j) {
      std::copy(inputs.row(j).begin(), inputs.row(j).end(), x_.col(j));
      std::copy(targets.row(j).begin(), targets.row(j).end(), y_.col(j));
    }
    draw_signs(count);
    relax_batch(count);
    last_count_ = count;
    Gradient gradient;
    for (std::size_t l = 0; l < net_.layers; ++l) {
      const double step =
          difference_scale(net_.config, learning_, l + 1) / static_cast<double>(count);
      PanelMatrix<T> sum(width(l + 1), width(l));
      add_update(l, sum, step, count, false);
      gradient.weight.push_back(sum.dense());
      if (net_.config.bias) {
        ActivityBlock<T> bias(width(l + 1), 1);
        add_bias_update(l, bias.col(0), step, count);
        gradient.bias.emplace_back(bias.col(0), bias.col(0) + width(l + 1));
      }
    }
    return gradient;
  }

  std::vector<double> relative_difference() const override {
    std::vector<double> result;
    for (std::size_t l = 0; l < net_.recurrent && last_count_ > 0; ++l) {
      double difference = 0, activity = 0;
      for (std::size_t j = 0; j < last_count_; ++j) {
        for (std::size_t i = 0; i < width(l + 1); ++i) {
          const auto d = static_cast<double>(diff_[l].col(j)[i]);
          const auto r = static_cast<double>(pre_[l].col(j)[i]);
          difference += d * d;
          activity += r * r;
        }
      }
      result.push_back(activity > 0 ? std::sqrt(difference / activity) : 0.0);
    }
    return result;
  }

 private:
  std::size_t width(std::size_t l) const { return net_.config.layers[l]; }
  bool product() const { return learning_.form == UpdateForm::product; }
  bool softmax_readout() const { return net_.config.readout == Readout::softmax; }

  Relaxation<T>& this_worker() { return workers_[static_cast<std::size_t>(omp_get_thread_num())]; }

  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    capacity_ = count;
    x_ = ActivityBlock<T>(width(0), count);
    y_ = ActivityBlock<T>(width(net_.layers), count);
    readout_error_ = ActivityBlock<T>(width(net_.layers), softmax_readout() ? count : 0);
    readout_pre_ =
        ActivityBlock<T>(width(net_.layers - 1), softmax_readout() && product() ? count : 0);
    diff_.clear();
    pre_.clear();
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      diff_.emplace_back(width(l + 1), count);
      pre_.emplace_back(width(l + 1), count);
    }
    sign_.assign(count, T{1});
    not_finite_.assign((count + kBlockColumns - 1) / kBlockColumns, Offender{});
  }

  void draw_signs(std::size_t count) {
    if (learning_.nudging != Nudging::random_sign) return;
    for (std::size_t j = 0; j < count; ++j) {
      sign_[j] = signs_.uniform(samples_trained + j) < 0.5 ? T{-1} : T{1};
    }
  }

  // All phases of the batch: fills diff_, pre_ and the readout's error.
  void relax_batch(std::size_t count) {
    const std::size_t blocks = (count + kBlockColumns - 1) / kBlockColumns;
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && blocks > 1) schedule(static)
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t first = b * kBlockColumns;
      relax_block(this_worker(), b, first, std::min(kBlockColumns, count - first));
    }
    for (std::size_t b = 0; b < blocks; ++b) {
      if (!not_finite_[b].found) continue;
      throw NonFiniteState(
          fmt::format("the ideal reference's layer {} became non-finite in training sample {} "
                      "(counted from 0 over the run)",
                      not_finite_[b].layer + 1,
                      samples_trained + b * kBlockColumns + not_finite_[b].column),
          0.0, not_finite_[b].neuron);
    }
  }

  void relax_block(Relaxation<T>& worker, std::size_t block, std::size_t first, std::size_t n) {
    worker.run_free(x_.in(first), n, config_.free_steps);
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      std::copy(worker.r(l).col(0), worker.r(l).col(n), pre_[l].col(first));
    }
    if (softmax_readout()) keep_readout_error(worker, first, n);

    T beta[kBlockColumns];
    const auto strength = static_cast<T>(learning_.beta);
    for (std::size_t j = 0; j < n; ++j) beta[j] = sign_[first + j] * strength;
    if (learning_.nudging != Nudging::centred) {
      worker.run_nudged(y_.in(first), beta, config_.nudged_steps);
      for (std::size_t l = 0; l < net_.recurrent; ++l) {
        for (std::size_t j = 0; j < n; ++j) {
          difference(l, first + j, pre_[l].col(first + j), worker.r(l).col(j), sign_[first + j]);
        }
      }
    } else {
      // The negative phase starts from the free state again.
      for (std::size_t l = 0; l < net_.recurrent; ++l) {
        std::copy(worker.v(l).col(0), worker.v(l).col(n), free_v_of(worker, l).col(0));
      }
      run_centred(worker, first, n, beta);
    }
    find_non_finite(worker, block, n);
  }

  ActivityBlock<T>& free_v_of(Relaxation<T>& worker, std::size_t l) {
    return free_v_[static_cast<std::size_t>(&worker - workers_.data())][l];
  }

  void run_centred(Relaxation<T>& worker, std::size_t first, std::size_t n, T* beta) {
    worker.run_nudged(y_.in(first), beta, config_.nudged_steps);
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      std::copy(worker.r(l).col(0), worker.r(l).col(n), diff_[l].col(first));
      std::copy(free_v_of(worker, l).col(0), free_v_of(worker, l).col(n), worker.v(l).col(0));
      std::copy(pre_[l].col(first), pre_[l].col(first + n), worker.r(l).col(0));
    }
    for (std::size_t j = 0; j < n; ++j) beta[j] = -beta[j];
    worker.run_nudged(y_.in(first), beta, config_.nudged_steps);
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      for (std::size_t j = 0; j < n; ++j) {
        difference(l, first + j, worker.r(l).col(j), diff_[l].col(first + j), T{1});
      }
    }
  }

  // diff = sign (b - a). The product difference b b'^T - a a'^T is diff mean'^T + mean diff'^T,
  // free of the cancellation of two products, so product updates keep the mean of both phases.
  void difference(std::size_t l, std::size_t j, const T* a, const T* b, T sign) {
    T* diff = diff_[l].col(j);
    T* pre = pre_[l].col(j);
    const bool keep_mean = product();
    for (std::size_t i = 0; i < width(l + 1); ++i) {
      const T low = a[i];
      const T high = b[i];
      diff[i] = sign * (high - low);
      if (keep_mean) pre[i] = T{0.5} * (high + low);
    }
  }

  void keep_readout_error(Relaxation<T>& worker, std::size_t first, std::size_t n) {
    ActivityBlock<T>& out = scratch_[static_cast<std::size_t>(&worker - workers_.data())];
    worker.readout(out);
    for (std::size_t j = 0; j < n; ++j) {
      softmax<T>(out.col(j), nullptr, out.rows());
      T* e = readout_error_.col(first + j);
      const T* y = y_.col(first + j);
      for (std::size_t i = 0; i < out.rows(); ++i) e[i] = y[i] - out.col(j)[i];
    }
    if (product()) {
      const ActivityBlock<T>& r = worker.r(net_.recurrent - 1);
      std::copy(r.col(0), r.col(n), readout_pre_.col(first));
    }
  }

  void find_non_finite(const Relaxation<T>& worker, std::size_t block, std::size_t n) {
    Offender& offender = not_finite_[block];
    offender.found = false;
    for (std::size_t l = 0; l < net_.recurrent; ++l) {
      for (std::size_t j = 0; j < n; ++j) {
        const T* v = worker.v(l).col(j);
        // A sum is non-finite if a term is; v is far from the largest number otherwise.
        T sum = 0;
        for (std::size_t i = 0; i < width(l + 1); ++i) sum += v[i] * T{0};
        if (sum == T{0}) continue;
        std::size_t i = 0;
        while (i + 1 < width(l + 1) && std::isfinite(v[i])) ++i;
        offender = {true, l, j, i};
        return;
      }
    }
  }

  // w += step * (sum over the batch of the difference of weight layer l), or its transpose.
  void add_update(std::size_t l, PanelMatrix<T>& w, double step, std::size_t count,
                  bool transposed) {
    const auto alpha = static_cast<T>(step);
    const bool outside = softmax_readout() && l + 1 == net_.layers;
    const Columns<const T> post = outside ? readout_error_.in() : diff_[l].in();
    const Columns<const T> below =
        l == 0 ? x_.in() : (outside && product() ? readout_pre_.in() : pre_[l - 1].in());
    const bool two_terms = product() && l > 0 && !outside;
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && w.panels() > 1) schedule(static)
    for (std::size_t p = 0; p < w.panels(); ++p) {
      w.add_outer(p, alpha, transposed ? below : post, transposed ? post : below, count);
      if (!two_terms) continue;
      const Columns<const T> mean = pre_[l].in();
      const Columns<const T> diff = diff_[l - 1].in();
      w.add_outer(p, alpha, transposed ? diff : mean, transposed ? mean : diff, count);
    }
  }

  void add_bias_update(std::size_t l, T* bias, double step, std::size_t count) {
    const bool outside = softmax_readout() && l + 1 == net_.layers;
    const ActivityBlock<T>& post = outside ? readout_error_ : diff_[l];
    for (std::size_t i = 0; i < width(l + 1); ++i) {
      T sum = 0;
      for (std::size_t j = 0; j < count; ++j) sum += post.col(j)[i];
      bias[i] += static_cast<T>(step) * sum;
    }
  }

  struct Offender {
    bool found = false;
    std::size_t layer = 0, column = 0, neuron = 0;
  };

  Network original_;
  LearningConfig learning_;
  IdealConfig config_;
  int threads_;
  PackedNetwork<T> net_;
  std::vector<double> rate_;
  RandomStream signs_;
  std::vector<Relaxation<T>> workers_;
  std::vector<std::vector<ActivityBlock<T>>> free_v_ = make_free_v();  // per worker and layer
  std::vector<ActivityBlock<T>> scratch_ = make_scratch();             // per worker

  std::vector<std::vector<ActivityBlock<T>>> make_free_v() const {
    std::vector<ActivityBlock<T>> blocks;
    for (std::size_t l = 0; l < net_.recurrent; ++l)
      blocks.emplace_back(width(l + 1), kBlockColumns);
    return std::vector<std::vector<ActivityBlock<T>>>(static_cast<std::size_t>(threads_), blocks);
  }
  std::vector<ActivityBlock<T>> make_scratch() const {
    return std::vector<ActivityBlock<T>>(static_cast<std::size_t>(threads_),
                                         ActivityBlock<T>(width(net_.layers), kBlockColumns));
  }

  std::size_t capacity_ = 0;
  std::size_t last_count_ = 0;
  ActivityBlock<T> x_, y_;
  std::vector<ActivityBlock<T>> diff_;  // sign (r^b - r^a) of each layer
  std::vector<ActivityBlock<T>> pre_;   // r^0 (simplified) or the phases' mean (product)
  ActivityBlock<T> readout_error_;      // y - p of the free state
  ActivityBlock<T> readout_pre_;        // r^0 of the last hidden layer, product form only
  std::vector<T> sign_;
  std::vector<Offender> not_finite_;  // per block
};

}  // namespace

std::unique_ptr<IdealEngine> make_ideal_engine(const IdealSetup& setup) {
  if (setup.config.precision == Precision::float32) return std::make_unique<Engine<float>>(setup);
  return std::make_unique<Engine<double>>(setup);
}

}  // namespace memprop::learning::internal
