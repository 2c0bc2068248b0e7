#include "hw_models/fabrication.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {
namespace {

// Relative spreads are cut at -90 %: no negative capacitors or leaks.
double spread(const RandomStream& stream, std::size_t index, double sigma) {
  return sigma == 0.0 ? 1.0 : std::max(0.1, 1.0 + sigma * stream.normal(index));
}

}  // namespace

namespace {

// U_T = k T / q [V].
double thermal_voltage(double temperature_k) {
  constexpr double boltzmann = 1.380649e-23, charge = 1.602176634e-19;
  return boltzmann * temperature_k / charge;
}

// What the circuit and the temperature make of a bank: the slope of its activation, its leak, its
// diodes.
void apply_circuit(const ChipConfig& chip, analog::NeuronBankConfig& bank) {
  const NeuronConfig& neuron = chip.neuron;
  const double now_k = chip.temperature_k + chip.temperature_shift_k;
  bank.voltage_scale_v = voltage_scale(chip);
  bank.ota_leak = neuron.circuit == NeuronCircuit::ota;
  bank.passive = neuron.circuit == NeuronCircuit::passive;
  // A differential pair's tanh is one of V / (2 n U_T).
  bank.activation_scale_v = bank.voltage_scale_v;
  if (chip.temperature_shift_k != 0.0 && bank.activation != Activation::linear &&
      bank.activation != Activation::hard_sigmoid) {
    bank.activation_scale_v *= now_k / chip.temperature_k;
  }
  if (neuron.circuit == NeuronCircuit::clamp && bank.activation == Activation::hard_sigmoid) {
    bank.activation = Activation::linear;
    bank.clamp.on = true;
    bank.clamp.saturation_a = neuron.clamp_current_a;
    bank.clamp.high_v = neuron.clamp_high * bank.voltage_scale_v;
    bank.clamp.low_v = neuron.clamp_low * bank.voltage_scale_v;
    bank.clamp.slope_v = neuron.slope_factor * thermal_voltage(now_k);
  }
  bank.amplifier.gain = neuron.amplifier_gain;
  bank.amplifier.feedback_ohm = neuron.amplifier_ohm;
  bank.amplifier.time_constant_s = neuron.amplifier_time_constant_s;
  bank.amplifier.slew_v_per_s = neuron.slew_v_per_s;
}

}  // namespace

double voltage_scale(const ChipConfig& chip) {
  if (chip.neuron.circuit != NeuronCircuit::ota) return chip.voltage_scale_v;
  return 2.0 * chip.neuron.slope_factor * thermal_voltage(chip.temperature_k);
}

std::vector<analog::NeuronBankConfig> fabricate_neurons(const ChipConfig& chip,
                                                        const learning::Network& network,
                                                        std::uint64_t seed) {
  std::vector<analog::NeuronBankConfig> banks;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    analog::NeuronBankConfig bank;
    bank.name = fmt::format("layer{}/neurons", l);
    bank.activation = network.config.activation[l - 1];
    apply_circuit(chip, bank);
    const double leak_s =
        chip.neuron.leak_s *
        std::max(0.1, 1.0 + chip.neuron.leak_temperature_coefficient * chip.temperature_shift_k);
    const auto stream = [&](const char* what) {
      return RandomStream(seed, fmt::format("chip/layer{}/{}", l, what));
    };
    const RandomStream capacitor = stream("capacitor"), leak = stream("leak"),
                       gain = stream("line-gain"), offset = stream("line-offset");
    for (std::size_t i = 0; i < network.width(l); ++i) {
      // The designed spread of tau is one of the capacitors or one of the leaks.
      const double by_leak = network.gain.empty() ? 1.0 : network.gain[l - 1][i];
      bank.capacitance_f.push_back(network.tau_s[l - 1][i] / by_leak * chip.neuron.leak_s *
                                   spread(capacitor, i, chip.neuron.capacitor_mismatch));
      bank.leak_s.push_back(leak_s / by_leak * spread(leak, i, chip.neuron.leak_mismatch));
      bank.line_gain.push_back(spread(gain, i, chip.neuron.gain_mismatch));
      bank.line_offset_v.push_back(
          chip.neuron.offset_v == 0.0 ? 0.0 : chip.neuron.offset_v * offset.normal(i));
    }
    if (chip.neuron.amplifier_offset_v > 0.0) {
      bank.amplifier.offset_v =
          fabricate_offsets(network.width(l), chip.neuron.amplifier_offset_v, seed,
                            fmt::format("chip/layer{}/amplifier-offset", l));
    }
    banks.push_back(std::move(bank));
  }
  return banks;
}

std::vector<analog::NeuronBankConfig> fabricate_twins(
    const ChipConfig& chip, const std::vector<analog::NeuronBankConfig>& banks,
    std::uint64_t seed) {
  std::vector<analog::NeuronBankConfig> twins = banks;
  for (std::size_t l = 1; l <= twins.size(); ++l) {
    analog::NeuronBankConfig& bank = twins[l - 1];
    bank.name = fmt::format("layer{}/twins", l);
    const RandomStream gain(seed, fmt::format("chip/layer{}/twin-gain", l));
    const auto offset_v = fabricate_offsets(bank.line_gain.size(), chip.twin.offset_v, seed,
                                            fmt::format("chip/layer{}/twin-offset", l));
    for (std::size_t i = 0; i < bank.line_gain.size(); ++i) {
      bank.line_gain[i] *= spread(gain, i, chip.twin.gain_mismatch);
      bank.line_offset_v[i] += offset_v[i];
    }
  }
  return twins;
}

std::vector<double> fabricate_offsets(std::size_t n, double sigma_v, std::uint64_t seed,
                                      std::string_view stream_name) {
  std::vector<double> offset(n, 0.0);
  if (sigma_v == 0.0) return offset;
  RandomStream(seed, stream_name).normals(0, 0, offset);
  for (double& o : offset) o *= sigma_v;
  return offset;
}

double forward_gain(const learning::Network& network, std::size_t l) {
  const auto& gain = network.config.forward_gain;
  return gain.empty() ? 1.0 : gain.size() == 1 ? (l > 1 ? gain[0] : 1.0) : gain.at(l - 1);
}

double mirror_ratio(const ChipConfig& chip, std::size_t l, double nominal_range_s) {
  const auto& range = chip.weight_range;
  if (range.empty()) throw InternalError("weight_range is empty");
  const double w_max = range.size() == 1 ? range[0] : range.at(l - 1);
  return w_max * chip.neuron.leak_s / nominal_range_s;
}

}  // namespace memprop::hw
