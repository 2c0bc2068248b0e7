// Measured potentiation and depression curves from a text file.
//
// A header line names the columns, in any order, separated by comma, semicolon or tab; lines that
// begin with # are skipped:
//     pulse              number of pulses so far
//     polarity           up (also 1, +, set, p, potentiation), down (-1, -, reset, d, depression),
//                        or none (0) for a reading before any pulse
//     conductance [uS]   after the pulse, in the unit of the header
//     device             optional id
// Rows of a device stand in the order they were measured. Pulses that were not read may be left
// out: the number says how many there were. The same number again is a second reading. Where the
// number falls, counting has begun anew: with the other polarity for the other direction, with the
// same one for a new train whose past is unknown.
#pragma once

#include <string>
#include <vector>

#include "analog/fit/pulse_train.hpp"

namespace memprop::cli {

// Throws UserError "FILE:LINE: expected ..., found ...".
std::vector<analog::fit::PulseTrain> read_pulse_csv(const std::string& path);

}  // namespace memprop::cli
