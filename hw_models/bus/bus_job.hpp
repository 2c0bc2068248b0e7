// What the masters of this folder carry out: one word, read or written.
#pragma once

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>

namespace memprop::hw {

struct BusJob {
  std::uint32_t address = 0, word = 0, enables = 0xf;
  bool write = false;
  tlm::tlm_response_status response = tlm::TLM_INCOMPLETE_RESPONSE;
  sc_core::sc_event finished;
};

// Cycles that a master lets pass before it raises a valid, ready or select: back-pressure for
// tests. Empty: none.
using BusPauses = std::function<unsigned()>;

// Carries a payload out word by word, a burst up to its first error. `submit` queues a job, which
// is waited for.
void run_payload(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay,
                 const std::function<void(BusJob&)>& submit);

}  // namespace memprop::hw
