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

double voltage_scale(const ChipConfig& chip) {
  if (chip.neuron.circuit != NeuronCircuit::ota) return chip.voltage_scale_v;
  constexpr double boltzmann = 1.380649e-23, charge = 1.602176634e-19;
  return 2.0 * chip.neuron.slope_factor * boltzmann * chip.temperature_k / charge;
}

std::vector<analog::NeuronBankConfig> fabricate_neurons(const ChipConfig& chip,
                                                        const learning::Network& network,
                                                        std::uint64_t seed) {
  std::vector<analog::NeuronBankConfig> banks;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    analog::NeuronBankConfig bank;
    bank.name = fmt::format("layer{}/neurons", l);
    bank.activation = network.config.activation[l - 1];
    bank.voltage_scale_v = voltage_scale(chip);
    bank.ota_leak = chip.neuron.circuit == NeuronCircuit::ota;
    const auto stream = [&](const char* what) {
      return RandomStream(seed, fmt::format("chip/layer{}/{}", l, what));
    };
    const RandomStream capacitor = stream("capacitor"), leak = stream("leak"),
                       gain = stream("line-gain"), offset = stream("line-offset");
    for (std::size_t i = 0; i < network.width(l); ++i) {
      bank.capacitance_f.push_back(network.tau_s[l - 1][i] * chip.neuron.leak_s *
                                   spread(capacitor, i, chip.neuron.capacitor_mismatch));
      bank.leak_s.push_back(chip.neuron.leak_s * spread(leak, i, chip.neuron.leak_mismatch));
      bank.line_gain.push_back(spread(gain, i, chip.neuron.gain_mismatch));
      bank.line_offset_v.push_back(
          chip.neuron.offset_v == 0.0 ? 0.0 : chip.neuron.offset_v * offset.normal(i));
    }
    banks.push_back(std::move(bank));
  }
  return banks;
}

std::vector<double> fabricate_offsets(std::size_t n, double sigma_v, std::uint64_t seed,
                                      std::string_view stream_name) {
  std::vector<double> offset(n, 0.0);
  if (sigma_v == 0.0) return offset;
  RandomStream(seed, stream_name).normals(0, 0, offset);
  for (double& o : offset) o *= sigma_v;
  return offset;
}

double mirror_ratio(const ChipConfig& chip, std::size_t l, double nominal_range_s) {
  const auto& range = chip.weight_range;
  if (range.empty()) throw InternalError("weight_range is empty");
  const double w_max = range.size() == 1 ? range[0] : range.at(l - 1);
  return w_max * chip.neuron.leak_s / nominal_range_s;
}

}  // namespace memprop::hw
