// The rules of the digital/analog border (ep-circuits 2.5-2.7), checked cycle by cycle on plain
// values: what a controller and a converter may do to the chip, whoever they are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace memprop::hw {

enum class Rule : std::uint8_t {
  start_when_idle,         // start does not rise while a sample is being processed
  reset_quiet,             // the cycle after an edge with rst_n low is idle
  idle_quiet,              // nothing is driven while not busy
  done_ends_sample,        // done is high in the one cycle in which busy has fallen
  phase_known,             // phase is a state of the sequencer, IDLE when and only when not busy
  load_before_drive,       // rows are driven after the input DACs were loaded
  load_while_driven,       // the DACs are not loaded while they drive rows
  input_stable,            // x_code changes only with x_dac_load
  one_bank_samples,        // sh_en is one-hot
  sample_settled,          // a bank tracks after the settling time of its phase
  sample_nudge,            // bank 0 samples without the nudge, the others with it
  sample_driven,           // rows stay driven while a bank tracks
  sample_long_enough,      // a bank tracks for at least its time
  nudge_held,              // the nudge stays as it is until its state was sampled
  convert_sampled,         // a bank is converted after it was sampled in this sample
  convert_while_tracking,  // and not while it tracks
  convert_once,            // no conversion is started while another one runs
  convert_bank_stable,     // adc_bank and adc_group stay until adc_done
  convert_answered,        // the converter answers in time
  adc_unasked,             // adc_done rises after adc_start only
  adc_done_stale,          // adc_done falls when a conversion begins
  adc_data_stable,         // adc_data stays while adc_done is high
  update_after_codes,      // pulses come after the free and a nudged state were converted
  update_while_sampling,   // no update while a bank tracks
  one_driver,              // no write pulse on lines whose rows are driven
  pulse_enabled,           // pulse lines are low without upd_en
};
inline constexpr std::size_t rule_count = static_cast<std::size_t>(Rule::pulse_enabled) + 1;

std::string_view name(Rule rule);         // "sample-settled"
std::string_view description(Rule rule);  // the sentence above

// What the analog side needs, in clock cycles.
struct ProtocolTimes {
  std::uint32_t free = 0;            // rows driven before bank 0 tracks
  std::uint32_t nudge_positive = 0;  // nudge on before bank 1 tracks
  std::uint32_t nudge_negative = 0;  // and bank 2
  std::uint32_t sample = 1;          // least track time
  std::uint32_t convert = 0;         // most cycles from adc_start to adc_done; 0: any
};

// The pins in one settled cycle.
struct ProtocolPins {
  bool rst_n = true, start = false, adc_done = false;
  bool adc_data_changed = false, x_code_changed = false;  // against the cycle before
  bool adc_done_fell = false;                             // in this cycle, perhaps to rise again
  std::uint32_t phase = 0, sh_en = 0, adc_bank = 0, adc_group = 0;
  bool x_dac_load = false, row_en = false, nudge_en = false, nudge_sign = false, adc_start = false,
       upd_en = false, busy = false, done = false;
  bool rows_pulse = false, columns_pulse = false;  // any line of any tile
};

struct Violation {
  Rule rule;
  std::uint64_t cycle;  // rising edges before it
  std::string signal;
  std::string text;  // what was expected and found

  std::string message() const;
};

class ProtocolRules {
 public:
  explicit ProtocolRules(const ProtocolTimes& times) : times_(times) {}

  // One cycle. A rule broken in many cycles without a break is reported at the first of them.
  void check(const ProtocolPins& now);

  // The first of them, at most `kept`; and how many of each rule.
  static constexpr std::size_t kept = 100;
  const std::vector<Violation>& violations() const { return violations_; }
  std::uint64_t count(Rule rule) const { return count_[static_cast<std::size_t>(rule)]; }
  std::uint64_t total() const { return total_; }
  std::uint64_t cycles() const { return cycle_; }

 private:
  void check_sample(const ProtocolPins& now);
  void check_drive(const ProtocolPins& now);
  void check_sampling(const ProtocolPins& now);
  void check_nudge(const ProtocolPins& now);
  void check_conversion(const ProtocolPins& now);
  void check_update(const ProtocolPins& now);
  void forget_sample();
  template <class Text>
  void require(bool good, Rule rule, const char* signal, Text text);

  ProtocolTimes times_;
  ProtocolPins before_;
  std::uint64_t cycle_ = 0;
  bool first_ = true;
  bool loaded_ = false;
  std::uint32_t driven_ = 0;    // cycles of row_en with the nudge as it is, before this one
  std::uint32_t tracking_ = 0;  // cycles that sh_en has been as it is
  bool nudge_sampled_ = false;  // a bank has tracked since the nudge came on
  bool converting_ = false;
  std::uint32_t converting_cycles_ = 0;
  std::array<bool, 4> sampled_{}, converted_{};
  std::array<bool, rule_count> broken_before_{}, broken_{};
  std::array<std::uint64_t, rule_count> count_{};
  std::uint64_t total_ = 0;
  std::vector<Violation> violations_;
};

}  // namespace memprop::hw
