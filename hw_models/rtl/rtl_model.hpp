// A verilated module as an object: its ports by name, evaluation, saved states. It knows no
// SystemC and no meaning of ports.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw_models/rtl/rtl_abi.hpp"
#include "solvers/span.hpp"

namespace memprop::hw::rtl {

// One port of a model. Reading and writing bits is valid until the model goes.
class Port {
 public:
  Port() = default;
  Port(void* storage, unsigned bits) : storage_(storage), bits_(bits) {}
  explicit operator bool() const { return storage_ != nullptr; }
  unsigned bits() const { return bits_; }

  // Up to 64 bits.
  std::uint64_t get() const {
    if (bits_ <= 8) return *static_cast<const std::uint8_t*>(storage_);
    if (bits_ <= 16) return *static_cast<const std::uint16_t*>(storage_);
    if (bits_ <= 32) return *static_cast<const std::uint32_t*>(storage_);
    return *static_cast<const std::uint64_t*>(storage_);
  }
  void set(std::uint64_t value) {
    if (bits_ <= 8) {
      *static_cast<std::uint8_t*>(storage_) = static_cast<std::uint8_t>(value);
    } else if (bits_ <= 16) {
      *static_cast<std::uint16_t*>(storage_) = static_cast<std::uint16_t>(value);
    } else if (bits_ <= 32) {
      *static_cast<std::uint32_t*>(storage_) = static_cast<std::uint32_t>(value);
    } else {
      *static_cast<std::uint64_t*>(storage_) = value;
    }
  }
  bool high() const { return get() != 0; }

  // Any width, as words of 32 bits, lowest first.
  std::size_t words() const { return (bits_ + 31) / 32; }
  std::uint32_t word(std::size_t k) const {
    if (bits_ > 64) return static_cast<const std::uint32_t*>(storage_)[k];
    return static_cast<std::uint32_t>(get() >> (32 * k));
  }
  void set_words(const std::vector<std::uint32_t>& values);
  // Bits from..from+count-1 (count up to 32).
  std::uint32_t field(std::size_t from, unsigned count) const;

 private:
  void* storage_ = nullptr;
  unsigned bits_ = 0;
};

class RtlModel {
 public:
  // A model that is linked into the program (the function that memprop_add_rtl generates).
  explicit RtlModel(const MempropRtlApi* api);
  // One in a shared object. Throws UserError if the file is none or of another version.
  explicit RtlModel(const std::string& file);
  ~RtlModel();
  RtlModel(const RtlModel&) = delete;
  RtlModel& operator=(const RtlModel&) = delete;

  const std::string& top() const { return top_; }
  const std::string& digest() const { return digest_; }
  const std::vector<MempropRtlPort>& ports() const { return ports_; }
  // False where the module has no such port.
  Port port(const std::string& name) const;

  // "N=V M=W ..." as the module was elaborated with.
  const std::string& parameters() const { return parameters_; }

  // One rising edge of a clock port: the inputs settle while it is low. The listener is called
  // before the edge (false) and after it (true), for pin traces.
  void clock(Port& clk);
  void on_edge(std::function<void(bool after)> listener) { listener_ = std::move(listener); }

  // Settles the module for the present inputs. Throws UserError if it ended the simulation.
  void eval();

  // A restored model is no longer the one that its listener has seen, so the listener is let go.
  std::vector<std::uint8_t> save() const;
  void restore(Span<const std::uint8_t> bytes);

 private:
  void start();

  void* library_ = nullptr;
  const MempropRtlApi* api_ = nullptr;
  void* handle_ = nullptr;
  std::string top_, parameters_, digest_;
  std::function<void(bool)> listener_;
  std::vector<MempropRtlPort> ports_;
};

}  // namespace memprop::hw::rtl
