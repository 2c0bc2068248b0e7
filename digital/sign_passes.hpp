// The passes of the coincidence circuits U2 and U3: in each, only rows of one sign and columns of
// one sign take part, and all coincidences have the same polarity.
//
//   pass  row sign  column sign  polarity
//    1       +          +        SET
//    2       -          -        SET       left out if no tile has signed row codes
//    3       +          -        RESET
//    4       -          +        RESET     left out if no tile has signed row codes
//
// The product difference repeats the passes with the subtracted codes and opposite polarity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/bit_vector.hpp"
#include "digital/controller.hpp"

namespace memprop::digital {

struct SignPass {
  std::size_t group;
  bool row_negative;
  bool col_negative;
  bool set;
};

std::vector<SignPass> sign_passes(const ControllerConfig& config);

// Packs one byte (0 or 1) per line into the bits of a bus; bytes are padded to whole vectors.
// Returns the number of lines that are high.
std::size_t pack_lines(const std::vector<std::uint8_t>& high, BitVector& lines);

}  // namespace memprop::digital
