// Branches between a tile and its neurons: rectifier, time constant, gain, comparators.
#include "analog/neuron/branch_bank.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "analog/domain/domain.hpp"
#include "analog/neuron/neuron_bank.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr double kLeak = 10e-6, kScale = 0.1;

// A constant current into each node of a name.
class Source final : public Element {
 public:
  Source(std::string target, std::vector<double> current_a)
      : Element("source/" + target), target_(std::move(target)), current_a_(std::move(current_a)) {}
  void connect(const Netlist& netlist) override { nodes_ = netlist.inputs(target_); }
  void add_currents(double, const double*, const double*, double* current) const override {
    for (std::size_t k = 0; k < nodes_.count; ++k) current[nodes_.first + k] += current_a_[k];
  }

 private:
  std::string target_;
  std::vector<double> current_a_;
  Range nodes_;
};

BranchBankConfig branches_of_two(double knee_v) {
  BranchBankConfig c;
  c.name = "layer1/basal";
  c.neurons = "layer1/neurons";
  c.branches = 2;
  c.knee_v = knee_v;
  c.capacitance_f.assign(4, 200e-9 * kLeak);
  c.leak_s.assign(4, kLeak);
  c.coupling_s.assign(4, 0.5 * kLeak);
  c.offset_v = {0.0, 0.0, 0.0, 5e-3};
  c.comparator_v = {0.0, 0.0, 0.0, 0.03};
  return c;
}

NeuronBankConfig two_neurons() {
  NeuronBankConfig c;
  c.name = "layer1/neurons";
  c.activation = Activation::hard_sigmoid;
  c.voltage_scale_v = kScale;
  c.capacitance_f.assign(2, 100e-9 * kLeak);
  c.leak_s.assign(2, kLeak);
  c.line_gain.assign(2, 1.0);
  c.line_offset_v.assign(2, 0.0);
  return c;
}

// Potentials z in units of V_s that the source would bring the branches to.
struct Circuit {
  explicit Circuit(const std::vector<double>& z, double knee_v, double tia_s = 0.0)
      : domain(stepper()),
        branches(branches_of_two(knee_v)),
        neurons(with_lag(tia_s)),
        source("layer1/basal/v", currents(z)) {
    domain.add(branches);
    domain.add(neurons);
    domain.add(source);
    domain.elaborate();
    branches.set_held(false);
    neurons.set_held(false);
  }
  static ode::StepperConfig stepper() {
    ode::StepperConfig c;
    c.rtol = 1e-9;
    c.atol = 1e-12;
    return c;
  }
  static NeuronBankConfig with_lag(double tia_s) {
    NeuronBankConfig c = two_neurons();
    c.amplifier.time_constant_s = tia_s;
    return c;
  }
  static std::vector<double> currents(const std::vector<double>& z) {
    std::vector<double> a;
    for (const double each : z) a.push_back(each * kScale * kLeak);
    return a;
  }
  double v(std::size_t i) const { return domain.node_voltages()[neurons.nodes().first + i]; }
  double branch(std::size_t b) const { return domain.node_voltages()[branches.nodes().first + b]; }

  Domain domain;
  BranchBank branches;
  NeuronBank neurons;
  Source source;
};

TEST(BranchBank, NeuronsGetTheMeanOfTheRectifiedBranches) {
  for (const double tia_s : {0.0, 10e-9}) {  // behind an amplifier that lags too
    Circuit c({0.6, -0.4, 0.8, 0.7}, 0.0, tia_s);
    c.domain.advance_to(5000000);
    EXPECT_NEAR(c.branch(1), -0.4 * kScale, 1e-9);
    EXPECT_NEAR(c.v(0), 0.5 * 0.6 * kScale, 1e-9);
    EXPECT_NEAR(c.v(1), 0.5 * (0.08 + 0.07 - 5e-3), 1e-9);  // one rectifier has an offset
  }
}

