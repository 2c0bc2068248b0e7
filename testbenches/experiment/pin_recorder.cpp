#include "testbenches/experiment/pin_recorder.hpp"

#include <algorithm>
#include <cmath>

#include "digital/phase_table.hpp"
#include "solvers/error.hpp"

namespace memprop::bench {

PinRecorder::PinRecorder(sc_core::sc_module_name module_name, hw::Chip& chip, std::size_t layers)
    : sc_module(module_name),
      chip_(chip),
      period_(static_cast<sc_dt::uint64>(std::llround(chip.config().clock_s * 1e12))),
      rows_(layers),
      columns_(layers) {
  SC_HAS_PROCESS(PinRecorder);
  SC_METHOD(on_pins);
  sensitive << chip.phase << chip.x_dac_load << chip.row_en << chip.nudge_en << chip.nudge_sign
            << chip.adc_start << chip.adc_done << chip.upd_en << chip.busy << chip.sh_en
            << chip.adc_bank << chip.upd_pol;
  dont_initialize();
  SC_METHOD(on_pulses);
  for (std::size_t l = 0; l < layers; ++l) sensitive << chip.row_pulse[l] << chip.col_pulse[l];
  dont_initialize();
}

void PinRecorder::begin() {
  recording_ = true;
  pins_.clear();
  for (auto& log : rows_) log.clear();
  for (auto& log : columns_) log.clear();
}

std::uint64_t PinRecorder::cycle_now() const {
  return (sc_core::sc_time_stamp().value() - begin_) / period_;
}

// Several changes in one clock period leave one entry, the last.
template <class T>
void PinRecorder::note(Log<T>& log, std::uint64_t cycle, const T& value) {
  if (!log.empty() && log.back().cycle == cycle) {
    log.back().value = value;
  } else {
    log.push_back({cycle, value});
  }
}

template <class T>
const T* PinRecorder::find(const Log<T>& log, std::uint64_t cycle) {
  const auto behind =
      std::upper_bound(log.begin(), log.end(), cycle,
                       [](std::uint64_t c, const auto& change) { return c < change.cycle; });
  return behind == log.begin() ? nullptr : &std::prev(behind)->value;
}

void PinRecorder::on_pins() {
  if (!recording_) return;
  if (chip_.phase.event() &&
      chip_.phase.read() == static_cast<std::uint32_t>(digital::Phase::load)) {
    begin_ = sc_core::sc_time_stamp().value();
    pins_.clear();
  }
  PinState now;
  now.phase = static_cast<std::uint8_t>(chip_.phase.read());
  now.flag = {chip_.x_dac_load.read(), chip_.row_en.read(),    chip_.nudge_en.read(),
              chip_.nudge_sign.read(), chip_.adc_start.read(), chip_.adc_done.read(),
              chip_.upd_en.read(),     chip_.busy.read()};
  now.word = {chip_.sh_en.read(), chip_.adc_bank.read(), chip_.upd_pol.read()};
  note(pins_, cycle_now(), now);
}

void PinRecorder::on_pulses() {
  if (!recording_) return;
  const auto copy = [&](Log<digital::BitVector>& log, const auto& signal) {
    if (!signal.event()) return;
    const hw::PulseLines& lines = signal.read();
    note(log, cycle_now(), lines.bits != nullptr ? *lines.bits : digital::BitVector());
  };
  for (std::size_t l = 0; l < rows_.size(); ++l) {
    copy(rows_[l], chip_.row_pulse[l]);
    copy(columns_[l], chip_.col_pulse[l]);
  }
}

const PinState& PinRecorder::pins(std::uint64_t cycle) const {
  const PinState* state = find(pins_, cycle);
  if (state == nullptr) throw InternalError("no pins were recorded");
  return *state;
}

const digital::BitVector* PinRecorder::rows(std::size_t l, std::uint64_t cycle) const {
  return find(rows_[l - 1], cycle);
}

const digital::BitVector* PinRecorder::columns(std::size_t l, std::uint64_t cycle) const {
  return find(columns_[l - 1], cycle);
}

}  // namespace memprop::bench
