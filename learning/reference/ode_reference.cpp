#include "learning/reference/ode_reference.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "learning/metric/gradient_metric.hpp"
#include "learning/network/connection.hpp"
#include "learning/network/dendrites.hpp"
#include "learning/network/network_check.hpp"
#include "learning/reference/continuous_network.hpp"
#include "learning/reference/dendritic_dynamics.hpp"
#include "learning/reference/internal/dense_map.hpp"
#include "learning/reference/internal/dense_optimiser.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

using internal::view;

void check_phase(double length_s, const char* key) {
  if (!(length_s > 0) || !std::isfinite(length_s)) {
    throw UserError(fmt::format("key '{}': expected a positive time, got {} s", key, length_s));
  }
}

// Activities of one sample's phases, in the order of Dynamics::activity().
struct SamplePhases {
  std::vector<double> x, y;
  std::vector<double> free, low, high;  // the update uses high - low
  std::vector<double> error;            // y - output of the free state
  double sign = 1;
};

std::unique_ptr<Dynamics> make_dynamics(const Network& network) {
  if (network.config.dendrites.on()) return std::make_unique<DendriticDynamics>(network);
  return std::make_unique<ContinuousNetwork>(network);
}

class Worker {
 public:
  Worker(const Network& network, const OdeConfig& config, const ode::StepperConfig& stepper)
      : config_(config),
        layers_(recurrent_layers(network.config)),
        system_(make_dynamics(network)),
        stepper_(ode::make_stepper(stepper)) {
    state_.resize(system_->size());
    free_state_.resize(system_->size());
  }

  void run_free(Span<const double> x) {
    system_->set_input(x);
    system_->set_free();
    std::fill(state_.begin(), state_.end(), 0.0);
    stepper_->reset();
    advance("free", 0.0, config_.free_s);
    free_state_ = state_;
  }

  // Starts from the free state, whatever ran in between.
  void run_nudged(Span<const double> y, double beta) {
    system_->set_nudge(beta, y);
    state_ = free_state_;
    stepper_->reset();
    advance(beta < 0.0 ? "negative nudged" : "nudged", config_.free_s,
            config_.free_s + config_.nudged_s);
  }

  const std::vector<double>& state() const { return state_; }
  void activity(std::vector<double>& r) {
    r.resize(system_->signals());
    system_->activity(state_.data(), r.data());
  }

 private:
  // Says which phase and neuron the numerics failed in; the caller knows the sample.
  void advance(const char* phase, double begin, double end) {
    try {
      stepper_->advance(*system_, state_, begin, end);
    } catch (const NumericalError& e) {
      std::size_t l = 1;
      while (l < layers_ && system_->first(l + 1) <= e.index()) ++l;
      throw NonFiniteState(fmt::format("{} phase, layer {} neuron {}: {}", phase, l,
                                       e.index() - system_->first(l), e.what()),
                           e.time_s(), e.index());
    }
  }

  OdeConfig config_;
  std::size_t layers_;
  std::unique_ptr<Dynamics> system_;
  std::unique_ptr<ode::Stepper> stepper_;
  std::vector<double> state_, free_state_;
};

}  // namespace

struct OdeReference::Impl {
  Impl(const Network& net, const LearningConfig& rule, const OdeConfig& phases,
       const ode::StepperConfig& stepper, unsigned thread_count, std::uint64_t seed)
      : network(net),
        learning(rule),
        map(net.config),
        optimiser(network, rule),
        signs(seed, "nudge-sign"),
        threads(static_cast<int>(std::max(1U, thread_count))) {
    for (int t = 0; t < threads; ++t)
      workers.push_back(std::make_unique<Worker>(network, phases, stepper));
  }

  // Runs task(worker, sample) for all samples; the exception of the first failing sample is kept.
  template <class Task>
  void for_samples(std::size_t count, const Task& task) {
    std::vector<std::exception_ptr> failure(count);
#pragma omp parallel for num_threads(threads) if (threads > 1 && count > 1) schedule(dynamic)
    for (std::size_t s = 0; s < count; ++s) {
      try {
        task(*workers[static_cast<std::size_t>(omp_get_thread_num())], s);
      } catch (...) {
        failure[s] = std::current_exception();
      }
    }
    for (std::size_t s = 0; s < count; ++s) {
      if (!failure[s]) continue;
      try {
        std::rethrow_exception(failure[s]);
      } catch (const NumericalError& e) {
        throw NonFiniteState(
            fmt::format("continuous-time reference, sample {} after {} trained: {}", s,
                        samples_trained, e.what()),
            e.time_s(), e.index());
      }
    }
  }

