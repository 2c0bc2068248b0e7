#include "cli/devices/device_plot.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "analog/memristor/pulse_device_array.hpp"
#include "cli/python_program.hpp"
#include "solvers/error.hpp"

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPackages = "python3 python3-matplotlib python3-numpy";

// Rows "panel,series,kind,x,y" for the drawing program, which removes the file when it has read it.
class PlotData {
 public:
  void title(const std::string& text) { text_ += fmt::format("#title {}\n", text); }
  void axes(const char* panel, const char* x, const char* y) {
    text_ += fmt::format("#axes {},{},{}\n", panel, x, y);
  }
  // kind: line, faint or dots
  void point(const char* panel, const std::string& series, const char* kind, double x, double y) {
    text_ += fmt::format("{},{},{},{:.9g},{:.9g}\n", panel, series, kind, x, y);
  }

  [[noreturn]] void draw(const char* command, const std::string& output) const {
    std::string name = (fs::temp_directory_path() / "memprop-plot-XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    std::FILE* file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "w");
    if (file == nullptr) throw std::runtime_error("cannot write a temporary file " + name);
    const bool good = std::fwrite(text_.data(), 1, text_.size(), file) == text_.size();
    if (std::fclose(file) != 0 || !good) {
      fs::remove(name);
      throw std::runtime_error("cannot write a temporary file " + name);
    }
    try {
      become_python(command, "memprop.device_plot", {"--", name, output}, kPackages);
    } catch (...) {
      std::error_code ignored;
      fs::remove(name, ignored);
      throw;
    }
  }

 private:
  std::string text_;
};

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

}  // namespace

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
