#include "hw_models/bus/register_socket.hpp"

#include <cstring>

#include "hw_models/bus/payload_words.hpp"

namespace memprop::hw {

namespace {

using digital::BusAnswer;

tlm::tlm_response_status response_of(BusAnswer answer) {
  switch (answer) {
    case BusAnswer::ok:
      return tlm::TLM_OK_RESPONSE;
    case BusAnswer::unmapped:
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case BusAnswer::not_writable:
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
    case BusAnswer::busy:
      break;
  }
  return tlm::TLM_GENERIC_ERROR_RESPONSE;
}

}  // namespace

RegisterSocket::RegisterSocket(sc_core::sc_module_name module_name,
                               digital::RegisterFile& registers, sc_core::sc_time clock_period,
                               std::function<void()> accessed)
    : sc_module(module_name),
      registers_(registers),
      clock_period_(clock_period),
      accessed_(std::move(accessed)) {
  socket.register_b_transport(this, &RegisterSocket::b_transport);
  socket.register_transport_dbg(this, &RegisterSocket::transport_dbg);
}

void RegisterSocket::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  // What the registers say depends on the time: a caller that runs ahead is brought to its own.
  if (delay != sc_core::SC_ZERO_TIME) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  transaction.set_dmi_allowed(false);
  transaction.set_response_status(access(transaction));
  const unsigned words = (transaction.get_data_length() + 3) / 4;
  delay += static_cast<int>(cycles_per_word * words) * clock_period_;
}

tlm::tlm_response_status RegisterSocket::access(tlm::tlm_generic_payload& transaction) {
  if (transaction.is_read() || transaction.is_write()) {
    if (const auto error = payload_error(transaction)) return *error;
    const unsigned length = transaction.get_data_length();
    for (unsigned offset = 0; offset < length; offset += 4) {
      // A burst that does not lie in the map altogether changes nothing.
      const auto address = transaction.get_address() + offset;
      if (address >> digital::registers::address_bits != 0 ||
          registers_.map().find(static_cast<std::uint32_t>(address)).entry == nullptr) {
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
      }
    }
    auto response = tlm::TLM_OK_RESPONSE;
    for (unsigned offset = 0; offset < length && response == tlm::TLM_OK_RESPONSE; offset += 4) {
      response = transfer(transaction, offset);
    }
    if (accessed_) accessed_();
    return response;
  }
  return tlm::TLM_OK_RESPONSE;  // TLM_IGNORE_COMMAND
}

tlm::tlm_response_status RegisterSocket::transfer(tlm::tlm_generic_payload& transaction,
                                                  unsigned offset) {
  const auto address = static_cast<std::uint32_t>(transaction.get_address()) + offset;
  const std::uint32_t enables = payload_enables(transaction, offset);
  if (transaction.is_write()) {
    return response_of(registers_.write(address, payload_word(transaction, offset), enables));
  }
  std::uint32_t word = 0;
  const BusAnswer answer = registers_.read(address, word);
  if (answer == BusAnswer::ok) set_payload_word(transaction, offset, word, enables);
  return response_of(answer);
}

unsigned RegisterSocket::transport_dbg(tlm::tlm_generic_payload& transaction) {
  unsigned done = 0;
  const auto start = transaction.get_address();
  if (start % 4 != 0) return 0;
  for (; done + 4 <= transaction.get_data_length(); done += 4) {
    const auto address = start + done;
    if (address >> digital::registers::address_bits != 0) break;
    const auto at = static_cast<std::uint32_t>(address);
    const auto* entry = registers_.map().find(at).entry;
    if (entry == nullptr) break;
    if (transaction.is_write()) {
      const bool stored = entry->block == digital::registers::Block::core || entry->bank >= 0;
      if (!stored || registers_.write(at, payload_word(transaction, done)) != BusAnswer::ok) break;
    } else if (transaction.is_read()) {
      std::uint32_t word = 0;
      registers_.peek(at, word);
      set_payload_word(transaction, done, word, 0xf);
    } else {
      return 0;
    }
  }
  return done;
}

}  // namespace memprop::hw
