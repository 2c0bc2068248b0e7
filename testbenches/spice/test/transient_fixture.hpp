// Chips to export, and every membrane over the whole transient of a sample in ngspice against our
// dense output.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "solvers/random_stream.hpp"
#include "testbenches/spice/netlist.hpp"
#include "testbenches/spice/test/ngspice.hpp"

namespace memprop::bench::spice::test {

inline constexpr double limit = 1e-3;  // of full scale, the criterion
inline constexpr std::size_t points_per_cycle = 50;

struct Case {
  const char* name;
  std::vector<std::size_t> layers;
  hw::NeuronCircuit neuron = hw::NeuronCircuit::virtual_ground;
  hw::FeedbackArray feedback = hw::FeedbackArray::shared_averaged;
  bool heterogeneous = false;
  bool bias = false;
  bool spread = false;  // mismatch, offsets, stuck cells, few-bit converters
  Activation activation = Activation::tanh;
  enum Wires { none, one_sided, two_sided, two_arrays } wires = none;
  double nonlinear_v = 0.0;
  double transistor_limit_a = 0.0;
};

inline void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

inline RunConfig run_of(const Case& c) {
  RunConfig run;
  run.name = c.name;
  run.seed = 7;
  run.network.layers = c.layers;
  run.network.activation = {c.activation};
  run.network.feedback_gain = {0.3};
  run.network.bias = c.bias;
  run.network.init_gain = 1.5;
  if (c.heterogeneous) {
    run.network.time_constant = {learning::TimeConstantFamily::lognormal,
                                 learning::TimeConstantQuantity::time,
                                 100e-9,
                                 0.8,
                                 0.2,
                                 4.0};
  }
  run.learning.beta = 0.5;
  auto& chip = run.chip;
  chip.neuron.circuit = c.neuron;
  chip.feedback = c.feedback;
  chip.weight_range = {2.0};
  chip.slot_s = 20e-9;
  chip.solver.rtol = 1e-8;
  chip.solver.atol = 1e-12;
  if (c.spread) {
    chip.neuron.capacitor_mismatch = chip.neuron.leak_mismatch = 0.1;
    chip.neuron.gain_mismatch = 0.1;
    chip.neuron.offset_v = 5e-3;
    chip.dac.offset_v = chip.dac.noise_v = chip.nudge_dac.offset_v = 2e-3;
    chip.stuck_fraction = 0.1;
    chip.temperature_shift_k = 30.0;
    chip.nudge.strength_error = 0.05;
    chip.nudge.sign_mismatch = -0.1;
    chip.pair = analog::PairCoding::differential;
    chip.noise.read = 0.01;  // exported without
  }
  chip.device.nonlinear_v = c.nonlinear_v;
  if (c.wires == Case::none) return run;
  // Strong ones: the far corner of a tile sees a tenth less than the near one.
  chip.wires.row_ohm = 100.0;
  chip.wires.column_ohm = 60.0;
  chip.wires.driver_ohm = 1e3;
  chip.wires.sense_ohm = 300.0;
  if (c.wires == Case::two_sided) chip.wires.drive = analog::LineEnds::both;
  if (c.wires == Case::two_arrays) {
    chip.wires.placement = analog::PairPlacement::separate_arrays;
    chip.wires.sense = analog::LineEnds::both;
    chip.wires.transistor_ohm = 5e3;
    chip.wires.transistor_limit_a = c.transistor_limit_a;
  }
  return run;
}

struct Exported {
  Subject subject;
  std::string netlist;
  std::vector<Matrix> membrane;  // per layer, points x neurons
  double step_s = 0.0;           // between the points
};

inline Exported export_case(const RunConfig& config, double largest_step_s = 0.0) {
  const learning::Network network = learning::build_network(config.network, config.seed);
  std::vector<float> x(network.width(0)), y(network.width(network.layer_count()), 0.0F);
  const RandomStream stream(5, "test/inputs");
  for (std::size_t j = 0; j < x.size(); ++j) x[j] = static_cast<float>(stream.uniform(j, 0));
  y[0] = 1.0F;
  hw::ChipRunner runner("runner", exportable_chip(config.chip), network, config.learning,
                        config.seed);
  WaveformRecorder waves(runner, points_per_cycle);
  Exported out;
  out.subject = examine(runner, config, 0, {x.data(), x.size()}, {y.data(), y.size()}, waves);
  NetlistOptions options;
  options.data_file = "chip.data";
  options.largest_step_s = largest_step_s;
  out.netlist = spice_netlist(out.subject, options);
  for (std::size_t l = 1; l <= network.layer_count(); ++l)
    out.membrane.push_back(waves.membrane(l));
  out.step_s = config.chip.clock_s / static_cast<double>(points_per_cycle);
  return out;
}

// A waveform of ours at a time, between points of the fine grid.
inline double ours_at(const Matrix& v, std::size_t i, double step_s, double time_s) {
  const double place = time_s / step_s;
  const auto k = std::min(static_cast<std::size_t>(place), v.rows() - 2);
  const double share = place - static_cast<double>(k);
  return (1.0 - share) * v(k, i) + share * v(k + 1, i);
}

struct Deviation {
  double worst = 0.0;  // over all neurons and times, of full scale
  std::string where;
  double moved = 0.0;  // largest excursion, of full scale: something happened at all
};

inline Deviation compare(const Exported& ours, const SpiceWaves& theirs) {
  Deviation d;
  for (std::size_t l = 1; l <= ours.membrane.size(); ++l) {
    for (std::size_t i = 0; i < ours.membrane[l - 1].cols(); ++i) {
      const auto& wave = theirs.of(fmt::format("layer{}_v{}", l, i));
      for (std::size_t k = 0; k < wave.size(); ++k) {
        const double v = ours_at(ours.membrane[l - 1], i, ours.step_s, theirs.time_s[k]);
        const double error = std::abs(v - wave[k]) / ours.subject.voltage_scale_v;
        d.moved = std::max(d.moved, std::abs(v) / ours.subject.voltage_scale_v);
        if (error <= d.worst) continue;
        d.worst = error;
        d.where = fmt::format("layer{}_v{} at {:.4g} ns", l, i, 1e9 * theirs.time_s[k]);
      }
    }
  }
  return d;
}

// Largest difference of two results of ngspice, of full scale, at the times of the first.
inline double between(const SpiceWaves& a, const SpiceWaves& b, double scale_v) {
  double worst = 0.0;
  for (std::size_t c = 0; c < a.names.size(); ++c) {
    const auto& other = b.of(a.names[c]);
    std::size_t k = 0;
    for (std::size_t p = 0; p < a.time_s.size(); ++p) {
      while (k + 2 < b.time_s.size() && b.time_s[k + 1] < a.time_s[p]) ++k;
      const double share = (a.time_s[p] - b.time_s[k]) / (b.time_s[k + 1] - b.time_s[k]);
      const double v = (1.0 - share) * other[k] + share * other[k + 1];
      worst = std::max(worst, std::abs(a.column[c][p] - v) / scale_v);
    }
  }
  return worst;
}

// Runs a chip's netlist, with ngspice's own error shown by half its step.
inline void expect_agreement(const RunConfig& config, const Exported& ours) {
  if (const char* file = std::getenv("MEMPROP_SPICE_KEEP")) std::ofstream(file) << ours.netlist;
  const SpiceWaves theirs = run_ngspice(ours.netlist, "chip.data");
  EXPECT_EQ(theirs.names.size(), [&] {
    std::size_t n = 0;
    for (const Matrix& layer : ours.membrane) n += layer.cols();
    return n;
  }());
  ASSERT_GT(theirs.time_s.back(), 0.999 * ours.subject.stop_s);
  const Deviation d = compare(ours, theirs);

  NetlistOptions half;
  half.data_file = "chip.data";
  half.largest_step_s = default_step_s(ours.subject) / 2.0;
  const SpiceWaves finer = run_ngspice(spice_netlist(ours.subject, half), "chip.data");
  const double own = between(theirs, finer, ours.subject.voltage_scale_v);
  const Deviation d2 = compare(ours, finer);
  fmt::print(
      "{}: {:.1e} of full scale ({}), with half the step {:.1e}; ngspice against itself "
      "{:.1e}\n",
      config.name, d.worst, d.where, d2.worst, own);
  EXPECT_LT(d.worst, limit) << d.where;
  EXPECT_LT(d2.worst, limit) << d2.where;
  EXPECT_LT(own, limit);  // else the comparison would say nothing
  EXPECT_GT(d.moved, 0.1);
  EXPECT_EQ(ours.subject.ends.size(), 3u);
}

inline void expect_agreement(const Case& chip) {
  const RunConfig config = run_of(chip);
  expect_agreement(config, export_case(config));
}

class SpiceTransient : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (ngspice_program().empty()) GTEST_SKIP() << "not run: ngspice is not installed";
  }
};

