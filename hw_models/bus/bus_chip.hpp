// A chip as a processor's peripheral: analog side, controller and registers behind a TLM-2.0 target
// socket, with an interrupt line. Everything a host does goes through the socket: configure, load
// input and target codes, start, wait for the interrupt, read result codes and counters
// (docs/bus.md).
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "digital/register_program.hpp"
#include "hw_models/bus/register_controller.hpp"
#include "hw_models/bus/register_socket.hpp"
#include "hw_models/chip.hpp"

namespace memprop::hw {

class BusChip : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<bool> rst_n{"rst_n"};
  sc_core::sc_out<bool> irq{"irq"};

  // As hw::Chip. Of the learning configuration the hardware takes the nudging strength; the rest is
  // kept as the configuration that recommended_program() tells a host.
  BusChip(sc_core::sc_module_name module_name, const ChipConfig& config,
          const learning::Network& network, const learning::LearningConfig& learning,
          std::uint64_t seed);

  // For a host's initiator socket.
  RegisterSocket& port() { return *port_; }

  // The register writes that set the chip up for the learning configuration it was made with: what
  // a host's firmware holds as constants.
  std::vector<digital::RegisterWrite> recommended_program() const;

  Chip& chip() { return *chip_; }
  const Chip& chip() const { return *chip_; }
  const digital::RegisterFile& registers() const { return controller_->registers(); }
  std::uint64_t samples_begun() const { return samples_begun_; }
  // Throws what went wrong inside, with its type: call it after sc_start() has returned.
  void rethrow();

 private:
  void begin_sample();

  ChipConfig config_;
  digital::ControllerConfig wanted_;
  RegisterController* controller_ = nullptr;  // owned by chip_
  std::unique_ptr<Chip> chip_;
  std::unique_ptr<RegisterSocket> port_;
  // The pins that a chip without registers is started by.
  sc_core::sc_signal<bool> start_{"start"}, train_{"train"}, busy_{"busy"}, done_{"done"};
  std::vector<double> target_, input_;
  double target_lsb_ = 0.0, input_lsb_ = 0.0;
  std::uint64_t samples_begun_ = 0;
};

}  // namespace memprop::hw
