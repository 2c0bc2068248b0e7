// Walks through a phase table, one clock edge per step. IDLE (row 0) waits for start; every other
// row lasts for its number of cycles, UPDATE until the update engine says so.
#pragma once

#include <cstdint>

#include "digital/phase_table.hpp"

namespace memprop::digital {

// Throws UserError if the table cannot be executed: row 0 is not IDLE, a row without length, a
// successor that does not exist, a path that never returns to IDLE, an UPDATE that no circuit
// carries out or whose codes have not been converted.
void check_phase_table(const PhaseTable& table, bool has_update_circuit);

// Whether the training path of a (valid) table samples the negatively nudged state.
bool is_centred(const PhaseTable& table);

class PhaseSequencer {
 public:
  PhaseSequencer() = default;
  // The table must outlive the sequencer's use; it is passed to every call instead of stored, so
  // that an object holding both can be moved.
  bool idle() const { return row_ == 0; }
  std::uint32_t row() const { return row_; }
  bool training() const { return train_; }
  // Whether the present cycle is the last of its row, known before the edge (UPDATE aside).
  bool last_cycle() const { return left_ <= 1; }

  void reset() {
    row_ = 0;
    left_ = 0;
    train_ = false;
  }

  // One rising edge; true if another row is active after it.
  bool step(const PhaseTable& table, bool start, bool train, bool update_finished) {
    if (row_ == 0) {
      if (!start) return false;
      train_ = train;
    } else if (table[row_].phase == Phase::update) {
      if (!update_finished) return false;
    } else if (--left_ != 0) {
      return false;
    }
    row_ = train_ ? table[row_].next_train : table[row_].next_infer;
    left_ = table[row_].cycles;
    return true;
  }

 private:
  std::uint32_t row_ = 0;
  std::uint32_t left_ = 0;  // cycles of the row still to come, the present one included
  bool train_ = false;
};

}  // namespace memprop::digital
