// The sleep mode of a chip (docs/circuits.md, "Sleep mode"): tiles and neurons of an AnalogChip
// under a digital::SleepSequencer, between two samples. Row drivers give pulses of one height in
// the place of analogue voltages; columns of all tiles that end at a layer, links included, charge
// the soma capacitors (analog::SleepColumns), of dendritic neurons through their branches
// (analog::SleepBranches), each before a comparator; feedback and nudge are off; columns that
// spiked are written on G-, where the sign sense allows it. The kernel's time stands still
// meanwhile: cycles are counted here.
//
// Thresholds are relative to the largest drive that the chip itself has seen awake (peak detectors
// at the neurons), or to its largest weight, found by driving one row after the other:
//     theta_l = t_l max(peak of sum m a sum_j (G+ - G-) V_j / (g_L V_s), max m a (G+ - G-) / g_L)
// (with branches: of the rectified mean) and stand at the comparators as theta_l V_row g_L times
// the nominal charge of a drive.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "analog/neuron/sleep_branches.hpp"
#include "analog/neuron/sleep_columns.hpp"
#include "digital/sleep_sequencer.hpp"
#include "hw_models/analog_chip.hpp"
#include "learning/continual/sleep.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

// What all sleeps so far have cost and done beside the pulses that the devices count.
struct SleepTotals {
  std::uint64_t steps = 0, cycles = 0, decisions = 0, senses = 0;
  double arrays_j = 0.0;  // rows driven, and columns sensed
  // Cells of columns that spiked (before the gate), and pulses that reached one.
  std::uint64_t raise_cells = 0, lower_cells = 0, raise_pulses = 0, lower_pulses = 0;
};

class SleepMode {
 public:
  // Throws UserError (sleep_limits.hpp, registers). The chip, made with chip.sleep.used, outlives
  // it.
  SleepMode(AnalogChip& chip, const learning::Network& network, const learning::SleepConfig& sleep,
            std::uint64_t seed);

  // Peaks of the column drives, in units of weight times activity.
  void clear_peaks();
  // Looks at the columns as the free phase of the last sample has left them.
  void take_peaks();
  // theta_l; layers 1..L.
  std::vector<double> thresholds() const;

  // One sleep, from discharged somas: so many steps, with the mean codes of the rows and theta_l in
  // weights. `look` is shown what spikes: layer 0..L, one after the other in every step.
  using Look = std::function<void(std::size_t layer, const digital::BitVector& spikes)>;
  learning::SleepReport run(Span<const std::uint16_t> mean_codes, Span<const double> theta,
                            std::uint64_t steps, const Look& look = {});

  // A threshold as the comparators of a layer see it [V].
  double threshold_v(std::size_t l, double theta) const;
  const analog::SleepColumns& columns(std::size_t l) const { return columns_[l - 1]; }
  const SleepTotals& totals() const { return totals_; }
  const digital::SleepSequencer& sequencer() const { return sequencer_; }

  // For checkpoints, between sleeps: shift registers and totals.
  void save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const;
  void restore(Span<const double> values, Span<const std::uint64_t> counters);

 private:
  struct Cells {  // of a tile, as its lines see them
    Span<const double> plus, minus;
  };
  Cells cells(std::size_t tile) const;
  double weight_of_siemens(std::size_t tile, std::size_t column) const;
  void add_awake(std::size_t tile);
  void read(std::size_t tile);
  void add_noise(std::size_t tile);
  void drive(std::size_t l);
  void compare(std::size_t l);
  void count_absent(std::size_t tile);
  void sense(std::size_t tile, std::size_t column);
  void write(std::size_t tile, std::size_t column, bool raise);
  void act(const digital::SleepOutputs& out, digital::SleepInputs& in, const Look& look);
  void pass_step(std::uint64_t cycles);
  learning::SleepReport report_since(const digital::SleepCounters& before);

  AnalogChip& chip_;
  ChipConfig config_;
  learning::SleepConfig sleep_;
  digital::SleepSequencer sequencer_;
  std::vector<analog::SleepColumns> columns_;                     // per layer
  std::vector<std::unique_ptr<analog::SleepBranches>> branches_;  // per tile; null: point neurons
  std::vector<double> charge_ohm_;                                // nominal, per layer
  std::vector<double> threshold_v_;                               // of the present sleep
  std::vector<std::vector<double>> sense_offset_s_;               // per tile
  std::vector<double> peak_;                                      // per layer
  RandomStream comparator_noise_;
  std::vector<RandomStream> read_noise_;  // per tile
  double row_v_ = 0.0, averaged_ = 0.0;
  // Of the present step.
  std::vector<double> current_a_, layer_a_, branch_v_, row_line_v_, variance_;
  std::vector<std::uint32_t> active_, pulsed_;
  std::vector<digital::BitVector> comparators_;       // per layer
  std::vector<digital::BitVector> negative_, above_;  // per tile: signs, branches
  SleepTotals absent_;        // of the present sleep: rows without a cell, and pulses there
  std::uint64_t sensed_ = 0;  // columns, of the sequencer's count
  SleepTotals totals_;
};

}  // namespace memprop::hw
