// Runs the phases of a rule in continuous time.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "learning/network/network_check.hpp"
#include "learning/reference/network_dynamics.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"
#include "learning/rule/rule.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::internal {

// One sample's phases on the continuous network, with the states at their ends for those phases
// that start from them or adapt to them; one per thread.
class PhaseRunner {
 public:
  PhaseRunner(const Network& network, const LearningConfig& learning, const OdeConfig& config,
              const ode::StepperConfig& stepper)
      : config_(config),
        layers_(recurrent_layers(network.config)),
        system_(make_dynamics(network, learning.nudge_place, config.slow_adaptation_s)),
        stepper_(ode::make_stepper(stepper)) {
    state_.resize(system_->size());
  }

  void set_input(Span<const double> x) {
    system_->set_input(x);
    time_s_ = 0.0;
    held_.clear();
  }

  // Runs a phase of the given length; ends of earlier phases stay for those that start from them,
  // whatever ran in between.
  void run(const Phase& phase, double length_s, Span<const double> y, double nudge) {
    if (phase.start == Phase::from_zero) {
      std::fill(state_.begin(), state_.end(), 0.0);
    } else {
      state_ = held_[phase.start];
    }
    system_->set_nudge(nudge, y);
    system_->set_output(phase.output);
    if (phase.output == Phase::Output::clamped) {
      std::copy(y.begin(), y.end(),
                state_.begin() + static_cast<std::ptrdiff_t>(system_->first(layers_)));
    }
    if (phase.adaptation > 0) {
      // (1 - c) in every step of the map.
      const double rate = -std::log1p(-phase.adaptation) / config_.step_s;
      system_->set_adaptation(rate, {held_[phase.adapt_to].data(), system_->neurons()},
                              phase.driven);
    } else {
      system_->set_adaptation(0.0, {}, true);
    }
    stepper_->reset();
    advance(phase.name, time_s_, time_s_ + length_s);
    time_s_ += length_s;
    held_.push_back(state_);
  }

  const std::vector<double>& state() const { return state_; }
  const NetworkDynamics& system() const { return *system_; }
  // The activities, then what else the dynamics shows.
  void activity(std::vector<double>& r) const {
    r.resize(system_->signals());
    system_->activity(state_.data(), r.data());
  }

 private:
  // Says which phase and state the numerics failed in; the caller knows the sample.
  void advance(const std::string& phase, double begin, double end) {
    try {
      stepper_->advance(*system_, state_, begin, end);
    } catch (const NumericalError& e) {
      throw NonFiniteState(
          fmt::format("{} phase, {}: {}", phase, system_->state_name(e.index()), e.what()),
          e.time_s(), e.index());
    }
  }

  OdeConfig config_;
  std::size_t layers_;
  std::unique_ptr<NetworkDynamics> system_;
  std::unique_ptr<ode::Stepper> stepper_;
  std::vector<double> state_;
  std::vector<std::vector<double>> held_;  // states at the ends of the phases so far
  double time_s_ = 0;
};

}  // namespace memprop::learning::internal
