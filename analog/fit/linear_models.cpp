#include "analog/fit/linear_models.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::analog::fit {
namespace {

constexpr double kLargestLabel = 9.0;

Parameter read_noise_parameter() {
  return {"read_noise", "noise of a single reading", true, true, Role::plain};
}

// Below this share of all noise the read noise makes no difference. Without a floor the likelihood
// has a pole: no read noise, and the end of the window exactly at the last reading.
double least_read_noise(const Summary& s) { return 0.03 * std::hypot(s.cycle_noise, s.read_noise); }

// A window that lies around the readings.
struct WindowBox {
  double low_from, low_to, high_from, high_to;
};

WindowBox window_box(const Summary& s, double beyond) {
  return {std::max(s.low - beyond, 0.0), s.low + 0.4, s.high - 0.4, s.high + beyond};
}

class StepModel : public PulseModel {
 public:
  explicit StepModel(bool soft) : soft_(soft) {
    parameters_ = {
        {"step_up", "change by a SET pulse in the middle of the window", true, true, Role::up},
        {"step_down", "change by a RESET pulse in the middle of the window", true, true,
         Role::down},
        {"cycle_noise", "accumulating noise of a step, relative to it", false, true, Role::plain},
        {"g_min", "lower end of the window", true, false, soft ? Role::down : Role::low_clip},
        {"g_max", "upper end of the window", true, false, soft ? Role::up : Role::high_clip},
        read_noise_parameter()};
  }

  std::string_view name() const override { return soft_ ? "soft-bounds" : "constant-step"; }
  const std::vector<Parameter>& parameters() const override { return parameters_; }

  Start start(const Summary& s) const override {
    // Changes averaged over the readings: where the device saturates they are too small, so at
    // least what crosses the window in the pulses there are.
    const double up = std::max(s.up_change, 1e-3), down = std::max(-s.down_change, 1e-3);
    const double step = std::max(0.5 * (up + down), 1e-3);
    const WindowBox w = window_box(s, soft_ ? 20.0 : 2.0);
    const double ease = soft_ ? 0.05 : 0.0;
    const double g_min = std::clamp(s.low - ease, w.low_from, w.low_to);
    return {{up, down, s.cycle_noise / step, g_min, s.high + ease, s.read_noise},
            {1e-7, 1e-7, 1e-4, w.low_from, w.high_from, least_read_noise(s)},
            {2.0, 2.0, 300.0, w.low_to, w.high_to, 2.0}};
  }

  DeviceConfig config(const std::vector<double>& v) const override {
    DeviceConfig c;
    c.model = soft_ ? DeviceModel::soft_bounds : DeviceModel::constant_step;
    const double up = v[0], down = v[1];
    c.g_min_s = v[3];
    c.g_max_s = v[4];
    c.step = 2.0 * std::max(up, down) / (c.g_max_s - c.g_min_s);
    // The asymmetry shortens the steps of one direction (linear_step.hpp).
    c.up_down = up < down ? up / down - 1.0 : 1.0 - down / up;
    c.cycle_noise = v[2];
    return c;
  }

  std::vector<Deviate> deviates(const std::vector<double>& d,
                                const std::vector<double>& p) const override {
    const double middle = 0.5 * (p[3] + p[4]), half = 0.5 * (p[4] - p[3]);
    const double nominal = std::max(p[0], p[1]);
    double up = d[0], down = d[1];
    if (soft_) {  // the steps at w = 0 of the population
      const double own_half = 0.5 * (d[4] - d[3]);
      up *= (d[4] - middle) / own_half;
      down *= (middle - d[3]) / own_half;
    }
    return {{"step_spread", 0.5 * (up + down) / nominal},
            {"up_down_spread", 0.5 * (up - down) / nominal},
            {"w_max_spread", (d[4] - middle) / half},
            {"w_min_spread", (d[3] - middle) / half}};
  }

 private:
  bool soft_;
  std::vector<Parameter> parameters_;
};

class ExponentialModel : public PulseModel {
 public:
  ExponentialModel() {
    parameters_ = {{"levels_up", "SET pulses over the window", false, true, Role::up},
                   {"levels_down", "RESET pulses over the window", false, true, Role::down},
                   {"nonlinearity_up", "label of potentiation", false, false, Role::up},
                   {"nonlinearity_down", "label of depression", false, false, Role::down},
                   {"window_cycle_noise", "accumulating noise of a step, relative to the window",
                    false, true, Role::plain},
                   {"g_min", "lower end of the window", true, false, Role::low_clip},
                   {"g_max", "upper end of the window", true, false, Role::high_clip},
                   read_noise_parameter()};
  }

  std::string_view name() const override { return "exponential"; }
  const std::vector<Parameter>& parameters() const override { return parameters_; }

  Start start(const Summary& s) const override {
    const WindowBox w = window_box(s, 2.0);
    return {{levels(s.up_change, s.up_slope), levels(-s.down_change, s.down_slope),
             label(s.up_change, s.up_slope), label(-s.down_change, s.down_slope), s.cycle_noise,
             s.low, s.high, s.read_noise},
            {1.0, 1.0, 0.0, 0.0, 1e-6, w.low_from, w.high_from, least_read_noise(s)},
            {1e6, 1e6, kLargestLabel, kLargestLabel, 3.0, w.low_to, w.high_to, 2.0}};
  }

  DeviceConfig config(const std::vector<double>& v) const override {
    DeviceConfig c;
    c.model = DeviceModel::exponential;
    c.levels_up = v[0];
    c.levels_down = v[1];
    c.nonlinearity_up = v[2];
    c.nonlinearity_down = v[3];
    c.window_cycle_noise = v[4];
    c.g_min_s = v[5];
    c.g_max_s = v[6];
    return c;
  }

  std::vector<Deviate> deviates(const std::vector<double>& d,
                                const std::vector<double>& p) const override {
    return {{"nonlinearity_spread", d[2] - p[2]}, {"nonlinearity_spread", d[3] - p[3]}};
  }

 private:
  // From the line of the changes over a window of length 1: with q = exp(-1/A) the slope is q - 1,
  // and the change in the middle fixes the asymptote.
  static double rate(double slope) { return std::clamp(-slope, 1e-4, 0.9); }
  static double levels(double change, double slope) {
    const double k = -std::log1p(-rate(slope));
    const double asymptote = std::max(change, 1e-3) / rate(slope) + 0.5;  // from the starting end
    const double left = asymptote > 1.02 ? 1.0 - 1.0 / asymptote : 0.02;
    return std::clamp(-std::log(left) / k, 2.0, 1e5);
  }
  static double label(double change, double slope) {
    const double k = -std::log1p(-rate(slope));
    const double a = 1.0 / (k * levels(change, slope));  // curvature, in units of the levels
    const double drop = -std::expm1(-1.0 / a);
    const double p = -a * std::log(a * drop);
    return std::clamp((-std::expm1(-p / a) / drop - p) / 0.098995, 0.2, 8.5);
  }

  std::vector<Parameter> parameters_;
};

}  // namespace

const PulseModel& constant_step_model() {
  static const StepModel model(false);
  return model;
}

const PulseModel& soft_bounds_model() {
  static const StepModel model(true);
  return model;
}

const PulseModel& exponential_model() {
  static const ExponentialModel model;
  return model;
}

}  // namespace memprop::analog::fit
