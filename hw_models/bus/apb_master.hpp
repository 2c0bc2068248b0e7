// TLM-2.0 to APB: a target socket on one side, a requester's pins on the other. A payload of
// several words becomes as many transfers. PSLVERR is TLM_GENERIC_ERROR_RESPONSE; payloads that no
// word-oriented bus carries are answered as by RegisterSocket, without a transfer. b_transport
// waits; its delay is zero afterwards.
#pragma once

#include <tlm_utils/simple_target_socket.h>
#include <deque>
#include <systemc>
#include <tlm>

#include "hw_models/bus/apb_wires.hpp"
#include "hw_models/bus/bus_job.hpp"

namespace memprop::hw {

class ApbMaster : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<ApbMaster, 32> socket{"socket"};
  sc_core::sc_in<bool> pclk{"pclk"}, presetn{"presetn"};
  sc_core::sc_out<bool> psel{"psel"}, penable{"penable"}, pwrite{"pwrite"};
  sc_core::sc_out<std::uint32_t> paddr{"paddr"}, pwdata{"pwdata"}, pstrb{"pstrb"}, pprot{"pprot"};
  sc_core::sc_in<bool> pready{"pready"}, pslverr{"pslverr"};
  sc_core::sc_in<std::uint32_t> prdata{"prdata"};

  explicit ApbMaster(sc_core::sc_module_name module_name, BusPauses pauses = {});

 private:
  enum class State { idle, setup, access };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void on_clock();
  void begin_transfer();

  BusPauses pauses_;
  std::deque<BusJob*> jobs_;
  State state_ = State::idle;
  unsigned pause_ = 0;
};

}  // namespace memprop::hw
