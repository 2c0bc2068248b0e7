// Words of 32 bits in TLM generic payloads: what the targets of this folder have in common. Data
// are arrays of bytes in the host's order, as IEEE 1666-2011 14.18 wants; addresses count bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <tlm>

namespace memprop::hw {

// The response to a payload whose shape no word-oriented target takes; nothing if it is fine.
std::optional<tlm::tlm_response_status> payload_error(const tlm::tlm_generic_payload& payload);

// Word and byte enables (bit k: byte k) at a byte offset into the data that is a multiple of 4.
std::uint32_t payload_word(const tlm::tlm_generic_payload& payload, unsigned offset);
std::uint32_t payload_enables(const tlm::tlm_generic_payload& payload, unsigned offset);
void set_payload_word(tlm::tlm_generic_payload& payload, unsigned offset, std::uint32_t word,
                      std::uint32_t enables);

}  // namespace memprop::hw
