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
#include "learning/reference/internal/dense_map.hpp"
#include "learning/reference/internal/dense_optimiser.hpp"
#include "learning/reference/internal/phase_runner.hpp"
#include "learning/rule/contrastive_hebbian.hpp"
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

void check_slow(const OdeConfig& config) {
  if (config.slow_adaptation_s >= 0 && std::isfinite(config.slow_adaptation_s)) return;
  throw UserError(fmt::format("key 'ode.slow_adaptation': expected a time of at least 0, got {} s",
                              config.slow_adaptation_s));
}

// One sample's phases: NetworkDynamics::activity() at their ends, and the
// error of the output where a term asks for it.
struct SamplePhases {
  std::vector<double> x, y;
  std::vector<std::vector<double>> end, error;
  double sign = 1;
};

std::shared_ptr<const Rule> make_rule(const Network& network, const LearningConfig& learning) {
  // Lengths are times here; a rule wants iterations: those of the map before the teacher, and one.
  if (learning.rule == RuleKind::contrastive_hebbian) {
    const std::size_t clamped = learning.teacher_delay + 1;
    check_contrastive_hebbian(network.config, learning, clamped);
    return std::make_shared<ContrastiveHebbian>(learning, 1, clamped);
  }
  return std::make_shared<EquilibriumPropagation>(learning, 1, 1);
}

// Lengths of the phases [s].
std::vector<double> phase_lengths(const std::vector<Phase>& phases, const LearningConfig& learning,
                                  const OdeConfig& config) {
  const double delay = static_cast<double>(learning.teacher_delay) * config.step_s;
  const bool delayed = learning.rule == RuleKind::contrastive_hebbian && learning.teacher_delay > 0;
  std::vector<double> length;
  for (std::size_t p = 0; p < phases.size(); ++p) {
    const Phase& phase = phases[p];
    const bool adapts = learning.adaptation.steps > 0 &&
                        (phase.adaptation > 0 || phase.output == Phase::Output::released);
    if (adapts) {
      length.push_back(static_cast<double>(learning.adaptation.steps) * config.step_s);
    } else if (p == 0) {
      length.push_back(config.free_s);
    } else if (phase.output == Phase::Output::clamped || phase.nudge != 0) {
      length.push_back(delayed ? config.nudged_s - delay : config.nudged_s);
    } else {
      length.push_back(delayed ? delay : config.nudged_s);
    }
    if (!(length.back() > 0)) {
      throw UserError(
          fmt::format("key 'learning.teacher_delay': expected less than the clamped phase of {} s "
                      "(ode.nudged) in steps of {} s (ideal.time_step, above 0 s), got {}",
                      config.nudged_s, config.step_s, learning.teacher_delay));
    }
  }
  return length;
}

}  // namespace

