#include "learning/continual/consolidation.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/network/dendrites.hpp"
#include "learning/reference/internal/activity_block.hpp"
#include "learning/reference/internal/dense_map.hpp"
#include "learning/reference/internal/dense_optimiser.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

using internal::RowMajor;
using internal::view;
using Vector = Eigen::VectorXd;

Vector softmax_of(const Vector& logits, double temperature) {
  Vector p = ((logits.array() - logits.maxCoeff()) / temperature).exp();
  return p / p.sum();
}

}  // namespace

struct ConsolidatedBackprop::Impl {
  Impl(const Network& net, const LearningConfig& rule, const TaskConfig& t)
      : network(net), learning(rule), tasks(t), optimiser(net, rule) {
    std::size_t n = 0;
    visit(network, [&](double&) { ++n; });
    importance.assign(n, 0.0);
    anchor.assign(n, 0.0);
    if (tasks.consolidation == Consolidation::si) path.assign(n, 0.0);
    keep(anchor);
  }

  std::size_t layers() const { return network.layer_count(); }
  double gain(std::size_t l) const { return network.config.forward_gain[l]; }

  // Every weight and bias in one order.
  template <class Tensors, class Visit>
  static void visit(Tensors& tensors, const Visit& do_visit) {
    for (std::size_t l = 0; l < tensors.weight.size(); ++l) {
      for (double& w : tensors.weight[l].values()) do_visit(w);
    }
    for (auto& bias : tensors.bias) {
      for (double& b : bias) do_visit(b);
    }
  }
  void keep(std::vector<double>& to) {
    std::size_t k = 0;
    visit(network, [&](double& w) { to[k++] = w; });
  }

  // Activities r_0..r_{L-1} and states v_1..v_L (v_L: logits).
  void forward(const Network& net, const float* x, std::vector<Vector>& r,
               std::vector<Vector>& v) const {
    r.resize(layers());
    v.resize(layers());
    r[0] = Eigen::Map<const Eigen::VectorXf>(x, static_cast<Eigen::Index>(net.width(0)))
               .cast<double>();
    for (std::size_t l = 0; l < layers(); ++l) {
      v[l].noalias() = gain(l) * (view(net.weight[l]) * r[l]);
      if (!net.bias.empty()) v[l] += view(net.bias[l]);
      if (l + 1 == layers()) break;
      r[l + 1].resize(v[l].size());
      activate(net.config.activation[l], v[l].data(), r[l + 1].data(),
               static_cast<std::size_t>(v[l].size()));
    }
  }

  // Adds scale times what `error` = dC/dlogits gives to sum.
  void backward(const std::vector<Vector>& r, const std::vector<Vector>& v, const Vector& error,
                double scale, Gradient& sum) const {
    Vector delta = scale * error;
    for (std::size_t l = layers(); l-- > 0;) {
      Matrix& w = sum.weight[l];
      Eigen::Map<RowMajor> out(w.data(), static_cast<Eigen::Index>(w.rows()),
                               static_cast<Eigen::Index>(w.cols()));
      out.noalias() += gain(l) * delta * r[l].transpose();
      for (std::size_t i = 0; !sum.bias.empty() && i < sum.bias[l].size(); ++i) {
        sum.bias[l][i] += delta[static_cast<Eigen::Index>(i)];
      }
      if (l == 0) break;
      const Vector back = gain(l) * (view(network.weight[l]).transpose() * delta);
      delta = back;
      for (Eigen::Index i = 0; i < delta.size(); ++i) {
        delta[i] *= internal::slope_of(network.config.activation[l - 1], v[l - 1][i], r[l][i]);
      }
    }
  }

  Gradient zero() const {
    Gradient g;
    for (const Matrix& w : network.weight) g.weight.emplace_back(w.rows(), w.cols());
    for (const auto& b : network.bias) g.bias.emplace_back(b.size(), 0.0);
    return g;
  }

