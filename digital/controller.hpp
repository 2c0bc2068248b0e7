// The chip's controller as plain, bit-exact C++: phase sequencer and update engine. It knows
// converter codes, labels (as target codes) and counters, and nothing else; an RTL module with the
// same pins can stand in its place.
//
// One call of step() is one rising clock edge: inputs are sampled, the returned outputs are the
// registers after the edge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "digital/bit_vector.hpp"
#include "digital/conversion_sequencer.hpp"
#include "digital/optimiser_unit.hpp"
#include "digital/phase_sequencer.hpp"
#include "digital/phase_table.hpp"
#include "digital/tile_shape.hpp"
#include "solvers/span.hpp"

namespace memprop::digital {

enum class UpdateCircuit : std::uint8_t {
  none,          // SAMPLE is followed by IDLE (inference chips, ideal writes done outside)
  pulse_count,   // U1
  stochastic,    // U2
  sign_sign,     // U3
  accumulate,    // U7
  product_sign,  // U4
  serial_sign,   // U3, row by row
  write_verify,  // U5
};

// Registers of the update engine for one tile; the host computes them from rates and step sizes.
struct TileUpdateRegisters {
  // U1: n = (((|D| * rate_mantissa) >> (rate_shift - 16)) + random16) >> 16, with D the integer
  // product of codes; 16 <= rate_shift <= 47 (<= 80 for codes wider than a real converter's),
  // rate_mantissa < 2^16.
  std::uint32_t rate_mantissa = 0;
  std::uint32_t rate_shift = 16;
  // U2: a row fires when random16 < min(65535, (|x| * row_mantissa) >> row_shift), a column alike;
  // mantissas < 2^16, shifts <= 63.
  std::uint32_t row_mantissa = 0, row_shift = 0;
  std::uint32_t col_mantissa = 0, col_shift = 0;
  // U3: codes whose magnitude does not exceed the threshold cause no pulse.
  std::uint32_t row_threshold = 0, col_threshold = 0;
  // U6: what stands below a column, in units of the columns' codes with U6's fractional bits, is
  // (code * drop_mantissa) >> drop_shift, rounded; drop_shift <= 31.
  std::uint32_t drop_mantissa = 0, drop_shift = 0;
  // U7: accumulated units that make a pulse, 1 .. 2^(accumulator_bits - 1) - 1; the units of a
  // sample are the n of U1, of the same rate_mantissa and rate_shift.
  std::uint32_t accumulate_threshold = 1;
  // U4: products of codes whose magnitude does not exceed it cause no pulse.
  std::uint64_t product_threshold = 0;
  // U5: what a pulse changes a read by, and the tolerance, in 256ths of a code of the converter
  // that reads cells.
  std::uint32_t verify_step = 256, verify_tolerance = 128;
};

struct ControllerConfig {
  std::vector<std::size_t>
      widths;         // n_0 .. n_L; tile l-1 has n_{l-1} (+1 with bias) rows, n_l columns
  bool bias = false;  // last row of each tile: constant full-scale code
  // Other tiles than those of the chain, and which of them have bias rows; empty: the chain.
  std::vector<TileShape> shapes;
  std::uint32_t x_full_scale = 255;    // input code of full scale, also the bias row's of tile 0
  std::uint32_t adc_full_scale = 511;  // largest positive ADC code, the bias row's of the others
  // Codes of the bias rows, per tile; empty: full scale.
  std::vector<std::uint32_t> bias_code;
  PhaseTable table;
  bool random_sign = false;  // the nudging sign of a sample is a register's bit
  // U6 of resistive networks, with pulse_count or sign_sign, in the product form: D is a difference
  // of squared voltage drops (squared_drop_engine.hpp).
  bool squared_drop = false;
  bool product_form = false;  // product difference instead of the simplified rule
  // The simplified rule with the codes of bank 1, the (positively) nudged phase, at the rows.
  bool predictive_form = false;
  UpdateCircuit circuit = UpdateCircuit::pulse_count;
  std::uint32_t max_pulses = 31;     // U1, U7: most pulses per cell and update
  std::uint32_t stream_length = 31;  // U2: BL
  std::vector<TileUpdateRegisters> tile;
  std::uint32_t seed = 1;
  OptimiserUnit optimiser;             // in front of the accumulators of U7
  std::uint32_t accumulator_bits = 8;  // U7: of a cell's accumulator, two's complement, 2 .. 24
  // Converters that share the lines of layers 1..L, 0: one per line; and conversions of each line
  // that a code is the mean of: 1, 2, 4, 8 or 16. See conversion_sequencer.hpp.
  std::size_t adc_channels = 0;
  std::uint32_t adc_average = 1;
  // A conversion row that is too short for its conversions: InternalError, or the codes that did
  // not come in time are lost and the latch keeps what it has.
  bool missing_codes_throw = true;
  std::uint32_t verify_cycles = 4;  // U5: of a read
  std::uint32_t verify_rounds = 8;  // U5: most pulses of a cell and update
};

struct ControllerInputs {
  bool rst_n = true;
  bool start = false;
  bool train = false;
  bool adc_done = false;
  // Codes of the converters, valid with adc_done: one per line of layers 1..L, concatenated, unless
  // fewer converters share them.
  Span<const std::int32_t> adc_data;
};

struct ControllerOutputs {
  Phase phase = Phase::idle;
  bool x_dac_load = false;
  bool row_en = false;
  bool nudge_en = false;
  bool nudge_sign = false;  // true: negative
  std::uint8_t sh_en = 0;   // bit k: sample-and-hold k (0 free, 1 positive, 2 negative) tracks
  bool adc_start = false;
  std::uint8_t adc_bank = 0;          // which sample-and-hold is converted
  std::uint32_t adc_group = 0;        // setting of the converters' multiplexers
  bool upd_en = false;                // at least one of the pulse lines below is high
  std::vector<std::uint8_t> upd_pol;  // per tile: 1 SET (weight up), 0 RESET or no pulse
  std::vector<BitVector> row_pulse;   // per tile
  std::vector<BitVector> col_pulse;   // per tile
  bool busy = false;
  bool done = false;  // one cycle, at the end of a sample
};

struct ControllerCounters {
  std::uint64_t busy_cycles = 0;
  std::uint64_t update_cycles = 0;
  std::uint64_t row_driven_cycles = 0;  // with row_en
  std::uint64_t conversions = 0;        // codes taken from the ADC, each of an average
  // U1: cells whose count was cut to max_pulses; U7: accumulators that saturated.
  std::uint64_t pulse_clipped = 0;
  std::vector<std::uint64_t> pulses_up, pulses_down;  // per tile: coincidences commanded
};

class CellReader;
class UpdateEngine;
class UpdateOperands;
struct VerifyCounters;

class Controller {
 public:
  // Throws UserError if the configuration cannot be executed.
  explicit Controller(ControllerConfig config);
  ~Controller();
  Controller(Controller&&) noexcept;
  Controller& operator=(Controller&&) noexcept;