  void run_sample(Worker& worker, SamplePhases& s) const {
    worker.run_free(s.x);
    worker.activity(s.free);
    Eigen::VectorXd output;
    map.output(network, s.free.data(), output);
    output = view(s.y) - output;
    s.error.assign(output.begin(), output.end());
    worker.run_nudged(s.y, s.sign * learning.beta);
    worker.activity(s.high);
    if (learning.nudging == Nudging::centred) {
      worker.run_nudged(s.y, -learning.beta);
      worker.activity(s.low);
    } else {
      s.low = s.free;
    }
  }

  // The mean estimate over the batch, in the order of the samples.
  Gradient estimate(std::vector<SamplePhases>& batch, std::uint64_t ordinal) {
    for (std::size_t s = 0; s < batch.size(); ++s) {
      const bool flip =
          learning.nudging == Nudging::random_sign && signs.uniform(ordinal + s) < 0.5;
      batch[s].sign = flip ? -1.0 : 1.0;
    }
    for_samples(batch.size(), [&](Worker& w, std::size_t s) { run_sample(w, batch[s]); });
    Gradient sum;
    if (network.config.dendrites.on()) {
      add_projections(batch, sum);
      add_links(batch, sum);
      return sum;
    }
    for (std::size_t l = 0; l < network.layer_count(); ++l) {
      sum.weight.emplace_back(network.width(l + 1), network.width(l));
      if (!network.bias.empty()) sum.bias.emplace_back(network.width(l + 1), 0.0);
      for (const SamplePhases& s : batch) add_sample(l, s, batch.size(), sum);
    }
    add_links(batch, sum);
    // Not the way of the error of a read-out outside the loop.
    for (std::size_t l = 0; network.config.train_feedback && l + 1 < map.layers(); ++l) {
      sum.feedback.emplace_back(network.width(l + 1), network.width(l + 2));
      for (const SamplePhases& s : batch) add_feedback(l, s, batch.size(), sum);
    }
    return sum;
  }

  void add_links(const std::vector<SamplePhases>& batch, Gradient& sum) const {
    sum.links.resize(network.links.size());
    for (std::size_t k = 0; k < network.links.size(); ++k) {
      const Link& link = network.links[k];
      if (!link.trained()) continue;
      sum.links[k] = Matrix(network.width(link.to), network.width(link.from));
      for (const SamplePhases& s : batch) add_link(k, s, batch.size(), sum);
    }
  }

  // Of dendritic nets: columns are the activities at the branches that are above 0, in the order in
  // which Dynamics::activity() has the branches.
  void add_projections(const std::vector<SamplePhases>& batch, Gradient& sum) const {
    std::size_t first = map.size();
    for (const Connection& c : connections(network)) {
      if (c.branches == 0 || c.store != Connection::Store::weight || c.transposed) continue;
      sum.weight.push_back(projection(batch, c, first, true, sum));
      first += sum.weight.back().rows();
    }
    for (const Connection& c : connections(network)) {
      if (c.branches == 0 || c.store != Connection::Store::feedback || !c.trained) continue;
      sum.feedback.push_back(projection(batch, c, first, false, sum));
      first += sum.feedback.back().rows();
    }
  }

  Matrix projection(const std::vector<SamplePhases>& batch, const Connection& c, std::size_t first,
                    bool basal, Gradient& sum) const {
    const Matrix& shape = c.matrix(network);
    Matrix out(shape.rows(), shape.cols());
    std::vector<double> bias(shape.rows(), 0.0), high(shape.rows()), low(shape.rows());
    const bool raw = learning.scale == GradientScale::raw;
    const bool product = learning.form == UpdateForm::product;
    const auto to = static_cast<std::size_t>(map.first(c.to - 1));
    for (const SamplePhases& s : batch) {
      const double scale = s.sign * (raw ? 1.0 : c.gain) *
                           difference_scale(network, learning, c.to) /
                           static_cast<double>(c.branches * batch.size());
      for (std::size_t b = 0; b < out.rows(); ++b) {
        const std::size_t i = to + b / c.branches;
        high[b] = s.high[first + b] > 0 ? scale * s.high[i] : 0.0;
        low[b] = s.low[first + b] > 0 ? scale * s.low[i] : 0.0;
        bias[b] += high[b] - low[b];
      }
      const auto from = c.from == 0 ? 0 : static_cast<std::size_t>(map.first(c.from - 1));
      const double* after = c.from == 0 ? s.x.data() : (product ? s.high : s.free).data() + from;
      const double* before = c.from == 0 ? s.x.data() : (product ? s.low : s.free).data() + from;
      for (std::size_t b = 0; b < out.rows(); ++b) {
        double* w = out.row(b).data();
        for (std::size_t j = 0; j < out.cols(); ++j)
          w[j] += high[b] * after[j] - low[b] * before[j];
      }
    }
    if (const Matrix* mask = c.mask(network)) apply_mask(*mask, out);
    if (basal && !network.bias.empty()) sum.bias.push_back(std::move(bias));
    return out;
  }

