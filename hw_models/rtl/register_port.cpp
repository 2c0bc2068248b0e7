#include "hw_models/rtl/register_port.hpp"

#include "digital/register_program.hpp"
#include "digital/registers.hpp"

namespace memprop::hw::rtl {

RegisterPort::RegisterPort(const RtlModel& model)
    : por_n_(model.port("por_n")),
      we_(model.port("reg_we")),
      re_(model.port("reg_re")),
      address_(model.port("reg_addr")),
      wdata_(model.port("reg_wdata")),
      be_(model.port("reg_be")),
      rdata_(model.port("reg_rdata")) {}

void RegisterPort::power_on(const Clock& clock) {
  if (!por_n_) return;
  por_n_.set(0);
  clock();
  por_n_.set(1);
}

void RegisterPort::set_up(const digital::ControllerConfig& config, const Clock& clock) {
  constexpr std::uint32_t target_bits = 8;  // of the nudging DAC, which is none of its business
  for (const auto& write_of :
       digital::register_program(config, digital::chip_build(config, target_bits))) {
    write(write_of.address, write_of.word, clock);
  }
}

void RegisterPort::load_input(Span<const std::uint16_t> codes, const Clock& clock) {
  for (std::size_t k = 0; k < codes.size(); ++k) {
    write(digital::registers::input0(k), codes[k], clock);
  }
}

std::uint64_t RegisterPort::pulse_clipped(const Clock& clock) {
  const std::uint64_t low = read(digital::registers::pulse_clipped_lo, clock);
  const std::uint64_t high = read(digital::registers::pulse_clipped_hi, clock);
  return low | (high << 32);
}

void RegisterPort::write(std::uint32_t address, std::uint32_t word, const Clock& clock) {
  we_.set(1);
  address_.set(address);
  wdata_.set(word);
  if (be_) be_.set(15);
  clock();
  we_.set(0);
}

std::uint32_t RegisterPort::read(std::uint32_t address, const Clock& clock) {
  re_.set(1);
  address_.set(address);
  clock();
  re_.set(0);
  clock();
  return static_cast<std::uint32_t>(rdata_.get());
}

}  // namespace memprop::hw::rtl
