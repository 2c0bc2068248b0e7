#include "hw_models/bus/apb_checker.hpp"

namespace memprop::hw {

ApbChecker::ApbChecker(sc_core::sc_module_name module_name, unsigned wait_limit)
    : sc_module(module_name), wait_limit_(wait_limit) {
  SC_HAS_PROCESS(ApbChecker);
  SC_METHOD(on_clock);
  sensitive << pclk.pos();
  dont_initialize();
}

void ApbChecker::keep_request() {
  address_ = paddr.read();
  data_ = pwdata.read();
  strobes_ = pstrb.read();
  protection_ = pprot.read();
  write_ = pwrite.read();
}

void ApbChecker::check_request() {
  if (paddr.read() != address_) log_.add("request_changed", "paddr");
  if (pwrite.read() != write_) log_.add("request_changed", "pwrite");
  if (write_ && pwdata.read() != data_) log_.add("request_changed", "pwdata");
  if (pstrb.read() != strobes_) log_.add("request_changed", "pstrb");
  if (pprot.read() != protection_) log_.add("request_changed", "pprot");
}

void ApbChecker::on_clock() {
  log_.next_cycle();
  if (!presetn.read()) {
    if (in_reset_++ > 0 && psel.read()) log_.add("select_in_reset", "psel");
    before_ = State::idle;
    ended_ = false;
    waited_ = 0;
    return;
  }
  in_reset_ = 0;
  const bool selected = psel.read(), enabled = penable.read(), ready = pready.read();
  bool last = false;  // this cycle ends a transfer
  State now = State::idle;
  if (before_ == State::idle) {
    if (enabled) log_.add(ended_ ? "access_prolonged" : "no_setup", "penable");
    if (selected) now = State::setup;
    keep_request();
    waited_ = 0;
  } else {
    const char* rule = before_ == State::setup ? "no_access" : "access_aborted";
    if (!selected) log_.add(rule, "psel");
    if (!enabled) log_.add(rule, "penable");
    if (selected && enabled) {
      check_request();
      last = ready;
      now = ready ? State::idle : State::access;
      if (!ready && ++waited_ == wait_limit_) log_.add("waits_too_long", "pready");
    }
  }
  if (selected && !pwrite.read() && pstrb.read() != 0) log_.add("strobe_in_read", "pstrb");
  if (pslverr.read() && !last) log_.add("error_outside", "pslverr");
  transfers_ += last;
  ended_ = last;
  before_ = now;
}

}  // namespace memprop::hw
