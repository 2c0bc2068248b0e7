// Which configurations the controller in RTL (digital/rtl) can carry out.
#pragma once

#include <cstddef>

#include "digital/controller.hpp"

namespace memprop::digital {

// Throws UserError, naming what does not fit and the limit, if memprop_controller with a phase
// table memory of `phase_rows` rows cannot run a configuration that digital::Controller can: more
// phase table rows than its memory, more than 8 tiles, converters that are not of 1 to 16 (inputs)
// or 2 to 32 bits (ADC) or whose full scale is not 2^n - 1, MAX_PULSES or STREAM_LENGTH above 16
// bits, a bias code above the full scale of its tile's rows, an IDLE row that converts.
void check_rtl_support(const ControllerConfig& config, std::size_t phase_rows = 32);

}  // namespace memprop::digital
