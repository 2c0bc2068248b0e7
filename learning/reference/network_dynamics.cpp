#include "learning/reference/network_dynamics.hpp"

#include "learning/reference/continuous_network.hpp"
#include "learning/reference/dendritic_dynamics.hpp"

namespace memprop::learning {

std::unique_ptr<NetworkDynamics> make_dynamics(const Network& network, NudgePlace place,
                                               double slow_s) {
  if (network.config.dendrites.on()) return std::make_unique<DendriticDynamics>(network, slow_s);
  return std::make_unique<ContinuousNetwork>(network, place, slow_s);
}

}  // namespace memprop::learning