  // Of the cross-entropy and of the distillation; the penalty is apart.
  Gradient data_gradient(const float* inputs, const float* targets,
                         Span<const std::uint32_t> order) const {
    Gradient sum = zero();
    const std::size_t n_in = network.width(0), n_out = network.width(layers());
    std::vector<Vector> r, v, old_r, old_v;
    const double mean = 1.0 / static_cast<double>(order.size());
    for (const std::uint32_t s : order) {
      forward(network, inputs + s * n_in, r, v);
      const Eigen::Map<const Eigen::VectorXf> y(targets + s * n_out,
                                                static_cast<Eigen::Index>(n_out));
      Vector error = softmax_of(v.back(), 1.0) - y.cast<double>();
      if (tasks.consolidation == Consolidation::lwf && tasks_done > 0) {
        forward(before, inputs + s * n_in, old_r, old_v);
        const double t = tasks.temperature;
        error += tasks.strength * t * (softmax_of(v.back(), t) - softmax_of(old_v.back(), t));
      }
      backward(r, v, error, mean, sum);
    }
    return sum;
  }

  void add_penalty(Gradient& g) {
    if (tasks.consolidation != Consolidation::ewc && tasks.consolidation != Consolidation::si) {
      return;
    }
    std::vector<double> pull(importance.size());
    std::size_t k = 0;
    visit(network, [&](double& w) {
      pull[k] = tasks.strength * importance[k] * (w - anchor[k]);
      ++k;
    });
    k = 0;
    visit(g, [&](double& value) { value += pull[k++]; });
  }

  // The diagonal of the Fisher information at the present weights, expected over the network's own
  // answers, of the first samples.
  void add_fisher(const float* inputs, Span<const std::uint32_t> order) {
    const std::size_t count = std::min(tasks.fisher_samples, order.size());
    std::vector<Vector> r, v;
    for (std::size_t s = 0; s < count; ++s) {
      forward(network, inputs + order[s] * network.width(0), r, v);
      const Vector p = softmax_of(v.back(), 1.0);
      for (Eigen::Index c = 0; c < p.size(); ++c) {
        Vector error = p;
        error[c] -= 1.0;
        Gradient g = zero();
        backward(r, v, error, 1.0, g);
        std::size_t k = 0;
        visit(g, [&](double& value) {
          importance[k++] += p[c] * value * value / static_cast<double>(count);
        });
      }
    }
  }

  void add_path() {
    std::size_t k = 0;
    visit(network, [&](double& w) {
      const double moved = w - anchor[k];
      importance[k] += std::max(0.0, path[k]) / (moved * moved + tasks.damping);
      path[k] = 0;
      ++k;
    });
  }

  Network network, before;
  LearningConfig learning;
  TaskConfig tasks;
  internal::DenseOptimiser optimiser;
  std::vector<double> importance, anchor, path;
  std::uint64_t tasks_done = 0, samples_trained = 0;
};

ConsolidatedBackprop::ConsolidatedBackprop(const Network& network, const LearningConfig& learning,
                                           const TaskConfig& tasks) {
  check_learning(learning, network.layer_count());
  require_point_neurons(network.config, "by back-propagation without feedback");
  if (!network.links.empty()) {
    throw UserError("key 'network.links': expected none with tasks.consolidation");
  }
  if (network.config.readout != Readout::softmax) {
    throw UserError(
        "key 'network.readout': expected \"softmax\" with tasks.consolidation (its penalties are "
        "about class probabilities), got \"squared-error\"");
  }
  impl_ = std::make_unique<Impl>(network, learning, tasks);
}
ConsolidatedBackprop::~ConsolidatedBackprop() = default;

