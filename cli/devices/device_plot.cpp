#include "cli/devices/device_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>

#include "analog/memristor/pulse_device_array.hpp"
#include "analog/memristor/simulate_device.hpp"
#include "cli/devices/plot_data.hpp"
#include "solvers/error.hpp"

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

// Pulses that cross the window once, with some to spare.
unsigned pulses_of(const analog::PulseDeviceArray& nominal) {
  return static_cast<unsigned>(std::clamp(1.5 * nominal.nominal_states(), 20.0, 4000.0));
}

void add_train(PlotData& out, const analog::DeviceConfig& config, const std::string& series,
               const char* kind, unsigned pulses, std::uint64_t seed) {
  analog::PulseDeviceArray array(config, 1, seed, "device-plot");
  const std::vector<double> start{config.g_min_s};
  array.set_conductance(start);
  const std::vector<std::uint32_t> cell{0};
  std::uint64_t event = 0;
  const unsigned every = std::max(pulses / 500, 1u);
  out.point("conductance", series, kind, 0, array.conductance()[0] * 1e6);
  for (const bool up : {true, false}) {
    for (unsigned k = 1; k <= pulses; ++k) {
      array.pulse(cell, up, ++event);
      if (k % every == 0 || k == pulses) {
        out.point("conductance", series, kind, static_cast<double>(event),
                  array.conductance()[0] * 1e6);
      }
    }
  }
}

analog::DeviceConfig without_noise(analog::DeviceConfig c) {
  c.step_spread = c.up_down_spread = c.w_max_spread = c.w_min_spread = 0.0;
  c.nonlinearity_spread = c.cycle_noise = c.window_cycle_noise = c.write_noise = 0.0;
  c.gamma_up_spread = c.gamma_down_spread = c.reference_spread = 0.0;
  return c;
}

// Where a device ends that is held at v from state x: the conductance after each of `samples`
// equal parts of duration_s.
std::vector<double> held_at(const analog::StateDevice& device, const std::vector<double>& x,
                            double v, double duration_s, std::size_t samples, double read_v) {
  analog::SimulateOptions options;
  options.initial = x;
  options.samples = samples;
  const auto trace =
      analog::simulate_device(device, analog::Waveform::constant(v, duration_s), options);
  std::vector<double> g;
  for (std::size_t k = 0; k < trace.size(); ++k) {
    g.push_back(device.conductance(&trace.x[k * trace.states], read_v));
  }
  return g;
}

// The length of a pulse of v of which some thirty make 90 % of all that it can do within the time
// given.
double pulse_width(const analog::StateDevice& device, const std::vector<double>& x, double v,
                   double longest_s, double read_v) {
  constexpr std::size_t samples = 400;
  constexpr double pulses = 30.0;
  double duration_s = longest_s;
  for (int zoom = 0; zoom < 12; ++zoom) {
    const auto g = held_at(device, x, v, duration_s, samples, read_v);
    const double goal = g.front() + 0.9 * (g.back() - g.front());
    const bool rises = g.back() > g.front();
    std::size_t k = 0;
    while (k + 1 < g.size() && (rises ? g[k] < goal : g[k] > goal)) ++k;
    const double t = duration_s * static_cast<double>(k) / static_cast<double>(g.size() - 1);
    if (k > 40) return t / pulses;
    duration_s = std::max(2.0 * t, duration_s / 100.0);
  }
  return duration_s / pulses;
}

void add_loop(PlotData& out, const analog::StateDeviceEntry& entry,
              const analog::StateDevice& device) {
  const double q = 0.25 * entry.period_s;
  const auto period = [&] {
    return analog::Waveform::points(
        {{0, 0}, {q, entry.positive_v}, {2 * q, 0}, {3 * q, -entry.negative_v}, {4 * q, 0}});
  };
  analog::Waveform two = period();
  two.then(period());
  analog::SimulateOptions options;
  options.samples = 1600;
  const auto trace = analog::simulate_device(device, two, options);
  for (std::size_t k = 0; k < trace.size(); ++k) {
    const bool first = trace.t_s[k] <= entry.period_s;
    out.point("loop", first ? "first period" : "second period", first ? "faint" : "line",
              trace.v_v[k], trace.i_a[k] * 1e3);
  }
}

