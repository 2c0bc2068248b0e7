#include "analog/fit/device_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "analog/fit/minimise.hpp"

namespace memprop::analog::fit {
namespace {

constexpr double kChiSquare95 = 3.841458820694124;  // one degree of freedom
constexpr double kNormal95 = 1.959963984540054;
// Evidence for an end of the window: more than one short step that came last can give by chance.
constexpr double kReachedEnd = 10.0;
constexpr double kUnidentified = 1e30;  // variance

// The likelihood of one device as a function of search coordinates: logarithms of the positive
// parameters.
class Problem {
 public:
  Problem(const PulseModel& model, const std::vector<const PulseTrain*>& trains)
      : model_(model), trains_(trains), summary_(summarise(trains)) {
    const Start start = model.start(summary_);
    for (std::size_t i = 0; i < size(); ++i) {
      const auto convert = [&](double v) { return positive(i) ? std::log(v) : v; };
      box_.low.push_back(convert(start.low[i]));
      box_.high.push_back(convert(start.high[i]));
      const double inside = std::clamp(start.value[i], start.low[i], start.high[i]);
      start_.push_back(convert(inside));
    }
    for (const PulseTrain* train : trains) {
      for (const Reading& r : train->readings) readings_ += r.starts ? 0 : 1;
    }
  }

  std::size_t size() const { return model_.parameters().size(); }
  const Parameter& parameter(std::size_t i) const { return model_.parameters()[i]; }
  bool positive(std::size_t i) const { return parameter(i).positive; }
  const Summary& summary() const { return summary_; }
  const Box& box() const { return box_; }
  const std::vector<double>& start() const { return start_; }
  std::size_t readings() const { return readings_; }

  // Within the fit: conductances in units of the summary.
  double inner_value(std::size_t i, double x) const { return positive(i) ? std::exp(x) : x; }
  // In siemens.
  double value(std::size_t i, double x) const {
    return inner_value(i, x) * (parameter(i).conductance ? summary_.unit_s : 1.0);
  }
  double value_slope(std::size_t i, double x) const {
    const double unit = parameter(i).conductance ? summary_.unit_s : 1.0;
    return positive(i) ? unit * std::exp(x) : unit;
  }

  double operator()(const std::vector<double>& x) const {
    std::vector<double> values(size());
    for (std::size_t i = 0; i < size(); ++i) values[i] = inner_value(i, x[i]);
    const auto response = model_.response(values);
    double sum = 0.0;
    for (const PulseTrain* train : trains_)
      sum -= log_likelihood(*response, *train, summary_.unit_s);
    return sum;
  }

 private:
  const PulseModel& model_;
  const std::vector<const PulseTrain*>& trains_;
  Summary summary_;
  Box box_;
  std::vector<double> start_;
  std::size_t readings_ = 0;
};

class Fitter {
 public:
  Fitter(const PulseModel& model, const std::vector<const PulseTrain*>& trains)
      : problem_(model, trains), free_(problem_.size(), true), fixed_(problem_.size(), false) {
    objective_ = [this](const std::vector<double>& x) { return problem_(x); };
    for (std::size_t i = 0; i < problem_.size(); ++i) {
      const Role role = problem_.parameter(i).role;
      const bool up = role == Role::up || role == Role::high_clip;
      const bool down = role == Role::down || role == Role::low_clip;
      if ((up && !problem_.summary().has_up) || (down && !problem_.summary().has_down)) {
        free_[i] = false;
      }
    }
  }

  DeviceFit run(bool with_intervals) {
    optimise();
    fix_window_ends();
    DeviceFit fit;
    if (with_intervals) {
      // A better optimum met on the way starts the intervals over.
      for (int attempt = 0; attempt < 3; ++attempt) {
        improved_ = false;
        measure();
        fit.estimates = intervals();
        if (!improved_) break;
        optimise_from({best_.x});
      }
    } else {
      measure();
      for (std::size_t i = 0; i < problem_.size(); ++i) {
        const double value = problem_.value(i, best_.x[i]);
        fit.estimates.push_back({value, value, value, Known::identified});
      }
    }
    fit.covariance = covariance(fit.estimates);
    fit.readings = problem_.readings();
    fit.log_likelihood =
        -best_.value - static_cast<double>(fit.readings) * std::log(problem_.summary().unit_s);
    for (const bool is_free : free_) fit.parameters += is_free ? 1 : 0;
    fit.converged = best_.converged;
    return fit;
  }