void ConsolidatedBackprop::train(const float* inputs, const float* targets,
                                 Span<const std::uint32_t> order) {
  Impl& m = *impl_;
  const std::size_t batch = m.learning.batch;
  std::vector<double> old(m.path.size()), slope(m.path.size());
  for (std::size_t first = 0; first < order.size(); first += batch) {
    const std::size_t count = std::min(batch, order.size() - first);
    Gradient g = m.data_gradient(inputs, targets, {order.data() + first, count});
    if (!m.path.empty()) {
      std::size_t k = 0;
      Impl::visit(g, [&](double& value) { slope[k++] = value; });
      m.keep(old);
    }
    m.add_penalty(g);
    Impl::visit(g, [](double& value) { value = -value; });
    m.optimiser.apply(g, m.network);
    if (!m.path.empty()) {
      std::size_t k = 0;
      Impl::visit(m.network, [&](double& w) {
        m.path[k] -= slope[k] * (w - old[k]);
        ++k;
      });
    }
    m.samples_trained += count;
  }
}

void ConsolidatedBackprop::end_task(const float* inputs, const float* /*targets*/,
                                    Span<const std::uint32_t> order) {
  Impl& m = *impl_;
  if (m.tasks.consolidation == Consolidation::ewc) m.add_fisher(inputs, order);
  if (m.tasks.consolidation == Consolidation::si) m.add_path();
  m.keep(m.anchor);
  m.before = m.network;
  ++m.tasks_done;
}

Evaluation ConsolidatedBackprop::evaluate(const float* inputs, const float* targets,
                                          const std::uint32_t* labels, std::size_t count) {
  const Impl& m = *impl_;
  const std::size_t n_in = m.network.width(0), n_out = m.network.width(m.layers());
  std::vector<Vector> r, v;
  Evaluation result;
  double hits = 0;
  for (std::size_t s = 0; s < count; ++s) {
    m.forward(m.network, inputs + s * n_in, r, v);
    Eigen::Index best = 0;
    v.back().maxCoeff(&best);
    if (labels != nullptr && static_cast<std::uint32_t>(best) == labels[s]) hits += 1.0;
    const Vector p = softmax_of(v.back(), 1.0);
    for (std::size_t i = 0; i < n_out; ++i) {
      const double y = static_cast<double>(targets[s * n_out + i]);
      if (y != 0) result.loss -= y * std::log(p[static_cast<Eigen::Index>(i)]);
    }
  }
  result.loss /= static_cast<double>(count);
  result.accuracy = labels != nullptr ? hits / static_cast<double>(count)
                                      : std::numeric_limits<double>::quiet_NaN();
  return result;
}

Network ConsolidatedBackprop::network() const { return impl_->network; }

Gradient ConsolidatedBackprop::gradient(const float* inputs, const float* targets,
                                        Span<const std::uint32_t> order) {
  Gradient g = impl_->data_gradient(inputs, targets, order);
  impl_->add_penalty(g);
  return g;
}

TrainingState ConsolidatedBackprop::training_state() const {
  TrainingState state;
  impl_->optimiser.save(state);
  state.samples_trained = impl_->samples_trained;
  std::vector<double>& all = state.optimiser;
  for (const auto* part : {&impl_->importance, &impl_->anchor, &impl_->path}) {
    all.insert(all.end(), part->begin(), part->end());
  }
  all.push_back(static_cast<double>(impl_->tasks_done));
  return state;
}

void ConsolidatedBackprop::set_training_state(const TrainingState& state) {
  Impl& m = *impl_;
  const std::size_t own = m.importance.size() + m.anchor.size() + m.path.size() + 1;
  if (state.optimiser.size() < own) {
    throw InternalError("the saved state of a consolidation does not fit the network");
  }
  TrainingState moments = state;
  moments.optimiser.resize(state.optimiser.size() - own);
  std::size_t at = moments.optimiser.size();
  for (auto* part : {&m.importance, &m.anchor, &m.path}) {
    for (double& value : *part) value = state.optimiser[at++];
  }
  m.tasks_done = static_cast<std::uint64_t>(state.optimiser[at]);
  m.optimiser.load(moments);
  m.samples_trained = state.samples_trained;
  // The network before the present task is where its anchor is.
  m.before = m.network;
  std::size_t k = 0;
  Impl::visit(m.before, [&](double& w) { w = m.anchor[k++]; });
}

}  // namespace memprop::learning
