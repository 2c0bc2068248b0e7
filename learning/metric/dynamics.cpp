#include "learning/metric/dynamics.hpp"

#include <Eigen/Core>
#include <cmath>
#include <limits>

#include "learning/network/connection.hpp"
#include "learning/network/dendrites.hpp"
#include "learning/network/network_check.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

using Block = Eigen::MatrixXd;  // a column per sample
using Layers = std::vector<Block>;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const RowMajor> view(const Matrix& m) {
  return {m.data(), static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols())};
}

// The map of all samples at once, written with plain matrix products.
class BatchMap {
 public:
  BatchMap(const Network& network, const Matrix& inputs)
      : network_(network), samples_(static_cast<Eigen::Index>(inputs.rows())) {
    require_point_neurons(network.config, "where dynamics are measured");
    if (inputs.cols() != network.width(0)) throw InternalError("inputs do not fit the network");
    for (const Connection& c : connections(network)) {
      if (c.use == Connection::Use::inside) inside_.push_back(c);
    }
    bias_ = zero();
    bias_[0] =
        network.config.forward_gain[0] * (view(network.weight[0]) * view(inputs).transpose());
    for (std::size_t l = 0; l < bias_.size() && !network.bias.empty(); ++l) {
      bias_[l].colwise() += Eigen::Map<const Eigen::VectorXd>(
          network.bias[l].data(), static_cast<Eigen::Index>(network.bias[l].size()));
    }
  }

  Layers zero() const {
    Layers x;
    for (std::size_t l = 1; l <= recurrent_layers(network_.config); ++l) {
      x.push_back(Block::Zero(static_cast<Eigen::Index>(network_.width(l)), samples_));
    }
    return x;
  }

  // h = M r, plus the drive of input and biases where wanted.
  void product(const Layers& r, bool with_drive, Layers& h) const {
    for (std::size_t l = 0; l < h.size(); ++l) {
      if (with_drive) {
        h[l] = bias_[l];
      } else {
        h[l].setZero();
      }
    }
    for (const Connection& c : inside_) {
      if (c.from == 0) continue;
      const auto m = view(c.matrix(network_));
      if (c.transposed) {
        h[c.to - 1].noalias() += c.gain * (m.transpose() * r[c.from - 1]);
      } else {
        h[c.to - 1].noalias() += c.gain * (m * r[c.from - 1]);
      }
    }
  }

  void activity(const Layers& v, Layers& r) const {
    for (std::size_t l = 0; l < v.size(); ++l) {
      r[l] = membrane(v, l);
      activate(network_.config.activation[l], r[l].data(), r[l].data(),
               static_cast<std::size_t>(r[l].size()));
    }
  }
  // What the activation of layer index l acts on.
  Block membrane(const Layers& v, std::size_t l) const {
    if (network_.gain.empty()) return v[l];
    const auto& gain = network_.gain[l];
    return Eigen::Map<const Eigen::VectorXd>(gain.data(), v[l].rows()).asDiagonal() * v[l];
  }
  // dr/dv of layer index l.
  void slope(const Layers& v, std::size_t l, Block& slope) const {
    const Block x = membrane(v, l);
    Block r = x;
    const auto n = static_cast<std::size_t>(x.size());
    activate(network_.config.activation[l], x.data(), r.data(), n);
    activation_slope(network_.config.activation[l], x.data(), r.data(), slope.data(), n);
    if (network_.gain.empty()) return;
    slope.array().colwise() *= Eigen::Map<const Eigen::ArrayXd>(network_.gain[l].data(), x.rows());
  }

  Eigen::Index samples() const { return samples_; }

 private:
  const Network& network_;
  Eigen::Index samples_;
  std::vector<Connection> inside_;
  Layers bias_;
};

std::vector<Matrix> rows_per_sample(const Layers& r) {
  std::vector<Matrix> result;
  for (const Block& b : r) {
    Matrix m(static_cast<std::size_t>(b.cols()), static_cast<std::size_t>(b.rows()));
    for (Eigen::Index s = 0; s < b.cols(); ++s) {
      for (Eigen::Index i = 0; i < b.rows(); ++i) {
        m(static_cast<std::size_t>(s), static_cast<std::size_t>(i)) = b(i, s);
      }
    }
    result.push_back(std::move(m));
  }
  return result;
}

