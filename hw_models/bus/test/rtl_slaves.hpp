// The RTL behind each bus as SystemC modules with ordinary ports.
#pragma once

#include <systemc>

#include "hw_models/bus/apb_wires.hpp"
#include "hw_models/bus/axi_lite_wires.hpp"
#include "hw_models/bus/test/rtl_models.hpp"

namespace memprop::hw {

class AxiLiteRtl : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, rst_n{"rst_n"};
  sc_core::sc_out<bool> irq{"irq"};
  sc_core::sc_in<bool> awvalid{"awvalid"}, wvalid{"wvalid"}, bready{"bready"}, arvalid{"arvalid"},
      rready{"rready"};
  sc_core::sc_in<std::uint32_t> awaddr{"awaddr"}, awprot{"awprot"}, wdata{"wdata"}, wstrb{"wstrb"},
      araddr{"araddr"}, arprot{"arprot"};
  sc_core::sc_out<bool> awready{"awready"}, wready{"wready"}, bvalid{"bvalid"}, arready{"arready"},
      rvalid{"rvalid"};
  sc_core::sc_out<std::uint32_t> bresp{"bresp"}, rdata{"rdata"}, rresp{"rresp"};

  explicit AxiLiteRtl(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(AxiLiteRtl);
    SC_METHOD(on_clock);
    sensitive << clk.pos();
    dont_initialize();
  }

 private:
  // Inputs as they were before the edge, outputs as they are after it.
  void on_clock() {
    AxiLitePins pins;
    pins.aresetn = rst_n.read();
    pins.awvalid = awvalid.read();
    pins.awaddr = awaddr.read();
    pins.wvalid = wvalid.read();
    pins.wdata = wdata.read();
    pins.wstrb = wstrb.read();
    pins.bready = bready.read();
    pins.arvalid = arvalid.read();
    pins.araddr = araddr.read();
    pins.rready = rready.read();
    model_.edge(pins);
    awready.write(pins.awready);
    wready.write(pins.wready);
    bvalid.write(pins.bvalid);
    bresp.write(pins.bresp);
    arready.write(pins.arready);
    rvalid.write(pins.rvalid);
    rdata.write(pins.rdata);
    rresp.write(pins.rresp);
    irq.write(pins.irq);
  }

  AxiLiteModel model_;
};

class ApbRtl : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, rst_n{"rst_n"};
  sc_core::sc_out<bool> irq{"irq"};
  sc_core::sc_in<bool> psel{"psel"}, penable{"penable"}, pwrite{"pwrite"};
  sc_core::sc_in<std::uint32_t> paddr{"paddr"}, pwdata{"pwdata"}, pstrb{"pstrb"}, pprot{"pprot"};
  sc_core::sc_out<bool> pready{"pready"}, pslverr{"pslverr"};
  sc_core::sc_out<std::uint32_t> prdata{"prdata"};

  explicit ApbRtl(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(ApbRtl);
    SC_METHOD(on_clock);
    sensitive << clk.pos();
    dont_initialize();
  }

 private:
  void on_clock() {
    ApbPins pins;
    pins.presetn = rst_n.read();
    pins.psel = psel.read();
    pins.penable = penable.read();
    pins.pwrite = pwrite.read();
    pins.paddr = paddr.read();
    pins.pwdata = pwdata.read();
    pins.pstrb = pstrb.read();
    model_.edge(pins);
    pready.write(pins.pready);
    prdata.write(pins.prdata);
    pslverr.write(pins.pslverr);
    irq.write(pins.irq);
  }

  ApbModel model_;
};

}  // namespace memprop::hw
