// Neuronal adaptation in a phase table: a window behind each nudged phase in which every neuron is
// pulled back towards its own free state, and at whose end the sample is taken.
#pragma once

#include <cstdint>

#include "digital/phase_table.hpp"

namespace memprop::digital {

// The table with a row ADAPT before every row of the training path that tracks a nudged state
// (NUDGEP or NUDGEN, ADAPT, SAMPLEP ...); the tracking row becomes one of ADAPT, so that the window
// lasts `window` cycles up to the moment of sampling. Everything else these rows drive stays: the
// nudge remains on, and nothing but the number of the phase tells the neurons that the window is
// open. Throws UserError if the window is not longer than the time of tracking.
PhaseTable with_adaptation(const PhaseTable& table, std::uint32_t window);

}  // namespace memprop::digital
