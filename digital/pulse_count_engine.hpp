// Update circuit U1: pulse counts with stochastic rounding, written row by row.
//
// All tiles work at the same time. A tile goes through its rows with a non-zero code in ascending
// order; rows with code zero cost no cycle and draw nothing. Each visited row advances all column
// registers of the tile once and gets its counts n_ij (pulse_count_kernels.hpp), clipped to
// max_pulses. Then SET slots 1, 2, ... pulse the columns with n >= slot, and RESET slots those with
// -n >= slot. A row is evaluated while the slot before it is driven, so it takes max(1, slots)
// cycles:
//
//   N_UPDATE = max(1, max over tiles of sum over rows with x != 0 of max(1, n+_max + n-_max))
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "digital/pulse_count_kernels.hpp"
#include "digital/update_engine.hpp"

namespace memprop::digital {

class PulseCountEngine : public UpdateEngine {
 public:
  explicit PulseCountEngine(const ControllerConfig& config);

  void reset() override;
  void start(const UpdateOperands& operands) override;
  bool cycle(ControllerOutputs& out, ControllerCounters& counters) override;
  void release(ControllerOutputs& out) override;
  void save(std::vector<std::uint64_t>& state) const override;
  std::size_t saved_words() const override;
  void restore(Span<const std::uint64_t> state) override;

 protected:
  struct Pulses {
    std::uint32_t column;
    std::uint32_t count;
  };
  struct Tile {
    TileUpdateRegisters registers;
    bool narrow = true;  // 32-bit factors suffice
    std::size_t columns = 0;
    RegisterBank bank;
    const TileOperands* operands = nullptr;
    AlignedVector<std::uint32_t> d;           // simplified: |d|
    AlignedVector<std::int32_t> plus, minus;  // product form
    std::vector<std::uint64_t> magnitude;     // wide: |D| of the row
    AlignedVector<std::uint32_t> n;           // counts of the row, unclipped
    std::vector<std::uint16_t> hits;          // which of them are not zero, a bit per column
    PulseCountBlocks blocks;                  // where the kernels find these
    std::vector<std::uint32_t> rows;          // those with a code, ascending
    std::size_t rows_count = 0, rows_done = 0;
    std::uint32_t row = 0;
    std::vector<Pulses> set, reset;  // columns of the row with pulses
    std::size_t set_count = 0, reset_count = 0;
    std::uint32_t set_slots = 0, slots = 0, slot = 0;
    bool lines_high = false;
    // Where the pulses of the row are subtracted when they are driven (U7); null: nowhere.
    std::int32_t* accumulators = nullptr;
    std::int32_t threshold = 0;
  };

  // Plans the slots of tile t's row: its columns with pulses, up and down, and how many.
  virtual void evaluate_row(std::size_t t, ControllerCounters& counters);
  // Draws and counts of the row; false if no column has any.
  bool count_row(Tile& tile) const;
  // Calls visit(column) for the columns with a count, in ascending order.
  template <class Visit>
  static void for_each_hit(const Tile& tile, Visit visit) {
    for (std::size_t w = 0; w < tile.hits.size() / 4; ++w) {
      std::uint64_t hits;  // of 64 columns
      std::memcpy(&hits, &tile.hits[w * 4], sizeof hits);
      for (; hits != 0; hits &= hits - 1) {
        visit(w * 64 + static_cast<std::size_t>(__builtin_ctzll(hits)));
      }
    }
  }
  // D of a cell of the row.
  std::int64_t product_of(const Tile& tile, std::size_t column) const;
  bool negative(const Tile& tile, std::size_t column) const { return product_of(tile, column) < 0; }
  static void clear_slots(Tile& tile);
  static void add_pulses(Tile& tile, std::size_t column, std::uint32_t count, bool set);
  static void plan_slots(Tile& tile);

  std::uint32_t max_pulses_;
  bool product_;
  std::vector<Tile> tiles_;

 private:
  void load_columns(Tile& tile) const;
};

}  // namespace memprop::digital
