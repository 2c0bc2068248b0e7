// The table that the phase sequencer executes (ep-circuits 2.7): one row per state.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace memprop::digital {

enum class Phase : std::uint8_t {
  idle = 0,
  load = 1,
  free = 2,
  sample0 = 3,
  nudge_p = 4,
  sample_p = 5,
  nudge_n = 6,
  sample_n = 7,
  update = 8,
  read = 9,
  adapt = 10,  // neurons are pulled towards their own free state (adaptation_table.hpp)
};

std::string_view name(Phase phase);

// What the controller drives while a row of the table is active, and for how long.
struct PhaseRow {
  Phase phase = Phase::idle;
  std::uint32_t cycles = 0;  // length; UPDATE ends when the update engine has finished
  bool x_dac_load = false;
  bool row_en = false;
  bool nudge_en = false;
  bool nudge_sign = false;    // true: negative
  std::uint8_t sh_en = 0;     // one-hot: sample-and-hold that tracks
  bool convert = false;       // adc_start in the first cycle; the codes arrive before the row ends
  std::uint8_t adc_bank = 0;  // sample-and-hold converted, and latch that takes the codes
  std::uint32_t next_train = 0;  // index of the next row when training (0: IDLE)
  std::uint32_t next_infer = 0;  // and when not
};

using PhaseTable = std::vector<PhaseRow>;  // row 0 is IDLE

enum class NudgePhases : std::uint8_t { one_sided, random_sign, centred };

struct PhaseLengths {
  std::uint32_t load, free, sample, convert, nudge_positive, nudge_negative;
};

// The default schedule of equilibrium propagation: LOAD, FREE, SAMPLE0, NUDGEP, SAMPLEP (, NUDGEN,
// SAMPLEN), UPDATE. Each SAMPLE state has a tracking row (network driven) and a conversion row
// (network held). Inference ends with READ (one cycle) after SAMPLE0.
PhaseTable equilibrium_propagation_table(const PhaseLengths& lengths, NudgePhases phases,
                                         bool with_update);

}  // namespace memprop::digital
