#include "learning/reference/continuous_network.hpp"

#include "learning/network/dendrites.hpp"
#include "learning/reference/internal/dense_map.hpp"

namespace memprop::learning {

ContinuousNetwork::ContinuousNetwork(const Network& network)
    : network_(&network), map_(std::make_unique<internal::DenseMap>(network.config)) {
  require_point_neurons(network.config, "in ContinuousNetwork");
  r_.resize(map_->size());
  for (std::size_t l = 0; l < map_->layers(); ++l) {
    for (const double tau : network.tau_s[l]) rate_.push_back(1.0 / tau);
  }
}

ContinuousNetwork::~ContinuousNetwork() = default;

std::size_t ContinuousNetwork::size() const { return map_->size(); }

std::size_t ContinuousNetwork::first(std::size_t l) const {
  return static_cast<std::size_t>(map_->first(l - 1));
}

void ContinuousNetwork::set_input(Span<const double> x) { map_->set_input(*network_, x); }

void ContinuousNetwork::set_nudge(double beta, Span<const double> y) { map_->set_nudge(beta, y); }

void ContinuousNetwork::activity(const double* v, double* r) { map_->activity(*network_, v, r); }

void ContinuousNetwork::rhs(double /*t*/, const double* v, double* dvdt) {
  map_->activity(*network_, v, r_.data());
  map_->total(*network_, r_.data(), dvdt);
  for (std::size_t i = 0; i < rate_.size(); ++i) dvdt[i] = rate_[i] * (dvdt[i] - v[i]);
}

}  // namespace memprop::learning