  // Host interface, only while idle: the input codes (unsigned, <= x_full_scale) of the next
  // sample; they also drive the input DAC. Reset leaves them alone.
  void load_input(Span<const std::uint16_t> codes);
  Span<const std::uint16_t> input_codes() const { return input_; }

  // One rising edge. rst_n low: IDLE, shift registers at their seeds, latches and counters zero.
  // start and train are looked at in IDLE, adc_done and adc_data in the cycles of a conversion row
  // until the first adc_done of each conversion. Throws InternalError if a conversion row ends
  // before all conversions have.
  const ControllerOutputs& step(const ControllerInputs& in);
  const ControllerOutputs& outputs() const { return out_; }

  const ControllerConfig& config() const { return config_; }
  const ControllerCounters& counters() const { return counters_; }
  // The latched codes of sample k (0 free, 1 positive, 2 negative), layers concatenated.
  Span<const std::int32_t> latched(std::size_t k) const { return latch_[k]; }
  void set_latched(std::size_t k, Span<const std::int32_t> codes);
  // U7: what cell (row, column) of the tile has accumulated, at row * columns + column; empty for
  // the other circuits.
  Span<const std::int32_t> accumulators(std::size_t tile) const;

  // U5: who reads the cells, before the first update; and what was read.
  void set_cell_reader(CellReader* reader);
  VerifyCounters verify() const;
  // What a digital optimiser has done; zeros without one.
  OptimiserCounters optimiser() const;

  // Who knows the branches' bits, before the first update; needed by tiles with branches.
  void set_branch_gates(const BranchGates* gates) { gates_ = gates; }

  // Everything that outlives a sample (shift registers, accumulators, counters), for checkpoints;
  // only at IDLE.
  // After restore() the controller is idle, with done low. Throws UserError if the state was saved
  // by a controller of another shape or seed.
  std::vector<std::uint64_t> save() const;
  void restore(Span<const std::uint64_t> state);

 private:
  void power_on();
  void take_codes(Span<const std::int32_t> codes);
  void enter_row();

  ControllerConfig config_;
  PhaseSequencer sequencer_;
  std::unique_ptr<UpdateOperands> operands_;
  std::unique_ptr<UpdateEngine> engine_;
  const BranchGates* gates_ = nullptr;
  std::uint32_t sign_register_ = 0;
  bool nudge_negative_ = false;  // random_sign: the sign of the present sample
  ConversionSequencer conversions_;
  bool update_finished_ = false;  // the present UPDATE cycle is the last
  ControllerOutputs out_;
  ControllerCounters counters_;
  std::vector<std::uint16_t> input_;
  std::vector<std::int32_t> latch_[3];
};

}  // namespace memprop::digital
