#include "hw_models/rtl/rtl_controller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "hw_models/rtl/bit_packing.hpp"
#include "solvers/error.hpp"

namespace memprop::hw::rtl {
namespace {

constexpr std::uint64_t state_version = 0x6d7072746c000001ULL;  // "mprtl", version 1

digital::ControllerOutputs shaped_outputs(const digital::ControllerConfig& config) {
  digital::ControllerOutputs out;
  const std::size_t tiles = config.widths.size() - 1;
  out.upd_pol.assign(tiles, 0);
  for (std::size_t t = 0; t < tiles; ++t) {
    out.row_pulse.emplace_back(config.widths[t] + (config.bias ? 1 : 0));
    out.col_pulse.emplace_back(config.widths[t + 1]);
  }
  return out;
}

std::uint64_t number(const std::string& digest) {
  std::uint64_t value = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : digest) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return value;
}

}  // namespace

RtlController::RtlController(sc_core::sc_module_name module_name,
                             const digital::ControllerConfig& config,
                             std::unique_ptr<RtlModel> model)
    : ControllerSeat(module_name, config.tile.size()),
      config_(config),
      x_bits_(unsigned_bits(config.x_full_scale)),
      adc_bits_(unsigned_bits(config.adc_full_scale) + 1),
      model_(std::move(model)),
      observer_(config),
      input_(config.widths[0], 0),
      out_(shaped_outputs(config)),
      row_shown_(config.tile.size()),
      col_shown_(config.tile.size()) {
  find_ports();
  x_code_value_.value.assign(input_.size(), 0);
  rst_n_.set(0);
  clock_model();
  rst_n_.set(1);
  if (registers_) {
    registers_.power_on([this] { clock_model(); });
    registers_.set_up(config_, [this] { clock_model(); });
    rst_n_.set(0);  // the shift registers take the seed
    clock_model();
    rst_n_.set(1);
  }
  model_->eval();
  SC_HAS_PROCESS(RtlController);
  SC_METHOD(on_clock);
  sensitive << clk.pos();
  dont_initialize();
}

RtlController::~RtlController() = default;

void RtlController::find_ports() {
  std::size_t rows = 0, lines = 0;
  const std::size_t tiles = config_.widths.size() - 1;
  for (std::size_t t = 0; t < tiles; ++t) {
    rows += config_.widths[t] + (config_.bias ? 1 : 0);
    lines += config_.widths[t + 1];
  }
  const auto find = [this](Port& port, const char* name, std::size_t bits, bool needed = true) {
    port = model_->port(name);
    if (!port && !needed) return;
    if (!port || port.bits() != bits) {
      throw UserError(fmt::format(
          "controller '{}': port '{}': expected {} bits for this network, found {}", model_->top(),
          name, bits, port ? std::to_string(port.bits()) : std::string("no such port")));
    }
  };
  find(clk_, "clk", 1);
  find(rst_n_, "rst_n", 1);
  find(start_, "start", 1);
  find(train_, "train", 1);
  find(adc_done_, "adc_done", 1);
  const std::size_t channels = config_.adc_channels == 0 ? lines : config_.adc_channels;
  const std::size_t groups = digital::conversion_groups(lines, channels);
  std::size_t group_bits = 1;
  while ((std::size_t{1} << group_bits) < groups) ++group_bits;
  find(adc_data_, "adc_data", channels * adc_bits_);
  find(adc_group_, "adc_group", group_bits, groups > 1);
  find(x_in_, "x_in", input_.size() * x_bits_, false);
  find(x_code_port_, "x_code", input_.size() * x_bits_, false);
  find(phase_, "phase", 4);
  find(x_dac_load_, "x_dac_load", 1);
  find(row_en_, "row_en", 1);
  find(nudge_en_, "nudge_en", 1);
  find(nudge_sign_, "nudge_sign", 1);
  find(sh_en_, "sh_en", 3);
  find(adc_start_, "adc_start", 1);
  find(adc_bank_, "adc_bank", 2);
  find(upd_en_, "upd_en", 1);
  find(upd_pol_, "upd_pol", tiles);
  find(row_pulse_, "row_pulse", rows);
  find(col_pulse_, "col_pulse", lines);
  find(row_change_, "row_pulse_change", 1, false);
  find(col_change_, "col_pulse_change", 1, false);
  find(busy_, "busy", 1);
  find(done_, "done", 1);
  registers_ = RegisterPort(*model_);
  row_words_.assign(row_pulse_.words(), 0);
  col_words_.assign(col_pulse_.words(), 0);
}

