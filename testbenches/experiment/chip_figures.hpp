// What a chip has done since its beginning, as figures of a result.
#pragma once

#include "hw_models/chip_runner.hpp"
#include "testbenches/experiment/run_result.hpp"

namespace memprop::bench {

Energy chip_energy(const hw::ChipRunner& runner);

// Cycles, pulses, clipping, settling, energy, solver and feedback angles.
void fill_chip_figures(RunResult& result, hw::ChipRunner& runner);

}  // namespace memprop::bench
