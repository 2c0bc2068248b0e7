#include "hw_models/monitor/protocol_rules.hpp"

#include <fmt/format.h>

#include "digital/phase_table.hpp"

namespace memprop::hw {
namespace {

struct Words {
  std::string_view name, description;
};

constexpr std::array<Words, rule_count> words{{
    {"start-when-idle", "start does not rise while a sample is being processed"},
    {"reset-quiet", "the cycle after an edge with rst_n low is idle"},
    {"idle-quiet", "nothing is driven while not busy"},
    {"done-ends-sample", "done is high in the one cycle in which busy has fallen"},
    {"phase-known", "phase is a state of the sequencer, IDLE when and only when not busy"},
    {"load-before-drive", "rows are driven after the input DACs were loaded"},
    {"load-while-driven", "the DACs are not loaded while they drive rows"},
    {"input-stable", "x_code changes only with x_dac_load"},
    {"one-bank-samples", "sh_en is one-hot"},
    {"sample-settled", "a bank tracks after the settling time of its phase"},
    {"sample-nudge", "bank 0 samples without the nudge, the others with it"},
    {"sample-driven", "rows stay driven while a bank tracks"},
    {"sample-long-enough", "a bank tracks for at least its time"},
    {"nudge-held", "the nudge stays as it is until its state was sampled"},
    {"convert-sampled", "a bank is converted after it was sampled in this sample"},
    {"convert-while-tracking", "a bank is not converted while it tracks"},
    {"convert-once", "no conversion is started while another one runs"},
    {"convert-bank-stable", "adc_bank and adc_group stay until adc_done"},
    {"convert-answered", "the converter answers in time"},
    {"adc-unasked", "adc_done rises after adc_start only"},
    {"adc-done-stale", "adc_done falls when a conversion begins"},
    {"adc-data-stable", "adc_data stays while adc_done is high"},
    {"update-after-codes", "pulses come after the free and a nudged state were converted"},
    {"update-while-sampling", "no update while a bank tracks"},
    {"one-driver", "no write pulse on lines whose rows are driven"},
    {"pulse-enabled", "pulse lines are low without upd_en"},
}};

constexpr auto last_phase = static_cast<std::uint32_t>(digital::Phase::adapt);

bool pulses(const ProtocolPins& p) { return p.upd_en || p.rows_pulse || p.columns_pulse; }

const char* pulse_signal(const ProtocolPins& p) {
  return p.upd_en ? "upd_en" : p.rows_pulse ? "row_pulse" : "col_pulse";
}

}  // namespace

std::string_view name(Rule rule) { return words[static_cast<std::size_t>(rule)].name; }

std::string_view description(Rule rule) {
  return words[static_cast<std::size_t>(rule)].description;
}

std::string Violation::message() const {
  return fmt::format("protocol: rule {} ({}) broken in cycle {} by {}: {}", name(rule),
                     description(rule), cycle, signal, text);
}

// `text` makes the words only when they are needed.
template <class Text>
void ProtocolRules::require(bool good, Rule rule, const char* signal, Text text) {
  if (good) return;
  const auto k = static_cast<std::size_t>(rule);
  broken_[k] = true;
  if (broken_before_[k]) return;
  ++count_[k];
  ++total_;
  if (violations_.size() < kept) violations_.push_back({rule, cycle_, signal, text()});
}

void ProtocolRules::forget_sample() {
  loaded_ = false;
  driven_ = 0;
  tracking_ = 0;
  nudge_sampled_ = false;
  converting_ = false;
  converting_cycles_ = 0;
  sampled_.fill(false);
  converted_.fill(false);
}

void ProtocolRules::check(const ProtocolPins& now) {
  broken_.fill(false);
  if (first_) before_ = now;
  if (!before_.rst_n) {
    forget_sample();
    require(!now.busy, Rule::reset_quiet, "busy",
            [] { return "expected 0 after a reset, found 1"; });
  }
  if (now.busy && !before_.busy) forget_sample();
  check_sample(now);
  check_drive(now);
  check_sampling(now);
  check_nudge(now);
  check_conversion(now);
  check_update(now);
  before_ = now;
  broken_before_ = broken_;
  first_ = false;
  ++cycle_;
}

void ProtocolRules::check_sample(const ProtocolPins& now) {
  require(!(now.start && !before_.start && before_.busy && now.busy), Rule::start_when_idle,
          "start", [] { return "expected to stay 0 while busy, found a rising edge"; });
  const bool ended = before_.busy && !now.busy && before_.rst_n;
  require(!now.done || !now.busy, Rule::done_ends_sample, "done",
          [] { return "expected 0 while busy, found 1"; });
  require(!now.done || !before_.done, Rule::done_ends_sample, "done",
          [] { return "expected one cycle, found more"; });
  require(!ended || now.done, Rule::done_ends_sample, "done",
          [] { return "expected 1 when busy falls, found 0"; });
  require(now.phase <= last_phase, Rule::phase_known, "phase",
          [&] { return fmt::format("expected 0 to {}, found {}", last_phase, now.phase); });
  require(now.phase > last_phase || (now.phase == 0) == !now.busy, Rule::phase_known, "phase", [&] {
    return fmt::format("expected {} with busy = {:d}, found {}",
                       now.busy ? "another state than IDLE" : "IDLE", now.busy, now.phase);
  });
  if (now.busy) return;
  const char* driven = now.row_en       ? "row_en"
                       : now.nudge_en   ? "nudge_en"
                       : now.sh_en != 0 ? "sh_en"
                       : now.adc_start  ? "adc_start"
                       : now.x_dac_load ? "x_dac_load"
                       : pulses(now)    ? pulse_signal(now)
                                        : nullptr;
  require(driven == nullptr, Rule::idle_quiet, driven == nullptr ? "" : driven,
          [] { return "expected 0 while not busy, found 1"; });
}

void ProtocolRules::check_drive(const ProtocolPins& now) {
  const bool loads = now.x_dac_load && !before_.x_dac_load;
  require(!loads || !now.row_en, Rule::load_while_driven, "x_dac_load",
          [] { return "expected no rising edge with row_en = 1, found one"; });
  loaded_ = loaded_ || loads;
  require(!now.row_en || loaded_ || !now.busy, Rule::load_before_drive, "row_en",
          [] { return "expected 0 before x_dac_load of this sample, found 1"; });
  require(!now.x_code_changed || loads || !now.busy, Rule::input_stable, "x_code",
          [] { return "expected to stay while busy, found a change without x_dac_load"; });
}

void ProtocolRules::check_sampling(const ProtocolPins& now) {
  const bool nudge_changed =
      now.nudge_en != before_.nudge_en || (now.nudge_en && now.nudge_sign != before_.nudge_sign);
  if (!now.row_en || !before_.row_en || nudge_changed) driven_ = 0;
  const std::uint32_t rising = now.sh_en & ~before_.sh_en;
  const std::uint32_t falling = ~now.sh_en & before_.sh_en;
  require((now.sh_en & (now.sh_en - 1)) == 0, Rule::one_bank_samples, "sh_en",
          [&] { return fmt::format("expected one bit at most, found {:03b}", now.sh_en); });
  require(now.sh_en == 0 || now.row_en, Rule::sample_driven, "row_en",
          [] { return "expected 1 while a bank tracks, found 0"; });
  if (rising != 0) {
    const bool free = (rising & 1U) != 0;
    const std::uint32_t needed = free                 ? times_.free
                                 : (rising & 2U) != 0 ? times_.nudge_positive
                                                      : times_.nudge_negative;
    require(driven_ >= needed, Rule::sample_settled, "sh_en", [&] {
      return fmt::format("expected {} settled cycles before bank {} tracks, found {}", needed,
                         free                 ? 0
                         : (rising & 2U) != 0 ? 1
                                              : 2,
                         driven_);
    });
    tracking_ = 0;
  }
  if (now.sh_en != 0) {
    const bool wants_nudge = (now.sh_en & 1U) == 0;
    // Where the nudge changes in mid-track, nudge_held says so.
    require(rising == 0 || now.nudge_en == wants_nudge, Rule::sample_nudge, "nudge_en", [&] {
      return fmt::format("expected {:d} when sh_en = {:03b} begins, found {:d}", wants_nudge,
                         now.sh_en, now.nudge_en);
    });
  }
  if (falling != 0 && before_.rst_n) {
    require(tracking_ >= times_.sample, Rule::sample_long_enough, "sh_en", [&] {
      return fmt::format("expected at least {} cycles, found {}", times_.sample, tracking_);
    });
    for (std::size_t k = 0; k < 3; ++k) sampled_[k] = sampled_[k] || ((falling >> k) & 1U) != 0;
  }
  ++tracking_;
  if (now.row_en) ++driven_;
}

void ProtocolRules::check_nudge(const ProtocolPins& now) {
  const bool changes = now.nudge_en != before_.nudge_en ||
                       (now.nudge_en && before_.nudge_en && now.nudge_sign != before_.nudge_sign);
  const char* signal = now.nudge_en != before_.nudge_en ? "nudge_en" : "nudge_sign";
  require(!(changes && now.sh_en != 0 && (now.sh_en & before_.sh_en) != 0), Rule::nudge_held,
          signal, [&] {
            return fmt::format("expected to stay while sh_en = {:03b}, found a change from {:d}",
                               now.sh_en, !now.nudge_en);
          });
  if (changes && before_.nudge_en && before_.rst_n && now.sh_en == 0) {
    require(nudge_sampled_, Rule::nudge_held, signal,
            [] { return "expected a bank to track before the nudge changes, found none"; });
  }
  if (changes) nudge_sampled_ = false;
  nudge_sampled_ = nudge_sampled_ || (now.nudge_en && now.sh_en != 0);
}

void ProtocolRules::check_conversion(const ProtocolPins& now) {
  const std::uint32_t bank = now.adc_bank & 3U;
  const bool answered = now.adc_done && !before_.adc_done;
  // The converter lowers adc_done when it starts: what stands there then is the last answer.
  require(!answered || converting_ || now.adc_start, Rule::adc_unasked, "adc_done",
          [] { return "expected no rising edge without a conversion, found one"; });
  require(!(now.adc_done && before_.adc_done && now.adc_data_changed) || now.adc_start,
          Rule::adc_data_stable, "adc_data",
          [] { return "expected to stay while adc_done = 1, found a change"; });
  // A controller that looks at the end of the first cycle would take the codes of the last one.
  require(!(now.adc_start && now.adc_done && before_.adc_done && !now.adc_done_fell),
          Rule::adc_done_stale, "adc_done",
          [] { return "expected to fall with adc_start, found it still 1"; });
  if (now.adc_start) {
    require(!converting_ || before_.adc_start, Rule::convert_once, "adc_start",
            [] { return "expected 0 while a conversion runs, found 1"; });
    require(sampled_[bank], Rule::convert_sampled, "adc_bank", [&] {
      return fmt::format("expected a bank that was sampled in this sample, found {}", bank);
    });
    require(((now.sh_en >> bank) & 1U) == 0, Rule::convert_while_tracking, "adc_start",
            [&] { return fmt::format("expected 0 while bank {} tracks, found 1", bank); });
    if (!before_.adc_start) {
      converting_ = true;
      converting_cycles_ = 0;
    }
  } else if (converting_) {
    require(now.adc_bank == before_.adc_bank, Rule::convert_bank_stable, "adc_bank", [&] {
      return fmt::format("expected {} until adc_done, found {}", before_.adc_bank, now.adc_bank);
    });
    require(now.adc_group == before_.adc_group, Rule::convert_bank_stable, "adc_group", [&] {
      return fmt::format("expected {} until adc_done, found {}", before_.adc_group, now.adc_group);
    });
    require(((now.sh_en >> bank) & 1U) == 0, Rule::convert_while_tracking, "sh_en", [&] {
      return fmt::format("expected bank {} to hold until adc_done, found it tracking", bank);
    });
  }
  if (!converting_) return;
  ++converting_cycles_;
  if (now.adc_done && (answered || !now.adc_start)) {
    converting_ = false;
    converted_[bank] = true;
    return;
  }
  require(times_.convert == 0 || converting_cycles_ <= times_.convert, Rule::convert_answered,
          "adc_done", [&] {
            return fmt::format("expected 1 within {} cycles of adc_start, found 0", times_.convert);
          });
}

void ProtocolRules::check_update(const ProtocolPins& now) {
  if (!pulses(now)) return;
  const char* signal = pulse_signal(now);
  require(now.sh_en == 0, Rule::update_while_sampling, signal,
          [&] { return fmt::format("expected 0 with sh_en = {:03b}, found 1", now.sh_en); });
  require(!now.row_en, Rule::one_driver, signal,
          [] { return "expected 0 with row_en = 1, found 1"; });
  require(now.upd_en, Rule::pulse_enabled, signal,
          [] { return "expected 0 with upd_en = 0, found 1"; });
  require(converted_[0] && (converted_[1] || converted_[2]), Rule::update_after_codes, signal,
          [] { return "expected 0 before banks 0 and 1 were converted in this sample, found 1"; });
}

}  // namespace memprop::hw
