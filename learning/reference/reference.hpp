// The training interface that all software references share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learning/network/network.hpp"
#include "learning/reference/training_state.hpp"
#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

// Gradients, or estimates of them, of the weight layers 1..L and of the network's links (empty
// matrices for those that are not trained); bias is empty without biases, feedback unless it is
// trained.
struct Gradient {
  std::vector<Matrix> weight;
  std::vector<Matrix> links;
  std::vector<std::vector<double>> bias;
  std::vector<Matrix> feedback;
};

// State and activity of the layers of the recurrent net (with the softmax readout: the hidden
// layers), and the network's output: r_L, or the class probabilities.
struct LayerStates {
  std::vector<std::vector<double>> v;
  std::vector<std::vector<double>> r;
  std::vector<double> output;
};

// Of a layer of the recurrent net at the end of the free phase, over neurons and samples.
struct LayerActivity {
  double mean = 0;   // activity
  double share = 0;  // of activities above 0
};

struct Evaluation {
  double accuracy = 0;  // share of samples whose largest output is at the label; NaN without labels
  double loss = 0;      // mean cost per sample
  std::vector<LayerActivity> activity;  // where the reference measures it
};

class Reference {
 public:
  virtual ~Reference() = default;

  // Called before the first sample of an epoch, counted from 0, and after a resume.
  virtual void start_epoch(std::uint64_t /*epoch*/) {}
  // Trains on the samples named by order, one update per batch of learning.batch samples (the last
  // may be smaller). inputs and targets are rows of n_0 and n_L values.
  virtual void train(const float* inputs, const float* targets,
                     Span<const std::uint32_t> order) = 0;
  // A task has ended, which trained on these samples (continual/tasks.hpp).
  virtual void end_task(const float* /*inputs*/, const float* /*targets*/,
                        Span<const std::uint32_t> /*order*/) {}
  // labels may be null.
  virtual Evaluation evaluate(const float* inputs, const float* targets,
                              const std::uint32_t* labels, std::size_t count) = 0;
  virtual Network network() const = 0;

  // For checkpoints: a trainer made from network() continues bit for bit with this state.
  virtual TrainingState training_state() const = 0;
  virtual void set_training_state(const TrainingState& state) = 0;
};

}  // namespace memprop::learning
