#include "testbenches/cosim/lockstep.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hw_models/controller_module.hpp"
#include "solvers/error.hpp"

namespace memprop::bench::cosim {
namespace {

std::unique_ptr<hw::ControllerSeat> make(const hw::ControllerFactory& factory, const char* name,
                                         const digital::ControllerConfig& config) {
  if (factory) return factory(name, config);
  return std::make_unique<hw::ControllerModule>(name, config);
}

// Keeps the memory of `to`.
void copy_lines(const hw::PulseLines& from, digital::BitVector& to) {
  if (from.bits == nullptr) {
    to = digital::BitVector();
  } else {
    to = *from.bits;
  }
}

inline std::uint32_t group_of(const hw::OpenOut& pin) { return pin.size() > 0 ? pin->read() : 0; }

// Pins of ports or of signals, whose reads look the same.
template <class Pins>
void read_pins(const Pins& p, OutputPins& o) {
  o.phase = p.phase.read();
  o.sh_en = p.sh_en.read();
  o.adc_bank = p.adc_bank.read();
  o.adc_group = group_of(p.adc_group);
  o.upd_pol = p.upd_pol.read();
  o.x_dac_load = p.x_dac_load.read();
  o.row_en = p.row_en.read();
  o.nudge_en = p.nudge_en.read();
  o.nudge_sign = p.nudge_sign.read();
  o.adc_start = p.adc_start.read();
  o.upd_en = p.upd_en.read();
  o.busy = p.busy.read();
  o.done = p.done.read();
  o.row_pulse.resize(p.row_pulse.size());
  o.col_pulse.resize(p.col_pulse.size());
  for (std::size_t t = 0; t < o.row_pulse.size(); ++t) {
    copy_lines(p.row_pulse[t].read(), o.row_pulse[t]);
    copy_lines(p.col_pulse[t].read(), o.col_pulse[t]);
  }
  if (o.x_dac_load) {
    o.x_code = p.x_code.read().value;
  } else {
    o.x_code.clear();
  }
}

}  // namespace

Lockstep::Lockstep(sc_core::sc_module_name module_name, const digital::ControllerConfig& config,
                   const Member& driver, const Member& shadow)
    : ControllerSeat(module_name, config.tile.size()),
      driver_name_(driver.name),
      shadow_name_(shadow.name),
      driver_(make(driver.factory, "driver", config)),
      shadow_(make(shadow.factory, "shadow", config)),
      row_pulse_("shadow_row_pulse", config.tile.size()),
      col_pulse_("shadow_col_pulse", config.tile.size()) {
  bind_ports();
  SC_HAS_PROCESS(Lockstep);
  SC_METHOD(on_rise);
  sensitive << clk.pos();
  dont_initialize();
  SC_METHOD(on_fall);
  sensitive << clk.neg();
  dont_initialize();
}

Lockstep::~Lockstep() = default;

void Lockstep::bind_ports() {
  for (auto* seat : {driver_.get(), shadow_.get()}) {
    seat->clk(clk);
    seat->rst_n(rst_n);
    seat->start(start);
    seat->train(train);
    seat->adc_done(adc_done);
    seat->adc_data(adc_data);
  }
  const auto wire = [](auto& driven, auto& port, auto& shadowed, auto& signal) {
    driven(port);
    shadowed(signal);
  };
  auto& d = *driver_;
  auto& s = *shadow_;
  wire(d.phase, phase, s.phase, phase_);
  wire(d.x_dac_load, x_dac_load, s.x_dac_load, x_dac_load_);
  wire(d.x_code, x_code, s.x_code, x_code_);
  wire(d.row_en, row_en, s.row_en, row_en_);
  wire(d.nudge_en, nudge_en, s.nudge_en, nudge_en_);
  wire(d.nudge_sign, nudge_sign, s.nudge_sign, nudge_sign_);
  wire(d.sh_en, sh_en, s.sh_en, sh_en_);
  wire(d.adc_start, adc_start, s.adc_start, adc_start_);
  wire(d.adc_bank, adc_bank, s.adc_bank, adc_bank_);
  wire(d.adc_group, adc_group, s.adc_group, adc_group_);
  wire(d.upd_en, upd_en, s.upd_en, upd_en_);
  wire(d.upd_pol, upd_pol, s.upd_pol, upd_pol_);
  wire(d.busy, busy, s.busy, busy_);
  wire(d.done, done, s.done, done_);
  for (std::size_t t = 0; t < row_pulse.size(); ++t) {
    wire(d.row_pulse[t], row_pulse[t], s.row_pulse[t], row_pulse_[t]);
    wire(d.col_pulse[t], col_pulse[t], s.col_pulse[t], col_pulse_[t]);
  }
}

// The inputs that both controllers sample at this edge.
void Lockstep::on_rise() {
  sampled_.rst_n = rst_n.read();
  sampled_.start = start.read();
  sampled_.train = train.read();
  sampled_.adc_done = adc_done.read();
}

void Lockstep::on_fall() {
  if (failed()) return;
  Cycle& now = ring_[cycles_ % history];
  now.number = cycles_;
  now.in = sampled_;
  read_pins(*this, now.driver);
  const auto& s = *shadow_;
  read_pins(s, now.shadow);
  ++cycles_;
  if (const auto difference = compare(now.driver, now.shadow)) {
    try {
      report(now, difference);
    } catch (...) {
      keep_error();
    }
  }
}

void Lockstep::report(const Cycle& now, const Difference& difference) const {
  const double time_s = sc_core::sc_time_stamp().to_seconds();
  std::string text = fmt::format(
      "lock-step: the controllers differ in cycle {} ({:.9g} s): {} is {} in {} and {} "
      "in {}\n",
      now.number, time_s, difference.signal, difference.left, driver_name_, difference.right,
      shadow_name_);
  text += fmt::format("the last {} cycles (inputs as sampled at the edge that begins the cycle):\n",
                      std::min<std::uint64_t>(history, cycles_));
  const std::size_t width = std::max(driver_name_.size(), shadow_name_.size());
  text += fmt::format("{:>9} {:<{}} {}\n", "cycle", "", width, heading());
  for (std::uint64_t k = cycles_ > history ? cycles_ - history : 0; k < cycles_; ++k) {
    const Cycle& c = ring_[k % history];
    text +=
        fmt::format("{:>9} {:<{}} {}\n", c.number, driver_name_, width, text_of(c.in, c.driver));
  }
  text +=
      fmt::format("{:>9} {:<{}} {}", now.number, shadow_name_, width, text_of(now.in, now.shadow));
  throw LockstepDifference(text, now.number, time_s, difference);
}

void Lockstep::load_input(Span<const std::uint16_t> codes) {
  driver_->load_input(codes);
  shadow_->load_input(codes);
}

std::vector<std::uint64_t> Lockstep::save() const {
  const auto first = driver_->save();
  const auto second = shadow_->save();
  std::vector<std::uint64_t> state{cycles_, first.size()};
  state.insert(state.end(), first.begin(), first.end());
  state.insert(state.end(), second.begin(), second.end());
  return state;
}

void Lockstep::restore(Span<const std::uint64_t> state) {
  if (state.size() < 2 || state.size() - 2 < state[1]) {
    throw UserError("lock-step: expected the saved state of two controllers, found that of one");
  }
  cycles_ = state[0];
  driver_->restore(state.subspan(2, state[1]));
  shadow_->restore(state.subspan(2 + state[1], state.size() - 2 - state[1]));
}

std::exception_ptr Lockstep::take_error() {
  for (auto* seat : {driver_.get(), shadow_.get()}) {
    if (auto error = seat->take_error()) return error;
  }
  return ControllerSeat::take_error();
}

hw::ControllerFactory lockstep_factory(Lockstep::Member driver, Lockstep::Member shadow) {
  return [driver = std::move(driver), shadow = std::move(shadow)](
             const char* name, const digital::ControllerConfig& config) {
    return std::make_unique<Lockstep>(name, config, driver, shadow);
  };
}

}  // namespace memprop::bench::cosim
