// The place of the controller in a chip: the pins of the digital/analog border (ep-circuits 2.7)
// and what a host needs from whoever sits there. ControllerModule is our controller in C++;
// rtl::RtlController is a verilated one, ours or a user's.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <systemc>
#include <utility>
#include <vector>

#include "digital/controller.hpp"
#include "hw_models/pins/bus_types.hpp"
#include "solvers/span.hpp"

namespace memprop::hw {

class ControllerSeat : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<bool> rst_n{"rst_n"};
  sc_core::sc_in<bool> start{"start"};
  sc_core::sc_in<bool> train{"train"};
  sc_core::sc_in<bool> adc_done{"adc_done"};
  sc_core::sc_in<Codes> adc_data{"adc_data"};
  sc_core::sc_out<std::uint32_t> phase{"phase"};  // digital::Phase
  sc_core::sc_out<bool> x_dac_load{"x_dac_load"};
  sc_core::sc_out<Codes> x_code{"x_code"};
  sc_core::sc_out<bool> row_en{"row_en"};
  sc_core::sc_out<bool> nudge_en{"nudge_en"};
  sc_core::sc_out<bool> nudge_sign{"nudge_sign"};
  sc_core::sc_out<std::uint32_t> sh_en{"sh_en"};
  sc_core::sc_out<bool> adc_start{"adc_start"};
  sc_core::sc_out<std::uint32_t> adc_bank{"adc_bank"};
  // Setting of the converters' multiplexers; open where every line has its own converter.
  OpenOut adc_group{"adc_group"};
  sc_core::sc_out<bool> upd_en{"upd_en"};
  sc_core::sc_out<std::uint32_t> upd_pol{"upd_pol"};  // bit l: tile l, high is SET
  sc_core::sc_vector<sc_core::sc_out<PulseLines>> row_pulse;
  sc_core::sc_vector<sc_core::sc_out<PulseLines>> col_pulse;
  sc_core::sc_out<bool> busy{"busy"};
  sc_core::sc_out<bool> done{"done"};

  // The host's side, only while idle: the input codes of the next sample.
  virtual void load_input(Span<const std::uint16_t> codes) = 0;
  // What the controller was set up with.
  virtual const digital::ControllerConfig& config() const = 0;
  // The codes of sample k (0 free, 1 positive, 2 negative) of the last conversion, layers
  // concatenated; and what the controller has done so far. A controller that is known by its pins
  // only is counted at its pins; what cannot be seen there is zero.
  virtual Span<const std::int32_t> latched(std::size_t k) const = 0;
  virtual const digital::ControllerCounters& counters() const = 0;

  // Everything that outlives a sample, for checkpoints; only at IDLE. Throws UserError if the
  // state is that of another controller.
  virtual std::vector<std::uint64_t> save() const = 0;
  virtual void restore(Span<const std::uint64_t> state) = 0;

  // Who reads cells for write-verify (U5), before the first sample. Only our controller in C++ has
  // that circuit; UserError from the others.
  virtual void set_cell_reader(digital::CellReader* reader);
  // The same for the bits of dendritic branches.
  virtual void set_branch_gates(const digital::BranchGates* gates);

  // Our controller in C++; InternalError where another one sits.
  virtual digital::Controller& core();
  virtual const digital::Controller& core() const;

  // An exception of the controller, which would lose its type on its way through the kernel.
  virtual std::exception_ptr take_error() { return std::exchange(error_, nullptr); }

 protected:
  ControllerSeat(sc_core::sc_module_name module_name, std::size_t tiles)
      : sc_module(module_name), row_pulse("row_pulse", tiles), col_pulse("col_pulse", tiles) {}
  bool failed() const { return error_ != nullptr; }
  // Inside catch (...): keeps the exception and pauses the simulation.
  void keep_error() {
    error_ = std::current_exception();
    sc_core::sc_pause();
  }

 private:
  std::exception_ptr error_;
};

// Makes the controller of a chip as a module of the given name inside the module under
// construction. Empty: our controller in C++.
using ControllerFactory = std::function<std::unique_ptr<ControllerSeat>(
    const char* name, const digital::ControllerConfig& config)>;

}  // namespace memprop::hw
