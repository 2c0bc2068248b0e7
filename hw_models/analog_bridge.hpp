// Connects SystemC modules to the analog domain: kernel time on one side, integration on the other.
//
// Modules call advance() when a digital event changes one of their sources or samples a voltage;
// nothing else makes the domain work. Errors of the numerics are kept here, because an exception
// that leaves a SystemC process loses its type; the bench rethrows them after sc_start.
#pragma once

#include <exception>
#include <systemc>

#include "analog/domain/domain.hpp"

namespace memprop::hw {

class AnalogBridge {
 public:
  explicit AnalogBridge(analog::Domain& domain) : domain_(domain) {}

  analog::Domain& domain() { return domain_; }

  // Kernel time becomes the origin of the domain's time: the start of a sample.
  void begin_sample() {
    origin_ = sc_core::sc_time_stamp().value();
    domain_.set_origin();
  }
  analog::Ticks now() const {
    return static_cast<analog::Ticks>(sc_core::sc_time_stamp().value() - origin_);
  }
  // Integrates to the present kernel time.
  void advance() { domain_.advance_to(now()); }

  // Runs the body of a process; an exception is kept and pauses the simulation.
  template <class Body>
  void guard(Body body) {
    if (error_) return;
    try {
      body();
    } catch (...) {
      error_ = std::current_exception();
      sc_core::sc_pause();
    }
  }
  void rethrow() {
    if (!error_) return;
    const std::exception_ptr error = error_;
    error_ = nullptr;
    std::rethrow_exception(error);
  }

 private:
  analog::Domain& domain_;
  sc_dt::uint64 origin_ = 0;
  std::exception_ptr error_;
};

}  // namespace memprop::hw