TEST(BranchBank, BranchesHaveATimeConstantOfTheirOwn) {
  Circuit c({0.6, -0.4, 0.8, 0.2}, 0.0);
  c.domain.advance_to(300000);  // 1.5 tau of the branches, 3 of the neurons
  const double t = 300e-9, tau_b = 200e-9, tau = 100e-9;
  EXPECT_NEAR(c.branch(0), 0.6 * kScale * (1 - std::exp(-t / tau_b)), 1e-9);
  EXPECT_NEAR(c.branch(1), -0.4 * kScale * (1 - std::exp(-t / tau_b)), 1e-9);
  // Two poles in a row: u (1 - (tau_b e^(-t/tau_b) - tau e^(-t/tau)) / (tau_b - tau)).
  const double both = 1 - (tau_b * std::exp(-t / tau_b) - tau * std::exp(-t / tau)) / (tau_b - tau);
  EXPECT_NEAR(c.v(0), 0.3 * kScale * both, 1e-9);
}

TEST(BranchBank, ADiodeRectifiesSoftly) {
  const double knee = 10e-3;
  Circuit c({0.6, -0.4, 0.0, 0.05}, knee);
  c.domain.advance_to(5000000);
  const auto soft = [&](double v) { return knee * std::log(1 + std::exp(v / knee)); };
  EXPECT_NEAR(c.v(0), 0.5 * (soft(0.06) + soft(-0.04)), 1e-9);
  EXPECT_NEAR(c.v(1), 0.5 * (soft(0.0) + soft(0.0)), 1e-9);  // 5 mV less its offset is 0
  EXPECT_DOUBLE_EQ(rectified(0.0, knee), knee * std::log(2.0));
  // Far from the knee: no overflow, and the lines of the ideal rectifier.
  EXPECT_DOUBLE_EQ(rectified(100.0, knee), 100.0);
  EXPECT_EQ(rectified(-100.0, knee), 0.0);
  EXPECT_EQ(rectified(-1e-3, 0.0), 0.0);
  EXPECT_TRUE(std::isnan(rectified(std::nan(""), 0.0)));
  EXPECT_TRUE(std::isnan(rectified(std::nan(""), knee)));
}

TEST(BranchBank, ComparatorsTellWhichAreAbove) {
  Circuit c({0.6, -0.4, 0.01, 0.2}, 0.0);
  std::uint8_t bits[4] = {9, 9, 9, 9};
  c.domain.advance_to(5000000);
  c.branches.bits(c.domain.node_voltages().data(), bits);
  EXPECT_EQ(1, bits[0]);
  EXPECT_EQ(0, bits[1]);
  EXPECT_EQ(1, bits[2]);
  EXPECT_EQ(0, bits[3]);  // 20 mV, below the offset of its comparator
}

TEST(BranchBank, HeldBranchesKeepTheirCharge) {
  Circuit c({0.6, -0.4, 0.8, 0.2}, 0.0);
  c.domain.advance_to(200000);
  const double before = c.v(0), branch = c.branch(0);
  c.branches.set_held(true);
  c.neurons.set_held(true);
  c.domain.source_changed();
  EXPECT_TRUE(c.branches.quiet());
  std::vector<double> current(c.domain.node_count(), 0.0), line(c.domain.line_count(), 1.0);
  c.branches.add_currents(0, c.domain.node_voltages().data(), line.data(), current.data());
  for (const double a : current) EXPECT_EQ(0.0, a);
  EXPECT_EQ(before, c.v(0));
  EXPECT_EQ(branch, c.branch(0));
}

TEST(BranchBank, RefusesListsThatDoNotFit) {
  BranchBankConfig c = branches_of_two(0.0);
  c.comparator_v.pop_back();
  EXPECT_THROW(BranchBank{c}, InternalError);
  c = branches_of_two(0.0);
  c.branches = 3;
  EXPECT_THROW(BranchBank{c}, InternalError);
}

}  // namespace
}  // namespace memprop::analog
