// Dendritic neurons in continuous time (network/dendrites.hpp; arXiv:2605.08135 as differential
// equations). Branches follow their inputs with lags of their own, at once where these are 0:
//   tau_b dz/dt = -z + M W r_{l-1} + c          basal branches
//   tau_a da/dt = -a + M' A r_{l+1}             apical branches, of separate feedback
//   tau_l du/dt = -u + a_l (1/B) sum [z]_+ + b_l (1/Ba) sum [a]_+ + nudge,     r = f(u)
// Tied feedback goes through the transposed basal branches that are above 0. The lags move no fixed
// point; links enter as in other nets. The state vector holds the neurons of layers 1..L, then the
// branches that lag.
#pragma once

#include <string>
#include <vector>

#include "learning/network/network.hpp"
#include "learning/reference/network_dynamics.hpp"
#include "solvers/ode/stepper.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

class DendriticDynamics : public NetworkDynamics {
 public:
  // Refers to the network; its weights may change between samples (then set_input again).
  // slow_s: time constant of slow copies of the neurons' states, the last states; 0: there are
  // none.
  explicit DendriticDynamics(const Network& network, double slow_s = 0.0);

  std::size_t size() const override { return size_; }
  void rhs(double t, const double* v, double* dvdt) override;
  void set_input(Span<const double> x) override;
  void set_nudge(double beta, Span<const double> y) override;
  // InternalError for a clamped output, which rules of dendritic neurons never ask for.
  void set_output(Phase::Output output) override;
  // driven = false: neurons do nothing else; branches follow those that adapt and rest without.
  void set_adaptation(double rate_per_s, Span<const double> held, bool driven) override;
  std::size_t neurons() const override { return neurons_; }
  std::size_t first(std::size_t l) const override { return first_[l - 1]; }
  // Activities of the neurons, then the potentials of all branches: basal ones of layers 1..L,
  // apical ones of layers 1..L-1.
  std::size_t signals() const override { return signals_; }
  void activity(const double* v, double* r) override;
  std::size_t branches_at(const Connection& connection) const override;
  std::string state_name(std::size_t index) const override;
  // Where the lagging branches of a connection are in the state vector; size() if they do not lag.
  std::size_t branch_states_at(const Connection& connection) const;

 private:
  struct Branches {
    const Matrix* weight = nullptr;
    const std::vector<double>* bias = nullptr;
    std::size_t from = 0, to = 0;   // layers
    std::size_t each = 1;           // branches of a neuron
    double gain = 1.0, rate = 0.0;  // rate: 1/tau; 0: no lag
    std::size_t state = 0;          // where they are in the state vector, if they lag
    std::size_t signal = 0;         // and in activity()
    std::vector<double> input;      // of the input's branches, which is constant
  };

  void add(const Matrix& weight, const std::vector<double>* bias, std::size_t from, std::size_t to,
           std::size_t each, double gain, double tau_s);
  const Branches& of(const Connection& connection) const;
  void follow(const Branches& b, const double* r, double* z) const;
  // Activities and present potentials into r; what lagging branches tend to into target_.
  void refresh(const double* v, double* r);

  const Network* network_;
  std::size_t neurons_ = 0, size_ = 0, signals_ = 0;
  std::vector<std::size_t> first_;
  std::vector<Branches> branches_;
  std::vector<double> rate_;  // of the neurons [1/s]
  std::vector<double> r_, target_;
  std::vector<double> y_;
  double beta_ = 0;
  double slow_s_, adaptation_ = 0;
  bool driven_ = true;
  std::size_t slow_ = 0;  // where the slow copies are in the state vector
  std::vector<double> held_;
};

}  // namespace memprop::learning