struct Train {
  double v, width_s;
};

// Some pulses of one sign, from where the last have left the device.
void add_pulses(PlotData& out, const analog::StateDevice& device, std::vector<double>& x,
                const Train& train, double read_v, int& number) {
  constexpr int pulses = 50;
  for (int k = 0; k < pulses; ++k) {
    analog::apply_pulse(device, x, train.v, train.width_s);
    out.point("conductance", fmt::format("{:.3g} V, {:.3g} s", train.v, train.width_s), "dots",
              ++number, device.conductance(x.data(), read_v) * 1e6);
  }
}

}  // namespace

void plot_state_device(const analog::StateDeviceEntry& entry, const std::string& path) {
  const auto device = entry.make();
  // A read that the device hardly feels.
  const double read_v = 0.05 * std::min(entry.positive_v, entry.negative_v);
  PlotData data;
  data.title(fmt::format("{}: {}", entry.name, entry.summary));
  data.side_by_side();
  data.axes("loop", "voltage [V]", "current [mA]");
  data.axes("conductance", "pulse", "conductance [uS]");
  add_loop(data, entry, *device);
  std::vector<double> x;
  for (const auto& variable : device->variables()) x.push_back(variable.initial);
  // The sign that moves a fresh device first; then the other one.
  const auto moved = [&](double v) {
    const auto g = held_at(*device, x, v, entry.period_s, 1, read_v);
    return std::abs(g.back() - g.front());
  };
  const bool positive_first = moved(entry.positive_v) >= moved(-entry.negative_v);
  int number = 0;
  for (int half = 0; half < 4; ++half) {
    const double v = (half % 2 == 0) == positive_first ? entry.positive_v : -entry.negative_v;
    const Train train{v, pulse_width(*device, x, v, entry.period_s, read_v)};
    add_pulses(data, *device, x, train, read_v, number);
  }
  data.draw("devices", path);
}

void check_plot_name(const std::string& path) {
  const std::string ending = fs::path(path).extension().string();
  if (ending != ".png" && ending != ".svg" && ending != ".pdf") {
    throw UserError(fmt::format(
        "--plot: expected a file name that ends in .png, .svg or .pdf, got \"{}\"", path));
  }
}

void plot_preset(const analog::DevicePreset& preset, const std::string& path) {
  PlotData data;
  data.title(fmt::format("{}: {}", preset.name, preset.summary));
  data.axes("conductance", "pulse: up then down", "conductance [uS]");
  const analog::DeviceConfig nominal = without_noise(preset.config);
  const unsigned pulses = pulses_of(analog::PulseDeviceArray(nominal, 1, 1, "device-plot"));
  constexpr int kDevices = 4;
  for (int d = 1; d <= kDevices; ++d) {
    add_train(data, preset.config, fmt::format("device {}", d), "faint", pulses,
              static_cast<std::uint64_t>(d));
  }
  add_train(data, nominal, "without noise and spread", "line", pulses, 1);
  data.draw("devices", path);
}

void plot_fit(const analog::fit::PopulationFit& fit, const std::vector<analog::fit::Residual>& rows,
              const std::string& source, const std::string& path) {
  PlotData data;
  data.title(
      fmt::format("{} fitted to {}", fit.model->name(), fs::path(source).filename().string()));
  data.axes("conductance", "reading", "conductance [uS]");
  data.axes("residuals", "reading", "residual [expected deviations]");
  // More than a few devices hide each other.
  constexpr std::size_t kMostDevices = 6;
  std::vector<std::string> shown;
  double x = 0.0;
  for (const auto& row : rows) {
    const auto known = std::find(shown.begin(), shown.end(), row.device);
    if (known == shown.end()) {
      if (shown.size() == kMostDevices) continue;
      shown.push_back(row.device);
      x = 0.0;
    }
    const std::string name = row.device.empty() ? std::string("data") : row.device;
    data.point("conductance", name, "dots", x, row.measured_s * 1e6);
    data.point("conductance", name + ", model", "line", x, row.smooth_s * 1e6);
    if (!row.starts) {
      data.point("residuals", name, "dots", x, (row.measured_s - row.expected_s) / row.deviation_s);
    }
    x += 1.0;
  }
  data.draw("fit-device", path);
}

}  // namespace memprop::cli
