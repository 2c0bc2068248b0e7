#include "learning/reference/internal/dense_map.hpp"

#include <cmath>

#include "learning/network/network_check.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::internal {

DenseMap::DenseMap(const NetworkConfig& config) {
  Eigen::Index position = 0;
  for (std::size_t l = 0; l < recurrent_layers(config); ++l) {
    first_.push_back(position);
    width_.push_back(static_cast<Eigen::Index>(config.layers[l + 1]));
    position += width_.back();
  }
  size_ = static_cast<std::size_t>(position);
  drive_ = Eigen::VectorXd::Zero(width_.front());
  const auto n_out = static_cast<Eigen::Index>(config.layers.back());
  target_ = Eigen::VectorXd::Zero(n_out);
  error_ = Eigen::VectorXd::Zero(n_out);
}

void DenseMap::set_input(const Network& network, Span<const double> x) {
  if (x.size() != network.width(0)) throw InternalError("an input does not fit the network");
  drive_.noalias() = network.config.forward_gain.front() * (view(network.weight.front()) * view(x));
  if (!network.bias.empty()) drive_ += view(network.bias.front());
}

void DenseMap::set_nudge(double beta, Span<const double> y) {
  beta_ = beta;
  if (beta == 0) return;
  if (static_cast<Eigen::Index>(y.size()) != target_.size()) {
    throw InternalError("a target does not fit the network");
  }
  target_ = view(y);
}

void DenseMap::activity(const Network& network, const double* v, double* r) const {
  for (std::size_t l = 0; l < layers(); ++l) {
    activate(network.config.activation[l], membrane(network, l, v), r + first_[l],
             static_cast<std::size_t>(width_[l]));
  }
}

void DenseMap::slope(const Network& network, const double* v, const double* r,
                     double* slope) const {
  for (std::size_t l = 0; l < layers(); ++l) {
    activation_slope(network.config.activation[l], membrane(network, l, v), r + first_[l],
                     slope + first_[l], static_cast<std::size_t>(width_[l]));
    if (network.gain.empty()) continue;
    Eigen::Map<Eigen::VectorXd>(slope + first_[l], width_[l]).array() *=
        view(network.gain[l]).array();
  }
}

// What layer index l's activation acts on.
const double* DenseMap::membrane(const Network& network, std::size_t l, const double* v) const {
  if (network.gain.empty()) return v + first_[l];
  scaled_.resize(width_[l]);
  scaled_.array() = view(network.gain[l]).array() * VectorView(v + first_[l], width_[l]).array();
  return scaled_.data();
}

void DenseMap::output(const Network& network, const double* r, Eigen::VectorXd& out) const {
  const std::size_t top = layers() - 1;
  const VectorView r_top(r + first_[top], width_[top]);
  if (network.config.readout == Readout::squared_error) {
    out = r_top;
    return;
  }
  out.noalias() = view(network.weight.back()) * r_top;
  if (!network.bias.empty()) out += view(network.bias.back());
  out.array() -= out.maxCoeff();
  out = out.array().exp();
  out /= out.sum();
}

double DenseMap::loss(const Eigen::VectorXd& output, Span<const double> y, Readout readout) const {
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double p = output[static_cast<Eigen::Index>(i)];
    if (readout == Readout::softmax) {
      if (y[i] != 0) sum -= y[i] * std::log(p);
    } else {
      sum += 0.5 * (y[i] - p) * (y[i] - p);
    }
  }
  return sum;
}

void DenseMap::transposed(const Network& network, const Eigen::VectorXd& x,
                          Eigen::VectorXd& out) const {
  const NetworkConfig& config = network.config;
  const auto part = [&](std::size_t l) { return x.segment(first_[l], width_[l]); };
  out.setZero(static_cast<Eigen::Index>(size_));
  for (std::size_t l = 0; l < layers(); ++l) {
    auto sum = out.segment(first_[l], width_[l]);
    if (l + 1 < layers()) {
      sum.noalias() +=
          config.forward_gain[l + 1] * (view(network.weight[l + 1]).transpose() * part(l + 1));
    }
    if (l == 0) continue;
    const double gain = config.feedback_gain[l - 1];
    if (network.feedback.empty()) {
      sum.noalias() += gain * (view(network.weight[l]) * part(l - 1));
    } else {
      sum.noalias() += gain * (view(network.feedback[l - 1]).transpose() * part(l - 1));
    }
  }
  for (const Link& link : network.links) {
    auto sum = out.segment(first_[link.from - 1], width_[link.from - 1]);
    if (link.tied_to == Link::not_tied) {
      sum.noalias() += link.gain * (view(link.weight).transpose() * part(link.to - 1));
    } else {
      sum.noalias() += link.gain * (view(network.links[link.tied_to].weight) * part(link.to - 1));
    }
  }
}

void DenseMap::total(const Network& network, const double* r, double* out) {
  const std::size_t top = layers() - 1;
  for (std::size_t l = 0; l <= top; ++l) {
    Eigen::Map<Eigen::VectorXd> sum(out + first_[l], width_[l]);
    if (l == 0) {
      sum = drive_;
    } else {
      sum.noalias() = network.config.forward_gain[l] *
                      (view(network.weight[l]) * VectorView(r + first_[l - 1], width_[l - 1]));
      if (!network.bias.empty()) sum += view(network.bias[l]);
    }
    if (l < top) {
      const VectorView above(r + first_[l + 1], width_[l + 1]);
      const double gain = network.config.feedback_gain[l];
      if (network.feedback.empty()) {
        sum.noalias() += gain * (view(network.weight[l + 1]).transpose() * above);
      } else {
        sum.noalias() += gain * (view(network.feedback[l]) * above);
      }
    }
  }
  for (const Link& link : network.links) {
    Eigen::Map<Eigen::VectorXd> sum(out + first_[link.to - 1], width_[link.to - 1]);
    const VectorView sender(r + first_[link.from - 1], width_[link.from - 1]);
    if (link.tied_to == Link::not_tied) {
      sum.noalias() += link.gain * (view(link.weight) * sender);
    } else {
      sum.noalias() += link.gain * (view(network.links[link.tied_to].weight).transpose() * sender);
    }
  }
  if (beta_ == 0) return;
  output(network, r, error_);
  error_ = beta_ * (target_ - error_);
  Eigen::Map<Eigen::VectorXd> sum(out + first_[top], width_[top]);
  if (network.config.readout == Readout::squared_error) {
    sum += error_;
  } else if (network.feedback.empty()) {
    sum.noalias() += view(network.weight.back()).transpose() * error_;
  } else {
    sum.noalias() += view(network.feedback.back()) * error_;
  }
}

}  // namespace memprop::learning::internal
