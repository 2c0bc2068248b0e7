// The signals of one APB interface (ARM IHI 0024, with PSTRB and PPROT), data of 32 bits.
#pragma once

#include <cstdint>
#include <systemc>

namespace memprop::hw {

class ApbWires : public sc_core::sc_module {
 public:
  sc_core::sc_signal<bool> psel{"psel"}, penable{"penable"}, pwrite{"pwrite"}, pready{"pready"},
      pslverr{"pslverr"};
  sc_core::sc_signal<std::uint32_t> paddr{"paddr"}, pwdata{"pwdata"}, pstrb{"pstrb"},
      pprot{"pprot"}, prdata{"prdata"};

  explicit ApbWires(sc_core::sc_module_name module_name) : sc_module(module_name) {}

  // Binds the ports of the same names.
  template <class Module>
  void connect(Module& module) {
    module.psel(psel), module.penable(penable), module.pwrite(pwrite);
    module.paddr(paddr), module.pwdata(pwdata), module.pstrb(pstrb), module.pprot(pprot);
    module.pready(pready), module.prdata(prdata), module.pslverr(pslverr);
  }
};

}  // namespace memprop::hw
