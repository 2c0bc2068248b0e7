#include "analog/memristor/state_reduction.hpp"

#include <algorithm>
#include <cmath>

#include "analog/memristor/pulse_device_array.hpp"
#include "analog/memristor/simulate_device.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

// The device of one state, as conductance before and after a pulse.
class Pulsed {
 public:
  Pulsed(const StateDevice& device, const ReductionConfig& config)
      : device_(device), config_(config), variable_(device.variables()[0]) {}

  double conductance(double x) const { return device_.conductance(&x, config_.read_v); }
  double after(double x, bool up) const {
    std::vector<double> state{x};
    const double reset_s = config_.reset_width_s > 0.0 ? config_.reset_width_s : config_.width_s;
    apply_pulse(device_, state, up ? config_.set_v : config_.reset_v,
                up ? config_.width_s : reset_s);
    return state[0];
  }
  // The state of a read conductance, by bisection between the bounds.
  double state_of(double g) const {
    double low = variable_.low, high = variable_.high;
    const bool rising = conductance(high) > conductance(low);
    if (rising ? g >= conductance(high) : g <= conductance(high)) return high;
    if (rising ? g <= conductance(low) : g >= conductance(low)) return low;
    for (;;) {
      // Halves of the ratio where the state runs over decades.
      const double middle = variable_.logarithmic ? std::sqrt(low * high) : 0.5 * (low + high);
      if (middle <= low || middle >= high) return middle;
      if (high - low < 1e-14 * std::fabs(high)) return middle;
      ((conductance(middle) < g) == rising ? low : high) = middle;
    }
  }
  // The end of the state with the lower conductance.
  double lowest() const {
    return conductance(variable_.low) < conductance(variable_.high) ? variable_.low
                                                                    : variable_.high;
  }

 private:
  const StateDevice& device_;
  const ReductionConfig& config_;
  const StateVariable& variable_;
};

std::vector<double> train_of(const Pulsed& pulsed, double x, bool up, std::size_t pulses) {
  std::vector<double> g{pulsed.conductance(x)};
  for (std::size_t k = 0; k < pulses; ++k) {
    x = pulsed.after(x, up);
    g.push_back(pulsed.conductance(x));
  }
  return g;
}

std::vector<double> train_of(const DeviceConfig& config, double from_s, bool up,
                             std::size_t pulses) {
  PulseDeviceArray array(config, 1, 0, "reduction");
  const std::vector<double> start{from_s};
  array.set_conductance(start);
  std::vector<double> g{array.conductance()[0]};
  const std::vector<std::uint32_t> cell{0};
  for (std::size_t k = 0; k < pulses; ++k) {
    array.pulse(cell, up, k);
    g.push_back(array.conductance()[0]);
  }
  return g;
}

}  // namespace

Reduction reduce_to_table(const StateDevice& device, const ReductionConfig& config) {
  if (device.variables().size() != 1) {
    throw UserError("expected a device of one state variable for a table, got " +
                    std::to_string(device.variables().size()));
  }
  if (!(config.width_s > 0.0 && config.read_v != 0.0 && config.points >= 2 && config.pulses >= 1)) {
    throw UserError(
        "expected a positive pulse width, a read voltage other than 0, two points or more and a "
        "pulse or more for a table, got other values");
  }
  const Pulsed pulsed(device, config);
  Reduction r;
  // The first cycle brings the device from its bound to where the others run.
  for (int cycle = 0; cycle < 2; ++cycle) {
    r.up_s = train_of(pulsed, cycle == 0 ? pulsed.lowest() : pulsed.state_of(r.down_s.back()), true,
                      config.pulses);
    r.down_s = train_of(pulsed, pulsed.state_of(r.up_s.back()), false, config.pulses);
  }
  const double low = std::min(r.up_s.front(), r.down_s.back());
  const double high = std::max(r.up_s.back(), r.down_s.front());
  const double window = high - low;
  if (!(window > 1e-9 * high)) {
    throw UserError("expected pulses that drive the conductance of " + std::string(device.name()) +
                    " up and down again, got a window of " + std::to_string(window * 1e6) + " uS");
  }
  DeviceConfig& c = r.device;
  c.model = DeviceModel::table;
  c.g_min_s = low;
  c.g_max_s = high;
  c.w_min = 0.0;
  c.w_max = 1.0;
  c.step = 1.0;
  c.set_voltage_v = std::fabs(config.set_v);
  c.reset_voltage_v = std::fabs(config.reset_v);
  c.pulse_width_s = config.width_s;
  c.table_up.assign(config.points, 0.0);
  c.table_down.assign(config.points, 0.0);
  for (std::size_t k = 0; k < config.points; ++k) {
    const double g = low + window * static_cast<double>(k) / static_cast<double>(config.points - 1);
    const double x = pulsed.state_of(g);
    // Down steps are stored as positive numbers: the law gives them their sign.
    c.table_up[k] = (pulsed.conductance(pulsed.after(x, true)) - g) / window;
    c.table_down[k] = (g - pulsed.conductance(pulsed.after(x, false))) / window;
  }

  r.table_up_s = train_of(c, r.up_s.front(), true, config.pulses);
  r.table_down_s = train_of(c, r.down_s.front(), false, config.pulses);
  double squares = 0.0;
  const auto compare = [&](const std::vector<double>& a, const std::vector<double>& b) {
    for (std::size_t k = 0; k < a.size(); ++k) {
      const double error = std::fabs(a[k] - b[k]) / window;
      r.largest_error = std::max(r.largest_error, error);
      squares += error * error;
    }
  };
  compare(r.up_s, r.table_up_s);
  compare(r.down_s, r.table_down_s);
  r.rms_error = std::sqrt(squares / static_cast<double>(r.up_s.size() + r.down_s.size()));
  return r;
}

}  // namespace memprop::analog
