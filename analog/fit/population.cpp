#include "analog/fit/population.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "solvers/error.hpp"

namespace memprop::analog::fit {
namespace {

constexpr double kChiSquare95 = 3.841458820694124;

// 97.5 % quantile of Student's distribution; beyond the table the expansion of Abramowitz and
// Stegun 26.7.5.
double student(std::size_t degrees) {
  static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571};
  if (degrees >= 1 && degrees <= 5) return table[degrees - 1];
  const double z = 1.959963984540054, n = static_cast<double>(degrees);
  return z + (z * z * z + z) / (4 * n) +
         (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
}

struct Pooled {
  double mean, weight, log_likelihood;  // weight: 1/variance of the mean
};

Pooled pooled(const std::vector<double>& t, const std::vector<double>& v, double tau) {
  double weight = 0.0, sum = 0.0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const double w = 1.0 / (v[i] + tau * tau);
    weight += w;
    sum += w * t[i];
  }
  const double mean = sum / weight;
  double log_likelihood = -0.5 * std::log(weight);
  for (std::size_t i = 0; i < t.size(); ++i) {
    const double total = v[i] + tau * tau, d = t[i] - mean;
    log_likelihood -= 0.5 * (std::log(total) + d * d / total);
  }
  return {mean, weight, log_likelihood};
}

bool informative(const Estimate& e) {
  return e.known != Known::unknown && e.known != Known::extreme;
}

Estimate over_devices(const std::vector<DeviceFit>& fits, std::size_t i) {
  std::vector<double> value, variance, all;
  const std::size_t n = fits[0].estimates.size();
  for (const DeviceFit& f : fits) {
    all.push_back(f.estimates[i].value);
    if (!informative(f.estimates[i])) continue;
    value.push_back(f.estimates[i].value);
    variance.push_back(f.covariance[i * n + i]);
  }
  if (value.size() >= 2) return mean_and_spread(value, variance).mean;
  for (const DeviceFit& f : fits) {
    if (value.size() == 1 && informative(f.estimates[i])) return f.estimates[i];
  }
  Estimate e = fits[0].estimates[i];
  e.value = 0.0;
  for (const double x : all) e.value += x / static_cast<double>(all.size());
  return e;
}

// The deviates of one device with their variances, by differences of the parameters.
struct Spreadable {
  std::string key;
  double value, variance;
};

std::vector<Spreadable> spreadable(const PulseModel& model, const DeviceFit& fit,
                                   const std::vector<double>& population) {
  const std::vector<double> at = fit.values();
  const std::vector<Deviate> centre = model.deviates(at, population);
  const std::size_t n = at.size();
  std::vector<std::vector<double>> slope(centre.size(), std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> moved = at;
    const double h = 1e-5 * std::max(std::fabs(at[i]), 1e-3 * std::fabs(population[i]) + 1e-30);
    moved[i] += h;
    const std::vector<Deviate> there = model.deviates(moved, population);
    for (std::size_t k = 0; k < centre.size(); ++k) {
      slope[k][i] = (there[k].value - centre[k].value) / h;
    }
  }
  std::vector<Spreadable> out;
  for (std::size_t k = 0; k < centre.size(); ++k) {
    double variance = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        variance += slope[k][i] * slope[k][j] * fit.covariance[i * n + j];
      }
    }
    out.push_back({centre[k].key, centre[k].value, std::max(variance, 0.0)});
  }
  return out;
}

std::vector<SpreadEstimate> spreads(const PulseModel& model, const std::vector<DeviceFit>& fits,
                                    const std::vector<double>& population) {
  constexpr double kTooUncertain = 1e3;  // variance of a deviate that says nothing
  std::vector<std::vector<Spreadable>> all;
  for (const DeviceFit& f : fits) all.push_back(spreadable(model, f, population));
  std::vector<SpreadEstimate> out;
  std::vector<std::size_t> count;
  for (std::size_t k = 0; k < all[0].size(); ++k) {
    std::vector<double> value, variance;
    for (const auto& device : all) {
      if (!(device[k].variance < kTooUncertain)) continue;
      value.push_back(device[k].value);
      variance.push_back(device[k].variance);
    }
    const Estimate e = value.size() >= 2 ? mean_and_spread(value, variance).spread
                                         : Estimate{0.0, 0.0, INFINITY, Known::unknown};
    const auto same = std::find_if(out.begin(), out.end(),
                                   [&](const SpreadEstimate& s) { return s.key == all[0][k].key; });
    if (same == out.end()) {
      out.push_back({all[0][k].key, e});
      count.push_back(1);
      continue;
    }
    // A second direction of the same spread: the mean of the variances.
    Estimate& s = same->estimate;
    if (e.known == Known::unknown) continue;
    if (s.known == Known::unknown) {
      s = e;
      continue;
    }
    const auto join = [](double a, double b) { return std::sqrt(0.5 * (a * a + b * b)); };
    s = {join(s.value, e.value), join(s.low, e.low), join(s.high, e.high), s.known};
  }
  return out;
}

}  // namespace

