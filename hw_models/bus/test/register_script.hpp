// One list of accesses for every way to the registers, so that what comes back can be compared.
#pragma once

#include <string>
#include <vector>

#include "digital/register_file.hpp"
#include "hw_models/bus/test/tlm_probe.hpp"

namespace memprop::hw {

// What came back, in words that every bus can say.
struct Answered {
  std::uint32_t address = 0, word = 0;
  bool write = false;
  tlm::tlm_response_status response = tlm::TLM_INCOMPLETE_RESPONSE;
};

// Which differences between errors a bus can tell.
enum class ErrorDetail {
  all,       // TLM: command, generic and address errors
  unmapped,  // AXI4-Lite: refused or unmapped
  none,      // APB: an error
};

// An answer as the bus of that detail would tell it.
std::string told(const Answered& answer, ErrorDetail detail);

// Every register, every neighbour of the map's pieces and every address below 0x3000: read, written
// with patterns and single bytes, read again; read-only ones written; all while idle, from power-up
// on. Runs in an SC_THREAD.
std::vector<Answered> run_register_script(TlmProbe& probe, const digital::ChipBuild& build);

// `count` random accesses among the configuration registers, memories, results and holes, without
// starting a sample.
std::vector<Answered> run_random_script(TlmProbe& probe, const digital::ChipBuild& build,
                                        std::size_t count, std::uint64_t seed);

}  // namespace memprop::hw