void RtlController::clock_model() const { model_->clock(clk_); }

void RtlController::load_input(Span<const std::uint16_t> codes) {
  if (codes.size() != input_.size()) {
    throw InternalError(
        fmt::format("controller: expected {} input codes, found {}", input_.size(), codes.size()));
  }
  std::copy(codes.begin(), codes.end(), input_.begin());
  if (x_in_) {
    pack(input_, x_bits_, packed_);
    x_in_.set_words(packed_);
  }
  if (!registers_) return;
  start_.set(0);
  registers_.load_input(input_, [this] { clock_model(); });
}

void RtlController::read_outputs() {
  out_.phase = static_cast<digital::Phase>(phase_.get());
  out_.x_dac_load = x_dac_load_.high();
  out_.row_en = row_en_.high();
  out_.nudge_en = nudge_en_.high();
  out_.nudge_sign = nudge_sign_.high();
  out_.sh_en = static_cast<std::uint8_t>(sh_en_.get());
  out_.adc_start = adc_start_.high();
  out_.adc_bank = static_cast<std::uint8_t>(adc_bank_.get());
  if (adc_group_) out_.adc_group = static_cast<std::uint32_t>(adc_group_.get());
  out_.upd_en = upd_en_.high();
  const auto pol = static_cast<std::uint32_t>(upd_pol_.get());
  if (pol != pol_) {
    for (std::size_t t = 0; t < out_.upd_pol.size(); ++t) {
      out_.upd_pol[t] = static_cast<std::uint8_t>((pol >> t) & 1U);
    }
    pol_ = pol;
  }
  out_.busy = busy_.high();
  out_.done = done_.high();
}

void RtlController::on_clock() {
  if (failed()) return;
  digital::ControllerInputs in;
  in.rst_n = rst_n.read();
  in.start = start.read();
  in.train = train.read();
  in.adc_done = adc_done.read();
  rst_n_.set(in.rst_n);
  start_.set(in.start);
  train_.set(in.train);
  adc_done_.set(in.adc_done);
  if (in.adc_done) {
    const auto& codes = adc_data.read().value;
    in.adc_data = codes;
    if (codes != adc_shown_) {
      adc_shown_ = codes;
      pack(codes, adc_bits_, packed_);
      adc_data_.set_words(packed_);
    }
  }
  try {
    clock_model();
  } catch (...) {
    keep_error();
    return;
  }
  const std::uint32_t group = out_.adc_group;
  before_ = {out_.phase,      out_.x_dac_load, out_.row_en,    out_.nudge_en,
             out_.nudge_sign, out_.sh_en,      out_.adc_start, out_.adc_bank,
             out_.upd_en,     out_.busy,       out_.done,      pol_};
  read_outputs();
  if (out_.adc_group != group && adc_group.size() > 0) adc_group->write(out_.adc_group);
  show();
  try {
    observer_.edge(in, before_.adc_start, before_.adc_bank, out_);
  } catch (...) {
    keep_error();
  }
}

