#include "learning/reference/internal/dense_optimiser.hpp"

#include <algorithm>

#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::internal {

DenseOptimiser::DenseOptimiser(const Network& network, const LearningConfig& learning)
    : config_(learning.optimiser), rate_(layer_rates(learning, network.layer_count())) {
  std::size_t n = 0;
  for (const Matrix& w : network.weight) n += w.size();
  for (const Link& link : network.links) n += link.trained() ? link.weight.size() : 0;
  for (const auto& b : network.bias) n += b.size();
  if (network.config.train_feedback) {
    for (const Matrix& f : network.feedback) n += f.size();
  }
  if (config_.has_first()) first_.assign(n, 0.0);
  if (config_.has_second()) second_.assign(n, 0.0);
}

void DenseOptimiser::step(const double* wanted, double* weight, std::size_t n, double rate,
                          std::size_t& at) {
  optimiser_step(config_, updates_, rate, wanted, weight,
                 first_.empty() ? nullptr : first_.data() + at,
                 second_.empty() ? nullptr : second_.data() + at, n);
  at += n;
}

void DenseOptimiser::apply(const Gradient& wanted, Network& network) {
  ++updates_;
  std::size_t at = 0;
  for (std::size_t l = 0; l < network.weight.size(); ++l) {
    step(wanted.weight[l].data(), network.weight[l].data(), network.weight[l].size(), rate_[l], at);
  }
  for (std::size_t k = 0; k < network.links.size(); ++k) {
    Link& link = network.links[k];
    if (!link.trained()) continue;
    step(wanted.links[k].data(), link.weight.data(), link.weight.size(), rate_[link.to - 1], at);
  }
  for (std::size_t l = 0; l < network.bias.size(); ++l) {
    step(wanted.bias[l].data(), network.bias[l].data(), network.bias[l].size(), rate_[l], at);
  }
  // Feedback into layer l learns at the rate of the weights that leave it. The way of a readout's
  // error is no feedback that learns: nothing is wanted of it.
  for (std::size_t l = 0; l < wanted.feedback.size(); ++l) {
    if (wanted.feedback[l].size() == 0) continue;
    Matrix& f = network.feedback[l];
    step(wanted.feedback[l].data(), f.data(), f.size(), rate_[l + 1], at);
  }
}

void DenseOptimiser::save(TrainingState& state) const {
  state.updates = updates_;
  state.optimiser = first_;
  state.optimiser.insert(state.optimiser.end(), second_.begin(), second_.end());
}

void DenseOptimiser::load(const TrainingState& state) {
  if (state.optimiser.size() != first_.size() + second_.size()) {
    throw InternalError("the optimiser's saved state does not fit the network");
  }
  updates_ = state.updates;
  const auto middle = state.optimiser.begin() + static_cast<std::ptrdiff_t>(first_.size());
  std::copy(state.optimiser.begin(), middle, first_.begin());
  std::copy(middle, state.optimiser.end(), second_.begin());
}

}  // namespace memprop::learning::internal
