// What comes out of the fab: the analog parameters of every neuron and converter channel of one
// chip, drawn once from the seed. Plain C++, no kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "analog/neuron/neuron_bank.hpp"
#include "hw_models/chip_config.hpp"
#include "learning/network/network.hpp"

namespace memprop::hw {

// Voltage unit V_s: the configured one, or 2 n U_T of an OTA [V].
double voltage_scale(const ChipConfig& chip);

// One neuron bank per layer 1..L. C_i = tau_i g_L (1 + e_C), g_L,i = g_L (1 + e_g): a leak that is
// off also scales the neuron's whole drive (imperfection 10 of ep-circuits 3.1). With time
// constants spread by the leaks C_i = tau g_L (1 + e_C), g_L,i = g_L tau / tau_i (1 + e_g).
std::vector<analog::NeuronBankConfig> fabricate_neurons(const ChipConfig& chip,
                                                        const learning::Network& network,
                                                        std::uint64_t seed);

// The second copies of the same neurons: the parameters of `banks`, with the mismatch of
// chip.twin between the activity lines of a copy and its original.
std::vector<analog::NeuronBankConfig> fabricate_twins(
    const ChipConfig& chip, const std::vector<analog::NeuronBankConfig>& banks, std::uint64_t seed);

// n offsets of the given sigma [V].
std::vector<double> fabricate_offsets(std::size_t n, double sigma_v, std::uint64_t seed,
                                      std::string_view stream);

// Gain a in front of what layer l = 1..L receives from below.
double forward_gain(const learning::Network& network, std::size_t l);

// Mirror ratio m of tile l = 1..L: the largest weight over the largest conductance difference, in
// units of the leak. w = m (G+ - G-) / g_L.
double mirror_ratio(const ChipConfig& chip, std::size_t l, double nominal_range_s);

}  // namespace memprop::hw
