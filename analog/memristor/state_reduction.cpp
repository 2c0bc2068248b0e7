#include "analog/memristor/state_reduction.hpp"

#include <algorithm>
#include <cmath>
#include <queue>

#include "analog/memristor/pulse_curve.hpp"
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

// One node of a table: its place in the window and the steps from there, of the window.
struct Node {
  double w, up, down;
};

class Tabulator {
 public:
  Tabulator(const Pulsed& pulsed, double low_s, double window_s)
      : pulsed_(pulsed), low_s_(low_s), window_s_(window_s) {}

  Node at(double w) const {
    const double g = low_s_ + window_s_ * w, x = pulsed_.state_of(g);
    // Down steps are stored as positive numbers: the law gives them their sign.
    return {w, (pulsed_.conductance(pulsed_.after(x, true)) - g) / window_s_,
            (g - pulsed_.conductance(pulsed_.after(x, false))) / window_s_};
  }

  std::vector<Node> even(std::size_t points) const {
    std::vector<Node> nodes;
    for (std::size_t k = 0; k < points; ++k) {
      nodes.push_back(at(static_cast<double>(k) / static_cast<double>(points - 1)));
    }
    return nodes;
  }

  std::vector<Node> adapted(std::size_t most, double tolerance) const {
    constexpr std::size_t first_points = 17;
    constexpr double narrowest = 1e-9;
    struct Interval {
      double error;
      Node left, middle, right;
      bool operator<(const Interval& other) const { return error < other.error; }
    };
    std::priority_queue<Interval> open;
    std::vector<Node> nodes = even(std::min(first_points, most));
    const auto look = [&](const Node& left, const Node& right) {
      const Node middle = at(0.5 * (left.w + right.w));
      const double error = std::max(std::fabs(middle.up - 0.5 * (left.up + right.up)),
                                    std::fabs(middle.down - 0.5 * (left.down + right.down)));
      if (error > tolerance && right.w - left.w > narrowest) {
        open.push({error, left, middle, right});
      }
    };
    for (std::size_t k = 1; k < nodes.size(); ++k) look(nodes[k - 1], nodes[k]);
    while (!open.empty() && nodes.size() < most) {
      const Interval worst = open.top();
      open.pop();
      nodes.push_back(worst.middle);
      look(worst.left, worst.middle);
      look(worst.middle, worst.right);
    }
    std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) { return a.w < b.w; });
    return nodes;
  }

 private:
  const Pulsed& pulsed_;
  double low_s_, window_s_;
};

double step_error(const Tabulator& tabulator, const DeviceConfig& c) {
  constexpr std::size_t tests = 61;  // a prime: the places fall between the nodes
  PulseCurve curve;
  curve.kind = PulseCurve::Kind::table;
  curve.table_up = c.table_up;
  curve.table_down = c.table_down;
  curve.table_nodes = c.table_nodes;
  curve.table_per_state = static_cast<double>(c.table_up.size() - 1);
  std::vector<double> places;
  for (std::size_t k = 1; k < tests; ++k) places.push_back(static_cast<double>(k) / tests);
  // Close to the ends, where pulses run away or come to a stop.
  for (double w = 0.3 / tests; w > 1e-8; w *= 0.4) places.insert(places.end(), {w, 1.0 - w});
  double worst = 0.0;
  for (const double w : places) {
    const Node exact = tabulator.at(w);
    worst = std::max({worst, std::fabs(curve.factor(0, exact.w, true) - exact.up),
                      std::fabs(curve.factor(0, exact.w, false) - exact.down)});
  }
  return worst;
}

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
  const Tabulator tabulator(pulsed, low, window);
  const bool adapts = config.tolerance > 0.0;
  const std::vector<Node> nodes =
      adapts ? tabulator.adapted(config.points, config.tolerance) : tabulator.even(config.points);
  c.table_up.clear();
  c.table_down.clear();
  for (const Node& node : nodes) {
    c.table_up.push_back(node.up);
    c.table_down.push_back(node.down);
    if (adapts) c.table_nodes.push_back(node.w);
  }
  r.step_error = step_error(tabulator, c);

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
