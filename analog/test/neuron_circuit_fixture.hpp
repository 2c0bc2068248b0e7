// One neuron at the end of a few pairs of cells, in the analog domain and as a netlist for ngspice.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "analog/domain/domain.hpp"
#include "analog/neuron/neuron_bank.hpp"

namespace memprop::analog::test {

// Pairs of cells driven by row voltages: J = m sum_j (G+_j - G-_j) V_j.
struct Cells {
  std::vector<double> plus_s, minus_s;
  double mirror = 1.0;

  double current(const std::vector<double>& row_v) const {
    double sum = 0.0;
    for (std::size_t j = 0; j < row_v.size(); ++j) sum += (plus_s[j] - minus_s[j]) * row_v[j];
    return mirror * sum;
  }
  double load() const {
    double sum = 0.0;
    for (std::size_t j = 0; j < plus_s.size(); ++j) sum += 0.5 * (plus_s[j] + minus_s[j]);
    return sum;
  }
};

class Drive final : public Element {
 public:
  Drive() : Element("cells") {}
  void connect(const Netlist& net) override { node_ = net.inputs("layer1/neurons/v").first; }
  void add_currents(double, const double*, const double*, double* current) const override {
    current[node_] += current_a;
  }
  double current_a = 0.0;

 private:
  std::size_t node_ = 0;
};

inline NeuronBankConfig plain_neuron() {
  NeuronBankConfig c;
  c.name = "layer1/neurons";
  c.activation = Activation::linear;
  c.voltage_scale_v = 0.1;
  c.capacitance_f = {1e-12};
  c.leak_s = {10e-6};
  c.line_gain = {1.0};
  c.line_offset_v = {0.0};
  return c;
}

class NeuronBench {
 public:
  NeuronBench(NeuronBankConfig config, const Cells& cells)
      : cells_(cells), bank(std::move(config)), domain(solver()) {
    domain.add(bank);
    domain.add(drive_);
    domain.elaborate();
    bank.set_held(false);
    bank.set_input_load(std::vector<double>{cells.load()},
                        std::vector<double>{cells.mirror * cells.load()});
  }
  static ode::StepperConfig solver() {
    ode::StepperConfig c;
    c.rtol = 1e-10;
    c.atol = 1e-13;
    return c;
  }
  void set_rows(const std::vector<double>& row_v) {
    drive_.current_a = cells_.current(row_v);
    domain.source_changed();
  }
  double membrane_at(double seconds) {
    domain.advance_to(static_cast<Ticks>(std::llround(seconds * 1e12)));
    return domain.node_voltages()[bank.nodes().first];
  }

 private:
  Cells cells_;
  Drive drive_;

 public:
  NeuronBank bank;
  Domain domain;
};

}  // namespace memprop::analog::test
