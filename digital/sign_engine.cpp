#include "digital/sign_engine.hpp"

namespace memprop::digital {

namespace {

void mark(const std::vector<std::int64_t>& codes, bool negative, std::uint32_t threshold,
          std::vector<std::uint8_t>& high) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    high[i] = (negative ? -codes[i] : codes[i]) > std::int64_t{threshold};
  }
}

}  // namespace

SignEngine::SignEngine(const ControllerConfig& config)
    : registers_(config.tile), passes_(sign_passes(config)) {
  for (std::size_t t = 0; t < tile_count(config); ++t) {
    row_high_.emplace_back(padded_lanes(tile_rows(config, t)), std::uint8_t{0});
    col_high_.emplace_back(padded_lanes(tile_columns(config, t)), std::uint8_t{0});
  }
}

void SignEngine::start(const UpdateOperands& operands) {
  operands_ = &operands;
  pass_ = 0;
}

bool SignEngine::cycle(ControllerOutputs& out, ControllerCounters& counters) {
  const SignPass& pass = passes_[pass_];
  bool any_high = false;
  for (std::size_t t = 0; t < registers_.size(); ++t) {
    const TileOperands& operands = operands_->tiles()[t];
    mark(operands.row[0], pass.row_negative, registers_[t].row_threshold, row_high_[t]);
    mark(operands.col[0], pass.col_negative, registers_[t].col_threshold, col_high_[t]);
    const std::size_t rows = pack_lines(row_high_[t], out.row_pulse[t]);
    const std::size_t columns = pack_lines(col_high_[t], out.col_pulse[t]);
    (pass.set ? counters.pulses_up[t] : counters.pulses_down[t]) += rows * columns;
    out.upd_pol[t] = pass.set ? 1 : 0;
    any_high = any_high || rows != 0 || columns != 0;
  }
  out.upd_en = any_high;
  return ++pass_ == passes_.size();
}

void SignEngine::release(ControllerOutputs& out) {
  for (std::size_t t = 0; t < registers_.size(); ++t) {
    out.row_pulse[t].clear();
    out.col_pulse[t].clear();
    out.upd_pol[t] = 0;
  }
  out.upd_en = false;
}

}  // namespace memprop::digital
