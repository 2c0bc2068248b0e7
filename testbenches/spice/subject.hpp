// What a netlist is written of: the analog part of a chip as it stands before a sample, what the
// controller drives during that sample, and where our own integration ends. Plain numbers in SI
// units; layer l and tile l = 1..L are stored at index l-1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analog/crossbar/crossbar_tile.hpp"
#include "analog/crossbar/wired_pairs.hpp"
#include "analog/neuron/neuron_bank.hpp"
#include "analog/resistive/resistive_bank.hpp"
#include "hw_models/chip_runner.hpp"
#include "hw_models/resistive/resistive_runner.hpp"
#include "testbenches/experiment/run_config.hpp"
#include "testbenches/experiment/waveform_recorder.hpp"

namespace memprop::bench::spice {

// Conductances of one array of pairs [S], cell = column * rows + row.
struct Cells {
  std::vector<double> plus_s, minus_s;
};

struct TileSubject {
  analog::CrossbarTileConfig config;
  std::size_t inputs = 0;   // rows without the bias row
  std::size_t columns = 0;  // neurons above
  Cells cells;
  Cells feedback;  // of the second array (option A2); empty: the same array is read backwards
  std::optional<analog::WiredPairsConfig> wires;

  std::size_t rows() const { return inputs + (config.bias_line_v != 0.0 ? 1 : 0); }
};

struct LayerSubject {
  std::size_t size() const { return neurons.capacitance_f.size(); }

  analog::NeuronBankConfig neurons;
  double nudge_s = 0.0;          // G_beta; 0 for hidden layers
  std::vector<double> target_v;  // of the nudging DAC, with its offsets
  std::vector<double> initial_v;
};

// A layer of a resistive chip with the array below it; capacitances, the conductance at each node
// (for the step), target and initial voltages are in its LayerSubject.
struct ResistiveLayerSubject {
  analog::ResistiveBankConfig nodes;
  std::vector<double> back_gain;  // of the amplifiers of this layer; empty: none
  Matrix conductance_s;           // nodes x lines below
};

// From time_s on, until the next one.
struct Drive {
  double time_s = 0.0;
  digital::Phase phase = digital::Phase::idle;
  bool row_en = false;
  int nudge = 0;  // sign of the nudging conductance, 0: off
};

// The membranes when a sample-and-hold stops tracking them: where a phase has ended.
struct PhaseEnd {
  std::string name;  // "free", "positive", "negative"
  double time_s = 0.0;
  std::vector<std::vector<double>> membrane_v;
};

struct Subject {
  std::string name;  // of the run
  std::uint64_t seed = 0;
  std::uint64_t sample = 0;  // number of the training sample in the data
  double voltage_scale_v = 0.0;
  double clock_s = 0.0;
  double slot_s = 0.0;          // A1 slot-resolved: length of a slot pair; 0: none
  double negative_nudge = 1.0;  // the negative nudge over the positive one
  std::vector<double> input_v;
  std::vector<LayerSubject> layers;
  std::vector<TileSubject> tiles;
  std::vector<ResistiveLayerSubject> resistive;  // instead of tiles: a resistive chip
  std::vector<Drive> drive;
  double stop_s = 0.0;  // the sample's phases are over, UPDATE would begin
  std::vector<PhaseEnd> ends;
  double rtol = 0.0;                  // of our integration
  std::vector<std::string> left_out;  // sentences about what the netlist does not hold
};

// Throws UserError naming the key of a part that a netlist does not hold.
void check_exportable(const hw::ChipConfig& chip);

// The chip of a run as a netlist can hold it: without noise that is drawn anew all the time.
hw::ChipConfig exportable_chip(const hw::ChipConfig& chip);

// Runs the next sample of a chip built with exportable_chip() and writes down what a netlist of it
// needs. `waves` belongs to that runner.
Subject examine(hw::ChipRunner& runner, const RunConfig& config, std::uint64_t sample,
                Span<const float> x, Span<const float> target, WaveformRecorder& waves);

// The same of a resistive chip. Its "membranes" are the voltages of its nodes.
Subject examine_resistive(hw::ResistiveRunner& runner, const RunConfig& config,
                          std::uint64_t sample, Span<const float> x, Span<const float> target,
                          GridRecorder& waves, std::size_t points_per_cycle);

// A recorder of that runner at so many points per clock cycle.
GridRecorder resistive_recorder(hw::ResistiveRunner& runner, std::size_t points_per_cycle);

// The schedule of the last sample and when its phases ended, from the log of a runner.
void examine_schedule(const std::vector<hw::PhaseChange>& log, Subject& subject);

// What no netlist holds.
std::vector<std::string> left_out(const RunConfig& config);

}  // namespace memprop::bench::spice
