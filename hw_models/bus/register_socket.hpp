// The register map behind a TLM-2.0 target socket (IEEE 1666-2011, blocking transport and debug
// transport).
//
// b_transport: reads and writes of whole words, one or several at consecutive addresses, with byte
// enables. The access happens at the caller's local time (a positive delay is waited for first) and
// adds cycles_per_word clock cycles a word to the delay. Nothing is changed by an access that is
// answered with an error, except that a burst of several words stops at the word in error.
//
// | response | when |
// | --- | --- |
// | TLM_ADDRESS_ERROR_RESPONSE | a word of the access is not mapped, or the address is no multiple
// of 4 | | TLM_BURST_ERROR_RESPONSE | length 0 or no multiple of 4, or a streaming width below the
// length | | TLM_BYTE_ENABLE_ERROR_RESPONSE | byte enables that are neither 0x00 nor 0xff, or of
// length 0 | | TLM_COMMAND_ERROR_RESPONSE | write of a register without a writable field | |
// TLM_GENERIC_ERROR_RESPONSE | write of something that is in use by the present sample |
//
// transport_dbg: reads show words without side effects (a counter's high word stays what it was);
// writes reach configuration and memories while the chip is idle, and no trigger. Returns the
// number of bytes transferred. No direct memory interface.
#pragma once

#include <tlm_utils/simple_target_socket.h>
#include <functional>
#include <systemc>
#include <tlm>

#include "digital/register_file.hpp"

namespace memprop::hw {

class RegisterSocket : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<RegisterSocket, 32> socket{"socket"};

  static constexpr unsigned cycles_per_word = 2;

  // `accessed` is called after every access that may have changed something.
  RegisterSocket(sc_core::sc_module_name module_name, digital::RegisterFile& registers,
                 sc_core::sc_time clock_period, std::function<void()> accessed);

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  tlm::tlm_response_status access(tlm::tlm_generic_payload& transaction);
  tlm::tlm_response_status transfer(tlm::tlm_generic_payload& transaction, unsigned offset);

  digital::RegisterFile& registers_;
  sc_core::sc_time clock_period_;
  std::function<void()> accessed_;
};

}  // namespace memprop::hw
