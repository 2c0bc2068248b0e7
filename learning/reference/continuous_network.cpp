#include "learning/reference/continuous_network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "learning/reference/internal/dense_map.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {

ContinuousNetwork::ContinuousNetwork(const Network& network, NudgePlace place, double slow_s)
    : network_(&network),
      map_(std::make_unique<internal::DenseMap>(network.config)),
      slow_s_(slow_s),
      outside_(network.config.readout == Readout::squared_error &&
               (network.config.dynamics == Dynamics::energy ||
                (network.config.dynamics == Dynamics::rate && place == NudgePlace::outside))) {
  r_.resize(map_->size());
  slope_.resize(map_->size());
  target_.resize(network.width(network.layer_count()));
  for (std::size_t l = 0; l < map_->layers(); ++l) {
    for (const double tau : network.tau_s[l]) rate_.push_back(1.0 / tau);
  }
}

ContinuousNetwork::~ContinuousNetwork() = default;

std::size_t ContinuousNetwork::size() const { return map_->size() * (slow_s_ > 0 ? 2 : 1); }

std::size_t ContinuousNetwork::first(std::size_t l) const {
  return static_cast<std::size_t>(map_->first(l - 1));
}

void ContinuousNetwork::set_input(Span<const double> x) { map_->set_input(*network_, x); }

void ContinuousNetwork::set_nudge(double beta, Span<const double> y) {
  map_->set_nudge(outside_ ? 0.0 : beta, y);
  beta_ = beta;
  if (!outside_ || beta == 0) return;
  if (y.size() != target_.size()) throw InternalError("a target does not fit the network");
  std::copy(y.begin(), y.end(), target_.begin());
}

void ContinuousNetwork::set_adaptation(double rate_per_s, Span<const double> held, bool driven) {
  adaptation_ = rate_per_s;
  driven_ = driven;
  if (rate_per_s == 0 || slow_s_ > 0) return;
  if (held.size() != rate_.size()) throw InternalError("held values do not fit the network");
  held_.assign(held.begin(), held.end());
}

std::size_t ContinuousNetwork::branches_at(const Connection&) const {
  throw InternalError("point neurons have no branches");
}

std::string ContinuousNetwork::state_name(std::size_t index) const {
  const std::size_t neuron = index % neurons();
  std::size_t l = 1;
  while (l < map_->layers() && first(l + 1) <= neuron) ++l;
  return fmt::format("layer {} neuron {}", l, neuron - first(l));
}

void ContinuousNetwork::activity(const double* v, double* r) {
  if (network_->config.dynamics == Dynamics::rate) {
    std::copy_n(v, rate_.size(), r);
  } else {
    map_->activity(*network_, v, r);
  }
}

void ContinuousNetwork::rhs(double /*t*/, const double* v, double* dvdt) {
  const std::size_t n = rate_.size();
  const std::size_t output = first(map_->layers());
  const std::size_t moving = driven_ ? (output_ == Phase::Output::free ? n : output) : 0;
  if (moving > 0) {
    const NetworkConfig& config = network_->config;
    activity(v, r_.data());
    map_->total(*network_, r_.data(), dvdt);
    if (config.dynamics == Dynamics::rate) {
      map_->activity(*network_, dvdt, dvdt);
    } else if (config.dynamics == Dynamics::energy) {
      for (std::size_t l = 0; l < map_->layers(); ++l) {
        const std::size_t at = first(l + 1);
        activation_slope(config.activation[l], v + at, r_.data() + at, slope_.data() + at,
                         static_cast<std::size_t>(map_->width(l)));
      }
      for (std::size_t i = 0; i < n; ++i) dvdt[i] *= slope_[i];
    }
    if (outside_ && beta_ != 0) {
      for (std::size_t i = output; i < n; ++i) dvdt[i] += beta_ * (target_[i - output] - v[i]);
    }
    for (std::size_t i = 0; i < n; ++i) dvdt[i] = rate_[i] * (dvdt[i] - v[i]);
  }
  for (std::size_t i = moving; i < n; ++i) dvdt[i] = 0.0;
  if (adaptation_ > 0) {
    const double* to = slow_s_ > 0 ? v + n : held_.data();
    const std::size_t adapting = output_ == Phase::Output::clamped ? output : n;
    for (std::size_t i = 0; i < adapting; ++i) dvdt[i] -= adaptation_ * (v[i] - to[i]);
  }
  if (slow_s_ > 0) {
    for (std::size_t i = 0; i < n; ++i) dvdt[n + i] = (v[i] - v[n + i]) / slow_s_;
  }
}

}  // namespace memprop::learning
