#include "learning/reference/dendritic_dynamics.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::learning {

DendriticDynamics::DendriticDynamics(const Network& network, double slow_s)
    : network_(&network), slow_s_(slow_s) {
  const NetworkConfig& config = network.config;
  const DendriteConfig& d = config.dendrites;
  const std::size_t layers = network.layer_count();
  for (std::size_t l = 1; l <= layers; ++l) {
    first_.push_back(neurons_);
    neurons_ += network.width(l);
    for (const double tau : network.tau_s[l - 1]) rate_.push_back(1.0 / tau);
  }
  size_ = signals_ = neurons_;
  for (std::size_t l = 1; l <= layers; ++l) {
    add(network.weight[l - 1], network.bias.empty() ? nullptr : &network.bias[l - 1], l - 1, l,
        d.basal_branches, config.forward_gain[l - 1], d.basal_tau_s);
  }
  for (std::size_t l = 1; l <= network.feedback.size(); ++l) {
    add(network.feedback[l - 1], nullptr, l + 1, l, d.apical_branches, config.feedback_gain[l - 1],
        d.apical_tau_s);
  }
  slow_ = size_;
  if (slow_s_ > 0) size_ += neurons_;
  r_.resize(signals_);
  target_.resize(signals_);
}

void DendriticDynamics::add(const Matrix& weight, const std::vector<double>* bias, std::size_t from,
                            std::size_t to, std::size_t each, double gain, double tau_s) {
  Branches b;
  b.weight = &weight;
  b.bias = bias;
  b.from = from;
  b.to = to;
  b.each = each;
  b.gain = gain / static_cast<double>(each);
  b.signal = signals_;
  signals_ += weight.rows();
  if (tau_s > 0) {
    b.rate = 1.0 / tau_s;
    b.state = size_;
    size_ += weight.rows();
  }
  branches_.push_back(b);
}

void DendriticDynamics::set_input(Span<const double> x) {
  if (x.size() != network_->width(0)) throw InternalError("an input does not fit the network");
  Branches& b = branches_.front();
  b.input.resize(b.weight->rows());
  for (std::size_t i = 0; i < b.input.size(); ++i) {
    double sum = b.bias != nullptr ? (*b.bias)[i] : 0.0;
    const double* w = b.weight->row(i).data();
    for (std::size_t j = 0; j < x.size(); ++j) sum += w[j] * x[j];
    b.input[i] = sum;
  }
}

void DendriticDynamics::set_nudge(double beta, Span<const double> y) {
  beta_ = beta;
  if (beta == 0) return;
  if (y.size() != network_->width(network_->layer_count())) {
    throw InternalError("a target does not fit the network");
  }
  y_.assign(y.begin(), y.end());
}

void DendriticDynamics::set_output(Phase::Output output) {
  if (output != Phase::Output::free) throw InternalError("a clamped output layer with branches");
}

void DendriticDynamics::set_adaptation(double rate_per_s, Span<const double> held, bool driven) {
  adaptation_ = rate_per_s;
  driven_ = driven;
  if (rate_per_s == 0 || slow_s_ > 0) return;
  if (held.size() != neurons_) throw InternalError("held values do not fit the network");
  held_.assign(held.begin(), held.end());
}

const DendriticDynamics::Branches& DendriticDynamics::of(const Connection& c) const {
  for (const Branches& b : branches_) {
    if (b.to == c.to && b.from == c.from) return b;
  }
  throw InternalError("a connection without branches");
}

std::size_t DendriticDynamics::branches_at(const Connection& connection) const {
  return of(connection).signal;
}

std::size_t DendriticDynamics::branch_states_at(const Connection& connection) const {
  const Branches& b = of(connection);
  return b.rate > 0 ? b.state : size_;
}

std::string DendriticDynamics::state_name(std::size_t index) const {
  for (const Branches& b : branches_) {
    if (b.rate == 0 || index < b.state || index >= b.state + b.weight->rows()) continue;
    return fmt::format("layer {} {} branch {}", b.to, b.from < b.to ? "basal" : "apical",
                       index - b.state);
  }
  const std::size_t neuron = index < neurons_ ? index : index - slow_;
  std::size_t l = first_.size();
  while (l > 1 && first_[l - 1] > neuron) --l;
  return fmt::format("layer {} neuron {}", l, neuron - first_[l - 1]);
}

