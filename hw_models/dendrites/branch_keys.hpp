// What a designer says about the dendritic branches of a chip. SI units.
#pragma once

namespace memprop::hw {

// ideal: max(0, v); softplus: a diode's knee (analog/neuron/branch_bank.hpp).
enum class BranchRectifier { ideal, softplus };

// What stands where a branch is not connected to an input: nothing, or a pair of devices that was
// never formed and leaks.
enum class MaskedCells { absent, off };

struct BranchKeys {
  BranchRectifier rectifier = BranchRectifier::ideal;
  double knee_v = 10e-3;             // V_k of softplus [V]
  double offset_v = 0.0;             // sigma per branch, of the rectifier [V]
  double comparator_offset_v = 0.0;  // sigma per branch, of the bit for learning [V]
  double capacitor_mismatch = 0.0;   // sigma per branch, relative
  double leak_mismatch = 0.0;        // the same; also scales the branch's potential
  double coupling_mismatch = 0.0;    // of the conductance onto the neuron, sigma, relative
  MaskedCells masked = MaskedCells::absent;
  double off_s = 10e-9;     // conductance of a device that was never formed [S]
  double off_spread = 0.0;  // sigma of its logarithm
};

}  // namespace memprop::hw
