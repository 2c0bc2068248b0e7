#include "learning/reference/internal/ideal_engine.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "learning/reference/internal/batch_relaxation.hpp"
#include "learning/reference/internal/evaluation_tally.hpp"
#include "learning/reference/internal/weight_update.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

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
        threads_(static_cast<int>(std::max(1U, setup.threads))),
        net_(setup.network, setup.config, setup.seed, setup.learning.nudge_place),
        signals_(net_, setup.rule->phases().size()),
        update_(setup.network, net_, *setup.rule, setup.learning,
                layer_rates(setup.learning, net_.layers), threads_, signals_),
        batches_(original_, setup.rule, setup.config, net_, signals_, setup.rule->phases(),
                 threads_, setup.seed) {
    for (const Connection& c : net_.list) find_difference(c);
  }

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override {
    for (std::size_t first = 0; first < order.size(); first += batch_) {
      const std::size_t count = std::min(batch_, order.size() - first);
      batches_.reserve(count);
      const std::size_t n_in = width(0);
      const std::size_t n_out = width(net_.layers);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t sample = order[first + j];
        std::copy_n(inputs + sample * n_in, n_in, batches_.x().col(j));
        std::copy_n(targets + sample * n_out, n_out, batches_.y().col(j));
      }
      update_.apply(net_, signals_, batches_.x().in(), relax(count));
      samples_trained += count;
    }
  }

  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override {
    const std::size_t n_in = width(0);
    const std::size_t n_out = width(net_.layers);
    EvaluationTally tally(count, labels);
    std::vector<LayerActivity> activity(count * net_.recurrent);
    const ColumnBlocks blocks(count, threads_);
#pragma omp parallel num_threads(threads_) if (threads_ > 1)
    {
      ActivityBlock<T> x(n_in, kBlockColumns);
      ActivityBlock<T> out(n_out, kBlockColumns);
      std::vector<T> y(n_out);
#pragma omp for schedule(static)
      for (std::size_t b = 0; b < blocks.count(); ++b) {
        Relaxation<T>& worker = batches_.worker(static_cast<std::size_t>(omp_get_thread_num()));
        const std::size_t first = blocks.first(b), n = blocks.size(b);
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
          tally.answer(first + j, o, n_out);
          tally.cost(first + j,
                     outside ? softmax(o, y.data(), n_out) : squared_error(o, y.data(), n_out));
        }
      }
    }
    Evaluation result = tally.mean();
    result.activity.resize(net_.recurrent);
    for (std::size_t k = 0; k < activity.size(); ++k) {
      LayerActivity& of_layer = result.activity[k % net_.recurrent];
      of_layer.mean += activity[k].mean / static_cast<double>(count);
      of_layer.share += activity[k].share / static_cast<double>(count);
    }
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
    Relaxation<T>& worker = batches_.worker(0);
    worker.clamp(net_, in.in(), 1, kTestKey);
    worker.start_from_zero();
    worker.run(free, {}, nullptr);
    if (nudged != nullptr) {
      const auto strength = static_cast<T>(nudged->nudge);
      worker.run(*nudged, target.in(), &strength);
    }
    return batches_.states_of(worker);
  }

  std::vector<LayerStates> relax_phases(Span<const double> x, Span<const double> y) override {
    if (x.size() != width(0) || y.size() != width(net_.layers)) {
      throw InternalError("a sample does not fit the network");
    }
    batches_.reserve(1);
    std::copy(x.begin(), x.end(), batches_.x().col(0));
    std::copy(y.begin(), y.end(), batches_.y().col(0));
    return batches_.run_one(samples_trained);
  }

  FreePhaseEnd free_phase_end(const float* inputs, std::size_t count) override {
    const std::size_t n_in = width(0);
    ActivityBlock<T> x(n_in, kBlockColumns);
    Phase free = batches_.phases().front();
    free.steps = std::max<std::size_t>(free.steps, 3);
    FreePhaseEnd mean;
    Relaxation<T>& worker = batches_.worker(0);
    const ColumnBlocks blocks(count, 1);
    for (std::size_t b = 0; b < blocks.count(); ++b) {
      const std::size_t first = blocks.first(b), n = blocks.size(b);
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

  double oscillating_share(const float* inputs, const float* targets, std::size_t count) override {
    const std::vector<Phase>& phases = batches_.phases();
    if (phases.size() < 2 || count == 0) return 0.0;
    const Phase& nudged = phases[1];
    const bool follows = nudged.nudge != 0 && nudged.error == NudgeError::recomputed;
    Relaxation<T>& worker = batches_.worker(0);
    if (!follows || nudged.start != 0 || nudged.adaptation > 0 || nudged.perturbed ||
        nudged.steps < 3 || worker.noisy()) {
      return 0.0;
    }
    const std::size_t n_in = width(0), n_out = width(net_.layers);
    ActivityBlock<T> x(n_in, kBlockColumns), y(n_out, kBlockColumns);
    const std::vector<T> beta(kBlockColumns, static_cast<T>(nudged.nudge));
    std::size_t oscillating = 0;
    const ColumnBlocks blocks(count, 1);
    for (std::size_t b = 0; b < blocks.count(); ++b) {
      const std::size_t first = blocks.first(b), n = blocks.size(b);
      for (std::size_t j = 0; j < n; ++j) {
        std::copy_n(inputs + (first + j) * n_in, n_in, x.col(j));
        std::copy_n(targets + (first + j) * n_out, n_out, y.col(j));
      }
      run_free(worker, x.in(), n, kTestKey + samples_trained + first);
      const std::vector<ActivityBlock<T>> free = worker.state();
      const auto ends = worker.run_and_measure(nudged, y.in(), beta.data());
      const auto shift = worker.distance(free);
      for (std::size_t j = 0; j < n; ++j) {
        oscillating += ends[j].oscillation > T{1.5} && T{10} * ends[j].step > shift[j] ? 1 : 0;
      }
    }
    return static_cast<double>(oscillating) / static_cast<double>(count);
  }

  Gradient estimate(const Matrix& inputs, const Matrix& targets) override {
    const std::size_t count = inputs.rows();
    if (inputs.cols() != width(0) || targets.cols() != width(net_.layers)) {
      throw InternalError("samples do not fit the network");
    }
    batches_.reserve(count);
    for (std::size_t j = 0; j < count; ++j) {
      std::copy(inputs.row(j).begin(), inputs.row(j).end(), batches_.x().col(j));
      std::copy(targets.row(j).begin(), targets.row(j).end(), batches_.y().col(j));
    }
    const BatchInfo batch = relax(count);
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
    update_.wanted(net_, signals_, batches_.x().in(), batch, place, &gradient, gradient.bias);
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

  BatchInfo relax(std::size_t count) {
    const BatchInfo batch = batches_.run(count, samples_trained);
    last_count_ = count;
    return batch;
  }

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

  void run_free(Relaxation<T>& worker, Columns<const T> x, std::size_t n, std::uint64_t key) {
    worker.clamp(net_, x, n, key);
    worker.start_from_zero();
    worker.run(batches_.phases().front(), {}, nullptr);
  }

  Network original_;
  std::shared_ptr<const Rule> rule_;
  std::size_t batch_;
  int threads_;
  PackedNetwork<T> net_;
  BatchSignals<T> signals_;
  WeightUpdate<T> update_;
  BatchRelaxation<T> batches_;
  std::vector<std::size_t> activity_slot_, difference_slot_;  // per layer
  std::size_t last_count_ = 0;
};

}  // namespace

std::unique_ptr<IdealEngine> make_ideal_engine(const IdealSetup& setup) {
  if (setup.config.precision == Precision::float32) return std::make_unique<Engine<float>>(setup);
  return std::make_unique<Engine<double>>(setup);
}

}  // namespace memprop::learning::internal
