// memprop_controller, verilated, beside digital::Controller: both get the same inputs, and every
// output is compared after every edge.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "Vmemprop_controller.h"
#include "digital/controller.hpp"
#include "digital/register_program.hpp"
#include "digital/rtl/test/verilated_pins.hpp"

namespace memprop::digital::rtl_test {

// Thrown at the first difference.
class Difference : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Shape {
  std::vector<std::size_t> widths;
  bool bias = false;
  unsigned x_bits = 8, adc_bits = 10;
  unsigned accumulator_bits = 0;  // 0: built without U7
  unsigned channels = 0;          // converters; 0: one per line
};

struct HostAccess {
  bool write = false, read = false;
  std::uint32_t address = 0, word = 0;
};

// A text file of hexadecimal words, one a line, as $readmemh and "%h" know them.
class HexFile {
 public:
  void open(const std::string& path);
  bool is_open() const { return file_ != nullptr; }
  ~HexFile();
  void bit(bool value) { bits_.push_back(value); }
  void bits(std::uint64_t value, unsigned count) {
    for (unsigned k = 0; k < count; ++k) bit((value >> k) & 1U);
  }
  template <class Port>
  void port(const Port& value, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) bit(get_bits(value, k, 1) != 0);
  }
  void end_line();

 private:
  std::FILE* file_ = nullptr;
  std::vector<bool> bits_;
};

class Rig {
 public:
  explicit Rig(Shape shape);

  // Programs the registers (memories of another configuration are kept) and resets both sides.
  void configure(const ControllerConfig& config);
  // One rising edge of both.
  const ControllerOutputs& edge(const ControllerInputs& in, const HostAccess& host = {});
  void load_input(const std::vector<std::uint16_t>& codes, bool bank);
  std::uint32_t read(std::uint32_t address);

  // All inputs and outputs of every edge from now on.
  void record(const std::string& stimulus, const std::string& trace);

  const Shape& shape() const { return shape_; }
  std::size_t lines() const { return lines_; }
  Controller& model() { return *model_; }
  const Vmemprop_controller& rtl() const { return *rtl_; }
  std::uint64_t edges() const { return edges_; }
  bool bank() const { return bank_; }

 private:
  void clock(const ControllerInputs& in, const HostAccess& host);
  void compare(const ControllerOutputs& out);
  void expect(const char* pin, std::uint64_t expected, std::uint64_t found) const;
  void write_stimulus(const ControllerInputs& in, const HostAccess& host);
  void write_trace();

  Shape shape_;
  std::size_t lines_ = 0, row_lines_ = 0;
  unsigned group_bits_ = 1;
  std::unique_ptr<Vmemprop_controller> rtl_;
  std::unique_ptr<Controller> model_;
  bool bank_ = false;
  bool load_before_ = false;
  std::vector<std::uint16_t> x_shown_;
  std::vector<BitVector> row_before_, col_before_;
  std::uint64_t edges_ = 0;
  HexFile stimulus_, trace_;
};

}  // namespace memprop::digital::rtl_test