MeanAndSpread mean_and_spread(const std::vector<double>& value,
                              const std::vector<double>& variance) {
  if (value.size() < 2) throw InternalError("a spread needs two devices");
  const auto [least, most] = std::minmax_element(value.begin(), value.end());
  const double error = std::sqrt(*std::max_element(variance.begin(), variance.end()));
  const double widest = 30.0 * (*most - *least + error) + 1e-300;
  const auto log_likelihood = [&](double tau) {
    return pooled(value, variance, tau).log_likelihood;
  };
  // Unimodal but for the edge at 0: a logarithmic grid, then golden sections around its best.
  constexpr int kGrid = 120;
  std::vector<double> grid{0.0};
  for (int k = kGrid; k >= 0; --k) grid.push_back(widest * std::pow(10.0, -6.0 * k / kGrid));
  const bool exact = *std::min_element(variance.begin(), variance.end()) <= 0.0;
  std::size_t best = exact ? 1 : 0;
  for (std::size_t k = best; k < grid.size(); ++k) {
    if (log_likelihood(grid[k]) > log_likelihood(grid[best])) best = k;
  }
  double low = grid[best == 0 ? 0 : best - 1], high = grid[std::min(best + 1, grid.size() - 1)];
  const double ratio = 0.6180339887498949;
  for (int k = 0; k < 60; ++k) {
    const double a = high - ratio * (high - low), b = low + ratio * (high - low);
    (log_likelihood(a) > log_likelihood(b) ? high : low) =
        log_likelihood(a) > log_likelihood(b) ? b : a;
  }
  double tau = 0.5 * (low + high);
  if (best == 0 && log_likelihood(0.0) >= log_likelihood(tau) - 1e-9) tau = 0.0;
  const double top = log_likelihood(tau);
  const auto limit = [&](double inside, double outside) {
    if (2.0 * (top - log_likelihood(outside)) < kChiSquare95) return outside;
    for (int k = 0; k < 60; ++k) {
      const double middle = 0.5 * (inside + outside);
      (2.0 * (top - log_likelihood(middle)) < kChiSquare95 ? inside : outside) = middle;
    }
    return 0.5 * (inside + outside);
  };
  MeanAndSpread out;
  const double least_tau = exact ? grid[1] : 0.0;
  out.spread = {tau, limit(tau, least_tau), limit(tau, widest), Known::identified};
  if (out.spread.low <= least_tau) out.spread.known = Known::below;
  const Pooled p = pooled(value, variance, tau);
  const double half = student(value.size() - 1) / std::sqrt(p.weight);
  out.mean = {p.mean, p.mean - half, p.mean + half, Known::identified};
  return out;
}

double PopulationFit::bayes_criterion() const {
  return static_cast<double>(fitted) * std::log(static_cast<double>(readings)) -
         2.0 * log_likelihood;
}

std::vector<std::vector<const PulseTrain*>> by_device(const std::vector<PulseTrain>& trains) {
  std::vector<std::vector<const PulseTrain*>> out;
  for (const PulseTrain& train : trains) {
    const auto known = std::find_if(out.begin(), out.end(), [&](const auto& group) {
      return group[0]->device == train.device;
    });
    if (known == out.end()) {
      out.push_back({&train});
    } else {
      known->push_back(&train);
    }
  }
  return out;
}

PopulationFit fit_population(const PulseModel& model, const std::vector<PulseTrain>& trains,
                             bool with_intervals) {
  if (trains.empty()) throw UserError("expected at least one pulse train, got none");
  PopulationFit fit;
  fit.model = &model;
  for (const auto& group : by_device(trains)) {
    fit.devices.push_back(fit_device(model, group, with_intervals));
    const DeviceFit& d = fit.devices.back();
    fit.log_likelihood += d.log_likelihood;
    fit.readings += d.readings;
    fit.fitted += d.parameters;
  }
  if (fit.devices.size() == 1) {
    fit.parameters = fit.devices[0].estimates;
  } else {
    for (std::size_t i = 0; i < model.parameters().size(); ++i) {
      fit.parameters.push_back(over_devices(fit.devices, i));
    }
  }
  std::vector<double> values;
  for (const Estimate& e : fit.parameters) values.push_back(e.value);
  fit.config = model.config(values);
  if (fit.devices.size() > 1 && with_intervals) {
    fit.spread = spreads(model, fit.devices, values);
    for (const SpreadEstimate& s : fit.spread) {
      set_spread(fit.config, s.key, s.estimate.value);
    }
  }
  return fit;
}

}  // namespace memprop::analog::fit
