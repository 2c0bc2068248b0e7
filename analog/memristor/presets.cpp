#include "analog/memristor/presets.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr const char* kAihwkit =
    "IBM aihwkit, preset {}, after Gokmen and Vlasov, Front. Neurosci. 10, 333 (2016)";
constexpr const char* kNeuroSim =
    "MLP+NeuroSim 3.0 defaults; Chen, Peng, Yu, IEEE TCAD 37, 3067 (2018)";
constexpr const char* kWindow =
    "the source gives weights only; window and pulses are those of neurosim-ideal";

std::string aihwkit(const std::string& preset) {
  std::string text = kAihwkit;
  return text.replace(text.find("{}"), 2, preset);
}

// Window and pulses of the "ideal device" of MLP+NeuroSim 3.0: 0.1-5 uS, 2 V, 10 ns.
DeviceConfig in_default_window(DeviceModel model) {
  DeviceConfig c;
  c.model = model;
  c.g_min_s = 0.1e-6;
  c.g_max_s = 5.0e-6;
  c.set_voltage_v = 2.0;
  c.reset_voltage_v = 2.0;
  c.pulse_width_s = 10e-9;
  return c;
}

DeviceConfig pulse_device(DeviceModel model, double step, double up_down_spread) {
  DeviceConfig c = in_default_window(model);
  c.step = step;
  c.step_spread = 0.3;
  c.cycle_noise = 0.3;
  c.up_down_spread = up_down_spread;
  c.w_max_spread = 0.3;
  c.w_min_spread = 0.3;
  return c;
}

DeviceConfig reram_soft_bounds() {
  DeviceConfig c = in_default_window(DeviceModel::soft_bounds);
  c.w_min = -0.75;
  c.w_max = 1.25;
  c.step = 0.002;
  c.step_spread = 0.3;
  c.cycle_noise = 3.75;
  c.cycle_noise_additive = true;
  c.up_down_spread = 0.01;
  c.w_max_spread = 0.24;
  c.w_min_spread = 0.4;
  c.write_noise = 56.0;
  return c;
}

DeviceConfig reram_exp_step() {
  DeviceConfig c = pulse_device(DeviceModel::exp_step, 0.00135, 0.05);
  c.step_spread = 0.2;
  c.cycle_noise = 5.0;
  c.up_down = 0.259359;
  c.write_noise = 75.0;
  c.exp_a = -0.5;
  c.exp_b = -0.5;
  c.exp_gamma_up = 5.0;
  c.exp_gamma_down = 5.0;
  c.exp_up = -1.18445;
  c.exp_down = -0.081404;
  return c;
}

// Arrays of Gong, Rasch et al. 2022, read against a reference at the symmetry point.
DeviceConfig reram_array(double step, double step_spread, double cycle_noise, double w_max_spread,
                         double w_min_spread, double write_noise) {
  DeviceConfig c = pulse_device(DeviceModel::soft_bounds, step, 0.01);
  c.step_spread = step_spread;
  c.step_spread_lognormal = true;
  c.cycle_noise = cycle_noise;
  c.w_max_spread = w_max_spread;
  c.w_min_spread = w_min_spread;
  c.write_noise = write_noise;
  c.reference_at_symmetry = true;
  c.reference_spread = 0.05;
  return c;
}

DeviceConfig linear_step(double step, double cycle_noise, double up_down_spread,
                         double bound_spread, double gamma_up, double gamma_down,
                         double gamma_spread) {
  DeviceConfig c = pulse_device(DeviceModel::linear_step, step, up_down_spread);
  c.step_spread = 0.1;
  c.cycle_noise = cycle_noise;
  c.w_max_spread = bound_spread;
  c.w_min_spread = bound_spread;
  c.gamma_up = gamma_up;
  c.gamma_down = gamma_down;
  c.gamma_up_spread = gamma_spread;
  c.gamma_down_spread = gamma_spread;
  c.slope_of_nominal_bound = true;
  return c;
}

DeviceConfig capacitor() {
  DeviceConfig c = linear_step(0.005, 0.3, 0.06, 0.07, 0.05, 0.05, 0.01);
  c.cycle_noise_additive = true;
  return c;
}

