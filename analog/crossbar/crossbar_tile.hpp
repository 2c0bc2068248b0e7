// A crossbar tile between two groups of lines, read in one or both directions, as an element of the
// analog domain.
//
// Forward: every column's virtual ground delivers m sum_j (G+_ij - G-_ij) V_j into the neuron
// above; backward: the columns are driven by the neurons above and the rows deliver m b sum_i (...)
// V_i into the neurons below (ep-circuits 2.4). Options:
// - A1 slot-averaged: both at once with the gains 1 and b (the average over a slot pair);
// - A1 slot-resolved: set_direction() switches between forward (gain 1/d_f) and backward (gain
//   b/(1 - d_f));
// - A2: the backward current comes from a second array.
// A tile whose rows are clamped inputs delivers a constant current that is computed once a sample.
// Read noise: every cell fluctuates by the relative amount sigma within the bandwidth of LineNoise;
// per line the variances of its cells add up. Thermal noise, 4 k_B T G of every cell and in the
// same bandwidth 1/(4 tau_n), adds k_B T sum(G+ + G-)/tau_n to that variance, shot noise of cells
// that conduct through a tunnelling gap, 2 q |i| of every cell, q sum |i|/(2 tau_n). Nonlinear
// cells carry I = G V_0 sinh(V/V_0). Their lines end at virtual grounds, so that a cell sees its
// driven line's voltage whole: the matrices stay, the voltages are bent. Behind wires they do not;
// currents are solved for then (LineCells::nonlinear_reads), while noise stays that of the matrices
// of small voltages at bent voltages.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analog/crossbar/line_cells.hpp"
#include "analog/domain/element.hpp"
#include "analog/noise/line_noise.hpp"

namespace memprop::analog {

struct CrossbarTileConfig {
  std::string name;            // "tile1"
  std::string input_bank;      // neurons below ("layer1/neurons"); empty: clamped inputs
  std::string output_bank;     // neurons above
  double bias_line_v = 0.0;    // voltage of the last row when it is a bias row; 0: none
  double forward_gain = 1.0;   // m
  double backward_gain = 0.0;  // m b; 0: no feedback
  bool slots = false;          // A1 slot-resolved
  double forward_share = 0.5;  // d_f
  double read_noise = 0.0;     // sigma
  double thermal_k = 0.0;      // temperature of the thermal noise; 0: none
  bool shot = false;           // shot noise
  double nonlinear_v = 0.0;    // V_0; 0: linear
  double noise_correlation_s = 100e-9;
  double noise_grid_s = 50e-9;
  std::uint64_t seed = 1;
};

class CrossbarTile final : public Element {
 public:
  // `feedback` is the second array of option A2, or null. Both outlive the tile.
  CrossbarTile(CrossbarTileConfig config, const LineCells& pairs, const LineCells* feedback);

  void connect(const Netlist& netlist) override;
  void add_currents(double t, const double* node, const double* line,
                    double* current) const override;
  bool quiet() const override { return !driven_; }
  Ticks next_change(Ticks now) const override;
  void change(Ticks now, const double* node, const double* line) override;

  void set_driven(bool driven) { driven_ = driven; }
  // The read noise at the present grid point for given line voltages. While driven the tile does
  // this by itself at every grid point; call it when the drive begins between two of them.
  void refresh_noise(const double* line);
  bool driven() const { return driven_; }
  // The cells have changed while lines are driven: takes them over.
  void cells_changed(const double* line);
  // Currents without read noise and averaged over the slots: what a residual is measured with.
  void set_mean_currents(bool mean) { mean_currents_ = mean; }
  // Slot-resolved A1: which way the array is read now.
  void set_direction(bool forward) { forward_slot_ = forward; }
  // Clamped inputs: the row voltages of this sample (without the bias row) [V].
  void set_static_rows(Span<const double> row_v);
  Span<const double> static_rows() const { return row_v_; }  // with the bias row [V]
  // Numbers the sample for the noise.
  void begin_sample(std::uint64_t sample);

  // Power drawn by the array at given line voltages [W]: sum V^2 (G+ + G-) of what is driven.
  double power(const double* line);

  std::size_t inputs() const { return inputs_; }  // rows without the bias row
  const CrossbarTileConfig& config() const { return config_; }

 private:
  bool clamped() const { return config_.input_bank.empty(); }
  double forward_gain_now() const;
  double backward_gain_now() const;
  void add_forward(const double* line, double gain, double* above) const;
  void add_backward(const double* line, double gain, double* below) const;
  const LineCells& backward_pairs() const { return feedback_ != nullptr ? *feedback_ : pairs_; }
  bool noisy() const { return config_.read_noise > 0.0 || config_.thermal_k > 0.0 || config_.shot; }
  const double* bend(const double* v, std::size_t n, std::vector<double>& out) const;
  const double* power_drive(const double* v, std::size_t n);
  double row_power();
  double column_power(const double* column_v);
  double noise_amplitude_a(double variance, double conductance_s, double current_a) const;
  void find_static_current();

  CrossbarTileConfig config_;
  const LineCells& pairs_;
  const LineCells* feedback_;
  std::size_t inputs_;
  Range out_nodes_, in_nodes_, in_lines_, out_lines_;
  std::vector<double> row_v_;             // clamped rows with the bias row [V]
  std::vector<double> static_current_;    // of clamped rows and bias [A], without gain
  std::vector<double> static_variance_;   // of clamped rows [A^2]
  std::vector<double> static_magnitude_;  // sum of their cells' |i| [A]
  double static_power_w_ = -1.0;          // of clamped rows in this sample; negative: not yet known
  std::unique_ptr<LineNoise> forward_noise_, backward_noise_;
  std::vector<double> forward_noise_a_, backward_noise_a_;  // present noise currents [A]
  std::vector<double> scratch_, line_sums_s_, magnitude_a_;
  mutable std::vector<double> bent_;   // line voltages as nonlinear cells see them
  mutable std::vector<double> drive_;  // of rows, with the bias row
  bool driven_ = false;
  bool mean_currents_ = false;
  bool forward_slot_ = true;
};

}  // namespace memprop::analog
