// What the references in continuous time need of a network: a system of differential equations with
// an input and a nudge. ContinuousNetwork is that of point neurons, DendriticDynamics that of
// neurons with branches. The state vector begins with the neurons of layers 1, 2, ...
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"
#include "learning/rule/rule.hpp"
#include "solvers/ode/stepper.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

class NetworkDynamics : public ode::System {
 public:
  // A jump of either needs Stepper::restart(); beta = 0: free.
  virtual void set_input(Span<const double> x) = 0;
  virtual void set_nudge(double beta, Span<const double> y) = 0;
  void set_free() { set_nudge(0.0, {}); }
  // What the output layer does (rule.hpp): a clamped one stays where the state vector has it.
  virtual void set_output(Phase::Output output) = 0;
  // 1/tau_a [1/s], 0: none; held: a value per neuron. driven = false: nothing else moves.
  virtual void set_adaptation(double rate_per_s, Span<const double> held, bool driven) = 0;

  virtual std::size_t neurons() const = 0;
  // Position of layer l = 1.. in the state vector.
  virtual std::size_t first(std::size_t l) const = 0;
  // signals() values: the activities of the neurons, then whatever else learning looks at.
  virtual std::size_t signals() const = 0;
  virtual void activity(const double* v, double* r) = 0;
  // Where the potentials of the branches of a connection begin in activity(); point neurons have
  // none.
  virtual std::size_t branches_at(const Connection& connection) const = 0;
  // Of a state, for messages: "layer 2 neuron 7".
  virtual std::string state_name(std::size_t index) const = 0;
};

// Refers to the network. slow_s: as in ContinuousNetwork.
std::unique_ptr<NetworkDynamics> make_dynamics(const Network& network,
                                               NudgePlace place = NudgePlace::inside,
                                               double slow_s = 0.0);

}  // namespace memprop::learning
