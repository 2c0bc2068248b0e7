// Sleep-like replay (Tadros, Krishnan, Ramyaa, Bazhenov, Nature Communications 13:7742, 2022; on
// nets trained by equilibrium propagation: Kubo, Delanois, Bazhenov, arXiv:2508.14081). The network
// runs as spiking threshold units on noise with the statistics of the inputs seen so far, and its
// weights change by what fires together. At every step, layer by layer from the input (s_0):
//   s_0,j = 1 with probability min(1, gain m_j)
//   v_l <- lambda v_l + alpha_l I_l(s),    s_l = [v_l >= beta_l],    v_l <- 0 where s_l = 1
//   of a unit that spiked: w += inc f(w) where the sender spiked, w -= dec f(w) where it did not
// I_l sums all forward connections to layer l (links and branches included; only branches above 0
// learn), and feedback where asked for. Only beta_l / alpha_l matters. A sleep maps a network to a
// network: tied feedback changes with the weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learning/continual/sleep_config.hpp"
#include "learning/network/network.hpp"
#include "solvers/random_stream.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

// Throws UserError naming the key (without file): thresholds missing, numbers out of range, and
// networks that cannot sleep so.
void check_sleep(const SleepConfig& config, const NetworkConfig& network);

// Steps of sleep k = 1, 2, ..
std::size_t sleep_steps(const SleepConfig& config, std::size_t k);

// f(w).
double sleep_gate(const SleepConfig& config, double w);

// The mean with its bits, or its mean over the inputs.
std::vector<double> sleep_rates(const SleepConfig& config, Span<const double> mean);

// Spikes of the inputs from elsewhere than the streams of the seed.
class SleepInputs {
 public:
  virtual ~SleepInputs() = default;
  // Those of the next step: 1 or 0 for each input.
  virtual void draw(std::vector<unsigned char>& spikes) = 0;
};

struct SleepLayer {
  double gain = 1.0;       // alpha
  double threshold = 1.0;  // beta
};

// What a sleep did.
struct SleepReport {
  std::size_t steps = 0;
  std::vector<double> spikes;             // per step, of layers 0..L
  std::uint64_t raised = 0, lowered = 0;  // changes of single weights
};

// The spiking network of one sleep. seed and event (of the sleep) key its numbers: "sleep-input"
// and "sleep-window" streams.
class SleepingNetwork {
 public:
  // Refers to the network, whose weights it changes; layers has one entry for each of 1..L.
  SleepingNetwork(Network& network, const SleepConfig& config, std::vector<SleepLayer> layers,
                  std::vector<double> rates, std::uint64_t seed, std::uint64_t event);

  // Takes the spikes of the inputs from there; it outlives the sleep.
  void set_inputs(SleepInputs* inputs) { elsewhere_ = inputs; }

  void step();
  // Spikes of layer l = 0..L and membranes of layer l = 1..L after the last step.
  const std::vector<unsigned char>& spikes(std::size_t l) const { return spikes_[l]; }
  const std::vector<double>& membrane(std::size_t l) const { return membrane_[l - 1]; }
  const SleepReport& report() const { return report_; }

 private:
  struct Path {
    const Matrix* matrix = nullptr;
    Matrix* plastic = nullptr;     // null: feedback
    const Matrix* mask = nullptr;  // null: all there
    std::size_t from = 0;
    double gain = 1.0;
    std::size_t branches = 0;
    bool transposed = false;
    double increase = 0.0;
    std::vector<double> potential;  // of the branches
  };

  void draw_input();
  void add_drive(Path& path, std::vector<double>& v, double gain);
  void learn(Path& path, std::size_t l);
  void learn_row(Path& path, std::size_t row);

  Network* network_;
  SleepConfig config_;
  std::vector<SleepLayer> layers_;
  std::vector<double> rates_;
  RandomStream input_, window_;
  std::uint64_t event_;
  SleepInputs* elsewhere_ = nullptr;
  std::vector<std::vector<Path>> paths_;  // per layer: what enters it
  std::vector<std::vector<unsigned char>> spikes_;
  std::vector<std::vector<std::uint32_t>> active_;  // indices of those that spiked
  std::vector<std::vector<double>> membrane_;
  SleepReport report_;
};

// A whole sleep, number k = 1, 2, .., with thresholds theta_l (alpha = 1). mean: of the inputs;
// inputs: where their spikes come from, null for the streams.
SleepReport sleep(Network& network, const SleepConfig& config, Span<const double> mean,
                  Span<const double> theta, std::uint64_t seed, std::size_t k,
                  SleepInputs* inputs = nullptr);

// theta_l from the activities of layers 0..L in samples, one after the other.
class SleepCalibration {
 public:
  explicit SleepCalibration(const Network& network);
  void add(const std::vector<std::vector<double>>& activities);
  std::vector<double> thresholds(const SleepConfig& config) const;

 private:
  const Network* network_;
  std::vector<double> largest_;  // drive of each layer so far, at least the largest weight
};

}  // namespace memprop::learning