  void add_feedback(std::size_t l, const SamplePhases& s, std::size_t count, Gradient& sum) const {
    Matrix& w = sum.feedback[l];
    Eigen::Map<internal::RowMajor> out(w.data(), static_cast<Eigen::Index>(w.rows()),
                                       static_cast<Eigen::Index>(w.cols()));
    const double gain =
        learning.scale == GradientScale::raw ? 1.0 : network.config.feedback_gain[l];
    const double scale =
        s.sign * gain * difference_scale(network, learning, l + 1) / static_cast<double>(count);
    add_outer(s, l, l + 1, scale, false, {}, out);
  }

  void add_sample(std::size_t l, const SamplePhases& s, std::size_t count, Gradient& sum) const {
    Matrix& w = sum.weight[l];
    Eigen::Map<internal::RowMajor> out(w.data(), static_cast<Eigen::Index>(w.rows()),
                                       static_cast<Eigen::Index>(w.cols()));
    const bool outside = l >= map.layers();
    const double scale =
        outside ? 1.0 / static_cast<double>(count)
                : s.sign * difference_scale(network, learning, l + 1) / static_cast<double>(count);
    const auto part = [&](const std::vector<double>& r, std::size_t k) {
      return internal::VectorView(r.data() + map.first(k), map.width(k));
    };
    // The factor of a weight behind a gain; a bias has none.
    const double gain =
        outside || learning.scale == GradientScale::raw ? 1.0 : network.config.forward_gain[l];
    Eigen::VectorXd post;
    if (outside) {
      post = scale * view(s.error);
    } else {
      post = scale * (part(s.high, l) - part(s.low, l));
    }
    if (!sum.bias.empty()) {
      for (std::size_t i = 0; i < w.rows(); ++i)
        sum.bias[l][i] += post[static_cast<Eigen::Index>(i)];
    }
    if (l == 0) {
      out.noalias() += gain * post * view(s.x).transpose();
    } else {
      add_outer(s, l, l - 1, gain * scale, outside, post, out);
    }
  }

  // The terms of a weight from layer index `from` to `to` (of the readout: its error is post).
  void add_outer(const SamplePhases& s, std::size_t to, std::size_t from, double scale,
                 bool outside, const Eigen::VectorXd& error,
                 Eigen::Map<internal::RowMajor>& out) const {
    const auto part = [&](const std::vector<double>& r, std::size_t k) {
      return internal::VectorView(r.data() + map.first(k), map.width(k));
    };
    if (outside) {
      out.noalias() += error * part(s.free, from).transpose();
      return;
    }
    const Eigen::VectorXd post = scale * (part(s.high, to) - part(s.low, to));
    if (learning.form == UpdateForm::simplified) {
      out.noalias() += post * part(s.free, from).transpose();
      return;
    }
    const Eigen::VectorXd pre = 0.5 * (part(s.high, from) + part(s.low, from));
    const Eigen::VectorXd mean = 0.5 * scale * (part(s.high, to) + part(s.low, to));
    out.noalias() += post * pre.transpose();
    out.noalias() += mean * (part(s.high, from) - part(s.low, from)).transpose();
  }

  void add_link(std::size_t k, const SamplePhases& s, std::size_t count, Gradient& sum) const {
    const Link& link = network.links[k];
    Matrix& w = sum.links[k];
    Eigen::Map<internal::RowMajor> out(w.data(), static_cast<Eigen::Index>(w.rows()),
                                       static_cast<Eigen::Index>(w.cols()));
    const double gain = learning.scale == GradientScale::raw ? 1.0 : link.gain;
    const double scale =
        s.sign * gain * difference_scale(network, learning, link.to) / static_cast<double>(count);
    add_outer(s, link.to - 1, link.from - 1, scale, false, {}, out);
  }

  LayerStates states(Worker& worker) const {
    LayerStates result;
    std::vector<double> r;
    worker.activity(r);
    for (std::size_t l = 0; l < map.layers(); ++l) {
      const auto first = map.first(l), last = first + map.width(l);
      result.v.emplace_back(worker.state().begin() + first, worker.state().begin() + last);
      result.r.emplace_back(r.begin() + first, r.begin() + last);
    }
    Eigen::VectorXd output;
    map.output(network, r.data(), output);
    result.output.assign(output.begin(), output.end());
    return result;
  }