// Right-hand side of either form for all neurons; x is r or v.
class Flow {
 public:
  Flow(const Network& network, const Matrix& inputs, ContinuousForm form)
      : map_(network, inputs), form_(form), r_(map_.zero()), h_(map_.zero()) {
    for (std::size_t l = 0; l < r_.size(); ++l) {
      rate_.push_back(
          Eigen::Map<const Eigen::ArrayXd>(network.tau_s[l].data(),
                                           static_cast<Eigen::Index>(network.tau_s[l].size()))
              .inverse());
    }
  }
  Layers zero() const { return map_.zero(); }

  void rhs(const Layers& x, Layers& dx) {
    map_.product(activities(x), true, h_);
    for (std::size_t l = 0; l < x.size(); ++l) {
      if (form_ == ContinuousForm::membrane) {
        dx[l] = ((h_[l] - x[l]).array().colwise() * rate_[l]).matrix();
      }
    }
    if (form_ == ContinuousForm::membrane) return;
    map_.activity(h_, r_);
    for (std::size_t l = 0; l < x.size(); ++l) {
      dx[l] = ((r_[l] - x[l]).array().colwise() * rate_[l]).matrix();
    }
  }
  const Layers& activities(const Layers& x) {
    if (form_ == ContinuousForm::rate) return x;
    map_.activity(x, r_);
    return r_;
  }

 private:
  BatchMap map_;
  ContinuousForm form_;
  Layers r_, h_;
  std::vector<Eigen::ArrayXd> rate_;
};

}  // namespace

Settling settling_iterations(const Network& network, const Matrix& inputs,
                             const SettlingCriterion& criterion) {
  const BatchMap map(network, inputs);
  Layers r = map.zero(), next = r, h = r;
  map.activity(h, r);
  const auto samples = static_cast<std::size_t>(map.samples());
  Settling result;
  result.iteration.assign(samples, Settling::never);
  std::vector<std::size_t> row(samples, 0);
  std::size_t open = samples;
  for (std::size_t t = 0; t < criterion.limit && open > 0; ++t) {
    map.product(r, true, h);
    map.activity(h, next);
    Eigen::VectorXd change = Eigen::VectorXd::Zero(map.samples());
    for (std::size_t l = 0; l < r.size(); ++l) {
      change += (next[l] - r[l]).colwise().squaredNorm().transpose();
    }
    for (std::size_t s = 0; s < samples; ++s) {
      const bool small = std::sqrt(change[static_cast<Eigen::Index>(s)]) < criterion.tolerance;
      row[s] = small ? row[s] + 1 : 0;
      if (row[s] != criterion.in_a_row || result.iteration[s] != Settling::never) continue;
      result.iteration[s] = t;
      --open;
    }
    std::swap(r, next);
  }
  double sum = 0;
  for (const std::size_t t : result.iteration) {
    if (t != Settling::never) sum += static_cast<double>(t);
  }
  const std::size_t settled = samples - open;
  result.mean =
      settled > 0 ? sum / static_cast<double>(settled) : std::numeric_limits<double>::quiet_NaN();
  result.share = static_cast<double>(settled) / static_cast<double>(samples);
  return result;
}

double lyapunov_estimate(const Network& network, const Matrix& inputs, std::size_t iterations,
                         std::uint64_t seed) {
  const BatchMap map(network, inputs);
  const RandomStream stream(seed, "perturbation");
  Layers r = map.zero(), h = r, slope = r, d = r, pushed = r;
  map.activity(h, r);
  std::uint64_t index = 0;
  for (Block& b : d) {
    for (Eigen::Index i = 0; i < b.size(); ++i) b.data()[i] = stream.uniform(index++);
  }
  const auto norm = [&](const Layers& x) {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(map.samples());
    for (const Block& b : x) sum += b.colwise().squaredNorm().transpose();
    return Eigen::VectorXd(sum.cwiseSqrt());
  };
  Eigen::VectorXd before = norm(d);
  double sum = 0;
  for (std::size_t t = 0; t < iterations; ++t) {
    map.product(r, true, h);
    map.activity(h, r);
    map.product(d, false, pushed);
    for (std::size_t l = 0; l < r.size(); ++l) {
      map.slope(h, l, slope[l]);
      pushed[l].array() *= slope[l].array();
    }
    const Eigen::VectorXd after = norm(pushed);
    double growth = 0;
    for (Eigen::Index k = 0; k < after.size(); ++k) growth += std::log(after[k] / before[k]);
    sum += growth / static_cast<double>(after.size());
    for (std::size_t l = 0; l < r.size(); ++l) {
      d[l] = (pushed[l].array().rowwise() / after.transpose().array()).matrix();
    }
    before.setOnes();
  }
  return sum / static_cast<double>(iterations);
}

