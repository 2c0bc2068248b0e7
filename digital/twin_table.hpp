// The schedule of a chip with two copies of its neurons (ep-circuits 1.5): the free and the nudged
// network relax at the same time.
//
//   training   LOAD, NUDGEP (both copies, one of them nudged, for the length of a free phase),
//              SAMPLEP (banks 0 and 1 track together), conversion of bank 0, of bank 1, UPDATE
//   zero nudge LOAD, FREE (both copies), SAMPLE0 (banks 0 and 2 track together), conversion of
//   both,
//              NUDGEP (one copy), SAMPLEP (bank 1), its conversion, UPDATE: bank 1 against bank 2
//              compares the nudged copy with itself
//   inference  LOAD, FREE, SAMPLE0 (bank 0), its conversion, READ
//
// Bank 0 looks at the free copy, the others at the nudged one.
#pragma once

#include "digital/phase_table.hpp"

namespace memprop::digital {

PhaseTable twin_table(const PhaseLengths& lengths, bool zero_nudge, bool with_update);

}  // namespace memprop::digital
