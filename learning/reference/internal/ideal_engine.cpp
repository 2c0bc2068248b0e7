#include "learning/reference/internal/ideal_engine.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/network/dendrites.hpp"
#include "learning/reference/internal/batch_signals.hpp"
#include "learning/reference/internal/relaxation.hpp"
#include "learning/reference/internal/weight_update.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::internal {
namespace {

// Noise of tests is keyed apart from that of training.
constexpr std::uint64_t kTestKey = std::uint64_t{1} << 43U;

template <class T>
class Engine final : public IdealEngine {
 public:
  explicit Engine(const IdealSetup& setup)
      : original_(setup.network),
        rule_(setup.rule),
        batch_(setup.learning.batch),
        config_(setup.config),
        threads_(static_cast<int>(std::max(1U, setup.threads))),
        phases_(setup.rule->phases()),
        net_(setup.network, setup.config, setup.seed, setup.learning.nudge_place),
        signals_(net_, phases_.size()),
        update_(setup.network, net_, *setup.rule, setup.learning,
                layer_rates(setup.learning, net_.layers), threads_, signals_),
        signs_(setup.seed, "nudge-sign"),
        hold_(setup.seed, "hold-noise"),
        seed_(setup.seed) {
    check_phases();
    for (const Connection& c : net_.list) find_difference(c);
    for (int t = 0; t < threads_; ++t) {
      workers_.emplace_back(net_, config_, setup.seed);
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

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override {
    for (std::size_t first = 0; first < order.size(); first += batch_) {
      const std::size_t count = std::min(batch_, order.size() - first);
      reserve(count);
      const std::size_t n_in = width(0);
      const std::size_t n_out = width(net_.layers);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t sample = order[first + j];
        std::copy_n(inputs + sample * n_in, n_in, x_.col(j));
        std::copy_n(targets + sample * n_out, n_out, y_.col(j));
      }
      update_.apply(net_, signals_, x_.in(), relax_batch(count));
      samples_trained += count;
    }
  }

  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override {
    const std::size_t n_in = width(0);
    const std::size_t n_out = width(net_.layers);
    std::vector<double> loss(count);
    std::vector<unsigned char> right(count);
    std::vector<LayerActivity> activity(count * net_.recurrent);
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
        run_free(worker, x.in(), n, kTestKey + samples_trained + first);
        const bool outside = softmax_readout();
        if (outside) worker.readout(out);
        for (std::size_t j = 0; j < n; ++j) {
          for (std::size_t l = 0; l < net_.recurrent; ++l) {
            activity[(first + j) * net_.recurrent + l] = activity_of(worker.r(l), j);
          }
          T* o = outside ? out.col(j) : worker.r(net_.recurrent - 1).col(j);
          std::copy_n(targets + (first + j) * n_out, n_out, y.begin());
          if (labels != nullptr) {
            const auto best = static_cast<std::size_t>(std::max_element(o, o + n_out) - o);
            right[first + j] = best == labels[first + j] ? 1 : 0;
          }
          loss[first + j] =
              outside ? softmax(o, y.data(), n_out) : squared_error(o, y.data(), n_out);
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
    result.activity.resize(net_.recurrent);
    for (std::size_t k = 0; k < activity.size(); ++k) {
      LayerActivity& of_layer = result.activity[k % net_.recurrent];
      of_layer.mean += activity[k].mean / static_cast<double>(count);
      of_layer.share += activity[k].share / static_cast<double>(count);
    }
    result.accuracy = labels != nullptr ? hits / static_cast<double>(count)
                                        : std::numeric_limits<double>::quiet_NaN();
    return result;
  }

  Network network() const override {
    Network result = original_;
    for (std::size_t k = 0; k < net_.list.size(); ++k) {
      const Connection& c = net_.list[k];
      if (c.trained) c.matrix(result) = net_.kept(k).dense();
    }
    for (std::size_t l = 0; l < net_.layers && net_.config.bias; ++l) {
      const T* b = net_.bias[l].col(0);
      result.bias[l].assign(b, b + net_.bias[l].rows());
    }
    return result;
  }

  LayerStates relax(Span<const double> x, Span<const double> y, const Phase& free,
                    const Phase* nudged) override {
    if (x.size() != width(0) || (nudged != nullptr && y.size() != width(net_.layers))) {
      throw InternalError("a sample does not fit the network");
    }
    ActivityBlock<T> in(width(0), 1);
    ActivityBlock<T> target(width(net_.layers), 1);
    std::copy(x.begin(), x.end(), in.col(0));
    std::copy(y.begin(), y.end(), target.col(0));
    Relaxation<T>& worker = workers_.front();
    worker.clamp(net_, in.in(), 1, kTestKey);
    worker.start_from_zero();
    worker.run(free, {}, nullptr);
    if (nudged != nullptr) {
      const auto strength = static_cast<T>(nudged->nudge);
      worker.run(*nudged, target.in(), &strength);
    }
    return states_of(worker);
  }

  std::vector<LayerStates> relax_phases(Span<const double> x, Span<const double> y) override {
    if (x.size() != width(0) || y.size() != width(net_.layers)) {
      throw InternalError("a sample does not fit the network");
    }
    reserve(1);
    std::copy(x.begin(), x.end(), x_.col(0));
    std::copy(y.begin(), y.end(), y_.col(0));
    sign_[0] = T{1};
    std::vector<LayerStates> ends;
    relax_block(0, 0, 1, &ends);
    return ends;
  }

  FreePhaseEnd free_phase_end(const float* inputs, std::size_t count) override {
    const std::size_t n_in = width(0);
    ActivityBlock<T> x(n_in, kBlockColumns);
    Phase free = phases_.front();
    free.steps = std::max<std::size_t>(free.steps, 3);
    FreePhaseEnd mean;
    Relaxation<T>& worker = workers_.front();
    for (std::size_t first = 0; first < count; first += kBlockColumns) {
      const std::size_t n = std::min(kBlockColumns, count - first);
      for (std::size_t j = 0; j < n; ++j) {
        std::copy_n(inputs + (first + j) * n_in, n_in, x.col(j));
      }
      worker.clamp(net_, x.in(), n, kTestKey + samples_trained + first);
      worker.start_from_zero();
      for (const auto& end : worker.run_and_measure(free)) {
        mean.residual += static_cast<double>(end.residual);
        mean.oscillation += static_cast<double>(end.oscillation);
      }
    }
    mean.residual /= static_cast<double>(count);
    mean.oscillation /= static_cast<double>(count);
    return mean;
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
    const BatchInfo batch = relax_batch(count);
    Gradient gradient;
    gradient.weight.resize(net_.layers);
    gradient.links.resize(original_.links.size());
    const auto place = [](void* context, const Connection& c) {
      auto* g = static_cast<Gradient*>(context);
      switch (c.store) {
        case Connection::Store::link:
          return &g->links[c.index];
        case Connection::Store::feedback:
          g->feedback.resize(std::max(g->feedback.size(), c.index + 1));
          return &g->feedback[c.index];
        case Connection::Store::weight:
          break;
      }
      return &g->weight[c.index];
    };
    update_.wanted(net_, signals_, x_.in(), batch, place, &gradient, gradient.bias);
    return gradient;
  }

  std::vector<double> relative_difference() const override {
    std::vector<double> result;
    for (std::size_t l = 0; l < activity_slot_.size() && last_count_ > 0; ++l) {
      const ActivityBlock<T>& diff = signals_.at(difference_slot_[l]).values;
      const ActivityBlock<T>& free = signals_.at(activity_slot_[l]).values;
      double difference = 0, activity = 0;
      for (std::size_t j = 0; j < last_count_; ++j) {
        for (std::size_t i = 0; i < width(l + 1); ++i) {
          const auto d = static_cast<double>(diff.col(j)[i]);
          const auto r = static_cast<double>(free.col(j)[i]);
          difference += d * d;
          activity += r * r;
        }
      }
      result.push_back(activity > 0 ? std::sqrt(difference / activity) : 0.0);
    }
    return result;
  }

  TrainingState state() const override {
    TrainingState s;
    s.samples_trained = samples_trained;
    update_.save(s);
    return s;
  }
  void set_state(const TrainingState& s) override {
    samples_trained = s.samples_trained;
    update_.load(s);
  }

 private:
  std::size_t width(std::size_t l) const { return net_.config.layers[l]; }
  bool softmax_readout() const { return net_.config.readout == Readout::softmax; }
  std::size_t this_thread() const { return static_cast<std::size_t>(omp_get_thread_num()); }
  Relaxation<T>& this_worker() { return workers_[this_thread()]; }

  static LayerActivity activity_of(const ActivityBlock<T>& r, std::size_t j) {
    LayerActivity a;
    for (std::size_t i = 0; i < r.rows(); ++i) {
      a.mean += static_cast<double>(r.col(j)[i]);
      a.share += r.col(j)[i] > T{0} ? 1.0 : 0.0;
    }
    a.mean /= static_cast<double>(r.rows());
    a.share /= static_cast<double>(r.rows());
    return a;
  }

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
      const bool holds = phases_[p].output != Phase::Output::free;
      if (holds && (softmax_readout() || net_.config.dynamics != Dynamics::rate)) {
        throw InternalError("a learning rule clamps a network whose output is no state");
      }
    }
  }

