// Dendritic neurons: what a neuron does with its inputs before it adds them up.
#pragma once

#include <cstddef>

namespace memprop::learning {

// Basal branches take what comes from the layer below, apical ones what comes from above. Layer L
// has basal branches only.
struct DendriteConfig {
  std::size_t basal_branches = 0;   // B per neuron; 0: point neurons
  std::size_t apical_branches = 2;  // Ba per neuron, of separate feedback
  double keep_fraction = 0.5;       // share of the layer's neurons that a branch is connected to
  bool apical_dense = false;        // apical branches are connected to all of them
  // Continuous time: first-order lags of the branches [s]; 0: none.
  double basal_tau_s = 0.0;
  double apical_tau_s = 0.0;

  bool on() const { return basal_branches > 0; }
};

}  // namespace memprop::learning
