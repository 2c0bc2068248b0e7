// The device without limits: the state is the conductance itself, every pulse has the same size,
// any value of the window can be written at once. Explicitly ideal, as a reference.
#pragma once

#include <cstddef>

#include "analog/memristor/pulse_law.hpp"

namespace memprop::analog {

PulseLaw ideal_law(const DeviceConfig& config, std::size_t cells);

}  // namespace memprop::analog
