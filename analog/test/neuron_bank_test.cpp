// Neuron circuits against closed forms.
#include "analog/neuron/neuron_bank.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "analog/domain/domain.hpp"

namespace memprop::analog {
namespace {

class CurrentSource final : public Element {
 public:
  explicit CurrentSource(double current_a) : Element("source"), current_a_(current_a) {}
  void connect(const Netlist& net) override { node_ = net.nodes("layer1/neurons/v").first; }
  void add_currents(double, const double*, const double*, double* current) const override {
    current[node_] += current_a_;
  }

 private:
  double current_a_;
  std::size_t node_ = 0;
};

NeuronBankConfig one_neuron(bool ota) {
  NeuronBankConfig c;
  c.name = "layer1/neurons";
  c.voltage_scale_v = 0.08;
  c.ota_leak = ota;
  c.capacitance_f = {1e-12};
  c.leak_s = {10e-6};
  c.line_gain = {1.05};
  c.line_offset_v = {0.002};
  return c;
}

struct Bench {
  Bench(NeuronBankConfig config, double current_a)
      : bank(std::move(config)), source(current_a), domain(solver()) {
    domain.add(bank);
    domain.add(source);
    domain.elaborate();
    bank.set_held(false);
  }
  static ode::StepperConfig solver() {
    ode::StepperConfig c;
    c.rtol = 1e-10;
    c.atol = 1e-13;
    return c;
  }
  double after(double seconds) {
    domain.advance_to(static_cast<Ticks>(std::llround(seconds * 1e12)));
    return domain.node_voltages()[0];
  }
  NeuronBank bank;
  CurrentSource source;
  Domain domain;
};

TEST(NeuronBank, LinearLeakRelaxesWithTauToIOverG) {
  Bench bench(one_neuron(false), 1e-6);
  EXPECT_NEAR(bench.after(150e-9), 0.1 * (1.0 - std::exp(-1.5)), 1e-10);
  EXPECT_NEAR(bench.after(4e-6), 0.1, 1e-10);
  // The buffered line: gain, activation, offset.
  EXPECT_NEAR(bench.domain.line_voltages()[0], 1.05 * 0.08 * std::tanh(0.1 / 0.08) + 0.002, 1e-10);
}

// The OTA delivers at most g_L V_s: below it settles where g_L V_s tanh(V/V_s) = I, above it the
// current that is left charges the capacitor for ever.
TEST(NeuronBank, OtaLeakSaturates) {
  Bench below(one_neuron(true), 0.5e-6);
  EXPECT_NEAR(below.after(10e-6), 0.08 * std::atanh(0.5e-6 / (10e-6 * 0.08)), 1e-9);
  Bench above(one_neuron(true), 1.0e-6);
  const double v1 = above.after(5e-6), v2 = above.after(6e-6);
  EXPECT_NEAR((v2 - v1) / 1e-6, (1.0e-6 - 0.8e-6) / 1e-12, 1.0);
}

TEST(NeuronBank, NudgingPullsTheLineTowardsItsTarget) {
  auto config = one_neuron(false);
  config.activation = Activation::linear;
  config.line_gain = {1.0};
  config.line_offset_v = {0.0};
  Bench bench(config, 1e-6);
  bench.bank.set_target(std::vector<double>{0.04});
  bench.bank.set_nudge(5e-6);
  // g_L V = I + G_beta (V_y - V)
  EXPECT_NEAR(bench.after(4e-6), (1e-6 + 5e-6 * 0.04) / 15e-6, 1e-10);
  bench.bank.set_nudge(-5e-6);
  bench.domain.source_changed();
  EXPECT_NEAR(bench.after(9e-6), (1e-6 - 5e-6 * 0.04) / 5e-6, 1e-8);
}

TEST(NeuronBank, HeldMembranesDoNotLeak) {
  Bench bench(one_neuron(false), 0.0);
  bench.domain.set_nodes(bench.bank.nodes(), 0.05);
  bench.bank.set_held(true);
  EXPECT_EQ(bench.after(1e-6), 0.05);
}

}  // namespace
}  // namespace memprop::analog
