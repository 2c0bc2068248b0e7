// TLM-2.0 to AXI4-Lite: a target socket on one side, a master's pins on the other. A payload of
// several words becomes as many transfers, one after the other. Reads and writes that different
// threads ask for at the same time go on side by side, as the channels are independent.
//
// Responses: OKAY is TLM_OK_RESPONSE, SLVERR TLM_GENERIC_ERROR_RESPONSE, DECERR
// TLM_ADDRESS_ERROR_RESPONSE. Payloads that no word-oriented bus carries are answered as by
// RegisterSocket, without a transfer. b_transport waits; its delay is zero afterwards.
#pragma once

#include <tlm_utils/simple_target_socket.h>
#include <deque>
#include <systemc>
#include <tlm>

#include "hw_models/bus/axi_lite_wires.hpp"
#include "hw_models/bus/bus_job.hpp"

namespace memprop::hw {

class AxiLiteMaster : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<AxiLiteMaster, 32> socket{"socket"};
  sc_core::sc_in<bool> aclk{"aclk"}, aresetn{"aresetn"};
  sc_core::sc_out<bool> awvalid{"awvalid"};
  sc_core::sc_in<bool> awready{"awready"};
  sc_core::sc_out<std::uint32_t> awaddr{"awaddr"}, awprot{"awprot"};
  sc_core::sc_out<bool> wvalid{"wvalid"};
  sc_core::sc_in<bool> wready{"wready"};
  sc_core::sc_out<std::uint32_t> wdata{"wdata"}, wstrb{"wstrb"};
  sc_core::sc_in<bool> bvalid{"bvalid"};
  sc_core::sc_out<bool> bready{"bready"};
  sc_core::sc_in<std::uint32_t> bresp{"bresp"};
  sc_core::sc_out<bool> arvalid{"arvalid"};
  sc_core::sc_in<bool> arready{"arready"};
  sc_core::sc_out<std::uint32_t> araddr{"araddr"}, arprot{"arprot"};
  sc_core::sc_in<bool> rvalid{"rvalid"};
  sc_core::sc_out<bool> rready{"rready"};
  sc_core::sc_in<std::uint32_t> rdata{"rdata"}, rresp{"rresp"};

  explicit AxiLiteMaster(sc_core::sc_module_name module_name, BusPauses pauses = {});

 private:
  // A channel on which this side shows a payload until it is taken.
  struct Sender {
    std::size_t sent = 0;  // of the jobs in the queue
    unsigned pause = 0;
    bool valid = false;
  };
  // A channel on which this side takes answers.
  struct Taker {
    unsigned pause = 0;
    bool ready = false;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void on_clock();
  void stop_all();
  template <class Show>
  void send(Sender& sender, bool taken, const std::deque<BusJob*>& jobs, Show show);
  template <class Take>
  void take(Taker& taker, bool offered, Take take_answer);
  unsigned pause() const { return pauses_ ? pauses_() : 0; }

  BusPauses pauses_;
  std::deque<BusJob*> writes_, reads_;
  Sender aw_, w_, ar_;
  Taker b_, r_;
};

}  // namespace memprop::hw
