// Update circuit U5: write-verify. Rows, draws and the wanted counts n_ij are those of U1; a row
// with wanted pulses is then written under control of a converter that reads its cells:
//
//   read      verify_cycles cycles, after which g_i, the code of every cell of the row, is taken
//   target    256 t_i = 256 g_i + sign(D) n_ij verify_step     of the first read, where n_ij > 0
//   round     columns with t_i - g_i > tolerance: one SET slot; with g_i - t_i > tolerance: one
//             RESET slot; then another read. At most verify_rounds rounds; the row ends before,
//             when no column is out of tolerance
//
// Codes, targets and tolerance are integers in 256ths of a code. A row takes
//     verify_cycles + sum over its rounds of (slots + verify_cycles) cycles,
// less the read after a last round, and less nothing where no pulse is wanted: 1 cycle. The update
// ends one cycle after the read that finds its last row within tolerance.
#pragma once

#include "digital/cell_reader.hpp"
#include "digital/pulse_count_engine.hpp"

namespace memprop::digital {

class VerifyEngine final : public PulseCountEngine {
 public:
  explicit VerifyEngine(const ControllerConfig& config);

  void reset() override;
  void start(const UpdateOperands& operands) override;
  bool cycle(ControllerOutputs& out, ControllerCounters& counters) override;
  void set_cell_reader(CellReader* reader) override { reader_ = reader; }
  VerifyCounters verify() const override { return verify_; }
  void save(std::vector<std::uint64_t>& state) const override;
  std::size_t saved_words() const override { return PulseCountEngine::saved_words() + 3; }
  void restore(Span<const std::uint64_t> state) override;

 private:
  enum class Stage : std::uint8_t { next_row, reading, pulsing, finished };
  struct Row {
    Stage stage = Stage::finished;
    std::uint32_t cycles_left = 0;  // of the read
    std::uint32_t rounds = 0;       // of pulses so far
    bool has_target = false;
    std::vector<std::int32_t> code;     // [column]
    std::vector<std::int64_t> target;   // [column], 256ths of a code
    std::vector<std::uint8_t> written;  // [column]: has a target
  };
  // Continues a tile at the edge that begins a cycle, until it has something to do in it.
  void proceed(std::size_t t, ControllerCounters& counters);
  bool begin_row(std::size_t t, ControllerCounters& counters);
  void take_read(std::size_t t);
  void drive(std::size_t t, ControllerOutputs& out, ControllerCounters& counters);

  std::uint32_t verify_cycles_, verify_rounds_;
  CellReader* reader_ = nullptr;
  std::vector<Row> rows_;
  VerifyCounters verify_;
};

}  // namespace memprop::digital
