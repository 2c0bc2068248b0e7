#include "analog/neuron/sleep_branches.hpp"

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <utility>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

// The integral of exp(rate t - shift) from a to b, from the end where the integrand is larger, so
// that nothing overflows.
double exponential_area(double rate, double a, double b, double shift) {
  const double x = rate * (b - a);
  if (x == 0.0) return (b - a) * std::exp(rate * a - shift);
  const double mean = -std::expm1(-std::fabs(x)) / std::fabs(x);
  return (b - a) * mean * std::exp(rate * (x > 0.0 ? b : a) - shift);
}

}  // namespace

SleepBranches::SleepBranches(BranchBankConfig bank, std::vector<double> capacitance_f,
                             std::vector<double> leak_s, double pulse_s)
    : bank_(std::move(bank)),
      capacitance_f_(std::move(capacitance_f)),
      leak_s_(std::move(leak_s)),
      pulse_s_(pulse_s),
      bits_(bank_.capacitance_f.size(), 0) {
  if (bank_.branches == 0 || size() != bank_.branches * neurons() || leak_s_.size() != neurons()) {
    throw InternalError(bank_.name + ": sleeping branches do not fit the neurons");
  }
}

double SleepBranches::added_v(std::size_t b, double current_a) const {
  const std::size_t i = b / bank_.branches;
  const double fall = bank_.leak_s[b] / bank_.capacitance_f[b];  // 1 / tau of the branch
  const double leak = leak_s_[i] / capacitance_f_[i];            // and of the neuron
  const double final_v = current_a / bank_.leak_s[b], offset_v = bank_.offset_v[b];
  const double weight = bank_.coupling_s[b] / capacitance_f_[i];
  if (bank_.knee_v > 0.0) {
    // In units of the pulse and the knee: the tolerance of the rule is not free of scale.
    const auto share = [&](double x) {
      const double v = -final_v * std::expm1(-fall * pulse_s_ * x) - offset_v;
      return rectified(v / bank_.knee_v, 1.0) * std::exp(-leak * pulse_s_ * (1.0 - x));
    };
    using Quadrature = boost::math::quadrature::gauss_kronrod<double, 31>;
    return weight * pulse_s_ * bank_.knee_v * Quadrature::integrate(share, 0.0, 1.0, 8, 1e-9);
  }
  // Above the offset from a to b.
  const double first_v = -offset_v, last_v = -final_v * std::expm1(-fall * pulse_s_) - offset_v;
  if (first_v <= 0.0 && last_v <= 0.0) return 0.0;
  double a = 0.0, end = pulse_s_;
  if (first_v < 0.0) a = -std::log1p(-offset_v / final_v) / fall;
  if (last_v < 0.0) end = -std::log1p(-offset_v / final_v) / fall;
  const double shift = leak * pulse_s_;
  return weight * ((final_v - offset_v) * exponential_area(leak, a, end, shift) -
                   final_v * exponential_area(leak - fall, a, end, shift));
}

void SleepBranches::drive(Span<const double> current_a, Span<double> neuron_v) {
  for (std::size_t b = 0; b < size(); ++b) {
    neuron_v[b / bank_.branches] += added_v(b, current_a[b]);
    const double risen = -std::expm1(-pulse_s_ * bank_.leak_s[b] / bank_.capacitance_f[b]);
    bits_[b] = current_a[b] / bank_.leak_s[b] * risen > bank_.comparator_v[b] ? 1 : 0;
  }
}

}  // namespace memprop::analog
