// Watches an AXI4-Lite interface at its clock edges and notes every broken rule (ARM IHI 0022,
// chapters A3 and B1).
//
// | rule | broken when | signal |
// | --- | --- | --- |
// | valid_in_reset | a valid is high while the reset is low (from the second edge of it on) | that
// valid | | valid_dropped | a valid falls before its ready | that valid | | payload_changed | a
// payload changes while its valid waits for ready | that payload | | response_before_request |
// bvalid without address and data taken before, rvalid without address | bvalid, rvalid | |
// exclusive_response | bresp or rresp is EXOKAY while valid | bresp, rresp | | waits_too_long | a
// valid waits for ready, or a request for its response, longer than the limit | the ready, bvalid
// or rvalid |
#pragma once

#include <systemc>

#include "hw_models/bus/axi_lite_wires.hpp"
#include "hw_models/bus/protocol_log.hpp"

namespace memprop::hw {

class AxiLiteChecker : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> aclk{"aclk"}, aresetn{"aresetn"};
  sc_core::sc_in<bool> awvalid{"awvalid"}, awready{"awready"};
  sc_core::sc_in<std::uint32_t> awaddr{"awaddr"}, awprot{"awprot"};
  sc_core::sc_in<bool> wvalid{"wvalid"}, wready{"wready"};
  sc_core::sc_in<std::uint32_t> wdata{"wdata"}, wstrb{"wstrb"};
  sc_core::sc_in<bool> bvalid{"bvalid"}, bready{"bready"};
  sc_core::sc_in<std::uint32_t> bresp{"bresp"};
  sc_core::sc_in<bool> arvalid{"arvalid"}, arready{"arready"};
  sc_core::sc_in<std::uint32_t> araddr{"araddr"}, arprot{"arprot"};
  sc_core::sc_in<bool> rvalid{"rvalid"}, rready{"rready"};
  sc_core::sc_in<std::uint32_t> rdata{"rdata"}, rresp{"rresp"};

  // wait_limit: cycles until a wait is called too long.
  explicit AxiLiteChecker(sc_core::sc_module_name module_name, unsigned wait_limit = 1000);

  const ProtocolLog& log() const { return log_; }
  // Transfers that have passed.
  std::uint64_t writes() const { return writes_; }
  std::uint64_t reads() const { return reads_; }

 private:
  struct Payload {
    const char* name = nullptr;
    std::uint32_t value = 0;
  };
  struct Channel {
    const char *valid_name, *ready_name;
    bool was_waiting = false;
    Payload payload[2] = {};
    unsigned waited = 0;
  };

  void on_clock();
  bool check_channel(Channel& channel, bool valid, bool ready, Payload first, Payload second);
  void check_response(bool valid, std::uint32_t response, bool asked, const char* valid_name,
                      const char* response_name, unsigned& waited);

  unsigned wait_limit_;
  ProtocolLog log_;
  Channel aw_{"awvalid", "awready"}, w_{"wvalid", "wready"}, b_{"bvalid", "bready"},
      ar_{"arvalid", "arready"}, r_{"rvalid", "rready"};
  std::uint64_t addresses_ = 0, data_ = 0, writes_ = 0;  // taken on AW, W, B
  std::uint64_t requests_ = 0, reads_ = 0;               // on AR, R
  unsigned write_waited_ = 0, read_waited_ = 0;
  unsigned in_reset_ = 0;
};

}  // namespace memprop::hw
