// A user's own system on memprop's stepper and random streams: an ensemble of decays with random
// time constants against the closed form.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "solvers/ode/stepper.hpp"
#include "solvers/random_stream.hpp"

namespace {

class Decay : public memprop::ode::System {
 public:
  explicit Decay(std::vector<double> tau_s) : tau_s_(std::move(tau_s)) {}
  std::size_t size() const override { return tau_s_.size(); }
  void rhs(double, const double* x, double* dxdt) override {
    for (std::size_t i = 0; i < tau_s_.size(); ++i) dxdt[i] = -x[i] / tau_s_[i];
  }

 private:
  std::vector<double> tau_s_;
};

}  // namespace

int main() {
  const memprop::RandomStream stream(7, "consumer/tau");
  std::vector<double> tau_s(100);
  for (std::size_t i = 0; i < tau_s.size(); ++i) tau_s[i] = 1e-6 * (0.5 + stream.uniform(i));

  memprop::ode::StepperConfig config;
  config.rtol = 1e-10;
  config.atol = 1e-14;
  const auto stepper = memprop::ode::make_stepper(config);
  Decay decay(tau_s);
  std::vector<double> x(tau_s.size(), 1.0);
  const double end_s = 2e-6;
  stepper->advance(decay, x, 0.0, end_s);

  double worst = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::max(worst, std::abs(x[i] - std::exp(-end_s / tau_s[i])));
  }
  std::printf("largest error %.3g after %llu steps\n", worst,
              static_cast<unsigned long long>(stepper->counters().steps));
  return worst < 1e-8 && stepper->counters().steps > 0 ? 0 : 1;
}
