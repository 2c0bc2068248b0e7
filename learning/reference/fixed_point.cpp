#include "learning/reference/fixed_point.hpp"

#include "learning/reference/internal/equilibrium.hpp"

namespace memprop::learning {

struct FixedPointSolver::Impl {
  explicit Impl(const NetworkConfig& config) : equilibrium(config) {}
  internal::Equilibrium equilibrium;
  Eigen::VectorXd output;
};

FixedPointSolver::FixedPointSolver(const NetworkConfig& config)
    : impl_(std::make_unique<Impl>(config)) {}
FixedPointSolver::~FixedPointSolver() = default;
FixedPointSolver::FixedPointSolver(FixedPointSolver&&) noexcept = default;
FixedPointSolver& FixedPointSolver::operator=(FixedPointSolver&&) noexcept = default;

LayerStates FixedPointSolver::solve(const Network& network, Span<const double> x, double beta,
                                    Span<const double> y) {
  internal::Equilibrium& e = impl_->equilibrium;
  e.solve(network, x, beta, y);
  LayerStates states;
  for (std::size_t l = 0; l < e.map().layers(); ++l) {
    const auto v = e.layer(e.v(), l);
    const auto r = e.layer(e.r(), l);
    states.v.emplace_back(v.begin(), v.end());
    states.r.emplace_back(r.begin(), r.end());
  }
  e.map().output(network, e.r().data(), impl_->output);
  states.output.assign(impl_->output.begin(), impl_->output.end());
  return states;
}

LayerStates fixed_point(const Network& network, Span<const double> x, double beta,
                        Span<const double> y) {
  return FixedPointSolver(network.config).solve(network, x, beta, y);
}

}  // namespace memprop::learning
