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

// glorot_uniform: +-sqrt(6/(n_in + n_out)); fan_in_uniform: +-1/sqrt(n_in); both times init_gain.
enum class WeightInit { glorot_uniform, fan_in_uniform };

// zero; fan_in_uniform: +-1/sqrt(inputs of the neuron, or of the branch).
enum class BiasInit { zero, fan_in_uniform };

enum class TimeConstantFamily { equal, lognormal, gamma, normal, uniform };

// One time constant per neuron, drawn once per network; clipped to [clip_low, clip_high] times the
// mean and rescaled until the sample mean of each layer equals the mean.
struct TimeConstantConfig {
  TimeConstantFamily family = TimeConstantFamily::equal;
  double mean_s = 100e-9;  // [s]
  double cv = 0.0;         // coefficient of variation of the unclipped variable
  double clip_low = 0.25;  // in units of the mean
  double clip_high = 2.5;  // in units of the mean
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
  bool bias = false;
  BiasInit bias_init = BiasInit::zero;
  DendriteConfig dendrites;
  WeightInit init = WeightInit::glorot_uniform;
  double init_gain = 1.0;
  std::string init_file;  // weights from a run (.h5) or a NumPy file (.npz)
  TimeConstantConfig time_constant;
  ResistiveConfig resistive;  // of the style `resistive`
};

}  // namespace memprop::learning
