#include "learning/resistive/internal/resistive_engine.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/resistive/internal/resistive_relaxation.hpp"
#include "learning/resistive/internal/squared_drop_update.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::internal {
namespace {

template <class T>
class Engine final : public ResistiveEngine {
 public:
  explicit Engine(const ResistiveSetup& setup)
      : original_(setup.network),
        learning_(setup.learning),
        config_(setup.config),
        threads_(static_cast<int>(std::max(1U, setup.threads))),
        net_(setup.network),
        rate_(layer_rates(setup.learning, net_.layers)),
        signs_(setup.seed, "nudge-sign"),
        update_(net_, threads_),
        workers_(static_cast<std::size_t>(threads_), ResistiveRelaxation<T>(net_)) {}

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override {
    const std::size_t n_in = width(0);
    const std::size_t n_out = width(net_.layers);
    for (std::size_t first = 0; first < order.size(); first += learning_.batch) {
      const std::size_t count = std::min(learning_.batch, order.size() - first);
      reserve(count);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t sample = order[first + j];
        drive_sources(net_.config, inputs + sample * n_in, x_.col(j));
        std::copy_n(targets + sample * n_out, n_out, y_.col(j));
      }
      relax_batch(count);
      for (std::size_t l = 0; l < net_.layers; ++l) {
        update_.apply(l, step(l, count) * rate_[l] * rate_factor, net_.config.resistive.bias_rate,
                      x_, count);
      }
      net_.add_totals();
      samples_trained += count;
    }
  }

  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override {
    const std::size_t n_in = width(0);
    const std::size_t n_out = width(net_.layers);
    std::vector<double> loss(count);
    std::vector<unsigned char> right(count);
    const std::size_t blocks = (count + kResistiveColumns - 1) / kResistiveColumns;
#pragma omp parallel num_threads(threads_) if (threads_ > 1)
    {
      ActivityBlock<T> x(net_.forward[0].cols(), kResistiveColumns);
      std::vector<T> out(n_out), y(n_out);
#pragma omp for schedule(static)
      for (std::size_t b = 0; b < blocks; ++b) {
        ResistiveRelaxation<T>& worker = this_worker();
        const std::size_t first = b * kResistiveColumns;
        const std::size_t n = std::min(kResistiveColumns, count - first);
        for (std::size_t j = 0; j < n; ++j) {
          drive_sources(net_.config, inputs + (first + j) * n_in, x.col(j));
        }
        worker.run_free(x.in(), n, config_.free_steps);
        for (std::size_t j = 0; j < n; ++j) {
          read_output(worker, j, out.data());
          std::copy_n(targets + (first + j) * n_out, n_out, y.begin());
          loss[first + j] = squared_error(out.data(), y.data(), n_out);
          if (labels == nullptr) continue;
          const auto best =
              static_cast<std::size_t>(std::max_element(out.begin(), out.end()) - out.begin());
          right[first + j] = best == labels[first + j] ? 1 : 0;
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
      if (result.bias.empty()) continue;
      const T* i = net_.current[l].col(0);
      result.bias[l].assign(i, i + net_.nodes(l));
    }
    return result;
  }

  SteadyState relax(Span<const double> x, Span<const double> y, double beta,
                    std::size_t iterations) override {
    load_one(x, y);
    ResistiveRelaxation<T>& worker = workers_.front();
    worker.run_free(x_.in(), 1, iterations);
    const T strength = static_cast<T>(beta);
    if (!y.empty()) worker.run_nudged(y_.in(), &strength, 1, config_.nudged_steps);
    SteadyState state = state_of(worker);
    state.iterations = iterations + (y.empty() ? 0 : config_.nudged_steps);
    return state;
  }

  SteadyState solve(Span<const double> x, Span<const double> y, double beta) override {
    constexpr std::size_t limit = 1000000;
    load_one(x, y);
    ResistiveRelaxation<T>& worker = workers_.front();
    worker.run_free(x_.in(), 1, 1);
    const T strength = static_cast<T>(beta);
    T largest = 0;
    for (std::size_t l = 0; l < net_.layers; ++l) {
      for (std::size_t i = 0; i < net_.nodes(l); ++i) {
        largest = std::max(largest, std::abs(worker.v(l).col(0)[i]));
      }
    }
    // Changes shrink by a constant factor until they are rounding.
    const T tolerance = T{8} * std::numeric_limits<T>::epsilon() * std::max(largest, T{1e-30f});
    std::size_t iterations = 1;
    T change = 0, before = std::numeric_limits<T>::max();
    for (; iterations < limit; ++iterations) {
      change = worker.iterate_and_measure(1, y.empty() ? Columns<const T>{} : y_.in(),
                                          y.empty() ? nullptr : &strength);
      if (change <= tolerance && change >= before) break;
      if (change == T{0}) break;
      before = change;
    }
    if (!(change <= tolerance)) {
      throw AlgebraicSolveFailure(
          fmt::format("the resistive network found no steady state in {} iterations; the last one "
                      "changed a voltage by {:.3g}",
                      limit, static_cast<double>(change)),
          0.0, 0);
    }
    SteadyState state = state_of(worker);
    state.iterations = iterations;
    state.last_change = static_cast<double>(change);
    return state;
  }

  Gradient estimate(const Matrix& inputs, const Matrix& targets) override {
    const std::size_t count = inputs.rows();
    reserve(count);
    for (std::size_t j = 0; j < count; ++j) {
      drive_sources(net_.config, inputs.row(j).data(), x_.col(j));
      std::copy(targets.row(j).begin(), targets.row(j).end(), y_.col(j));
    }
    relax_batch(count);
    Gradient gradient;
    for (std::size_t l = 0; l < net_.layers; ++l) {
      const double scale = step(l, count);
      gradient.weight.push_back(update_.estimate(l, scale, x_, count));
      if (net_.config.bias) gradient.bias.push_back(update_.estimate_current(l, scale, count));
    }
    return gradient;
  }

  // A nudging conductance of -beta must not outweigh what holds an output.
  void check_stability() const override {
    if (learning_.nudging == Nudging::one_sided) return;
    const T* total = net_.total.back().col(0);
    const auto b = static_cast<T>(learning_.beta);
    const std::size_t n = width(net_.layers);
    for (std::size_t i = 0; i < n; ++i) {
      // Of a pair: (p - b)(q - b) > b^2, that is the two in series.
      const T held = net_.pairs() ? total[i] * total[n + i] / (total[i] + total[n + i]) : total[i];
      if (held > b) continue;
      throw UserError(fmt::format(
          "key 'learning.beta': expected less than the conductance that holds every output, or the "
          "negative phase is unstable: output {} is held by {:.4g} after {} training samples, got "
          "{}",
          i, static_cast<double>(held), samples_trained, learning_.beta));
    }
  }

 private:
  std::size_t width(std::size_t l) const { return net_.config.layers[l]; }
  ResistiveRelaxation<T>& this_worker() {
    return workers_[static_cast<std::size_t>(omp_get_thread_num())];
  }
  // Factor on the sum over the batch of products of differences.
  double step(std::size_t l, std::size_t count) const {
    return difference_scale(net_.config, learning_, l + 1) / static_cast<double>(count);
  }

  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    capacity_ = count;
    x_ = ActivityBlock<T>(net_.forward[0].cols(), count);
    y_ = ActivityBlock<T>(width(net_.layers), count);
    update_.reserve(count);
    bad_.assign((count + kResistiveColumns - 1) / kResistiveColumns, 0);
  }

  void load_one(Span<const double> x, Span<const double> y) {
    if (x.size() != width(0) || (!y.empty() && y.size() != width(net_.layers))) {
      throw InternalError("a sample does not fit the network");
    }
    reserve(1);
    drive_sources(net_.config, x.data(), x_.col(0));
    std::copy(y.begin(), y.end(), y_.col(0));
  }

  void read_output(const ResistiveRelaxation<T>& worker, std::size_t j, T* out) const {
    const T* v = worker.v(net_.layers - 1).col(j);
    const std::size_t n = width(net_.layers);
    for (std::size_t i = 0; i < n; ++i) out[i] = net_.pairs() ? v[i] - v[n + i] : v[i];
  }

  SteadyState state_of(const ResistiveRelaxation<T>& worker) const {
    SteadyState state;
    for (std::size_t l = 0; l < net_.layers; ++l) {
      const T* v = worker.v(l).col(0);
      state.v.emplace_back(v, v + net_.nodes(l));
    }
    std::vector<T> out(width(net_.layers));
    read_output(worker, 0, out.data());
    state.output.assign(out.begin(), out.end());
    return state;
  }

  void relax_batch(std::size_t count) {
    check_stability();
    const std::size_t blocks = (count + kResistiveColumns - 1) / kResistiveColumns;
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && blocks > 1) schedule(static)
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t first = b * kResistiveColumns;
      const std::size_t n = std::min(kResistiveColumns, count - first);
      bad_[b] = relax_block(this_worker(), first, n) ? 0 : 1;
    }
    for (std::size_t b = 0; b < blocks; ++b) {
      if (bad_[b] == 0) continue;
      throw NonFiniteState(
          fmt::format("the resistive network became non-finite in the batch of training sample {} "
                      "(counted from 0 over the run)",
                      samples_trained + b * kResistiveColumns),
          0.0, 0);
    }
  }

  // False if a voltage is not finite.
  bool relax_block(ResistiveRelaxation<T>& worker, std::size_t first, std::size_t n) {
    T beta[kResistiveColumns];
    T sign[kResistiveColumns];
    const auto strength = static_cast<T>(learning_.beta);
    for (std::size_t j = 0; j < n; ++j) {
      sign[j] = learning_.nudging == Nudging::random_sign &&
                        signs_.uniform(samples_trained + first + j) < 0.5
                    ? T{-1}
                    : T{1};
      beta[j] = sign[j] * strength;
    }
    worker.run_free(x_.in(first), n, config_.free_steps);
    if (learning_.nudging == Nudging::centred) {
      auto& free = update_.plus();  // until the positive phase is over
      for (std::size_t l = 0; l < net_.layers; ++l) {
        std::copy(worker.v(l).col(0), worker.v(l).col(n), free[l].col(first));
      }
      for (std::size_t j = 0; j < n; ++j) beta[j] = -beta[j];
      worker.run_nudged(y_.in(first), beta, n, config_.nudged_steps);
      for (std::size_t j = 0; j < n; ++j) beta[j] = -beta[j];
      for (std::size_t l = 0; l < net_.layers; ++l) {
        std::copy(worker.v(l).col(0), worker.v(l).col(n), update_.minus()[l].col(first));
        std::copy(free[l].col(first), free[l].col(first + n), worker.v(l).col(0));
      }
    } else {
      for (std::size_t l = 0; l < net_.layers; ++l) {
        std::copy(worker.v(l).col(0), worker.v(l).col(n), update_.minus()[l].col(first));
      }
    }
    worker.run_nudged(y_.in(first), beta, n, config_.nudged_steps);
    bool finite = true;
    for (std::size_t l = 0; l < net_.layers; ++l) {
      std::copy(worker.v(l).col(0), worker.v(l).col(n), update_.plus()[l].col(first));
      for (std::size_t j = 0; j < n; ++j) {
        finite = update_.take_difference(l, first + j, sign[j]) && finite;
      }
    }
    return finite;
  }

  Network original_;
  LearningConfig learning_;
  IdealConfig config_;
  int threads_;
  PackedConductances<T> net_;
  std::vector<double> rate_;
  RandomStream signs_;
  SquaredDropUpdate<T> update_;
  std::vector<ResistiveRelaxation<T>> workers_;
  std::size_t capacity_ = 0;
  ActivityBlock<T> x_, y_;
  std::vector<unsigned char> bad_;  // per block
};

}  // namespace

std::unique_ptr<ResistiveEngine> make_resistive_engine(const ResistiveSetup& setup) {
  if (setup.config.precision == Precision::float32) return std::make_unique<Engine<float>>(setup);
  return std::make_unique<Engine<double>>(setup);
}

}  // namespace memprop::learning::internal
