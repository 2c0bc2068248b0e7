#include "learning/reference/exact_gradient.hpp"

#include "learning/reference/internal/equilibrium.hpp"

namespace memprop::learning {

struct ExactGradientSolver::Impl {
  explicit Impl(const NetworkConfig& config) : equilibrium(config) {
    const std::size_t layers = config.layers.size() - 1;
    for (std::size_t l = 0; l < layers; ++l) {
      result.weight.emplace_back(config.layers[l + 1], config.layers[l]);
      result.forward.emplace_back(config.layers[l + 1], config.layers[l]);
      result.adjoint.emplace_back(config.layers[l + 1], 0.0);
    }
    const std::size_t recurrent = equilibrium.map().layers();
    result.states.v.resize(recurrent);
    result.states.r.resize(recurrent);
  }
  internal::Equilibrium equilibrium;
  Eigen::VectorXd output, error, cost_slope;
  ExactGradient result;
};

namespace {

Eigen::Map<internal::RowMajor> writable(Matrix& m) {
  return {m.data(), static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols())};
}

Matrix outer(double gain, const std::vector<double>& post, const std::vector<double>& pre) {
  Matrix m(post.size(), pre.size());
  for (std::size_t i = 0; i < post.size(); ++i) {
    for (std::size_t j = 0; j < pre.size(); ++j) m(i, j) = gain * post[i] * pre[j];
  }
  return m;
}

}  // namespace

ExactGradientSolver::ExactGradientSolver(const NetworkConfig& config)
    : impl_(std::make_unique<Impl>(config)) {}
ExactGradientSolver::~ExactGradientSolver() = default;
ExactGradientSolver::ExactGradientSolver(ExactGradientSolver&&) noexcept = default;
ExactGradientSolver& ExactGradientSolver::operator=(ExactGradientSolver&&) noexcept = default;

const ExactGradient& ExactGradientSolver::solve(const Network& network, Span<const double> x,
                                                Span<const double> y) {
  using internal::view;
  internal::Equilibrium& e = impl_->equilibrium;
  ExactGradient& g = impl_->result;
  const std::size_t recurrent = e.map().layers();
  const bool softmax = network.config.readout == Readout::softmax;

  e.solve(network, x, 0.0, {});
  for (std::size_t l = 0; l < recurrent; ++l) {
    const auto v = e.layer(e.v(), l);
    const auto r = e.layer(e.r(), l);
    g.states.v[l].assign(v.begin(), v.end());
    g.states.r[l].assign(r.begin(), r.end());
  }
  e.map().output(network, e.r().data(), impl_->output);
  g.states.output.assign(impl_->output.begin(), impl_->output.end());
  g.loss = e.map().loss(impl_->output, y, network.config.readout);

  impl_->error = impl_->output - view(y);
  if (softmax) {
    impl_->cost_slope.noalias() = view(network.weight.back()).transpose() * impl_->error;
    g.adjoint.back().assign(impl_->error.begin(), impl_->error.end());
  } else {
    impl_->cost_slope = impl_->error;
  }
  const Eigen::VectorXd& lambda = e.adjoint(network, impl_->cost_slope);
  for (std::size_t l = 0; l < recurrent; ++l) {
    const auto part = e.layer(lambda, l);
    g.adjoint[l].assign(part.begin(), part.end());
  }

  for (std::size_t l = 0; l < g.weight.size(); ++l) {
    auto forward = writable(g.forward[l]);
    auto both = writable(g.weight[l]);
    const auto post = view(Span<const double>(g.adjoint[l]));
    const auto pre = l == 0 ? view(x) : view(Span<const double>(g.states.r[l - 1]));
    forward.noalias() = network.config.forward_gain[l] * (post * pre.transpose());
    both = forward;
    if (l > 0 && l < recurrent && network.feedback.empty()) {
      both.noalias() += network.config.feedback_gain[l - 1] *
                        (view(Span<const double>(g.states.r[l])) *
                         view(Span<const double>(g.adjoint[l - 1])).transpose());
    }
  }
  g.links.resize(network.links.size());
  g.links_forward.resize(network.links.size());
  for (std::size_t k = 0; k < network.links.size(); ++k) {
    const Link& link = network.links[k];
    if (!link.trained()) continue;
    g.links_forward[k] = outer(link.gain, g.adjoint[link.to - 1], g.states.r[link.from - 1]);
    g.links[k] = g.links_forward[k];
    for (const Link& back : network.links) {
      if (back.tied_to != k) continue;
      writable(g.links[k]) +=
          back.gain * (view(Span<const double>(g.states.r[link.to - 1])) *
                       view(Span<const double>(g.adjoint[link.from - 1])).transpose());
    }
  }
  if (!network.bias.empty()) g.bias = g.adjoint;
  return g;
}

ExactGradient exact_gradient(const Network& network, Span<const double> x, Span<const double> y) {
  return ExactGradientSolver(network.config).solve(network, x, y);
}

}  // namespace memprop::learning