inline constexpr auto ota = hw::NeuronCircuit::ota, vg = hw::NeuronCircuit::virtual_ground;
inline constexpr auto a1 = hw::FeedbackArray::shared_averaged;
inline constexpr auto slots = hw::FeedbackArray::shared_slots;
inline constexpr auto a2 = hw::FeedbackArray::separate_array;

// Every spread on, with wires.
inline Case wired(const char* name, std::vector<std::size_t> layers, hw::NeuronCircuit neuron,
                  hw::FeedbackArray feedback, Case::Wires wires) {
  Case c{name, std::move(layers), neuron, feedback, true, true, true};
  c.wires = wires;
  return c;
}

// Every spread on, with an activation.
inline Case active(const char* name, hw::NeuronCircuit neuron, hw::FeedbackArray feedback,
                   Activation activation) {
  return {name, {8, 6, 4}, neuron,    feedback, activation != Activation::linear,
          true, true,      activation};
}

// Cells that bend: I = G V_0 sinh(V/V_0).
inline Case bent(const char* name, double nonlinear_v) {
  Case c{name, {4, 3, 2}, vg, a1, true, true, true};
  c.nonlinear_v = nonlinear_v;
  return c;
}

// The same behind wires, the second one with transistors that saturate in two arrays.
inline Case bent_wired(const char* name, double nonlinear_v, Case::Wires wires, double limit_a) {
  Case c = bent(name, nonlinear_v);
  c.wires = wires;
  c.transistor_limit_a = limit_a;
  return c;
}

inline std::string test_name(const ::testing::TestParamInfo<Case>& instance) {
  std::string name = instance.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

}  // namespace memprop::bench::spice::test