// Writes only what has changed: most cycles of a phase change nothing.
void RtlController::show() {
  const auto put = [](auto& pin, auto was, auto is) {
    if (was != is) pin.write(is);
  };
  put(phase, static_cast<std::uint32_t>(before_.phase), static_cast<std::uint32_t>(out_.phase));
  if (out_.x_dac_load && !before_.x_dac_load) {
    if (x_code_port_) {
      unpack(x_code_port_, x_bits_, x_code_value_.value);
    } else {
      std::copy(input_.begin(), input_.end(), x_code_value_.value.begin());
    }
    x_code.write(x_code_value_);
  }
  put(x_dac_load, before_.x_dac_load, out_.x_dac_load);
  put(row_en, before_.row_en, out_.row_en);
  put(nudge_en, before_.nudge_en, out_.nudge_en);
  put(nudge_sign, before_.nudge_sign, out_.nudge_sign);
  put(sh_en, std::uint32_t{before_.sh_en}, std::uint32_t{out_.sh_en});
  put(adc_bank, std::uint32_t{before_.adc_bank}, std::uint32_t{out_.adc_bank});
  put(adc_start, before_.adc_start, out_.adc_start);
  put(upd_en, before_.upd_en, out_.upd_en);
  put(upd_pol, before_.pol, pol_);
  // Pulse lines cross the border only when they change.
  const auto lines = [](Port& port, Port& change, std::vector<std::uint32_t>& words,
                        std::vector<digital::BitVector>& now, std::vector<PulseDriver>& shown,
                        auto& pins) {
    if (change && !change.high()) return;
    bool changed = false;
    for (std::size_t k = 0; k < words.size(); ++k) {
      const std::uint32_t word = port.word(k);
      changed = changed || word != words[k];
      words[k] = word;
    }
    if (!changed) return;
    std::size_t from = 0;
    for (std::size_t t = 0; t < now.size(); ++t) {
      extract(words, from, now[t]);
      from += now[t].size();
      if (shown[t].update(now[t])) pins[t].write(shown[t].value);
    }
  };
  lines(row_pulse_, row_change_, row_words_, out_.row_pulse, row_shown_, row_pulse);
  lines(col_pulse_, col_change_, col_words_, out_.col_pulse, col_shown_, col_pulse);
  put(busy, before_.busy, out_.busy);
  put(done, before_.done, out_.done);
}

const digital::ControllerCounters& RtlController::counters() const {
  counters_ = observer_.counters();
  // The one count that no pin shows; a look at the register port costs clock cycles, so not in the
  // middle of a sample.
  if (registers_ && !out_.busy) {
    start_.set(0);
    clipped_ = registers_.pulse_clipped([this] { clock_model(); });
  }
  counters_.pulse_clipped = clipped_;
  return counters_;
}

std::vector<std::uint64_t> RtlController::save() const {
  if (out_.busy) throw InternalError("controller: state can only be saved at IDLE");
  std::vector<std::uint64_t> state{state_version, number(model_->digest())};
  observer_.save(state);
  const auto bytes = model_->save();
  state.push_back(bytes.size());
  state.resize(state.size() + (bytes.size() + 7) / 8, 0);
  std::memcpy(state.data() + state.size() - (bytes.size() + 7) / 8, bytes.data(), bytes.size());
  return state;
}

void RtlController::restore(Span<const std::uint64_t> state) {
  const std::size_t head = 2 + observer_.saved_words();
  const bool whole = state.size() > head && state[0] == state_version &&
                     state.size() == head + 1 + (state[head] + 7) / 8;
  if (!whole || state[1] != number(model_->digest())) {
    throw UserError(fmt::format(
        "controller: expected a state saved by the same Verilog sources, parameters and tools as "
        "the present '{}', found one of {}",
        model_->top(), whole ? "others" : "another kind of controller"));
  }
  observer_.restore(state.subspan(2, observer_.saved_words()));
  std::vector<std::uint8_t> bytes(state[head]);
  std::memcpy(bytes.data(), state.data() + head + 1, bytes.size());
  model_->restore(bytes);
  adc_shown_.clear();
}

}  // namespace memprop::hw::rtl