  // What relative_difference() compares: the activity and the difference that layer c.to learns
  // from.
  void find_difference(const Connection& c) {
    if (c.to != difference_slot_.size() + 1 || !c.trained || c.to > net_.recurrent) return;
    for (const Term& term : rule_->terms(original_, c)) {
      if (term.column.kind != Signal::Kind::difference) continue;
      activity_slot_.push_back(signals_.slot(c.to, {Signal::Kind::activity, 0, 0}));
      difference_slot_.push_back(signals_.slot(c.to, term.column));
      return;
    }
  }

  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    capacity_ = count;
    x_ = ActivityBlock<T>(width(0), count);
    y_ = ActivityBlock<T>(width(net_.layers), count);
    signals_.reserve(count);
    sign_.assign(count, T{1});
    const std::size_t blocks = (count + kBlockColumns - 1) / kBlockColumns;
    not_finite_.assign(blocks, Offender{});
    loss_.assign(phases_.size(), std::vector<double>(count, 0.0));
  }

  void run_free(Relaxation<T>& worker, Columns<const T> x, std::size_t n, std::uint64_t key) {
    worker.clamp(net_, x, n, key);
    worker.start_from_zero();
    worker.run(phases_.front(), {}, nullptr);
  }

  // All phases of the batch: fills the signals.
  BatchInfo relax_batch(std::size_t count) {
    BatchInfo batch;
    batch.first_sample = samples_trained;
    batch.count = count;
    for (std::size_t j = 0; j < count; ++j) {
      sign_[j] = signs_.uniform(samples_trained + j) < 0.5 ? T{-1} : T{1};
    }
    for (auto& [phase, net] : perturbed_) perturb(batch, phase, net);
    const bool resample = net_.config.time_constant.resample;
    if (resample) net_.draw_steps(samples_trained + 1, config_, seed_);
    const std::size_t blocks = (count + kBlockColumns - 1) / kBlockColumns;
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && blocks > 1) schedule(static)
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::size_t first = b * kBlockColumns;
      relax_block(b, first, std::min(kBlockColumns, count - first));
    }
    if (resample) net_.draw_steps(0, config_, seed_);
    for (std::size_t b = 0; b < blocks; ++b) {
      if (!not_finite_[b].found) continue;
      throw NonFiniteState(
          fmt::format("the ideal reference's layer {} became non-finite in training sample {} "
                      "(counted from 0 over the run)",
                      not_finite_[b].layer + 1,
                      samples_trained + b * kBlockColumns + not_finite_[b].column),
          0.0, not_finite_[b].neuron);
    }
    batch.loss.assign(phases_.size(), 0.0);
    for (std::size_t p = 0; p < phases_.size(); ++p) {
      if (!phases_[p].loss) continue;
      for (std::size_t j = 0; j < count; ++j) batch.loss[p] += loss_[p][j];
      batch.loss[p] /= static_cast<double>(count);
    }
    last_count_ = count;
    return batch;
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

  // ends: of the first column's phases; may be null.
  void relax_block(std::size_t block, std::size_t first, std::size_t n,
                   std::vector<LayerStates>* ends = nullptr) {
    Relaxation<T>& worker = this_worker();
    PhaseLatches<T>& latches = latches_[this_thread()];
    not_finite_[block].found = false;
    worker.clamp(net_, x_.in(first), n, samples_trained + first);
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
    if (config_.hold_noise > 0) add_hold_noise(latches, p, samples_trained + first, n);
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

  struct Offender {
    bool found = false;
    std::size_t layer = 0, column = 0, neuron = 0;
  };

  Network original_;
  std::shared_ptr<const Rule> rule_;
  std::size_t batch_;
  IdealConfig config_;
  int threads_;
  std::vector<Phase> phases_;
  PackedNetwork<T> net_;
  BatchSignals<T> signals_;
  WeightUpdate<T> update_;
  RandomStream signs_, hold_;
  std::uint64_t seed_;
  std::vector<std::pair<std::size_t, PackedNetwork<T>>> perturbed_;  // by phase
  std::vector<std::size_t> activity_slot_, difference_slot_;         // per layer
  std::vector<Relaxation<T>> workers_;                               // per thread
  std::vector<PhaseLatches<T>> latches_;
  std::vector<ActivityBlock<T>> scratch_;

  std::size_t capacity_ = 0;
  std::size_t last_count_ = 0;
  ActivityBlock<T> x_, y_;
  std::vector<T> sign_;
  std::vector<Offender> not_finite_;       // per block
  std::vector<std::vector<double>> loss_;  // per phase and sample
};

}  // namespace

std::unique_ptr<IdealEngine> make_ideal_engine(const IdealSetup& setup) {
  if (setup.config.precision == Precision::float32) return std::make_unique<Engine<float>>(setup);
  return std::make_unique<Engine<double>>(setup);
}

}  // namespace memprop::learning::internal