ContinuousSettling settling_time(const Network& network, const Matrix& inputs, ContinuousForm form,
                                 double tolerance, double length_s, double step_s) {
  Flow flow(network, inputs, form);
  Layers x = flow.zero(), k1 = x, k2 = x, k3 = x, k4 = x, at = x;
  const auto steps = static_cast<std::size_t>(std::ceil(length_s / step_s));
  const auto advance = [&](std::size_t count, const auto& visit) {
    for (Block& b : x) b.setZero();
    visit(0);
    for (std::size_t t = 1; t <= count; ++t) {
      const auto stage = [&](double h, const Layers& k) {
        for (std::size_t l = 0; l < x.size(); ++l) at[l] = x[l] + h * k[l];
      };
      flow.rhs(x, k1);
      stage(0.5 * step_s, k1);
      flow.rhs(at, k2);
      stage(0.5 * step_s, k2);
      flow.rhs(at, k3);
      stage(step_s, k3);
      flow.rhs(at, k4);
      for (std::size_t l = 0; l < x.size(); ++l) {
        x[l] += step_s / 6.0 * (k1[l] + 2.0 * k2[l] + 2.0 * k3[l] + k4[l]);
      }
      visit(t);
    }
  };
  Layers end;
  advance(steps, [&](std::size_t t) {
    if (t == steps) end = flow.activities(x);
  });
  ContinuousSettling result;
  std::size_t last_outside = 0;
  Layers before = end;  // one step earlier: what still moves
  advance(steps, [&](std::size_t t) {
    const Layers& r = flow.activities(x);
    double worst = 0;
    for (std::size_t l = 0; l < r.size(); ++l) {
      worst = std::max(worst, (r[l] - end[l]).cwiseAbs().maxCoeff());
    }
    if (worst > tolerance) last_outside = t + 1;
    if (t + 1 == steps) before = r;
  });
  for (std::size_t l = 0; l < end.size(); ++l) {
    result.residual = std::max(result.residual, (before[l] - end[l]).cwiseAbs().maxCoeff());
  }
  result.time_s = static_cast<double>(last_outside) * step_s;
  result.end = rows_per_sample(end);
  return result;
}

std::vector<Matrix> map_states(const Network& network, const Matrix& inputs,
                               std::size_t iterations) {
  const BatchMap map(network, inputs);
  Layers h = map.zero(), r = h;
  map.activity(h, r);
  for (std::size_t t = 0; t < iterations; ++t) {
    map.product(r, true, h);
    map.activity(h, r);
  }
  return rows_per_sample(r);
}

double linear_settling_estimate(double spectral_radius, double slope, double eps, double tau_s) {
  const double rate = 1.0 - spectral_radius * slope;
  return rate > 0 ? tau_s * std::log(1.0 / eps) / rate : std::numeric_limits<double>::infinity();
}

double cascade_settling_estimate(std::size_t layers, double eps, double tau_s) {
  const auto remainder = [&](double t) {
    double term = std::exp(-t), sum = 0;
    for (std::size_t k = 0; k < layers; ++k) {
      sum += term;
      term *= t / static_cast<double>(k + 1);
    }
    return sum;
  };
  double low = 0, high = 1;
  while (remainder(high) > eps) high *= 2;
  for (int k = 0; k < 80; ++k) {
    const double middle = 0.5 * (low + high);
    (remainder(middle) > eps ? low : high) = middle;
  }
  return tau_s * high;
}

}  // namespace memprop::learning