  Network network;
  LearningConfig learning;
  internal::DenseMap map;  // positions and read-out only: const use
  internal::DenseOptimiser optimiser;
  RandomStream signs;
  int threads;
  std::vector<std::unique_ptr<Worker>> workers;
  std::uint64_t samples_trained = 0;
};

OdeReference::OdeReference(const Network& network, const LearningConfig& learning,
                           const OdeConfig& config, const ode::StepperConfig& stepper,
                           unsigned threads, std::uint64_t seed) {
  check_phase(config.free_s, "ode.free");
  check_phase(config.nudged_s, "ode.nudged");
  check_learning(learning, network.layer_count());
  if (learning.nudge_error != NudgeError::recomputed) {
    throw UserError(
        "key 'learning.nudge_error': expected \"recomputed\" in continuous time (the error follows "
        "the output)");
  }
  if (learning.readout_error != ReadoutError::free) {
    throw UserError("key 'learning.readout_error': expected \"free\" in continuous time");
  }
  impl_ = std::make_unique<Impl>(network, learning, config, stepper, threads, seed);
}
OdeReference::~OdeReference() = default;
OdeReference::OdeReference(OdeReference&&) noexcept = default;
OdeReference& OdeReference::operator=(OdeReference&&) noexcept = default;

void OdeReference::train(const float* inputs, const float* targets,
                         Span<const std::uint32_t> order) {
  Network& net = impl_->network;
  const std::size_t n_in = net.width(0), n_out = net.width(net.layer_count());
  for (std::size_t first = 0; first < order.size(); first += impl_->learning.batch) {
    const std::size_t count = std::min(impl_->learning.batch, order.size() - first);
    std::vector<SamplePhases> batch(count);
    for (std::size_t j = 0; j < count; ++j) {
      const std::size_t sample = order[first + j];
      batch[j].x.assign(inputs + sample * n_in, inputs + (sample + 1) * n_in);
      batch[j].y.assign(targets + sample * n_out, targets + (sample + 1) * n_out);
    }
    const Gradient step = impl_->estimate(batch, impl_->samples_trained);
    impl_->optimiser.apply(step, net);
    impl_->samples_trained += count;
  }
}

Evaluation OdeReference::evaluate(const float* inputs, const float* targets,
                                  const std::uint32_t* labels, std::size_t count) {
  const Network& net = impl_->network;
  const std::size_t n_in = net.width(0), n_out = net.width(net.layer_count());
  std::vector<double> loss(count);
  std::vector<unsigned char> right(count);
  impl_->for_samples(count, [&](Worker& worker, std::size_t s) {
    const std::vector<double> x(inputs + s * n_in, inputs + (s + 1) * n_in);
    const std::vector<double> y(targets + s * n_out, targets + (s + 1) * n_out);
    std::vector<double> r;
    Eigen::VectorXd output;
    worker.run_free(x);
    worker.activity(r);
    impl_->map.output(net, r.data(), output);
    loss[s] = impl_->map.loss(output, y, net.config.readout);
    if (labels != nullptr) {
      right[s] = arg_max({output.data(), n_out}) == labels[s] ? 1 : 0;
    }
  });
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

Network OdeReference::network() const { return impl_->network; }

LayerStates OdeReference::relax_free(Span<const double> x) {
  Worker& worker = *impl_->workers.front();
  worker.run_free(x);
  return impl_->states(worker);
}

LayerStates OdeReference::relax_nudged(Span<const double> x, Span<const double> y, double beta) {
  Worker& worker = *impl_->workers.front();
  worker.run_free(x);
  worker.run_nudged(y, beta);
  return impl_->states(worker);
}

Gradient OdeReference::ep_update_estimate(const Matrix& inputs, const Matrix& targets) {
  std::vector<SamplePhases> batch(inputs.rows());
  for (std::size_t j = 0; j < batch.size(); ++j) {
    batch[j].x.assign(inputs.row(j).begin(), inputs.row(j).end());
    batch[j].y.assign(targets.row(j).begin(), targets.row(j).end());
  }
  return impl_->estimate(batch, impl_->samples_trained);
}

TrainingState OdeReference::training_state() const {
  TrainingState state;
  state.samples_trained = impl_->samples_trained;
  impl_->optimiser.save(state);
  return state;
}
void OdeReference::set_training_state(const TrainingState& state) {
  impl_->samples_trained = state.samples_trained;
  impl_->optimiser.load(state);
}

}  // namespace memprop::learning
