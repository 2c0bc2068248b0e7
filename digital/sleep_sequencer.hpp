// The sequencer of a chip's sleep as plain, bit-exact C++ (docs/circuits.md, "Sleep mode"): it
// draws the spikes of the inputs, drives the tiles of one layer after the other, takes the
// comparators of its neurons, and writes what spiked together. It knows mean codes, comparator bits
// and sign bits of cells, and nothing else. digital/README.md, "Sleep", is its specification.
//
// One call of step() is one rising clock edge: inputs are sampled, the returned outputs are the
// registers after the edge. `start` in idle runs `steps` steps of sleep; of each, for every layer:
//   drive    drive_cycles: the leaks of the layer's neurons are closed; in the last pulse_cycles
//            the rows that spiked are driven, of all tiles that end at the layer
//   compare  one cycle: the comparators stand; those that are high at its end are the spikes
// and of each of these tiles that learns, one after the other, for every column whose neuron
// spiked (with branches: whose branch is above 0, too), in ascending order:
//   sense    sense_cycles (none without gate): the column is driven, sign bits of its cells arrive
//   raise    a cycle per slot: pulses that make the weight of the marked rows larger
//   lower    the same, smaller
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/bit_vector.hpp"
#include "digital/sleep_rows.hpp"
#include "digital/tile_shape.hpp"
#include "solvers/span.hpp"

namespace memprop::digital {

// A tile, whose bias row rests; one that leads back, to a layer not above that of its rows, does
// so wholly. Rates are the pulses of a gated cell whose column has spiked, in 65536ths:
// n = (rate + draw) >> 16, at most max_pulses; both rates zero: the tile does not learn.
struct SleepTile {
  TileShape shape;
  std::uint32_t raise_rate = 0;  // where the row has spiked
  std::uint32_t lower_rate = 0;  // where it has not

  bool rests() const { return shape.from >= shape.to; }
};

struct SleepSequencerConfig {
  std::vector<std::size_t> widths;  // n_0 .. n_L
  std::uint32_t gain_mantissa = 0;  // of the row thresholds (sleep_rows.hpp)
  std::uint32_t gain_shift = 0;
  std::size_t window = 0;
  std::uint32_t drive_cycles = 10, pulse_cycles = 10, sense_cycles = 2;
  bool gated = true;  // only cells whose sign bit is high are written
  std::uint32_t max_pulses = 31;
  std::vector<SleepTile> tile;  // all of the chip, in its order
  std::uint32_t seed = 1;
};

enum class SleepPhase : std::uint8_t {
  idle = 0,
  drive = 1,
  compare = 2,
  sense = 3,
  raise = 4,
  lower = 5,
};

struct SleepInputs {
  bool start = false;
  std::uint64_t steps = 0;                 // sampled with start
  const BitVector* comparators = nullptr;  // in `compare`: one for each neuron of the layer
  // In `compare`, by tile: whether each branch is above 0. Only where there are branches.
  const std::vector<BitVector>* branches = nullptr;
  const BitVector* negative = nullptr;  // at the end of `sense`: G- is not below G+, by row
};

struct SleepOutputs {
  SleepPhase phase = SleepPhase::idle;
  std::size_t layer = 1;
  std::size_t tile = 0;    // in drive and compare the first of the layer's
  bool leak_en = false;    // leak switches of the layer's neurons
  bool row_en = false;     // rows are driven
  std::size_t column = 0;  // in sense, raise, lower
  bool done = false;       // one cycle, at the end of the last step
};

struct SleepCounters {
  std::uint64_t steps = 0, cycles = 0;  // cycles outside idle
  std::uint64_t senses = 0;             // columns that were read before a write
  std::vector<std::uint64_t> spikes;    // of layers 0..L
  // Per tile: rows of the columns written, by what they would have got before the gate; pulses.
  std::vector<std::uint64_t> raise_cells, lower_cells, raise_pulses, lower_pulses;
};

class SleepSequencer {
 public:
  // Throws UserError if the configuration cannot be executed.
  explicit SleepSequencer(SleepSequencerConfig config);

  // Only while idle: the mean codes of the inputs.
  void load(Span<const std::uint16_t> codes) { inputs_.load(codes); }

  const SleepOutputs& step(const SleepInputs& in);
  const SleepOutputs& outputs() const { return out_; }
  // Row lines of the present tile, or of one of the layer's in drive: there the rows that spiked,
  // in raise and lower those pulsed.
  const BitVector& rows() const { return lines_[out_.tile]; }
  const BitVector& rows(std::size_t tile) const { return lines_[tile]; }
  // The tiles that end at a layer, in their order.
  const std::vector<std::size_t>& tiles_of(std::size_t layer) const { return ending_[layer - 1]; }
  bool learns(std::size_t tile) const;
  // What layer l = 0..L spiked last; columns that spiked are discharged at the end of `compare`.
  const BitVector& spikes(std::size_t layer) const { return spikes_[layer]; }

  const SleepSequencerConfig& config() const { return config_; }
  const SleepCounters& counters() const { return counters_; }

  // The shift registers, for checkpoints; only at idle.
  std::vector<std::uint64_t> save() const;
  void restore(Span<const std::uint64_t> state);

 private:
  void begin_step();
  void enter_drive(std::size_t layer);
  void take_spikes(const SleepInputs& in);
  void gather_columns();
  void next_column();
  void plan(const BitVector* negative);
  void next_slot();
  void end_layer();

  SleepSequencerConfig config_;
  SleepRows inputs_;
  std::vector<std::vector<std::uint32_t>> write_register_;  // per tile, one for each row
  std::vector<std::vector<std::size_t>> ending_;            // tiles by the layer they end at
  std::vector<BitVector> spikes_, lines_, branches_;
  std::vector<std::vector<std::int32_t>>
      pulses_;                          // per tile, of the present column: wanted, signed
  std::vector<std::uint32_t> columns_;  // of the present tile that are to be written
  std::size_t next_ = 0;                // of them
  std::size_t turn_ = 0;                // of the layer's tiles
  std::uint32_t cycle_ = 0;             // of the present phase
  std::int32_t slot_ = 0, raises_ = 0, lowers_ = 0;
  std::uint64_t steps_left_ = 0;
  SleepOutputs out_;
  SleepCounters counters_;
};

}  // namespace memprop::digital
