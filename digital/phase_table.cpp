#include "digital/phase_table.hpp"

namespace memprop::digital {

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::idle:
      return "IDLE";
    case Phase::load:
      return "LOAD";
    case Phase::free:
      return "FREE";
    case Phase::sample0:
      return "SAMPLE0";
    case Phase::nudge_p:
      return "NUDGEP";
    case Phase::sample_p:
      return "SAMPLEP";
    case Phase::nudge_n:
      return "NUDGEN";
    case Phase::sample_n:
      return "SAMPLEN";
    case Phase::update:
      return "UPDATE";
    case Phase::read:
      return "READ";
    case Phase::adapt:
      return "ADAPT";
  }
  return "?";
}

namespace {

// Appends rows and links each to its successor.
class TableBuilder {
 public:
  PhaseRow& add(Phase phase, std::uint32_t cycles) {
    PhaseRow row;
    row.phase = phase;
    row.cycles = cycles;
    table_.push_back(row);
    return table_.back();
  }

  // The network goes on being driven while the sample-and-hold tracks it, and is held while the
  // stored voltages are converted.
  void add_sample(Phase phase, const PhaseLengths& lengths, std::uint8_t bank, bool nudged,
                  bool negative) {
    PhaseRow& track = add(phase, lengths.sample);
    track.row_en = true;
    track.nudge_en = nudged;
    track.nudge_sign = negative;
    track.sh_en = static_cast<std::uint8_t>(1U << bank);
    PhaseRow& convert = add(phase, lengths.convert);
    convert.convert = true;
    convert.adc_bank = bank;
  }

  void add_nudge(Phase phase, std::uint32_t cycles, bool negative) {
    PhaseRow& row = add(phase, cycles);
    row.row_en = true;
    row.nudge_en = true;
    row.nudge_sign = negative;
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(table_.size()); }
  PhaseTable& table() { return table_; }

 private:
  PhaseTable table_;
};

}  // namespace

PhaseTable equilibrium_propagation_table(const PhaseLengths& lengths, NudgePhases phases,
                                         bool with_update) {
  TableBuilder build;
  build.add(Phase::idle, 1);
  build.add(Phase::load, lengths.load).x_dac_load = true;
  build.add(Phase::free, lengths.free).row_en = true;
  build.add_sample(Phase::sample0, lengths, 0, false, false);
  const std::uint32_t after_free = build.size() - 1;
  build.add_nudge(Phase::nudge_p, lengths.nudge_positive, false);
  build.add_sample(Phase::sample_p, lengths, 1, true, false);
  if (phases == NudgePhases::centred) {
    build.add_nudge(Phase::nudge_n, lengths.nudge_negative, true);
    build.add_sample(Phase::sample_n, lengths, 2, true, true);
  }
  if (with_update) build.add(Phase::update, 1);
  const std::uint32_t read = build.size();
  build.add(Phase::read, 1);

  PhaseTable& table = build.table();
  for (std::uint32_t k = 0; k < read; ++k) {
    table[k].next_train = k + 1 < read ? k + 1 : 0;
    table[k].next_infer = k < after_free ? k + 1 : 0;
  }
  table[after_free].next_infer = read;
  return table;
}

}  // namespace memprop::digital