// What the branches tend to with activities r.
void DendriticDynamics::follow(const Branches& b, const double* r, double* z) const {
  if (b.from == 0) {
    std::copy(b.input.begin(), b.input.end(), z);
    return;
  }
  const double* from = r + first_[b.from - 1];
  for (std::size_t i = 0; i < b.weight->rows(); ++i) {
    double sum = b.bias != nullptr ? (*b.bias)[i] : 0.0;
    const double* w = b.weight->row(i).data();
    for (std::size_t j = 0; j < b.weight->cols(); ++j) sum += w[j] * from[j];
    z[i] = sum;
  }
}

void DendriticDynamics::refresh(const double* v, double* r) {
  for (std::size_t l = 0; l < first_.size(); ++l) {
    activate(network_->config.activation[l], v + first_[l], r + first_[l], network_->width(l + 1));
  }
  for (const Branches& b : branches_) {
    follow(b, r, target_.data() + b.signal);
    const double* now = b.rate > 0 ? v + b.state : target_.data() + b.signal;
    std::copy_n(now, b.weight->rows(), r + b.signal);
  }
}

void DendriticDynamics::activity(const double* v, double* r) { refresh(v, r); }

void DendriticDynamics::rhs(double /*t*/, const double* v, double* dvdt) {
  refresh(v, r_.data());
  std::fill_n(dvdt, neurons_, 0.0);
  const bool moving = driven_ || adaptation_ > 0;
  for (const Branches& b : branches_) {
    const double* z = r_.data() + b.signal;
    double* drive = dvdt + first_[b.to - 1];
    for (std::size_t i = 0; i < b.weight->rows(); ++i) {
      // In this order, so that what is no number stays none.
      drive[i / b.each] += b.gain * (z[i] < 0 ? 0.0 : z[i]);
      if (b.rate == 0) continue;
      dvdt[b.state + i] = moving ? b.rate * (target_[b.signal + i] - v[b.state + i]) : 0.0;
    }
    if (!network_->feedback.empty() || b.from == 0) continue;
    // Tied feedback: back through the branches that are above 0.
    const double share = network_->config.feedback_gain[b.from - 1] / static_cast<double>(b.each);
    const double* above = r_.data() + first_[b.to - 1];
    double* below = dvdt + first_[b.from - 1];
    for (std::size_t i = 0; i < b.weight->rows(); ++i) {
      if (z[i] <= 0) continue;
      const double* w = b.weight->row(i).data();
      for (std::size_t j = 0; j < b.weight->cols(); ++j)
        below[j] += share * w[j] * above[i / b.each];
    }
  }
  for (const Link& link : network_->links) {
    const bool tied = link.tied_to != Link::not_tied;
    const Matrix& w = tied ? network_->links[link.tied_to].weight : link.weight;
    const double* from = r_.data() + first_[link.from - 1];
    double* drive = dvdt + first_[link.to - 1];
    for (std::size_t i = 0; i < w.rows(); ++i) {
      for (std::size_t j = 0; j < w.cols(); ++j) {
        if (tied) {
          drive[j] += link.gain * w(i, j) * from[i];
        } else {
          drive[i] += link.gain * w(i, j) * from[j];
        }
      }
    }
  }
  if (beta_ != 0) {
    const std::size_t top = first_.back();
    for (std::size_t i = 0; i < y_.size(); ++i) dvdt[top + i] += beta_ * (y_[i] - r_[top + i]);
  }
  for (std::size_t i = 0; i < neurons_; ++i) {
    dvdt[i] = driven_ ? rate_[i] * (dvdt[i] - v[i]) : 0.0;
  }
  if (adaptation_ > 0) {
    const double* to = slow_s_ > 0 ? v + slow_ : held_.data();
    for (std::size_t i = 0; i < neurons_; ++i) dvdt[i] -= adaptation_ * (v[i] - to[i]);
  }
  if (slow_s_ == 0) return;
  for (std::size_t i = 0; i < neurons_; ++i) dvdt[slow_ + i] = (v[i] - v[slow_ + i]) / slow_s_;
}

}  // namespace memprop::learning
