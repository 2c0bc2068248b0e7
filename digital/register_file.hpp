// The chip's digital side as a host on a bus sees it: the register map (docs/registers.md) around a
// digital::Controller. Plain C++, the bit-exact model of rtl/bus/memprop_register_file.sv with
// rtl/memprop_controller.sv behind it: equal accesses at equal cycles give equal words, answers and
// pins.
//
// Accesses happen between clock edges; step() is one rising edge. What a write of CONTROL starts is
// a pin of the controller from the next edge on, so that the controller acts at the second one;
// STATUS tells it at once.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "digital/controller.hpp"
#include "digital/register_map.hpp"
#include "digital/register_rules.hpp"

namespace memprop::digital {

// What the bus answers. A refused start is no error of the access: STATUS and ERROR tell it.
enum class BusAnswer : std::uint8_t {
  ok,
  unmapped,      // nothing at that address, or not a multiple of 4
  not_writable,  // a register without a writable field
  busy,          // not to be written while a sample (of this bank) is processed
};

class RegisterFile {
 public:
  // Throws UserError if no register map can describe the chip.
  explicit RegisterFile(const ChipBuild& build);

  const ChipBuild& build() const { return build_; }
  const RegisterMap& map() const { return map_; }

  BusAnswer read(std::uint32_t address, std::uint32_t& word);
  // byte_enables: bit k writes bits 8k+7 .. 8k.
  BusAnswer write(std::uint32_t address, std::uint32_t word, std::uint32_t byte_enables = 0xf);
  // Without side effects and whatever the chip is doing: a debugger's view.
  BusAnswer peek(std::uint32_t address, std::uint32_t& word) const;

  // The bus reset, to be called before every edge at which it is low: what CONTROL.SOFT_RESET does,
  // but at that edge, and the registers of the block "host" at their reset values. Configuration
  // and memories stay.
  void bus_reset();

  // One rising edge of the controller; only adc_done and adc_data are looked at.
  const ControllerOutputs& step(const ControllerInputs& pins);
  const ControllerOutputs& outputs() const { return controller_->outputs(); }
  bool interrupt() const { return (irq_status_ & irq_enable_) != 0; }

  // The codes of the sample that is being started or processed.
  Span<const std::uint16_t> input_codes() const { return input_[active_bank_]; }
  Span<const std::int32_t> target_codes() const { return target_[active_bank_]; }
  // The controller; another one after each change of the configuration.
  const Controller& controller() const { return *controller_; }

  // Everything that a chip keeps, for checkpoints; only while idle, and not between a change of the
  // configuration and the start or reset that follows it (InternalError). restore() throws
  // UserError if the state is that of a chip that is built differently.
  std::vector<std::uint64_t> save() const;
  void restore(Span<const std::uint64_t> state);

 private:
  template <class File, class Visit>
  static void visit_words(File& file, Visit visit);
  bool resetting() const { return reset_asked_ || reset_pin_; }
  bool busy() const {
    return start_asked_ || start_pin_ || (controller_->outputs().busy && !resetting());
  }
  std::uint32_t status() const;
  std::uint32_t host_word(const RegisterMap::Place& place) const;
  std::uint32_t core_word(const RegisterMap::Place& place) const;
  std::uint32_t word_at(const RegisterMap::Place& place) const;
  std::uint64_t counter(const RegisterMap::Place& place) const;
  std::uint32_t existing_bits(const RegisterMap::Place& place) const;
  std::uint32_t* config_word(const RegisterMap::Place& place);
  void write_control(std::uint32_t word, std::uint32_t byte_enables);
  void write_memory(const RegisterMap::Place& place, std::uint32_t word, std::uint32_t enabled);
  void request_start();
  void refuse(std::uint32_t error_bit);
  void soft_reset();
  ControllerConfig controller_config() const;
  void apply_config();
  std::int32_t latched(std::size_t bank, std::size_t k) const;
  std::int32_t accumulator() const;

  ChipBuild build_;
  RegisterMap map_;
  ConfigWords config_;
  std::vector<std::uint16_t> input_[2];
  std::vector<std::int32_t> target_[2];
  std::unique_ptr<Controller> controller_;

  std::uint32_t control_ = 0;  // TRAIN and BANK
  std::uint32_t error_ = 0, config_rule_ = 0, irq_enable_ = 0, irq_status_ = 0;
  std::uint32_t accumulator_cell_ = 0;
  std::uint32_t kept_high_ = 0;  // of the counter whose low word was read last
  std::uint64_t samples_ = 0;
  std::size_t active_bank_ = 0;
  bool active_training_ = false;
  bool reset_due_ = false;      // a register that acts at a reset was written
  bool check_due_ = true;       // the configuration has changed since it was last found good
  bool config_changed_ = true;  // ... since the controller was last built from it
  bool seeds_due_ = true;       // the next controller starts from its seeds
  bool start_asked_ = false, start_pin_ = false;
  bool reset_asked_ = false, reset_pin_ = false;
  bool bus_reset_ = false;  // the coming edge is one of the bus reset
};

}  // namespace memprop::digital
