// The keys of [network.dendrites] and [chip.branch].
#include "cli/config/describe.hpp"

namespace memprop::config {

void describe_dendrites(Binder& b, learning::DendriteConfig& c) {
  b.section(
      "network.dendrites",
      "Dendritic neurons: inputs arrive on branches, which rectify before the neuron averages "
      "them (docs/continual.md; on the chip docs/circuits.md).");
  b.integer("basal_branches", c.basal_branches, within(0, 1e4),
            "branches per neuron for what comes from the layer below; 0: point neurons");
  b.integer("apical_branches", c.apical_branches, within(0, 1e4),
            "branches per neuron for separate feedback");
  b.number("keep_fraction", c.keep_fraction, within(0, 1),
           "share of the layer's neurons that a branch is connected to, drawn once");
  b.boolean("apical_dense", c.apical_dense, "apical branches are connected to all of them");
  b.quantity("basal_tau", c.basal_tau_s, Unit::second, at_least(0),
             "time constant of basal branches (fidelity ode and the chip); \"0 s\": no lag");
  b.quantity("apical_tau", c.apical_tau_s, Unit::second, at_least(0), "of apical branches");
}

void describe_branches(Binder& b, hw::BranchKeys& c) {
  using hw::BranchRectifier;
  using hw::MaskedCells;
  b.section("chip.branch",
            "Branches of dendritic neurons (network.dendrites): nodes with a rectifier between a "
            "tile's columns and the neurons (docs/circuits.md).");
  b.choice("rectifier", c.rectifier,
           {{BranchRectifier::ideal, "ideal"}, {BranchRectifier::softplus, "softplus"}},
           "max(0, v), or a diode's knee, V_k ln(1 + exp(v/V_k))");
  b.quantity("knee", c.knee_v, Unit::volt, positive(), "V_k of softplus");
  b.quantity("offset", c.offset_v, Unit::volt, at_least(0), "of each rectifier, sigma");
  b.quantity("comparator_offset", c.comparator_offset_v, Unit::volt, at_least(0),
             "of each comparator, whose bit lets a branch learn, sigma");
  b.number("capacitor_mismatch", c.capacitor_mismatch, at_least(0), "sigma per branch, relative");
  b.number("leak_mismatch", c.leak_mismatch, at_least(0),
           "sigma per branch, relative; also scales its potential");
  b.number("coupling_mismatch", c.coupling_mismatch, at_least(0),
           "of the conductance from a branch onto its neuron, sigma, relative");
  b.choice("masked_cells", c.masked, {{MaskedCells::absent, "absent"}, {MaskedCells::off, "off"}},
           "where a branch is not connected to an input: nothing, or devices never formed, which "
           "leak");
  b.quantity("off_conductance", c.off_s, Unit::siemens, at_least(0),
             "of a device that was never formed (masked_cells = \"off\")");
  b.number("off_spread", c.off_spread, at_least(0), "of its logarithm, device to device");
}

}  // namespace memprop::config
