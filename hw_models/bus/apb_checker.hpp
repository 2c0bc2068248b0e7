// Watches an APB interface at its clock edges and notes every broken rule (ARM IHI 0024, chapters 3
// and 4).
//
// | rule | broken when | signal |
// | --- | --- | --- |
// | select_in_reset | psel is high while the reset is low (from the second edge of it on) | psel |
// | no_setup | penable is high in the first cycle of a transfer, or without psel | penable |
// | no_access | the cycle after the setup phase is without psel or penable | psel, penable |
// | request_changed | address, direction, data, strobes or protection change within a transfer |
// that signal | | access_aborted | psel or penable falls before pready | psel, penable | |
// access_prolonged | penable stays high in the cycle after a transfer has ended | penable | |
// strobe_in_read | pstrb is not zero in a read | pstrb | | error_outside | pslverr is high other
// than in the last cycle of a transfer | pslverr | | waits_too_long | pready stays low in more
// access cycles than the limit | pready |
#pragma once

#include <systemc>

#include "hw_models/bus/apb_wires.hpp"
#include "hw_models/bus/protocol_log.hpp"

namespace memprop::hw {

class ApbChecker : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> pclk{"pclk"}, presetn{"presetn"};
  sc_core::sc_in<bool> psel{"psel"}, penable{"penable"}, pwrite{"pwrite"}, pready{"pready"},
      pslverr{"pslverr"};
  sc_core::sc_in<std::uint32_t> paddr{"paddr"}, pwdata{"pwdata"}, pstrb{"pstrb"}, pprot{"pprot"},
      prdata{"prdata"};

  explicit ApbChecker(sc_core::sc_module_name module_name, unsigned wait_limit = 1000);

  const ProtocolLog& log() const { return log_; }
  std::uint64_t transfers() const { return transfers_; }

 private:
  enum class State { idle, setup, access };  // of the cycle before

  void on_clock();
  void check_request();
  void keep_request();

  unsigned wait_limit_;
  ProtocolLog log_;
  State before_ = State::idle;
  bool ended_ = false;  // a transfer ended in the cycle before
  std::uint32_t address_ = 0, data_ = 0, strobes_ = 0, protection_ = 0;
  bool write_ = false;
  unsigned waited_ = 0, in_reset_ = 0;
  std::uint64_t transfers_ = 0;
};

}  // namespace memprop::hw
