#include "hw_models/monitor/protocol_monitor.hpp"

namespace memprop::hw {
namespace {

bool any(const sc_core::sc_vector<sc_core::sc_in<PulseLines>>& tiles) {
  for (const auto& tile : tiles) {
    const auto& lines = tile.read();
    if (lines.bits != nullptr && lines.bits->any()) return true;
  }
  return false;
}

}  // namespace

ProtocolMonitor::ProtocolMonitor(sc_core::sc_module_name module_name, std::size_t tiles,
                                 const ProtocolTimes& times)
    : sc_module(module_name),
      row_pulse("row_pulse", tiles),
      col_pulse("col_pulse", tiles),
      rules_(times) {
  SC_HAS_PROCESS(ProtocolMonitor);
  SC_METHOD(on_clock);
  sensitive << clk.pos();
  dont_initialize();
  SC_METHOD(on_data);
  sensitive << adc_data;
  dont_initialize();
  SC_METHOD(on_done_low);
  sensitive << adc_done.neg();
  dont_initialize();
  SC_METHOD(on_code);
  sensitive << x_code;
  dont_initialize();
}

// At a rising edge the pins still show the cycle that ends here, long settled.
void ProtocolMonitor::on_clock() {
  ProtocolPins p;
  p.rst_n = rst_n.read();
  p.start = start.read();
  p.adc_done = adc_done.read();
  p.phase = phase.read();
  p.sh_en = sh_en.read();
  p.adc_bank = adc_bank.read();
  p.adc_group = read_open(adc_group);
  p.x_dac_load = x_dac_load.read();
  p.row_en = row_en.read();
  p.nudge_en = nudge_en.read();
  p.nudge_sign = nudge_sign.read();
  p.adc_start = adc_start.read();
  p.upd_en = upd_en.read();
  p.busy = busy.read();
  p.done = done.read();
  p.rows_pulse = any(row_pulse);
  p.columns_pulse = any(col_pulse);
  p.adc_data_changed = adc_data_changed_;
  p.x_code_changed = x_code_changed_;
  p.adc_done_fell = adc_done_fell_;
  adc_data_changed_ = x_code_changed_ = adc_done_fell_ = false;
  rules_.check(p);
  const auto& found = rules_.violations();
  while (told_ < found.size()) {
    const Violation& violation = found[told_++];
    if (listener_) listener_(violation);
  }
}

ProtocolTimes protocol_times(const ChipConfig& config) {
  const auto& s = config.schedule;
  return {s.free, s.nudge_positive, s.nudge_negative, s.sample, 0};
}

void watch(ProtocolMonitor& monitor, Chip& chip) {
  monitor.clk(chip.clk);
  monitor.rst_n(chip.rst_n);
  monitor.start(chip.start);
  monitor.busy(chip.busy);
  monitor.done(chip.done);
  monitor.adc_done(chip.adc_done);
  monitor.adc_data(chip.adc_data);
  monitor.phase(chip.phase);
  monitor.x_dac_load(chip.x_dac_load);
  monitor.x_code(chip.x_code);
  monitor.row_en(chip.row_en);
  monitor.nudge_en(chip.nudge_en);
  monitor.nudge_sign(chip.nudge_sign);
  monitor.sh_en(chip.sh_en);
  monitor.adc_start(chip.adc_start);
  monitor.adc_bank(chip.adc_bank);
  monitor.adc_group(chip.adc_group);
  monitor.upd_en(chip.upd_en);
  for (std::size_t t = 0; t < monitor.row_pulse.size(); ++t) {
    monitor.row_pulse[t](chip.row_pulse[t]);
    monitor.col_pulse[t](chip.col_pulse[t]);
  }
}

}  // namespace memprop::hw
