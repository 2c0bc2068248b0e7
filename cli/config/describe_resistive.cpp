#include "cli/config/describe.hpp"

namespace memprop::config {

void describe_resistive(Binder& b, learning::ResistiveConfig& c) {
  using learning::NodeElement;
  b.section("network.resistive",
            "A network of style \"resistive\": positive conductances, diodes and bidirectional "
            "amplifiers (docs/resistive.md).");
  b.number("input_gain", c.input_gain, positive(),
           "the sources stand at +-input_gain times the inputs");
  b.number("bias_input", c.bias_input, any(), "one more, constant input, before the gain; 0: none");
  b.choice(
      "element", c.element,
      {{NodeElement::one_sided, "one-sided"},
       {NodeElement::clamp, "clamp"},
       {NodeElement::none, "none"}},
      "of every hidden node: a diode to ground (v >= 0 in the first half of a layer, v <= 0 in "
      "the second), two diodes to clamp sources, or nothing");
  b.interval("clamp", c.clamp_low, c.clamp_high, any(),
             "the clamp sources of element \"clamp\", in units of the targets");
  b.numbers("amplifier_gain", c.amplifier_gain, positive(),
            "A of the bidirectional amplifiers of every hidden layer, or one for all; acts as "
            "feedback gain 1/A^2");
  b.boolean("output_pairs", c.output_pairs, "an output is the difference of two nodes");
  b.number("conductance_min", c.conductance_min, at_least(0),
           "updates are cut to at least this (fidelity \"ideal\")");
  b.number("conductance_max", c.conductance_max, at_least(0), "and at most this; 0: no upper end");
  b.number("bias_rate", c.bias_rate, at_least(0),
           "learning rate of the trained currents (network.bias), relative to their layer's");
}

void describe_resistive_chip(Binder& b, hw::ResistiveKeys& c) {
  using hw::DiodeModel;
  b.section(
      "chip.resistive",
      "Diodes and amplifiers of a chip with network.style \"resistive\" (docs/resistive.md).");
  b.quantity("capacitance", c.capacitance_f, Unit::farad, positive(),
             "of a node to ground; spreads over the nodes as network.time_constant says");
  b.choice("diode", c.diode,
           {{DiodeModel::ideal, "ideal"}, {DiodeModel::exponential, "exponential"}},
           "clamps at the sources' voltages, or diodes of Shockley's law in series with them");
  b.quantity("diode_saturation", c.diode_saturation_a, Unit::ampere, positive(),
             "I_S of exponential diodes");
  b.number("diode_emission", c.diode_emission, positive(),
           "n of exponential diodes, I = I_S [exp(V/(n k T/q)) - 1]");
  b.number("forward_mismatch", c.forward_mismatch, at_least(0),
           "sigma per amplifier of its voltage gain, relative");
  b.number("backward_mismatch", c.backward_mismatch, at_least(0),
           "sigma per amplifier of its current gain, relative");
}

}  // namespace memprop::config