 private:
  // Noise can be laid to either side; both are tried.
  void optimise() {
    std::vector<std::vector<double>> starts;
    for (const double share : {1.0, 0.1, 4.0}) {
      std::vector<double> x = problem_.start();
      x.back() += std::log(share);
      starts.push_back(x);
    }
    optimise_from(starts);
  }

  void optimise_from(const std::vector<std::vector<double>>& starts) {
    bool first = true;
    for (const auto& start : starts) {
      const Minimum found = minimise(objective_, problem_.box(), start, free_, {1e-4, 100, {}});
      if (first || found.value < best_.value) best_ = found;
      first = false;
    }
    for (int k = 0; k < 3; ++k) {
      const auto curvature = hessian(objective_, problem_.box(), best_.x, free_);
      const double before = best_.value;
      best_ = minimise(objective_, problem_.box(), best_.x, free_, {1e-7, 100, curvature});
      if (before - best_.value < 1e-4) break;
    }
    hessian_ = hessian(objective_, problem_.box(), best_.x, free_);
  }

  Minimum profile(std::size_t i, double x, std::vector<double> start) {
    std::vector<bool> others = free_;
    others[i] = false;
    start[i] = x;
    Minimum found =
        minimise(objective_, problem_.box(), std::move(start), others, {1e-3, 60, hessian_});
    if (found.value < best_.value - 1e-3) {
      best_ = found;
      improved_ = true;
    }
    return found;
  }

  double drop(const Minimum& found) const { return 2.0 * std::max(found.value - best_.value, 0.0); }

  void fix_window_ends() {
    bool any = false;
    for (std::size_t i = 0; i < problem_.size(); ++i) {
      const Role role = problem_.parameter(i).role;
      if (role != Role::low_clip && role != Role::high_clip) continue;
      const bool high = role == Role::high_clip;
      const double edge = high ? problem_.box().high[i] : problem_.box().low[i];
      // Pulses that never met the end say the same of all ends beyond.
      if (free_[i] && drop(profile(i, edge, best_.x)) >= kReachedEnd) continue;
      free_[i] = false;
      fixed_[i] = any = true;
    }
    if (!any) return;
    std::vector<double> x = best_.x;
    for (std::size_t i = 0; i < problem_.size(); ++i) {
      if (!fixed_[i]) continue;
      const Summary& s = problem_.summary();
      x[i] = problem_.parameter(i).role == Role::high_clip ? s.high : s.low;
    }
    std::vector<double> fresh = problem_.start();
    for (std::size_t i = 0; i < problem_.size(); ++i) {
      if (fixed_[i]) fresh[i] = x[i];
    }
    optimise_from({x, fresh});
  }

