#include "analog/fit/pulse_filter.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::analog::fit {
namespace {

constexpr double kLog2Pi = 1.8378770664093453;
constexpr double kReach = 7.0;  // standard deviations; the mass beyond is 1e-12

double density(double z) { return std::exp(-0.5 * (z * z + kLog2Pi)); }
double upper_tail(double z) { return 0.5 * std::erfc(z * M_SQRT1_2); }

double log_density(double x, double mean, double variance) {
  const double d = x - mean;
  return -0.5 * (kLog2Pi + std::log(variance) + d * d / variance);
}

struct Belief {
  double mean, variance;
};

bool in_reach(const Belief& b, double low, double high) {
  const double reach = kReach * std::sqrt(b.variance);
  return b.mean - reach < low || b.mean + reach > high;
}

// Probabilities of the parts of N(m, P): below the window, inside, above.
struct Parts {
  double below, inside, above;
};

Parts parts_of(double a, double b) {
  const double below = upper_tail(-a), above = upper_tail(b);
  // Both bounds on one side: the difference of the small tails.
  const double inside = a > 0.0   ? upper_tail(a) - above
                        : b < 0.0 ? upper_tail(-b) - below
                                  : 1.0 - below - above;
  return {below, std::max(inside, 0.0), above};
}

// Moments after values beyond the bounds were set to the bounds.
Belief clipped(const Belief& x, double low, double high) {
  const double s = std::sqrt(x.variance);
  if (s == 0.0) return {std::clamp(x.mean, low, high), 0.0};
  const double a = (low - x.mean) / s, b = (high - x.mean) / s;
  const Parts p = parts_of(a, b);
  const double pa = density(a), pb = density(b);
  const double first = a * p.below + b * p.above + pa - pb;
  const double second = a * a * p.below + b * b * p.above + p.inside + a * pa - b * pb;
  const double variance = std::max(second - first * first, 0.0);
  return {std::clamp(x.mean + s * first, low, high), x.variance * variance};
}

// Moments given that the value lies inside the bounds.
Belief truncated(const Belief& x, double low, double high) {
  const double s = std::sqrt(x.variance);
  const double a = (low - x.mean) / s, b = (high - x.mean) / s;
  const double inside = parts_of(a, b).inside;
  if (inside < 1e-12) return {std::clamp(x.mean, low, high), 0.0};
  const double pa = density(a), pb = density(b);
  const double first = (pa - pb) / inside;
  const double second = 1.0 + (a * pa - b * pb) / inside - first * first;
  return {std::clamp(x.mean + s * first, low, high), x.variance * std::clamp(second, 0.0, 1.0)};
}

double log_or_nothing(double p) { return std::log(std::max(p, 1e-300)); }

class Filter {
 public:
  Filter(const Response& response) : r_(response) {}

  void start(double reading) { belief_ = {reading, r_.read_noise * r_.read_noise}; }

  void pulse(bool up) {
    settle();
    const Pulse p = r_.at(belief_.mean, up);
    const double gain = 1.0 + p.slope;
    belief_ = {belief_.mean + p.change, gain * gain * belief_.variance + p.noise * p.noise +
                                            p.noise_slope * p.noise_slope * belief_.variance};
    unclipped_ = in_reach(belief_, r_.low, r_.high);
  }

  Prediction prediction() const {
    const Belief b = unclipped_ ? clipped(belief_, r_.low, r_.high) : belief_;
    return {b.mean, std::sqrt(b.variance + r_.read_noise * r_.read_noise)};
  }

  // Takes the reading in and returns the logarithm of its density.
  double read(double reading) {
    const double noise = r_.read_noise * r_.read_noise;
    const double total = belief_.variance + noise;
    const double plain = log_density(reading, belief_.mean, total);
    const double gain = belief_.variance / total;
    const Belief after{belief_.mean + gain * (reading - belief_.mean), gain * noise};
    if (!unclipped_ || belief_.variance == 0.0) {
      settle();
      if (belief_.variance == 0.0) return log_density(reading, belief_.mean, noise);
      belief_ = after;
      return plain;
    }
    return read_at_bounds(reading, plain, after, noise);
  }

 private:
  void settle() {
    if (unclipped_) belief_ = clipped(belief_, r_.low, r_.high);
    unclipped_ = false;
  }

  double read_at_bounds(double reading, double plain, const Belief& after, double noise) {
    const double s = std::sqrt(belief_.variance), t = std::sqrt(after.variance);
    const Parts before = parts_of((r_.low - belief_.mean) / s, (r_.high - belief_.mean) / s);
    const double inside = parts_of((r_.low - after.mean) / t, (r_.high - after.mean) / t).inside;
    const double log_weight[3] = {
        log_or_nothing(before.below) + log_density(reading, r_.low, noise),
        plain + log_or_nothing(inside),
        log_or_nothing(before.above) + log_density(reading, r_.high, noise)};
    const Belief part[3] = {{r_.low, 0.0}, truncated(after, r_.low, r_.high), {r_.high, 0.0}};
    const double largest = *std::max_element(log_weight, log_weight + 3);
    double sum = 0.0, mean = 0.0, variance = 0.0, weight[3];
    for (int k = 0; k < 3; ++k) sum += weight[k] = std::exp(log_weight[k] - largest);
    for (int k = 0; k < 3; ++k) mean += weight[k] / sum * part[k].mean;
    for (int k = 0; k < 3; ++k) {
      const double d = part[k].mean - mean;
      variance += weight[k] / sum * (part[k].variance + d * d);
    }
    belief_ = {mean, variance};
    unclipped_ = false;
    return largest + std::log(sum);
  }

  const Response& r_;
  Belief belief_{0.0, 0.0};
  bool unclipped_ = false;  // bounds are in reach and belief_ is still without the clip
};

}  // namespace

double log_likelihood(const Response& response, const PulseTrain& train, double unit_s,
                      std::vector<Prediction>* predictions) {
  if (predictions != nullptr) predictions->clear();
  Filter filter(response);
  double sum = 0.0;
  for (const Reading& reading : train.readings) {
    const double g = reading.conductance_s / unit_s;
    if (reading.starts) {
      filter.start(g);
      if (predictions != nullptr) predictions->push_back({g, 0.0});
      continue;
    }
    for (unsigned k = 0; k < reading.pulses; ++k) filter.pulse(reading.up);
    if (predictions != nullptr) predictions->push_back(filter.prediction());
    sum += filter.read(g);
  }
  return sum;
}

}  // namespace memprop::analog::fit
