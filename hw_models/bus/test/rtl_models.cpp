#include "hw_models/bus/test/rtl_models.hpp"

#include <verilated.h>

#include "Vapb_chip.h"
#include "Vaxi_lite_chip.h"

namespace memprop::hw {

struct AxiLiteModel::Rtl {
  VerilatedContext context;
  Vaxi_lite_chip top{&context};
};

AxiLiteModel::AxiLiteModel() : rtl_(std::make_unique<Rtl>()) {}
AxiLiteModel::~AxiLiteModel() { rtl_->top.final(); }

void AxiLiteModel::edge(AxiLitePins& pins) {
  Vaxi_lite_chip& top = rtl_->top;
  top.aresetn = pins.aresetn;
  top.s_axi_awvalid = pins.awvalid;
  top.s_axi_awaddr = pins.awaddr;
  top.s_axi_wvalid = pins.wvalid;
  top.s_axi_wdata = pins.wdata;
  top.s_axi_wstrb = static_cast<std::uint8_t>(pins.wstrb);
  top.s_axi_bready = pins.bready;
  top.s_axi_arvalid = pins.arvalid;
  top.s_axi_araddr = pins.araddr;
  top.s_axi_rready = pins.rready;
  top.adc_done = top.adc_start;
  for (const bool high : {false, true}) {
    top.aclk = high;
    top.eval();
  }
  pins.awready = top.s_axi_awready;
  pins.wready = top.s_axi_wready;
  pins.bvalid = top.s_axi_bvalid;
  pins.bresp = top.s_axi_bresp;
  pins.arready = top.s_axi_arready;
  pins.rvalid = top.s_axi_rvalid;
  pins.rdata = top.s_axi_rdata;
  pins.rresp = top.s_axi_rresp;
  pins.irq = top.irq;
}

struct ApbModel::Rtl {
  VerilatedContext context;
  Vapb_chip top{&context};
};

ApbModel::ApbModel() : rtl_(std::make_unique<Rtl>()) {}
ApbModel::~ApbModel() { rtl_->top.final(); }

void ApbModel::edge(ApbPins& pins) {
  Vapb_chip& top = rtl_->top;
  top.presetn = pins.presetn;
  top.psel = pins.psel;
  top.penable = pins.penable;
  top.pwrite = pins.pwrite;
  top.paddr = pins.paddr;
  top.pwdata = pins.pwdata;
  top.pstrb = static_cast<std::uint8_t>(pins.pstrb);
  top.adc_done = top.adc_start;
  for (const bool high : {false, true}) {
    top.pclk = high;
    top.eval();
  }
  pins.pready = top.pready;
  pins.prdata = top.prdata;
  pins.pslverr = top.pslverr;
  pins.irq = top.irq;
}

}  // namespace memprop::hw
