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

// What the continuous-time reference integrates.
class Dynamics : public ode::System {
 public:
  // A jump of either needs Stepper::restart().
  virtual void set_input(Span<const double> x) = 0;
  virtual void set_nudge(double beta, Span<const double> y) = 0;
  void set_free() { set_nudge(0.0, {}); }

  // Position of layer l = 1.. in the state vector.
  virtual std::size_t first(std::size_t l) const = 0;
  // Signals of a state that learning uses: first the activities of the neurons.
  virtual std::size_t signals() const { return size(); }
  virtual void activity(const double* v, double* r) = 0;
};

class ContinuousNetwork : public Dynamics {
 public:
  // Refers to the network; its weights may change between samples (then set_input again).
  explicit ContinuousNetwork(const Network& network);
  ~ContinuousNetwork() override;

  std::size_t size() const override;
  void rhs(double t, const double* v, double* dvdt) override;

  void set_input(Span<const double> x) override;
  void set_nudge(double beta, Span<const double> y) override;
  std::size_t first(std::size_t l) const override;
  void activity(const double* v, double* r) override;

 private:
  const Network* network_;
  std::unique_ptr<internal::DenseMap> map_;
  std::vector<double> rate_;  // 1/tau [1/s]
  std::vector<double> r_;
};

}  // namespace memprop::learning
