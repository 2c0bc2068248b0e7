// What came out of a run: the figures of the table at its end and of the trace.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "learning/reference/reference.hpp"

namespace memprop::bench {

inline const double not_measured = std::nan("");

// Means over the compared training updates, of one weight layer.
struct LayerAlignment {
  double cosine_wanted = not_measured;    // wanted change against the exact EP gradient (descent)
  double cosine_applied = not_measured;   // applied change against it
  double cosine_shuffled = not_measured;  // applied change against the gradient for a wrong label
  double ratio_wanted = not_measured;     // |wanted| / |rate x exact gradient|
  double ratio_applied = not_measured;
};

// The five-way split of ep-circuits section 4 [J].
struct Energy {
  double arrays_j = 0, neurons_j = 0, converters_j = 0, writes_j = 0, digital_j = 0;
  double total_j() const { return arrays_j + neurons_j + converters_j + writes_j + digital_j; }
};

struct PhaseSettling {
  std::string phase;  // "free", "positive", "negative"
  std::uint64_t phases = 0, unsettled = 0;
  double mean_residual = not_measured;  // max |tau dv/dt| / V_s at the end of the phase
  double worst_residual = not_measured;
};

// What a sleep on the chip has cost, its calibration included; no part of the figures of training.
struct SleepCost {
  std::uint64_t set_pulses = 0, reset_pulses = 0, saturated_pulses = 0;
  std::uint64_t cycles = 0, calibration_cycles = 0;
  Energy energy;
};

// What became of all tasks while one was learned (class-incremental runs). Accuracies are shares of
// the test samples of a task, of all outputs.
struct TaskFigures {
  std::vector<double> awake;          // per task, after training on this one
  std::vector<double> slept;          // after the sleep that followed; empty without
  std::vector<double> spikes;         // per step of that sleep, of layers 0..L
  std::vector<double> thresholds;     // theta of layers 1..L in that sleep
  SleepCost cost;                     // on the chip
  double stuck_share = not_measured;  // samples of the task whose own output could not move
                                      // before training on it (hard-sigmoid outputs)
  const std::vector<double>& last() const { return slept.empty() ? awake : slept; }
};

struct RunResult {
  std::string fidelity;
  std::uint64_t training_samples = 0;  // over all epochs
  std::uint64_t test_samples = 0;
  double accuracy = not_measured;           // of the fidelity asked for, on the test samples
  double best_accuracy = not_measured;      // the best epoch's, which many papers report
  double training_accuracy = not_measured;  // of the free phases during training
  // How steadily it trained (learning/metric/stability.hpp), and how settled the free phases of the
  // test samples are at the end (ideal reference: FreePhaseEnd).
  double late_accuracy = not_measured, epoch_deviation = not_measured, largest_drop = not_measured;
  double free_residual = not_measured, free_oscillation = not_measured;
  // Share of test samples whose nudged phase ends going back and forth (oscillating_share()).
  double nudged_oscillating = not_measured;
  double loss = not_measured;  // ideal and ode: mean test loss
  double ideal_accuracy = not_measured;
  double backprop_accuracy = not_measured;
  std::vector<double> accuracy_per_epoch, ideal_per_epoch, backprop_per_epoch;

  std::vector<learning::LayerActivity> activity;  // ideal: per layer, free phases of the last test
  std::vector<TaskFigures> tasks;                 // in the order of learning

  std::vector<LayerAlignment> alignment;  // per weight layer
  std::uint64_t compared_updates = 0;
  std::vector<PhaseSettling> settling;

  // cycle fidelity
  std::string stepper;
  std::vector<double> feedback_angle_deg;  // A2: angle between B and W^T, per feedback path
  std::uint64_t cycles = 0, update_cycles = 0;
  double simulated_s = 0;
  std::uint64_t set_pulses = 0, reset_pulses = 0, saturated_pulses = 0;
  std::uint64_t clipped_counts = 0, clipped_inputs = 0, clipped_targets = 0,
                clipped_conversions = 0, conversions = 0;
  std::uint64_t clipped_weights = 0, stuck_cells = 0;
  std::uint64_t amplified_differences = 0, saturated_differences = 0;  // difference amplifiers
  // Wires followed between exact solutions: the largest error of a tile's matrix just before one,
  // of its largest entry; a value per array, empty without wires.
  std::vector<double> wire_error;
  std::uint64_t wire_reductions = 0;
  // Where pulses are counted: on the most-pulsed device, on the mean, and devices worn out.
  std::uint64_t counted_devices = 0, most_pulses = 0, worn_devices = 0;
  double mean_pulses = not_measured;
  std::uint64_t optimiser_memory_bits = 0, optimiser_words = 0;  // sums and state, 32-bit words
  std::uint64_t verify_reads = 0, verify_cells = 0, verify_unfinished = 0;  // write-verify
  std::uint64_t refreshed_pairs = 0, refresh_cycles = 0;  // pairs written by RESET alone
  std::uint64_t solver_steps = 0, solver_rejected = 0, solver_rhs = 0;
  Energy energy;

  double wall_s = 0;  // the only figure that differs between identical runs
  bool interrupted = false;
  std::vector<std::string> warnings;  // what a user should know before trusting the figures
};

}  // namespace memprop::bench
