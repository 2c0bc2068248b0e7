// The network in continuous time, without a circuit (ep-circuits 2.1):
//   tau_l dv_l/dt = -v_l + W_l r_{l-1} + b_l W_{l+1}^T r_{l+1} + bias_l + nudge_l,   r = f(v)
// The state vector holds the layers one after the other: layer 1 first, then up to L (to L-1 with
// the softmax readout, whose nudge is beta W_L^T (y - p)).
#pragma once

#include <memory>
#include <vector>

#include "learning/network/network.hpp"
#include "solvers/ode/stepper.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

namespace internal {
class DenseMap;
}

class ContinuousNetwork : public ode::System {
 public:
  // Refers to the network; its weights may change between samples (then set_input again).
  explicit ContinuousNetwork(const Network& network);
  ~ContinuousNetwork() override;

  std::size_t size() const override;
  void rhs(double t, const double* v, double* dvdt) override;

  // A jump of either needs Stepper::restart().
  void set_input(Span<const double> x);
  void set_nudge(double beta, Span<const double> y);
  void set_free() { set_nudge(0.0, {}); }

  // Position of layer l = 1.. in the state vector, and the activities of a state.
  std::size_t first(std::size_t l) const;
  void activity(const double* v, double* r) const;

 private:
  const Network* network_;
  std::unique_ptr<internal::DenseMap> map_;
  std::vector<double> rate_;  // 1/tau [1/s]
  std::vector<double> r_;
};

}  // namespace memprop::learning
