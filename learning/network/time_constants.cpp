#include "learning/network/time_constants.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

constexpr double kTolerance = 1e-13;
constexpr int kMaxRounds = 10000;

// Draws of one neuron: event selects the layer and the attempt, so that a rejected attempt of one
// neuron moves no other neuron's numbers.
class NeuronDraws {
 public:
  // 2^20 attempts, 2^12 layers.
  NeuronDraws(const RandomStream& stream, std::size_t neuron, std::size_t layer, std::uint64_t draw)
      : stream_(stream),
        neuron_(neuron),
        event_((static_cast<std::uint64_t>(layer) << 32U) | ((draw & 0xfffU) << 20U) |
               ((draw >> 12U) << 44U)) {}
  double normal() { return stream_.normal(neuron_, event_++); }
  double uniform() { return stream_.uniform(neuron_, event_++); }

 private:
  const RandomStream& stream_;
  std::uint64_t neuron_;
  std::uint64_t event_;
};

double unit_gamma(NeuronDraws& draws, double shape) {
  // Shapes below one: Gamma(k) = Gamma(k + 1) U^(1/k).
  const double boost = shape < 1.0 ? std::pow(draws.uniform(), 1.0 / shape) : 1.0;
  const double d = (shape < 1.0 ? shape + 1.0 : shape) - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = draws.normal();
    const double t = 1.0 + c * x;
    const double u = draws.uniform();
    if (t <= 0) continue;
    const double v = t * t * t;
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return boost * d * v;
  }
}

// In units of the mean.
double draw_one(const TimeConstantConfig& config, NeuronDraws& draws) {
  const double cv = config.cv;
  switch (config.family) {
    case TimeConstantFamily::equal:
      return 1.0;
    case TimeConstantFamily::lognormal: {
      const double sigma2 = std::log1p(cv * cv);
      return std::exp(std::sqrt(sigma2) * draws.normal() - 0.5 * sigma2);
    }
    case TimeConstantFamily::gamma:
      return cv * cv * unit_gamma(draws, 1.0 / (cv * cv));
    case TimeConstantFamily::normal:
      return 1.0 + cv * draws.normal();
    case TimeConstantFamily::uniform:
      return 1.0 + std::sqrt(3.0) * cv * (2.0 * draws.uniform() - 1.0);
  }
  throw InternalError("unknown family of time constants");
}

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

void clip(const TimeConstantConfig& config, std::vector<double>& x) {
  for (double& value : x) value = std::clamp(value, config.clip_low, config.clip_high);
}

void clip_to_unit_mean(const TimeConstantConfig& config, std::vector<double>& x) {
  for (int round = 0; round < kMaxRounds; ++round) {
    clip(config, x);
    const double m = mean(x);
    if (std::abs(m - 1.0) <= kTolerance) return;
    for (double& value : x) value /= m;
  }
  throw UserError(
      "key 'network.time_constant': expected clip limits that leave room for the mean, got a "
      "distribution that cannot be clipped and rescaled to it");
}

}  // namespace

std::vector<double> draw_time_constants(const TimeConstantConfig& config, std::size_t n,
                                        std::size_t layer, std::uint64_t seed, std::uint64_t draw) {
  std::vector<double> tau(n, 1.0);
  if (config.family != TimeConstantFamily::equal && config.cv > 0) {
    const RandomStream stream(seed, "time-constants");
    for (std::size_t i = 0; i < n; ++i) {
      NeuronDraws draws(stream, i, layer, draw);
      tau[i] = draw_one(config, draws);
    }
    if (config.keep_mean) {
      clip_to_unit_mean(config, tau);
    } else {
      clip(config, tau);
    }
  }
  for (double& value : tau) {
    if (config.quantity == TimeConstantQuantity::rate) value = 1.0 / value;
    value *= config.mean_s;
  }
  return tau;
}

double realised_cv(Span<const double> values) {
  if (values.empty()) return 0.0;
  double sum = 0;
  for (const double v : values) sum += v;
  const double m = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double v : values) squares += (v - m) * (v - m);
  return std::sqrt(squares / static_cast<double>(values.size())) / m;
}

}  // namespace memprop::learning
