// An initiator that does single accesses and keeps what came back, for tests.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstdint>
#include <systemc>
#include <tlm>

namespace memprop::hw {

class TlmProbe : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<TlmProbe, 32> socket{"socket"};
  tlm::tlm_response_status response = tlm::TLM_INCOMPLETE_RESPONSE;

  explicit TlmProbe(sc_core::sc_module_name name) : sc_module(name) {}

  std::uint32_t read(std::uint64_t address) {
    std::uint32_t word = 0;
    transfer(tlm::TLM_READ_COMMAND, address, &word, nullptr);
    return word;
  }

  void write(std::uint64_t address, std::uint32_t word, std::uint32_t enables = 0xf) {
    unsigned char bytes[4];
    for (unsigned k = 0; k < 4; ++k) {
      bytes[k] = (enables >> k & 1U) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    }
    transfer(tlm::TLM_WRITE_COMMAND, address, &word, enables == 0xf ? nullptr : bytes);
  }

  // A payload as a test wants it.
  void send(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    socket->b_transport(payload, delay);
    response = payload.get_response_status();
  }

 private:
  void transfer(tlm::tlm_command command, std::uint64_t address, std::uint32_t* word,
                unsigned char* enables) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(word));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    payload.set_byte_enable_ptr(enables);
    payload.set_byte_enable_length(enables == nullptr ? 0 : 4);
    sc_core::sc_time delay;
    send(payload, delay);
    if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  }
};

}  // namespace memprop::hw
