// A whole resistive network in SI units in an analog domain of its own: arrays, diodes, amplifiers,
// sources, nudging. For circuits without a chip around them: its transients and where they end.
#pragma once

#include <memory>
#include <vector>

#include "analog/domain/domain.hpp"
#include "analog/resistive/resistive_bank.hpp"
#include "analog/resistive/resistive_tile.hpp"

namespace memprop::analog {

struct ResistiveCircuitConfig {
  // Of layers 1..L, each nodes x lines below [S].
  std::vector<Matrix> conductance_s;
  std::vector<double> gain;                        // A of layers 1..L-1
  std::vector<std::vector<double>> low_v, high_v;  // of layers 1..L-1; empty: no diodes
  std::vector<std::vector<double>> current_a;      // of layers 1..L; empty: none
  DiodeConfig diode;
  double diode_on_s = 1e-3;
  double capacitance_f = 1e-12;  // of every node
  bool pairs = false;
  ode::StepperConfig solver;
};

class ResistiveCircuit {
 public:
  explicit ResistiveCircuit(ResistiveCircuitConfig config);

  // From now on.
  void set_sources(Span<const double> volts);
  void set_target(Span<const double> volts);
  void set_nudge(double conductance_s);
  // All nodes to zero at t = 0.
  void reset();

  void run(double seconds);
  // Runs until C |dV/dt| of no node exceeds the tolerance [A]; throws AlgebraicSolveFailure when
  // that has not happened after so many seconds.
  void settle(double tolerance_a, double longest_s);

  double time_s() const;
  // Voltages of the nodes of layer l = 1..L [V].
  std::vector<double> voltages(std::size_t l);
  Domain& domain() { return domain_; }
  const ResistiveCircuitConfig& config() const { return config_; }

 private:
  ResistiveCircuitConfig config_;
  Domain domain_;
  std::vector<std::unique_ptr<ResistiveBank>> banks_;
  std::vector<std::unique_ptr<ResistiveTile>> tiles_;
  std::vector<double> slope_;
};

}  // namespace memprop::analog
