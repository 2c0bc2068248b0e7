// Spikes of the inputs of a chip that sleeps: of each row a stored mean code against a random
// number, within a window that jumps where one is asked for. All integer; the recurrence of the
// registers is that of shift_register.hpp, lanes sleep_input and sleep_window of tile 0.
//
//   threshold_j = min(65536, (code_j * gain_mantissa) >> gain_shift)     row j spikes: draw < it
// In a step the registers of the window's row and column advance first (only with a window), then
// those of all rows in ascending order, whatever their codes are. A window of side s in an image of
// side n has its first row at (draw * (n - s + 1)) >> 16, its first column alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/bit_vector.hpp"
#include "solvers/span.hpp"

namespace memprop::digital {

struct SleepRowConfig {
  std::size_t rows = 0;
  std::uint32_t gain_mantissa = 0;  // at most 2^16
  std::uint32_t gain_shift = 0;     // at most 47
  std::size_t window = 0;           // side; 0: all rows may spike
  std::uint32_t seed = 1;
};

class SleepRows {
 public:
  // Throws UserError if the rows are no square image with such a window.
  explicit SleepRows(const SleepRowConfig& config);

  // The mean codes, below 2^16; zero to begin with.
  void load(Span<const std::uint16_t> codes);
  // The rows that spike in the next step.
  void draw(BitVector& rows);

  // The registers, for checkpoints: rows() + 2 words.
  std::vector<std::uint64_t> save() const;
  void restore(Span<const std::uint64_t> state);

 private:
  SleepRowConfig config_;
  std::size_t side_ = 0;
  std::vector<std::uint32_t> register_, threshold_;
  std::uint32_t window_register_[2] = {1, 1};
};

}  // namespace memprop::digital
