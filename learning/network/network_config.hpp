// What a network is, independent of whether software or a chip runs it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "learning/network/dendrite_config.hpp"
#include "learning/resistive/resistive_config.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::learning {

// squared_error: the output layer is part of the recurrent net, C = 1/2 |y - r_L|^2.
// softmax: the last weight matrix is a read-out outside the loop with cross-entropy cost; its error
//   W_L^T (y - p) nudges the last hidden layer (Liu and Chen, arXiv:2508.11659).
enum class Readout { squared_error, softmax };

// tied: the feedback from layer l+1 to l is b_l W_{l+1}^T. separate: b_l B_l with own B_l.
enum class FeedbackWeights { tied, separate };

// All times init_gain. glorot_uniform: +-sqrt(6/(n_in + n_out)); fan_in_uniform: +-1/sqrt(n_in);
// fan_in_normal: N(0, 1)/sqrt(n_in); positive_uniform: [0, sqrt(6/(n_in n_out))), the product and
// not the sum (Kubo et al., arXiv:2204.14008, authors' code).
enum class WeightInit { glorot_uniform, fan_in_uniform, fan_in_normal, positive_uniform };

// What a neuron's state x is and how it moves, tau dx/dt or x += dt ( ... ); d is its drive:
//   membrane  -x + d             r = f(x): the voltage before the activation
//   rate      -x + f(d)          r = x: the leaky rate of most software
//   energy    -x + f'(x) d       r = f(x): gradient flow (Scellier and Bengio, arXiv:1602.05179)
// The first two have the same equilibria.
enum class Dynamics { membrane, rate, energy };

// zero; fan_in_uniform: +-1/sqrt(inputs of the neuron, or of the branch).
enum class BiasInit { zero, fan_in_uniform };

enum class TimeConstantFamily { equal, lognormal, gamma, normal, uniform };

// time: the tau_i are drawn; rate: the 1/tau_i, of mean 1/mean_s, which are the time steps of a
// discrete map (Kubo et al., arXiv:2603.03402).
enum class TimeConstantQuantity { time, rate };

// A value per neuron, drawn once per network; clipped to [clip_low, clip_high] times the mean and,
// with keep_mean, rescaled until the sample mean of each layer equals the mean.
// What of a neuron is spread over the layer when tau = C/g is. A leak that is off by a factor also
// scales the neuron's whole drive: it stands at v = (g_mean/g) times what it would stand at.
enum class TimeConstantSource { capacitance, leak };

struct TimeConstantConfig {
  TimeConstantFamily family = TimeConstantFamily::equal;
  TimeConstantQuantity quantity = TimeConstantQuantity::time;
  double mean_s = 100e-9;  // [s]
  double cv = 0.0;         // coefficient of variation of the unclipped variable
  double clip_low = 0.25;  // in units of the mean
  double clip_high = 2.5;  // in units of the mean
  bool keep_mean = true;
  bool resample = false;  // drawn anew for every batch: an ablation, no device does it
  TimeConstantSource source = TimeConstantSource::capacitance;
};

struct NetworkConfig {
  NetworkStyle style = NetworkStyle::regulated;
  std::vector<std::size_t> layers;     // n_0 (input) ... n_L (output)
  std::vector<Activation> activation;  // of layers 1..L, or one for all
  Readout readout = Readout::squared_error;
  std::vector<double> forward_gain;   // a_l of layers 2..L, or one for all; empty: 1
  std::vector<double> feedback_gain;  // b_l of layers 1..L-1, or one for all
  FeedbackWeights feedback = FeedbackWeights::tied;
  // Separate feedback: angle between B_l and W_{l+1}^T when drawn. 90: drawn independently.
  double feedback_angle_deg = 90.0;
  bool train_feedback = false;  // separate feedback learns as forward weights do
  // Connections beyond the chain: link.hpp has their form ("1-4", "2>5", "1-4@0.05").
  std::vector<std::string> links;
  std::size_t link_block = 0;     // links 1-(1+n), (1+n)-(1+2n), ...; 0: none
  double link_probability = 0.0;  // of each ordered pair of layers that are not neighbours
  Dynamics dynamics = Dynamics::membrane;
  bool bias = false;
  BiasInit bias_init = BiasInit::zero;
  std::vector<double> bias_mean{0.0};  // biases start at N(mean, deviation^2); one mean or L
  double bias_deviation = 0.0;
  DendriteConfig dendrites;
  WeightInit init = WeightInit::glorot_uniform;
  double init_gain = 1.0;
  std::string init_file;  // weights from a run (.h5) or a NumPy file (.npz)
  TimeConstantConfig time_constant;
  ResistiveConfig resistive;  // of the style `resistive`
};

}  // namespace memprop::learning
