#include "hw_models/bus/payload_words.hpp"

namespace memprop::hw {

namespace {

// The byte lane of a word that the k-th byte in memory stands for, on this machine.
unsigned lane(unsigned k) { return tlm::host_has_little_endianness() ? k : 3 - k; }

}  // namespace

std::optional<tlm::tlm_response_status> payload_error(const tlm::tlm_generic_payload& payload) {
  const unsigned length = payload.get_data_length();
  if (payload.get_address() % 4 != 0) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (length == 0 || length % 4 != 0 || payload.get_streaming_width() < length) {
    return tlm::TLM_BURST_ERROR_RESPONSE;
  }
  if (payload.get_byte_enable_ptr() == nullptr) return std::nullopt;
  if (payload.get_byte_enable_length() == 0) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  for (unsigned k = 0; k < payload.get_byte_enable_length(); ++k) {
    const unsigned char enable = payload.get_byte_enable_ptr()[k];
    if (enable != TLM_BYTE_ENABLED && enable != TLM_BYTE_DISABLED) {
      return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    }
  }
  return std::nullopt;
}

std::uint32_t payload_word(const tlm::tlm_generic_payload& payload, unsigned offset) {
  std::uint32_t word = 0;
  for (unsigned k = 0; k < 4; ++k) {
    word |= static_cast<std::uint32_t>(payload.get_data_ptr()[offset + k]) << (8 * lane(k));
  }
  return word;
}

std::uint32_t payload_enables(const tlm::tlm_generic_payload& payload, unsigned offset) {
  if (payload.get_byte_enable_ptr() == nullptr) return 0xf;
  std::uint32_t enables = 0;
  for (unsigned k = 0; k < 4; ++k) {
    const unsigned at = (offset + k) % payload.get_byte_enable_length();
    if (payload.get_byte_enable_ptr()[at] == TLM_BYTE_ENABLED) enables |= 1U << lane(k);
  }
  return enables;
}

void set_payload_word(tlm::tlm_generic_payload& payload, unsigned offset, std::uint32_t word,
                      std::uint32_t enables) {
  for (unsigned k = 0; k < 4; ++k) {
    if ((enables >> lane(k) & 1U) == 0) continue;
    payload.get_data_ptr()[offset + k] = static_cast<unsigned char>(word >> (8 * lane(k)));
  }
}

}  // namespace memprop::hw
