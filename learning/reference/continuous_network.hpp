// The network in continuous time, without a circuit (ep-circuits 2.1):
//   tau_l dv_l/dt = -v_l + W_l r_{l-1} + b_l W_{l+1}^T r_{l+1} + bias_l + nudge_l,   r = f(v)
// or its rate and energy forms (network_config.hpp, Dynamics; the energy form is not kept in a
// range). The state vector holds the layers one after the other: layer 1 first, then up to L (to
// L-1 with the softmax readout, whose nudge is beta W_L^T (y - p)). Neurons that adapt have another
// conductance,
//   dv/dt = ... - (v - h) / tau_a,
// to a held value h, or to a slow copy w of their own state behind them in the state vector,
//   tau_w dw/dt = v - w.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "learning/network/network.hpp"
#include "learning/reference/network_dynamics.hpp"
#include "learning/rule/learning_config.hpp"
#include "learning/rule/rule.hpp"
#include "solvers/ode/stepper.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

namespace internal {
class DenseMap;
}

class ContinuousNetwork : public NetworkDynamics {
 public:
  // Refers to the network; its weights may change between samples (then set_input again).
  // slow_s: time constant of the slow copies; 0: there are none.
  explicit ContinuousNetwork(const Network& network, NudgePlace place = NudgePlace::inside,
                             double slow_s = 0.0);
  ~ContinuousNetwork() override;

  std::size_t size() const override;
  void rhs(double t, const double* v, double* dvdt) override;

  void set_input(Span<const double> x) override;
  void set_nudge(double beta, Span<const double> y) override;
  void set_output(Phase::Output output) override { output_ = output; }
  // No held values with slow copies.
  void set_adaptation(double rate_per_s, Span<const double> held, bool driven) override;

  std::size_t neurons() const override { return rate_.size(); }
  std::size_t first(std::size_t l) const override;
  std::size_t signals() const override { return neurons(); }
  void activity(const double* v, double* r) override;
  std::size_t branches_at(const Connection& connection) const override;
  std::string state_name(std::size_t index) const override;

 private:
  const Network* network_;
  std::unique_ptr<internal::DenseMap> map_;
  std::vector<double> rate_;  // 1/tau [1/s]
  std::vector<double> r_, slope_, target_, held_;
  double slow_s_;
  bool outside_;  // the nudge is added behind the activation
  double beta_ = 0;
  Phase::Output output_ = Phase::Output::free;
  double adaptation_ = 0;
  bool driven_ = true;
};

}  // namespace memprop::learning
