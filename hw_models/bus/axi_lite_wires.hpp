// The signals of one AXI4-Lite interface (ARM IHI 0022), for whoever connects a master, a slave and
// a checker. Data of 32 bits; clock and reset come from outside.
#pragma once

#include <cstdint>
#include <systemc>

namespace memprop::hw {

class AxiLiteWires : public sc_core::sc_module {
 public:
  template <class Value>
  using Signal = sc_core::sc_signal<Value>;

  Signal<bool> awvalid{"awvalid"}, awready{"awready"};
  Signal<std::uint32_t> awaddr{"awaddr"}, awprot{"awprot"};
  Signal<bool> wvalid{"wvalid"}, wready{"wready"};
  Signal<std::uint32_t> wdata{"wdata"}, wstrb{"wstrb"};
  Signal<bool> bvalid{"bvalid"}, bready{"bready"};
  Signal<std::uint32_t> bresp{"bresp"};
  Signal<bool> arvalid{"arvalid"}, arready{"arready"};
  Signal<std::uint32_t> araddr{"araddr"}, arprot{"arprot"};
  Signal<bool> rvalid{"rvalid"}, rready{"rready"};
  Signal<std::uint32_t> rdata{"rdata"}, rresp{"rresp"};

  explicit AxiLiteWires(sc_core::sc_module_name module_name) : sc_module(module_name) {}

  // Binds the ports of the same names.
  template <class Module>
  void connect(Module& module) {
    module.awvalid(awvalid), module.awready(awready);
    module.awaddr(awaddr), module.awprot(awprot);
    module.wvalid(wvalid), module.wready(wready);
    module.wdata(wdata), module.wstrb(wstrb);
    module.bvalid(bvalid), module.bready(bready), module.bresp(bresp);
    module.arvalid(arvalid), module.arready(arready);
    module.araddr(araddr), module.arprot(arprot);
    module.rvalid(rvalid), module.rready(rready);
    module.rdata(rdata), module.rresp(rresp);
  }
};

enum class AxiResponse : std::uint32_t { okay = 0, exokay = 1, slverr = 2, decerr = 3 };

}  // namespace memprop::hw
