#include "testbenches/experiment/ablation_sleep.hpp"

#include <utility>

namespace memprop::bench {
namespace {

bool sleeps(const RunConfig& c) { return c.sleep.on; }

}  // namespace

void add_sleep_imperfections(std::vector<Imperfection>& all) {
  const std::string s = "chip.sleep.";
  const auto add = [&](const char* name, const char* meaning, std::vector<Setting> off,
                       std::vector<std::string> more = {}) {
    std::vector<std::string> keys = std::move(more);
    for (const Setting& setting : off) keys.push_back(setting.key);
    all.push_back({name, meaning, std::move(keys), sleeps,
                   [off = std::move(off)](const RunConfig&) { return off; }});
  };
  add("sleep-comparators", "asleep: comparators of the columns are off, or noisy",
      {{s + "comparator_offset", "0 V"}, {s + "comparator_noise", "0 V"}});
  add("sleep-thresholds", "asleep: thresholds of finite resolution", {{s + "threshold_bits", "0"}},
      {s + "threshold_range"});
  add("sleep-sense", "asleep: signs of pairs are misread", {{s + "sense_offset", "0 S"}});
  add("sleep-rails", "asleep: columns saturate", {{s + "rail", "0 V"}});
}

void add_sleep_choices(std::vector<std::pair<std::string, std::string>>& all) {
  const std::pair<std::string, std::string> more[]{
      {"chip.sleep.drive_cycles", "time that a step of the sleep takes; the leak is made for it"},
      {"chip.sleep.pulse_cycles", "how long rows are driven; thresholds are made for it"},
      {"chip.sleep.sense_cycles", "time that the controller needs, without dynamics of its own"},
      {"chip.sleep.row_voltage", "sets the scale that thresholds are made for"},
      {"chip.sleep.comparator_energy", "changes the energy only"},
  };
  all.insert(all.end(), std::begin(more), std::end(more));
}

}  // namespace memprop::bench