DeviceConfig ecram(double step, double cycle_noise, double w_max, double w_min, double gamma_up,
                   double gamma_down) {
  DeviceConfig c = linear_step(step, cycle_noise, 0.01, 0.05, gamma_up, gamma_down, 0.05);
  c.w_max = w_max;
  c.w_min = w_min;
  return c;
}

DeviceConfig pcm() {
  DeviceConfig c = pulse_device(DeviceModel::exp_step, 0.01, 0.05);
  c.step_spread = 0.2;
  c.cycle_noise = 0.6;
  c.cycle_noise_floor = 0.042;
  c.cycle_noise_slope = 0.108;
  c.w_max = 2.0;
  c.w_min = 0.0;
  c.w_max_spread = 0.1;
  c.w_min_spread = 0.0;
  c.exp_a = -1.0;
  c.exp_b = 0.0;
  c.exp_gamma_up = 2.5;
  c.exp_gamma_down = 2.5;
  c.exp_up = -27.235;
  c.exp_down = -2.235;
  c.g_min_s = 0.25e-6;
  c.g_max_s = 25e-6;
  return c;
}

DeviceConfig exp_step_default() {
  DeviceConfig c = pulse_device(DeviceModel::exp_step, 0.001, 0.01);
  c.w_max = 0.6;
  c.w_min = -0.6;
  return c;
}

DeviceConfig power_step_1200() {
  DeviceConfig c = pulse_device(DeviceModel::power_step, 0.0016, 0.01);
  return c;
}

DeviceConfig silver_silicon() {
  DeviceConfig c;
  c.model = DeviceModel::exponential;
  c.g_min_s = 3.0769e-9;
  c.g_max_s = 38.462e-9;
  c.levels_up = 97;
  c.levels_down = 100;
  c.nonlinearity_up = 2.4;
  c.nonlinearity_down = 4.88;
  c.window_cycle_noise = 0.035;
  c.set_voltage_v = 3.2;
  c.reset_voltage_v = 2.8;
  c.pulse_width_s = 300e-6;
  return c;
}

DeviceConfig linear_64() {
  DeviceConfig c = in_default_window(DeviceModel::constant_step);
  c.step = 2.0 / 64.0;
  return c;
}