  // Inverse of the observed information in the search coordinates.
  void measure() {
    const std::size_t n = problem_.size();
    const std::vector<double>& h = hessian_;
    std::vector<std::size_t> index;
    for (std::size_t i = 0; i < n; ++i) {
      if (free_[i]) index.push_back(i);
    }
    const auto size = static_cast<Eigen::Index>(index.size());
    Eigen::MatrixXd m(size, size);
    for (Eigen::Index a = 0; a < size; ++a) {
      for (Eigen::Index b = 0; b < size; ++b) {
        m(a, b) = h[index[static_cast<std::size_t>(a)] * n + index[static_cast<std::size_t>(b)]];
      }
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(m);
    const Eigen::VectorXd inverse = solver.eigenvalues().cwiseMax(1e-8).cwiseInverse();
    const Eigen::MatrixXd c =
        solver.eigenvectors() * inverse.asDiagonal() * solver.eigenvectors().transpose();
    inverse_.assign(n * n, 0.0);
    for (Eigen::Index a = 0; a < size; ++a) {
      for (Eigen::Index b = 0; b < size; ++b) {
        inverse_[index[static_cast<std::size_t>(a)] * n + index[static_cast<std::size_t>(b)]] =
            c(a, b);
      }
    }
  }

  struct Limit {
    double x;
    bool open;
  };

  Limit limit(std::size_t i, double sign) {
    const double centre = best_.x[i];
    const double edge = sign > 0 ? problem_.box().high[i] : problem_.box().low[i];
    const double room = std::fabs(edge - centre);
    if (room < 1e-9) return {edge, true};
    const double error = std::sqrt(inverse_[i * problem_.size() + i]);
    double inner = 0.0, inner_root = 0.0;
    double outer = std::min(kNormal95 * std::clamp(error, 1e-7, 0.25 * room), room);
    Minimum at = profile(i, centre + sign * outer, best_.x);
    double root = std::sqrt(drop(at));
    while (root < kNormal95) {
      if (outer >= room) return {edge, true};
      inner = outer;
      inner_root = root;
      const double growth = std::clamp(kNormal95 / std::max(root, 0.1) * 1.1, 1.1, 4.0);
      outer = std::min(outer * growth, room);
      at = profile(i, centre + sign * outer, at.x);
      root = std::sqrt(drop(at));
    }
    for (int k = 0; k < 12 && std::fabs(root - kNormal95) > 0.01; ++k) {
      // The root of the drop is nearly a straight line.
      const double share = std::clamp((kNormal95 - inner_root) / (root - inner_root), 0.05, 0.95);
      const double middle = inner + share * (outer - inner);
      const Minimum next = profile(i, centre + sign * middle, at.x);
      const double next_root = std::sqrt(drop(next));
      if (std::fabs(next_root - kNormal95) <= 0.01) {
        outer = middle;
        break;
      }
      if (next_root < kNormal95) {
        inner = middle;
        inner_root = next_root;
      } else {
        outer = middle;
        root = next_root;
        at = next;
      }
    }
    return {centre + sign * outer, false};
  }

  std::vector<Estimate> intervals() {
    std::vector<Estimate> out;
    for (std::size_t i = 0; i < problem_.size(); ++i) {
      Estimate e;
      e.value = problem_.value(i, best_.x[i]);
      if (!free_[i]) {
        e.low = problem_.value(i, problem_.box().low[i]);
        e.high = problem_.value(i, problem_.box().high[i]);
        e.known = fixed_[i] ? Known::extreme : Known::unknown;
      } else {
        const Limit low = limit(i, -1.0);
        const Limit high = limit(i, 1.0);
        e.value = problem_.value(i, best_.x[i]);
        e.low = problem_.value(i, low.x);
        e.high = problem_.value(i, high.x);
        e.known = low.open ? (high.open ? Known::unknown : Known::below)
                           : (high.open ? Known::above : Known::identified);
      }
      out.push_back(e);
      if (improved_) {  // to be done again
        out.resize(problem_.size(), e);
        return out;
      }
    }
    return out;
  }

  std::vector<double> covariance(const std::vector<Estimate>& estimates) const {
    const std::size_t n = problem_.size();
    std::vector<double> out(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        out[i * n + j] = inverse_[i * n + j] * problem_.value_slope(i, best_.x[i]) *
                         problem_.value_slope(j, best_.x[j]);
      }
      const double unit = problem_.parameter(i).conductance ? problem_.summary().unit_s : 1.0;
      if (estimates[i].known == Known::unknown || estimates[i].known == Known::extreme) {
        out[i * n + i] = kUnidentified * unit * unit;
      }
    }
    return out;
  }

  Problem problem_;
  Objective objective_;
  std::vector<bool> free_, fixed_;
  Minimum best_;
  bool improved_ = false;
  std::vector<double> hessian_, inverse_;  // in the search coordinates
};

}  // namespace

std::vector<double> DeviceFit::values() const {
  std::vector<double> out;
  for (const Estimate& e : estimates) out.push_back(e.value);
  return out;
}

DeviceFit fit_device(const PulseModel& model, const std::vector<const PulseTrain*>& trains,
                     bool with_intervals) {
  return Fitter(model, trains).run(with_intervals);
}

}  // namespace memprop::analog::fit
