#include <cmath>
#include <string>

#include "analog/memristor/pulse_device_array.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::analog {
namespace {

std::string text(double value) { return format_quantity(value, Unit::none); }

void require(bool good, const std::string& expected, const std::string& got) {
  if (!good) throw UserError("device: expected " + expected + ", got " + got);
}

void require_range(const char* key, double value, double low, double high) {
  require(value >= low && value <= high,
          std::string(key) + " from " + text(low) + " to " + text(high), text(value));
}

void require_not_negative(const char* key, double value) {
  require(value >= 0.0 && std::isfinite(value), std::string(key) + " of 0 or more", text(value));
}

void require_positive(const char* key, double value, Unit unit) {
  require(value > 0.0 && std::isfinite(value), std::string(key) + " above 0",
          format_quantity(value, unit));
}

}  // namespace

void check_device(const DeviceConfig& c) {
  require(c.g_min_s >= 0.0 && c.g_max_s > c.g_min_s && std::isfinite(c.g_max_s),
          "0 <= g_min < g_max",
          "g_min = " + format_quantity(c.g_min_s, Unit::siemens) +
              ", g_max = " + format_quantity(c.g_max_s, Unit::siemens));
  require_positive("set_voltage", c.set_voltage_v, Unit::volt);
  require_positive("reset_voltage", c.reset_voltage_v, Unit::volt);
  require_positive("pulse_width", c.pulse_width_s, Unit::second);
  if (c.model == DeviceModel::exponential) {
    require(c.levels_up >= 1.0 && std::isfinite(c.levels_up), "levels_up of 1 or more",
            text(c.levels_up));
    require(c.levels_down >= 1.0 && std::isfinite(c.levels_down), "levels_down of 1 or more",
            text(c.levels_down));
    require_range("nonlinearity_up", c.nonlinearity_up, 0.0, 9.0);
    require_range("nonlinearity_down", c.nonlinearity_down, 0.0, 9.0);
    require_not_negative("nonlinearity_spread", c.nonlinearity_spread);
    require_not_negative("window_cycle_noise", c.window_cycle_noise);
    return;
  }
  require(c.w_min < c.w_max && std::isfinite(c.w_min) && std::isfinite(c.w_max), "w_min < w_max",
          "w_min = " + text(c.w_min) + ", w_max = " + text(c.w_max));
  require_positive("step", c.step, Unit::none);
  if (c.model == DeviceModel::ideal) return;
  // The bounds are spread by a factor and the soft step refers to them: zero lies between.
  require(c.w_min <= 0.0 && c.w_max >= 0.0, "w_min <= 0 <= w_max",
          "w_min = " + text(c.w_min) + ", w_max = " + text(c.w_max));
  require_range("up_down", c.up_down, -1.0, 1.0);
  require_not_negative("step_spread", c.step_spread);
  require_not_negative("up_down_spread", c.up_down_spread);
  require_not_negative("w_max_spread", c.w_max_spread);
  require_not_negative("w_min_spread", c.w_min_spread);
  require_not_negative("cycle_noise", c.cycle_noise);
  require_not_negative("write_noise", c.write_noise);
  require_not_negative("cycle_noise_floor", c.cycle_noise_floor);
  require_not_negative("cycle_noise_slope", c.cycle_noise_slope);
  if (c.model == DeviceModel::linear_step || c.model == DeviceModel::power_step) {
    const double most = c.model == DeviceModel::linear_step ? 1.0 : 100.0;
    require_range("gamma_up", c.gamma_up, 0.0, most);
    require_range("gamma_down", c.gamma_down, 0.0, most);
    require_not_negative("gamma_up_spread", c.gamma_up_spread);
    require_not_negative("gamma_down_spread", c.gamma_down_spread);
  }
  require_not_negative("reference_spread", c.reference_spread);
  const bool reference = c.reference_at_symmetry || c.reference_spread != 0.0;
  require(!reference || c.model == DeviceModel::soft_bounds,
          "the model soft-bounds beside a reference device", "another model");
  // The state kept is w - r: the step at w = 0 is no longer at hand.
  require(!reference || !c.cycle_noise_additive,
          "cycle noise relative to the change beside a reference device", "additive cycle noise");
  if (c.model == DeviceModel::exp_step) {
    for (const double value :
         {c.exp_a, c.exp_b, c.exp_gamma_up, c.exp_gamma_down, c.exp_up, c.exp_down}) {
      require(std::isfinite(value), "finite parameters of the exponential step", text(value));
    }
  }
  if (c.model == DeviceModel::table) {
    require(c.table_up.size() >= 2 && c.table_up.size() == c.table_down.size(),
            "tables of the steps up and down of the same length, 2 or more",
            std::to_string(c.table_up.size()) + " and " + std::to_string(c.table_down.size()) +
                " entries");
    const auto& nodes = c.table_nodes;
    require(nodes.empty() || nodes.size() == c.table_up.size(),
            "as many table_nodes as steps in the tables, or none", std::to_string(nodes.size()));
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const bool end =
          (k > 0 || nodes[k] == c.w_min) && (k + 1 < nodes.size() || nodes[k] == c.w_max);
      require(end && (k == 0 || nodes[k] > nodes[k - 1]),
              "table_nodes that rise from w_min to w_max", text(nodes[k]));
    }
    for (const auto* table : {&c.table_up, &c.table_down}) {
      for (const double value : *table) {
        require(std::isfinite(value), "finite steps in the tables", text(value));
      }
    }
  }
}

}  // namespace memprop::analog