std::vector<DevicePreset> make_presets() {
  std::vector<DevicePreset> presets{
      {"ideal", "any conductance of the window in one write, no spread, no noise", "none",
       Grade::designed, "no real device; the step is that of gokmen-vlasov",
       in_default_window(DeviceModel::ideal)},
      {"gokmen-vlasov", "constant step, 1200 states, 30 % spread of steps, bounds and cycles",
       aihwkit("GokmenVlasov"), Grade::published, kWindow,
       pulse_device(DeviceModel::constant_step, 0.0016, 0.01)},
      {"idealized", "constant step, 10000 states, 30 % spread of steps, bounds and cycles",
       aihwkit("Idealized"), Grade::published, kWindow,
       pulse_device(DeviceModel::constant_step, 0.0002, 0.0)},
      {"soft-bounds-1200", "gokmen-vlasov with steps that shrink towards the bounds",
       aihwkit("GokmenVlasov"), Grade::derived,
       std::string("model exchanged for soft bounds, numbers kept; ") + kWindow,
       pulse_device(DeviceModel::soft_bounds, 0.0016, 0.01)},
      {"reram-sb", "ReRAM with soft bounds and cycle noise of 3.75 steps",
       "IBM aihwkit, preset ReRamSB, after Gong et al., Nat. Commun. 9, 2102 (2018)",
       Grade::published,
       std::string(
           "the reference device that the preset subtracts on reading (SoftBoundsReference) "
           "is left out; ") +
           kWindow,
       reram_soft_bounds()},
      {"reram-es", "ReRAM with exponential steps and cycle noise of 5 steps",
       "IBM aihwkit, preset ReRamES, after Gong et al., Nat. Commun. 9, 2102 (2018)",
       Grade::published, kWindow, reram_exp_step()},
      {"reram-array-om", "ReRAM array of optimised material, about 20 states, log-normal steps",
       "IBM aihwkit, preset ReRamArrayOM, after Gong, Rasch et al., IEDM 2022", Grade::published,
       std::string("13.48 % of the devices measured were corrupt: set them as stuck; ") + kWindow,
       reram_array(0.0949, 0.7829, 0.4158, 0.3499, 0.5695, 1.4113)},
      {"reram-array-hfo2", "ReRAM array of baseline HfO2, about 4 states, log-normal steps",
       "IBM aihwkit, preset ReRamArrayHfO2, after Gong, Rasch et al., IEDM 2022", Grade::published,
       std::string("9.77 % of the devices measured were corrupt: set them as stuck; ") + kWindow,
       reram_array(0.4622, 0.7125, 0.2174, 0.4295, 0.599, 0.5841)},
      {"capacitor", "capacitor cell, 400 states, nearly linear",
       "IBM aihwkit, preset Capacitor, after Li et al., VLSI 2018", Grade::published,
       std::string("the leak of the source (lifetime 1e6 batches) is left out; ") + kWindow,
       capacitor()},
      {"ecram-li", "lithium ECRAM, 1000 states",
       "IBM aihwkit, preset EcRam, after Tang et al., IEDM 2018", Grade::published, kWindow,
       ecram(0.002, 0.3, 1.1724, -0.8276, 0.1153, 0.5085)},
      {"ecram-mo", "metal-oxide ECRAM, 7000 states, cycle noise of 2 steps",
       "IBM aihwkit, preset EcRamMO, after Kim et al., IEDM 2019", Grade::published, kWindow,
       ecram(2.8214e-4, 2.0, 1.1714, -0.8286, 0.4152, 0.7342)},
      {"pcm-one-sided", "phase-change memory under partial SET pulses, to be paired and refreshed",
       "IBM aihwkit, preset PCM, after Nandakumar et al., Front. Neurosci. 14, 406 (2020)",
       Grade::published,
       "the source gives weights only; window 0.25-25 uS as in its statistical model, pulses of "
       "neurosim-ideal; drift is a part of its own (analog/noise/retention.hpp)",
       pcm()},
      {"exp-step-default", "exponential steps, 1200 states",
       "IBM aihwkit, defaults of ExpStepDevice; Rasch et al., AICAS 2021", Grade::published,
       kWindow, exp_step_default()},
      {"power-step-1200", "gokmen-vlasov with steps linear in the distance to the bound",
       aihwkit("GokmenVlasov"), Grade::derived,
       std::string("model exchanged for the power step with exponent 1, numbers kept; ") + kWindow,
       power_step_1200()},
      {"linear-64", "constant step, 64 states over the whole weight range, no spread, no noise",
       "none; the number of states of neurosim-ideal", Grade::designed, kWindow, linear_64()},
      {"neurosim-ideal", "64 linear levels, 0.1-5 uS, no noise", kNeuroSim, Grade::published, "",
       in_default_window(DeviceModel::exponential)},
      {"neurosim-ag-a-si",
       "Ag:a-Si, 3.1-38 nS, 97/100 levels, nonlinearity 2.4/4.88, 300 us pulses", kNeuroSim,
       Grade::published, "", silver_silicon()},
  };
  for (DevicePreset& preset : presets) preset.config.preset = preset.name;
  return presets;
}

// Levenshtein's distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view name(Grade grade) {
  switch (grade) {
    case Grade::published:
      return "published";
    case Grade::derived:
      return "derived";
    case Grade::designed:
      return "designed";
  }
  throw InternalError("unknown grade");
}

const std::vector<DevicePreset>& device_presets() {
  static const std::vector<DevicePreset> presets = make_presets();
  return presets;
}

DeviceConfig device_preset(std::string_view name) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const DevicePreset& preset : device_presets()) {
    if (preset.name == name) return preset.config;
    near.emplace_back(edit_distance(name, preset.name), preset.name);
  }
  std::sort(near.begin(), near.end());
  throw UserError("expected the name of a device preset (nearest: " + near[0].second + ", " +
                  near[1].second + ", " + near[2].second + "), got \"" + std::string(name) + "\"");
}

}  // namespace memprop::analog
