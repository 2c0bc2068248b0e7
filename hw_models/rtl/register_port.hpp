// The host's side of the register port of memprop's controller in RTL (digital/registers.toml,
// block "core"): sets it up and loads input codes in clock cycles that the kernel does not see, as
// a host would have done before the sample.
#pragma once

#include <cstdint>
#include <functional>

#include "digital/controller.hpp"
#include "hw_models/rtl/rtl_model.hpp"
#include "solvers/span.hpp"

namespace memprop::hw::rtl {

class RegisterPort {
 public:
  using Clock = std::function<void()>;  // one rising edge of the model

  RegisterPort() = default;
  // False if the module has no register port.
  explicit RegisterPort(const RtlModel& model);
  explicit operator bool() const { return static_cast<bool>(we_); }

  // Memories and configuration to zero, where the module has such a pin (por_n).
  void power_on(const Clock& clock);
  // Throws UserError, naming the register, if the configuration does not fit.
  void set_up(const digital::ControllerConfig& config, const Clock& clock);
  void load_input(Span<const std::uint16_t> codes, const Clock& clock);

  // U1: cells whose count was cut.
  std::uint64_t pulse_clipped(const Clock& clock);

  void write(std::uint32_t address, std::uint32_t word, const Clock& clock);
  std::uint32_t read(std::uint32_t address, const Clock& clock);

 private:
  Port por_n_, we_, re_, address_, wdata_, be_, rdata_;
};

}  // namespace memprop::hw::rtl
