#include "hw_models/resistive/resistive_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "digital/host_registers.hpp"
#include "digital/squared_drop_engine.hpp"
#include "hw_models/controller_seat.hpp"
#include "hw_models/controller_setup.hpp"
#include "hw_models/converter/quantizer.hpp"
#include "hw_models/resistive/resistive_limits.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

void set_drop_ratio(digital::TileUpdateRegisters& registers, double ratio, std::size_t layer) {
  const double wanted = std::ldexp(ratio, digital::drop_fraction_bits);
  int shift = 31;
  constexpr double most = 4294967295.0;
  while (shift > 0 && std::ldexp(wanted, shift) > most) --shift;
  const double mantissa = std::nearbyint(std::ldexp(wanted, shift));
  if (!(mantissa >= 1.0 && mantissa <= most)) {
    throw UserError(fmt::format(
        "key 'chip.adc.range': expected a range with which the voltage of one code below layer {} "
        "is between 2^-35 and 2^27 codes of the layer, got a ratio of {:.3g}",
        layer, ratio));
  }
  registers.drop_mantissa = static_cast<std::uint32_t>(mantissa);
  registers.drop_shift = static_cast<std::uint32_t>(shift);
}

digital::NudgePhases phases_of(learning::Nudging nudging) {
  switch (nudging) {
    case learning::Nudging::one_sided:
      return digital::NudgePhases::one_sided;
    case learning::Nudging::random_sign:
      return digital::NudgePhases::random_sign;
    case learning::Nudging::centred:
      break;
  }
  return digital::NudgePhases::centred;
}

}  // namespace

double conductance_unit_s(const ChipConfig& chip) {
  return chip.device.g_max_s / chip.weight_range.front();
}

void check_resistive_chip(const ChipConfig& chip, const learning::NetworkConfig& network) {
  const auto limit = resistive_limit(chip, network);
  if (!limit) return;
  throw UserError(fmt::format("key '{}': expected {} with network.style = \"resistive\", got {}",
                              limit->key, limit->expected, limit->got));
}

digital::ControllerConfig resistive_controller_config(const ChipConfig& chip,
                                                      const learning::Network& network,
                                                      const learning::LearningConfig& learning,
                                                      double conductance_step, std::uint64_t seed) {
  const bool writes = chip.update.circuit != UpdateCircuit::ideal_write;
  const bool sign_only = chip.update.circuit == UpdateCircuit::sign_sign;
  digital::ControllerConfig config;
  for (std::size_t l = 0; l <= network.layer_count(); ++l) {
    config.widths.push_back(learning::resistive_nodes(network.config, l));
  }
  const unsigned input_bits = chip.dac.bits == 0 ? 16 : chip.dac.bits;
  const unsigned node_bits = chip.adc.bits == 0 ? 32 : chip.adc.bits;
  config.x_full_scale = static_cast<std::uint32_t>((std::uint64_t{1} << input_bits) - 1);
  config.adc_full_scale =
      static_cast<std::uint32_t>(SignedScale{chip.adc.range, node_bits}.largest());
  config.circuit = !writes     ? digital::UpdateCircuit::none
                   : sign_only ? digital::UpdateCircuit::sign_sign
                               : digital::UpdateCircuit::pulse_count;
  const auto& s = chip.schedule;
  config.table = digital::equilibrium_propagation_table(
      {s.load, s.free, s.sample, s.convert, s.nudge_positive, s.nudge_negative},
      phases_of(learning.nudging), writes);
  config.random_sign = learning.nudging == learning::Nudging::random_sign;
  config.product_form = true;
  config.squared_drop = true;
  config.max_pulses = chip.update.max_pulses;
  config.seed = static_cast<std::uint32_t>(seed ^ (seed >> 32));

  const auto rates = learning::layer_rates(learning, network.layer_count());
  const double lsb = activity_lsb(chip);
  const double drop_lsb = std::ldexp(lsb, -static_cast<int>(digital::drop_fraction_bits));
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    digital::TileUpdateRegisters registers;
    set_drop_ratio(registers,
                   l == 1 ? input_lsb(chip) * network.config.resistive.input_gain / lsb
                          : learning::amplifier_gain(network.config, l - 1),
                   l);
    if (sign_only) {
      // Thresholds of activities: the product of a difference and of a drop must exceed theirs.
      const double threshold = chip.update.sign_threshold_post * chip.update.sign_threshold_pre;
      registers.row_threshold =
          rates[l - 1] == 0.0 ? 0xffffffffU : digital::threshold_code(threshold, lsb * lsb);
    } else if (writes) {
      // 1/2 from the energy of a resistor, G/2 (drop)^2; the codes carry fractional bits.
      const double rate =
          0.5 * rates[l - 1] * learning::difference_scale(network.config, learning, l);
      try {
        digital::set_pulse_count_rate(registers, digital::pulses_per_code_product(
                                                     rate, drop_lsb, drop_lsb, conductance_step));
      } catch (const UserError& e) {
        throw UserError(fmt::format(
            "key 'learning.rate' (layer {}): expected a rate that the update registers can hold, "
            "got {}: {}",
            l, rates[l - 1], e.what()));
      }
    }
    config.tile.push_back(registers);
  }
  return config;
}

std::vector<Matrix> wanted_conductance_change(const ChipConfig& chip,
                                              const learning::Network& network,
                                              const learning::LearningConfig& learning,
                                              const ControllerSeat& controller,
                                              Span<const double> x, double sign) {
  const bool centred = learning.nudging == learning::Nudging::centred;
  const auto after = controller.latched(1);
  const auto before = centred ? controller.latched(2) : controller.latched(0);
  const double lsb = activity_lsb(chip);
  const auto rates = learning::layer_rates(learning, network.layer_count());
  std::vector<double> source(learning::resistive_nodes(network.config, 0));
  for (std::size_t j = 0; j < source.size() / 2; ++j) {
    source[j] = network.config.resistive.input_gain * x[j];
    source[source.size() / 2 + j] = -source[j];
  }
  std::vector<Matrix> change;
  std::size_t below = 0, here = 0;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const double factor =
        0.5 * rates[l - 1] * sign * learning::difference_scale(network.config, learning, l);
    const double gain = l == 1 ? 1.0 : learning::amplifier_gain(network.config, l - 1);
    Matrix d(network.weight[l - 1].rows(), network.weight[l - 1].cols());
    for (std::size_t i = 0; i < d.rows(); ++i) {
      const double v_after = after[here + i] * lsb, v_before = before[here + i] * lsb;
      for (std::size_t j = 0; j < d.cols(); ++j) {
        const double a_after = l == 1 ? source[j] : gain * (after[below + j] * lsb);
        const double a_before = l == 1 ? source[j] : gain * (before[below + j] * lsb);
        const double moved = (v_after - a_after) - (v_before - a_before);
        const double mean = (v_after - a_after) + (v_before - a_before);
        d(i, j) = -factor * moved * mean;
      }
    }
    change.push_back(std::move(d));
    below = here;
    here += network.weight[l - 1].rows();
  }
  return change;
}

}  // namespace memprop::hw
