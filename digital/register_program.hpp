// A controller's configuration as writes of its registers: what a host does after power-up, and
// what a test bench does with a controller in RTL.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "digital/register_map.hpp"

namespace memprop::digital {

struct RegisterWrite {
  std::uint32_t address, word;
};

// The writes of the block "core": MODE, SEED, MAX_PULSES, STREAM_LENGTH, the rates of all tiles and
// the phase table. A reset has to follow, because the seed acts there. Throws UserError, naming the
// register, where one cannot hold a value or the chip is built differently.
std::vector<RegisterWrite> register_program(const ControllerConfig& config, const ChipBuild& build);

// The chip on which a configuration runs.
ChipBuild chip_build(const ControllerConfig& config, std::uint32_t target_bits);

}  // namespace memprop::digital
