#include "hw_models/bus/test/register_script.hpp"

#include <fmt/format.h>

#include "digital/registers.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

namespace {

namespace reg = digital::registers;

class Recorder {
 public:
  explicit Recorder(TlmProbe& probe) : probe_(probe) {}

  void read(std::uint32_t address) {
    const std::uint32_t word = probe_.read(address);
    keep({address, probe_.response == tlm::TLM_OK_RESPONSE ? word : 0, false, probe_.response});
  }
  void write(std::uint32_t address, std::uint32_t word, std::uint32_t enables = 0xf) {
    probe_.write(address, word, enables);
    keep({address, word, true, probe_.response});
  }
  std::vector<Answered> answers;

 private:
  void keep(const Answered& answer) { answers.push_back(answer); }
  TlmProbe& probe_;
};

// Every mapped address and the first ones behind each array.
std::vector<std::uint32_t> addresses_of(const digital::RegisterMap& map) {
  std::vector<std::uint32_t> addresses;
  for (const auto& entry : reg::entries) {
    const std::uint32_t count = map.count(entry);
    for (std::uint32_t k = 0; k < count; ++k) addresses.push_back(entry.address + k * entry.stride);
    if (entry.stride != 0) addresses.push_back(entry.address + count * entry.stride);
  }
  for (const std::uint32_t hole : {0x60000U, 0x80000U, 0xffffcU}) addresses.push_back(hole);
  return addresses;
}

}  // namespace

std::string told(const Answered& answer, ErrorDetail detail) {
  const char* said = "ok";
  if (answer.response == tlm::TLM_ADDRESS_ERROR_RESPONSE) {
    said = detail == ErrorDetail::none ? "error" : "unmapped";
  } else if (answer.response == tlm::TLM_COMMAND_ERROR_RESPONSE) {
    said = detail == ErrorDetail::all    ? "not writable"
           : detail == ErrorDetail::none ? "error"
                                         : "refused";
  } else if (answer.response != tlm::TLM_OK_RESPONSE) {
    said = detail == ErrorDetail::none ? "error" : "refused";
  }
  return fmt::format("{} {:05x} {:08x} {}", answer.write ? "write" : "read", answer.address,
                     answer.word, said);
}

std::vector<Answered> run_register_script(TlmProbe& probe, const digital::ChipBuild& build) {
  const digital::RegisterMap map(build);
  Recorder log(probe);
  for (std::uint32_t address = 0; address < 0x3000; address += 4) log.read(address);
  const auto addresses = addresses_of(map);
  for (const std::uint32_t address : addresses) log.read(address);
  for (const std::uint32_t address : addresses) {
    if (address == reg::control) continue;  // its triggers have tests of their own
    const std::uint32_t words[] = {0xffffffff, 0, 0xa5c33c5a, address * 2654435761U};
    for (const std::uint32_t word : words) {
      log.write(address, word);
      log.read(address);
    }
    for (std::uint32_t enables = 0; enables < 16; ++enables) {
      log.write(address, enables % 2 == 0 ? 0x12345678 : 0xfedcba98, enables);
      log.read(address);
    }
  }
  // CONTROL: what is kept, and refused starts, each with STATUS, ERROR, CONFIG_RULE and IRQ_STATUS.
  const auto look = [&] {
    for (const std::uint32_t address :
         {reg::control, reg::status, reg::error, reg::config_rule, reg::irq_status}) {
      log.read(address);
    }
  };
  for (const std::uint32_t word : {0xfffffffcU, 0x1U, 0x4U, 0xdU, 0x0U}) {
    for (const std::uint32_t enables : {0x1U, 0xfU, 0xeU}) {
      log.write(reg::control, word, enables);
      look();
    }
  }
  log.write(reg::control, reg::control_soft_reset.mask());
  look();
  log.write(reg::control, reg::control_start.mask());  // the patterns in the table cannot run
  look();
  for (const std::uint32_t address : addresses) log.read(address);
  return log.answers;
}

std::vector<Answered> run_random_script(TlmProbe& probe, const digital::ChipBuild& build,
                                        std::size_t count, std::uint64_t seed) {
  const digital::RegisterMap map(build);
  const RandomStream draw(seed, "test/bus");
  const auto addresses = addresses_of(map);
  Recorder log(probe);
  for (std::size_t n = 0; n < count; ++n) {
    const auto words = draw.words(0, n);
    std::uint32_t address = addresses[words[0] % addresses.size()];
    if (words[1] % 16 == 0) address = words[0] & 0xffffcU;
    const bool write = (words[1] >> 8) % 2 == 0;
    // No start: what a sample does is compared elsewhere.
    const std::uint32_t word = address == reg::control ? words[2] & ~3U : words[2];
    if (write) {
      log.write(address, word, (words[1] >> 16) % 4 == 0 ? words[3] & 0xf : 0xf);
    } else {
      log.read(address);
    }
  }
  return log.answers;
}

}  // namespace memprop::hw
