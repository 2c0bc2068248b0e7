// An update circuit: turns the codes of a sample into programming pulses, one slot per clock cycle.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "digital/aligned_vector.hpp"
#include "digital/cell_reader.hpp"
#include "digital/controller.hpp"
#include "digital/optimiser_unit.hpp"
#include "digital/shift_register.hpp"
#include "digital/update_operands.hpp"
#include "solvers/span.hpp"

namespace memprop::digital {

class UpdateEngine {
 public:
  virtual ~UpdateEngine() = default;

  // Puts all shift registers back to their seeds.
  virtual void reset() = 0;
  // The edge that enters UPDATE.
  virtual void start(const UpdateOperands& operands) = 0;
  // Drives the pulse lines of the cycle that now begins; true if it is the last of the update.
  virtual bool cycle(ControllerOutputs& out, ControllerCounters& counters) = 0;
  // The edge that leaves UPDATE: all lines low.
  virtual void release(ControllerOutputs& out) = 0;

  // U7: the accumulators of a tile, row by row; empty for the other circuits.
  virtual Span<const std::int32_t> accumulators(std::size_t /*tile*/) const { return {}; }

  // U5: who reads the cells, and what was read.
  virtual void set_cell_reader(CellReader* /*reader*/) {}
  virtual VerifyCounters verify() const { return {}; }

  // What a digital optimiser has done; zeros without one.
  virtual OptimiserCounters optimiser() const { return {}; }

  // The shift registers, two per word, and the accumulators.
  virtual void save(std::vector<std::uint64_t>& state) const = 0;
  virtual std::size_t saved_words() const = 0;
  virtual void restore(Span<const std::uint64_t> state) = 0;
};

// Null for UpdateCircuit::none.
std::unique_ptr<UpdateEngine> make_update_engine(const ControllerConfig& config);

// A bank of shift registers of one lane of a tile, padded to whole vectors with registers that stay
// at zero.
class RegisterBank {
 public:
  RegisterBank() = default;
  RegisterBank(std::uint32_t seed, std::size_t tile, Lane lane, std::size_t size);
  void reset();
  std::uint32_t* data() { return value_.data(); }
  const AlignedVector<std::uint32_t>& values() const { return value_; }
  AlignedVector<std::uint32_t>& values() { return value_; }
  std::size_t padded() const { return value_.size(); }
  void save(std::vector<std::uint64_t>& state) const;
  std::size_t saved_words() const { return (size_ + 1) / 2; }
  void restore(Span<const std::uint64_t> state);

 private:
  std::uint32_t seed_ = 0;
  std::uint32_t tile_ = 0;
  Lane lane_ = Lane::column;
  std::size_t size_ = 0;
  AlignedVector<std::uint32_t> value_;
};

constexpr std::size_t padded_lanes(std::size_t size) { return (size + 15) / 16 * 16; }

}  // namespace memprop::digital
