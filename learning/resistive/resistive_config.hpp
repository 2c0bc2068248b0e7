// The resistive network style (Kendall et al., arXiv:2006.01981; Scellier, arXiv:2402.11674):
// nodes joined by positive conductances, every hidden node clamped by diodes and buffered by a
// bidirectional amplifier. All values are dimensionless: voltages in units of the targets',
// conductances in a unit of the network's own, which voltages do not depend on.
#pragma once

#include <vector>

namespace memprop::learning {

// What a network is made of. regulated: weights of either sign, activations and feedback gains
// (ep-circuits 2.1); resistive: the style of this header.
enum class NetworkStyle { regulated, resistive };

// The two-terminal element of a hidden node. one_sided: one ideal diode to ground, v >= 0 in the
// first half of a layer and v <= 0 in the second; clamp: two diodes to clamp sources, a node stays
// in [clamp_low, clamp_high]; none: a linear network.
enum class NodeElement { one_sided, clamp, none };

struct ResistiveConfig {
  double input_gain = 1.0;  // inputs are driven at +-input_gain x
  double bias_input = 0.0;  // one more, constant input, before the gain; 0: none
  NodeElement element = NodeElement::one_sided;
  double clamp_low = -1.0, clamp_high = 1.0;  // of the element `clamp`
  std::vector<double> amplifier_gain{1.0};    // A of the hidden layers, or one for all
  bool output_pairs = false;                  // an output is the difference of two nodes
  double conductance_min = 0.0;               // updates are cut to this window
  double conductance_max = 0.0;               // 0: no upper end
  double bias_rate = 1.0;  // rate of the trained currents, relative to their layer's
};

}  // namespace memprop::learning
