#include "digital/rtl/test/rtl_rig.hpp"

#include <utility>

#include "digital/phase_table.hpp"
#include "digital/registers.hpp"

namespace memprop::digital::rtl_test {

void HexFile::open(const std::string& path) {
  file_ = std::fopen(path.c_str(), "w");
  if (file_ == nullptr) throw std::runtime_error("cannot write " + path);
}

HexFile::~HexFile() {
  if (file_ != nullptr) std::fclose(file_);
}

void HexFile::end_line() {
  std::string text;
  for (std::size_t k = 0; k < bits_.size(); k += 4) {
    unsigned digit = 0;
    for (std::size_t b = 0; b < 4 && k + b < bits_.size(); ++b) {
      digit |= static_cast<unsigned>(bits_[k + b]) << b;
    }
    text.insert(text.begin(), "0123456789abcdef"[digit]);
  }
  std::fprintf(file_, "%s\n", text.c_str());
  bits_.clear();
}

Rig::Rig(Shape shape)
    : shape_(std::move(shape)), rtl_(std::make_unique<Vmemprop_controller>("memprop_controller")) {
  for (std::size_t l = 1; l < shape_.widths.size(); ++l) {
    lines_ += shape_.widths[l];
    row_lines_ += shape_.widths[l - 1] + (shape_.bias ? 1 : 0);
  }
  if (shape_.channels == 0) shape_.channels = static_cast<unsigned>(lines_);
  while ((1U << group_bits_) < conversion_groups(lines_, shape_.channels)) ++group_bits_;
  x_shown_.assign(shape_.widths[0], 0);
}

void Rig::record(const std::string& stimulus, const std::string& trace) {
  stimulus_.open(stimulus);
  trace_.open(trace);
}

void Rig::clock(const ControllerInputs& in, const HostAccess& host) {
  Vmemprop_controller& rtl = *rtl_;
  rtl.rst_n = in.rst_n;
  rtl.start = in.start;
  rtl.train = in.train;
  rtl.x_bank = bank_;
  rtl.adc_done = in.adc_done;
  for (std::size_t k = 0; k < in.adc_data.size(); ++k) {
    set_bits(rtl.adc_data, k * shape_.adc_bits, shape_.adc_bits,
             static_cast<std::uint32_t>(in.adc_data[k]));
  }
  rtl.reg_we = host.write;
  rtl.reg_re = host.read;
  rtl.reg_addr = host.address;
  rtl.reg_wdata = host.word;
  rtl.reg_be = 15;
  if (stimulus_.is_open()) write_stimulus(in, host);
  rtl.clk = 0;
  rtl.eval();
  rtl.clk = 1;
  rtl.eval();
  if (trace_.is_open()) write_trace();
  ++edges_;
}

void Rig::configure(const ControllerConfig& config) {
  ControllerInputs in;
  in.rst_n = false;
  ChipBuild build = chip_build(config, 8);
  for (const RegisterWrite& one : register_program(config, build)) {
    clock(in, {true, false, one.address, one.word});
  }
  // Once more: the seeds follow the register at a reset.
  clock(in, {});
  model_ = std::make_unique<Controller>(config);
  row_before_ = model_->outputs().row_pulse;
  col_before_ = model_->outputs().col_pulse;
  load_before_ = model_->outputs().x_dac_load;
  edge(in);
}

void Rig::load_input(const std::vector<std::uint16_t>& codes, bool bank) {
  model_->load_input(codes);
  bank_ = bank;
}

const ControllerOutputs& Rig::edge(const ControllerInputs& in, const HostAccess& host) {
  clock(in, host);
  const ControllerOutputs& out = model_->step(in);
  compare(out);
  return out;
}

std::uint32_t Rig::read(std::uint32_t address) {
  edge({}, {false, true, address, 0});
  return rtl_->reg_rdata;
}

void Rig::expect(const char* pin, std::uint64_t expected, std::uint64_t found) const {
  if (expected == found) return;
  throw Difference("edge " + std::to_string(edges_) + ", " +
                   std::string(name(model_->outputs().phase)) + ": pin " + pin + ": expected " +
                   std::to_string(expected) + ", found " + std::to_string(found));
}

void Rig::compare(const ControllerOutputs& out) {
  const Vmemprop_controller& rtl = *rtl_;
  expect("phase", static_cast<std::uint64_t>(out.phase), rtl.phase);
  expect("x_dac_load", out.x_dac_load, rtl.x_dac_load);
  expect("row_en", out.row_en, rtl.row_en);
  expect("nudge_en", out.nudge_en, rtl.nudge_en);
  expect("nudge_sign", out.nudge_sign, rtl.nudge_sign);
  expect("sh_en", out.sh_en, rtl.sh_en);
  expect("adc_start", out.adc_start, rtl.adc_start);
  expect("adc_bank", out.adc_bank, rtl.adc_bank);
  expect("adc_group", out.adc_group, rtl.adc_group);
  expect("upd_en", out.upd_en, rtl.upd_en);
  expect("busy", out.busy, rtl.busy);
  expect("done", out.done, rtl.done);
  if (out.x_dac_load && !load_before_) {
    x_shown_.assign(model_->input_codes().begin(), model_->input_codes().end());
    for (std::size_t k = 0; k < x_shown_.size(); ++k) {
      expect("x_code", x_shown_[k], get_bits(rtl.x_code, k * shape_.x_bits, shape_.x_bits));
    }
  }
  load_before_ = out.x_dac_load;
  std::size_t row = 0, col = 0;
  bool row_change = false, col_change = false;
  for (std::size_t t = 0; t < out.upd_pol.size(); ++t) {
    expect("upd_pol", out.upd_pol[t], get_bits(rtl.upd_pol, t, 1));
    for (std::size_t k = 0; k < out.row_pulse[t].size(); ++k) {
      expect("row_pulse", out.row_pulse[t].test(k), get_bits(rtl.row_pulse, row++, 1));
    }
    for (std::size_t k = 0; k < out.col_pulse[t].size(); ++k) {
      expect("col_pulse", out.col_pulse[t].test(k), get_bits(rtl.col_pulse, col++, 1));
    }
    row_change = row_change || out.row_pulse[t] != row_before_[t];
    col_change = col_change || out.col_pulse[t] != col_before_[t];
    row_before_[t] = out.row_pulse[t];
    col_before_[t] = out.col_pulse[t];
  }
  expect("row_pulse_change", row_change, rtl.row_pulse_change);
  expect("col_pulse_change", col_change, rtl.col_pulse_change);
}

// The order of both lists is that of memprop_replay.sv.
void Rig::write_stimulus(const ControllerInputs& in, const HostAccess& host) {
  stimulus_.bit(in.rst_n);
  stimulus_.bit(in.start);
  stimulus_.bit(in.train);
  stimulus_.bit(bank_);
  stimulus_.bit(in.adc_done);
  stimulus_.bit(host.write);
  stimulus_.bit(host.read);
  stimulus_.bits(host.address, 20);
  stimulus_.bits(host.word, 32);
  stimulus_.port(rtl_->adc_data, shape_.channels * shape_.adc_bits);
  stimulus_.end_line();
}

void Rig::write_trace() {
  const Vmemprop_controller& rtl = *rtl_;
  trace_.bits(rtl.phase, 4);
  trace_.bit(rtl.x_dac_load);
  trace_.bit(rtl.row_en);
  trace_.bit(rtl.nudge_en);
  trace_.bit(rtl.nudge_sign);
  trace_.bits(rtl.sh_en, 3);
  trace_.bit(rtl.adc_start);
  trace_.bits(rtl.adc_bank, 2);
  trace_.bit(rtl.upd_en);
  trace_.bit(rtl.busy);
  trace_.bit(rtl.done);
  trace_.bit(rtl.row_pulse_change);
  trace_.bit(rtl.col_pulse_change);
  trace_.bits(rtl.reg_rdata, 32);
  trace_.port(rtl.adc_group, group_bits_);
  trace_.port(rtl.upd_pol, shape_.widths.size() - 1);
  trace_.port(rtl.row_pulse, row_lines_);
  trace_.port(rtl.col_pulse, lines_);
  trace_.port(rtl.x_code, shape_.widths[0] * shape_.x_bits);
  trace_.end_line();
}

}  // namespace memprop::digital::rtl_test