struct OdeReference::Impl {
  Impl(const Network& net, const LearningConfig& chosen, const OdeConfig& config,
       const ode::StepperConfig& stepper, unsigned thread_count, std::uint64_t seed)
      : network(net),
        learning(chosen),
        rule(make_rule(net, chosen)),
        phases(rule->phases()),
        lengths(phase_lengths(phases, chosen, config)),
        nudged_s(config.nudged_s),
        list(connections(network)),
        map(net.config),
        optimiser(network, chosen),
        signs(seed, "nudge-sign"),
        threads(static_cast<int>(std::max(1U, thread_count))) {
    for (int t = 0; t < threads; ++t)
      workers.push_back(
          std::make_unique<internal::PhaseRunner>(network, learning, config, stepper));
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

  void run_free(internal::PhaseRunner& worker, Span<const double> x) const {
    worker.set_input(x);
    worker.run(phases.front(), lengths.front(), {}, 0.0);
  }

  void run_sample(internal::PhaseRunner& worker, SamplePhases& s) const {
    worker.set_input(s.x);
    s.end.assign(phases.size(), {});
    s.error.assign(phases.size(), {});
    Eigen::VectorXd output;
    for (std::size_t p = 0; p < phases.size(); ++p) {
      const double sign = phases[p].random_sign ? s.sign : 1.0;
      worker.run(phases[p], lengths[p], s.y, sign * phases[p].nudge);
      worker.activity(s.end[p]);
      map.output(network, s.end[p].data(), output);
      output = view(s.y) - output;
      s.error[p].assign(output.begin(), output.end());
    }
  }

  // The mean estimate over the batch, in the order of the samples.
  Gradient estimate(std::vector<SamplePhases>& batch, std::uint64_t ordinal) {
    for (std::size_t s = 0; s < batch.size(); ++s) {
      const bool flip =
          learning.nudging == Nudging::random_sign && signs.uniform(ordinal + s) < 0.5;
      batch[s].sign = flip ? -1.0 : 1.0;
    }
    for_samples(batch.size(),
                [&](internal::PhaseRunner& w, std::size_t s) { run_sample(w, batch[s]); });
    Gradient sum;
    sum.weight.resize(network.layer_count());
    sum.links.resize(network.links.size());
    if (network.config.train_feedback) sum.feedback.resize(network.feedback.size());
    for (const Connection& c : list) {
      if (!c.trained) continue;
      Matrix& w = place(c, sum);
      w = Matrix(c.matrix(network).rows(), c.matrix(network).cols());
      for (const Term& term : rule->terms(network, c)) add_term(term, c, batch, w);
      if (const Matrix* mask = c.mask(network)) apply_mask(*mask, w);
    }
    for (std::size_t l = 1; l <= network.layer_count() && !network.bias.empty(); ++l) {
      const std::size_t rows = network.bias[l - 1].size();
      sum.bias.emplace_back(rows, 0.0);
      Eigen::Map<Eigen::VectorXd> bias(sum.bias.back().data(), static_cast<Eigen::Index>(rows));
      for (const Term& term : rule->bias_terms(network, l)) {
        const double factor = term.factor / static_cast<double>(batch.size());
        for (const SamplePhases& s : batch) bias += factor * bias_column(term.column, l, s);
      }
    }
    return sum;
  }

  static Matrix& place(const Connection& c, Gradient& sum) {
    switch (c.store) {
      case Connection::Store::link:
        return sum.links[c.index];
      case Connection::Store::feedback:
        return sum.feedback[c.index];
      case Connection::Store::weight:
        break;
    }
    return sum.weight[c.index];
  }

  void add_term(const Term& term, const Connection& c, const std::vector<SamplePhases>& batch,
                Matrix& w) const {
    if (c.from == 0 && term.row.kind == Signal::Kind::difference) return;  // the input stays
    Eigen::Map<internal::RowMajor> out(w.data(), static_cast<Eigen::Index>(w.rows()),
                                       static_cast<Eigen::Index>(w.cols()));
    const double factor = term.factor / static_cast<double>(batch.size());
    for (const SamplePhases& s : batch) {
      const Eigen::VectorXd column = factor * column_signal(term.column, c, s);
      out.noalias() += column * signal(term.row, c.from, s).transpose();
    }
  }

  Eigen::VectorXd signal(const Signal& what, std::size_t l, const SamplePhases& s) const {
    if (l == 0) return view(s.x);
    if (what.kind == Signal::Kind::error) return view(s.error[what.a]);
    return of_phases(what, s, [&](std::size_t p) {
      return internal::VectorView(s.end[p].data() + map.first(l - 1), map.width(l - 1));
    });
  }

  // Part gives the values of a phase.
  template <class Part>
  Eigen::VectorXd of_phases(const Signal& what, const SamplePhases& s, const Part& part) const {
    switch (what.kind) {
      case Signal::Kind::difference:
        return (phases[what.b].random_sign ? s.sign : 1.0) * (part(what.b) - part(what.a));
      case Signal::Kind::mean:
        return 0.5 * (part(what.b) + part(what.a));
      default:
        return part(what.a);
    }
  }

  // At branches the activity of their neuron counts in the phases in which they are above 0.
  Eigen::VectorXd column_signal(const Signal& what, const Connection& c,
                                const SamplePhases& s) const {
    if (c.branches == 0) return signal(what, c.to, s);
    const auto rows = static_cast<Eigen::Index>(c.matrix(network).rows());
    const auto each = static_cast<Eigen::Index>(c.branches);
    const Eigen::Index neurons = map.first(c.to - 1);
    const auto first = static_cast<Eigen::Index>(workers.front()->system().branches_at(c));
    const Eigen::VectorXd column = of_phases(what, s, [&](std::size_t p) {
      Eigen::VectorXd gated(rows);
      const double* end = s.end[p].data();
      for (Eigen::Index b = 0; b < rows; ++b) {
        gated[b] = end[first + b] > 0 ? end[neurons + b / each] : 0.0;
      }
      return gated;
    });
    return column / static_cast<double>(c.branches);
  }

  // Biases are at the branches from below, if there are any.
  Eigen::VectorXd bias_column(const Signal& what, std::size_t l, const SamplePhases& s) const {
    for (const Connection& c : list) {
      if (c.branches > 0 && c.to == l && c.from + 1 == l) return column_signal(what, c, s);
    }
    return signal(what, l, s);
  }

  LayerStates states(const internal::PhaseRunner& worker) const {
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
  std::shared_ptr<const Rule> rule;
  std::vector<Phase> phases;
  std::vector<double> lengths;  // of the phases [s]
  double nudged_s;
  std::vector<Connection> list;
  internal::DenseMap map;  // positions and read-out only: const use
  internal::DenseOptimiser optimiser;
  RandomStream signs;
  int threads;
  std::vector<std::unique_ptr<internal::PhaseRunner>> workers;
  std::uint64_t samples_trained = 0;
};

OdeReference::OdeReference(const Network& network, const LearningConfig& learning,
                           const OdeConfig& config, const ode::StepperConfig& stepper,
                           unsigned threads, std::uint64_t seed) {
  check_phase(config.free_s, "ode.free");
  check_phase(config.nudged_s, "ode.nudged");
  check_learning(learning, network.layer_count());
  check_slow(config);
  if (network.config.dendrites.on() && learning.rule != RuleKind::equilibrium_propagation) {
    throw UserError(
        "key 'learning.rule': expected \"equilibrium-propagation\" with network.dendrites");
  }
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
  impl_->for_samples(count, [&](internal::PhaseRunner& worker, std::size_t s) {
    const std::vector<double> x(inputs + s * n_in, inputs + (s + 1) * n_in);
    const std::vector<double> y(targets + s * n_out, targets + (s + 1) * n_out);
    std::vector<double> r;
    Eigen::VectorXd output;
    impl_->run_free(worker, x);
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
  internal::PhaseRunner& worker = *impl_->workers.front();
  impl_->run_free(worker, x);
  return impl_->states(worker);
}

LayerStates OdeReference::relax_nudged(Span<const double> x, Span<const double> y, double beta) {
  internal::PhaseRunner& worker = *impl_->workers.front();
  impl_->run_free(worker, x);
  Phase nudged;
  nudged.name = beta < 0.0 ? "negative nudged" : "nudged";
  nudged.start = 0;
  worker.run(nudged, impl_->nudged_s, y, beta);
  return impl_->states(worker);
}

std::vector<LayerStates> OdeReference::relax_phases(Span<const double> x, Span<const double> y) {
  internal::PhaseRunner& worker = *impl_->workers.front();
  worker.set_input(x);
  std::vector<LayerStates> ends;
  for (std::size_t p = 0; p < impl_->phases.size(); ++p) {
    worker.run(impl_->phases[p], impl_->lengths[p], y, impl_->phases[p].nudge);
    ends.push_back(impl_->states(worker));
  }
  return ends;
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
