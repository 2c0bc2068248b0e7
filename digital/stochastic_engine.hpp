// Update circuit U2: stochastic coincidence. Every row and column has a shift register; in a slot a
// line fires when its draw lies below its threshold, min(65535, (|code| * mantissa) >> shift), and
// a cell is pulsed when both its lines fire. BL slots per pass (sign_passes.hpp), the same schedule
// in all tiles: N_UPDATE = passes * BL.
//
// Registers of lines with a non-zero code advance once per slot in all passes, whether or not the
// line's sign takes part. In the product form (a line counts as non-zero if either code is) the
// second group of passes starts from the register states that the first one started from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/sign_passes.hpp"
#include "digital/update_engine.hpp"

namespace memprop::digital {

class StochasticEngine : public UpdateEngine {
 public:
  explicit StochasticEngine(const ControllerConfig& config);

  void reset() override;
  void start(const UpdateOperands& operands) override;
  bool cycle(ControllerOutputs& out, ControllerCounters& counters) override;
  void release(ControllerOutputs& out) override;
  void save(std::vector<std::uint64_t>& state) const override;
  std::size_t saved_words() const override;
  void restore(Span<const std::uint64_t> state) override;

 private:
  // The rows or the columns of a tile.
  struct Lines {
    std::uint32_t mantissa = 0, shift = 0;
    RegisterBank bank;
    AlignedVector<std::uint32_t> first;      // register states at the start of the update
    AlignedVector<std::uint32_t> live;       // all ones: the register advances
    AlignedVector<std::uint32_t> threshold;  // of the pass
    std::vector<std::uint8_t> fires;         // of the slot
  };
  struct Tile {
    Lines row, col;
  };

  static Lines make_lines(const ControllerConfig& config, std::size_t tile, Lane lane,
                          std::size_t size);
  void load(Lines& lines, const std::vector<std::int64_t> (&codes)[2]) const;
  static void begin_pass(Lines& lines, const std::vector<std::int64_t>& codes, bool negative);
  static void draw(Lines& lines);
  void begin_pass();

  std::uint32_t stream_length_;
  std::vector<SignPass> passes_;
  std::vector<Tile> tiles_;
  const UpdateOperands* operands_ = nullptr;
  std::size_t pass_ = 0;
  std::uint32_t slot_ = 0;
};

}  // namespace memprop::digital
