// Host side of a sleep: real-valued probabilities and changes into the integer registers of
// sleep_sequencer.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/sleep_sequencer.hpp"
#include "solvers/span.hpp"

namespace memprop::digital {

// Means from 0 to 1 as codes of so many bits (1 to 16), rounded to nearest; others are cut.
std::vector<std::uint16_t> mean_codes(Span<const double> mean, unsigned bits);

// The probability of a spike is `gain` times the mean: gain / (2^bits - 1) for each code step, to
// a relative 2^-16. Throws UserError for gains that the registers cannot hold.
void set_sleep_gain(std::uint32_t& mantissa, std::uint32_t& shift, double gain, unsigned bits);

// Mean pulses of an event as a rate, to 2^-17 of a pulse. Throws UserError where that would be none
// at all, more than one in a hundred off, or more than most pulses.
std::uint32_t sleep_rate(double pulses, std::uint32_t most);

}  // namespace memprop::digital
