// Sleep replay consolidation: what happens to a network between two tasks (sleep.hpp).
#pragma once

#include <cstddef>
#include <vector>

namespace memprop::learning {

// f(w) of a change. soft: 2 / (1 + exp(w / width)); hard: 2 where w < 0, else 0; none: 1.
enum class SleepGate { soft, hard, none };

// What the rates of the inputs are: the mean input of all tasks so far, or its mean over the
// inputs for every one of them (a control).
enum class SleepInput { mean, uniform };

// Where the spikes of the inputs come from: the streams of the seed, or shift registers as a chip
// has them (digital/sleep_rows.hpp), bit for bit.
enum class SleepRandom { stream, shift_register };

struct SleepConfig {
  bool on = false;
  std::size_t steps = 3000;   // of the first sleep
  double growth = 1.0 / 3.0;  // steps of sleep k: steps (1 + (k - 1) growth)
  SleepInput input = SleepInput::mean;
  SleepRandom random = SleepRandom::stream;
  double input_gain = 0.25;   // probability of a spike over the mean input
  std::size_t window = 0;     // side of a square of inputs that spike, at random places; 0: all do
  std::size_t mean_bits = 0;  // of the kept mean; 0: exact
  double leak = 0.9;          // lambda, of every membrane and step
  // t_l of layers 1..L: theta_l = t_l times the largest drive of the layer in calibration samples,
  // or its largest weight if that is more.
  std::vector<double> threshold;
  double increase = 0.0022;              // of a weight between two that spike
  double decrease_ratio = 0.115;         // of one whose sender is silent, over that
  std::vector<double> layer_scale{1.0};  // of both, of layers 1..L or one for all
  SleepGate gate = SleepGate::soft;
  double gate_width = 1e-3;
  bool feedback = false;  // spikes also go back down
  bool bias = false;      // biases act
  std::size_t calibration_samples = 1000;
};

}  // namespace memprop::learning
