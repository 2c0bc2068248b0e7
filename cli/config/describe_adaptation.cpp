#include "cli/config/describe.hpp"

namespace memprop::config {

void describe_adaptation(Binder& b, hw::AdaptationCircuitConfig& c) {
  using hw::AdaptationCircuit;
  b.section("chip.adaptation",
            "Conductances that pull neurons back to their free state, for chip.schedule.adapt "
            "cycles behind each nudged phase (docs/circuits.md; learning.adaptation is the rule).");
  b.choice("circuit", c.circuit,
           {{AdaptationCircuit::none, "none"},
            {AdaptationCircuit::track_hold, "track-hold"},
            {AdaptationCircuit::slow_variable, "slow-variable"}},
           "towards what: a capacitor (as chip.sample_hold) that holds the membrane's voltage of "
           "the end of the free phase, or one that follows the membrane slowly at all times");
  b.quantity("conductance", c.conductance_s, Unit::siemens, at_least(0),
             "of every neuron; \"0 S\": what makes (1 - c)^steps of the window, from each "
             "neuron's capacitor");
  b.number("conductance_mismatch", c.conductance_mismatch, at_least(0),
           "of the conductance, sigma per neuron, relative");
  b.quantity("offset", c.offset_v, Unit::volt, at_least(0), "of the buffers, sigma per neuron");
  b.quantity("time_constant", c.time_constant_s, Unit::second, positive(),
             "with which the slow variable follows");
  b.quantity("bias_current", c.bias_current_a, Unit::ampere, at_least(0),
             "supply current of each buffer, for the energy");
}

}  // namespace memprop::config
