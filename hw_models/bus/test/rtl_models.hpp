// The digital side of a chip in RTL behind each bus, as plain C++: pins in, one clock edge, pins
// out. Without SystemC, whose headers and Verilator's do not stand in one source file.
#pragma once

#include <cstdint>
#include <memory>

namespace memprop::hw {

struct AxiLitePins {
  bool aresetn = false, awvalid = false, wvalid = false, bready = false, arvalid = false,
       rready = false;
  std::uint32_t awaddr = 0, wdata = 0, wstrb = 0, araddr = 0;
  // driven by the model
  bool awready = false, wready = false, bvalid = false, arready = false, rvalid = false,
       irq = false;
  std::uint32_t bresp = 0, rdata = 0, rresp = 0;
};

struct ApbPins {
  bool presetn = false, psel = false, penable = false, pwrite = false;
  std::uint32_t paddr = 0, pwdata = 0, pstrb = 0;
  // driven by the model
  bool pready = false, pslverr = false, irq = false;
  std::uint32_t prdata = 0;
};

// The ADC answers every conversion in the next cycle with zeros.
class AxiLiteModel {
 public:
  AxiLiteModel();
  ~AxiLiteModel();
  void edge(AxiLitePins& pins);

 private:
  struct Rtl;
  std::unique_ptr<Rtl> rtl_;
};

class ApbModel {
 public:
  ApbModel();
  ~ApbModel();
  void edge(ApbPins& pins);

 private:
  struct Rtl;
  std::unique_ptr<Rtl> rtl_;
};

}  // namespace memprop::hw
