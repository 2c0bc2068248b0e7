#include "digital/twin_table.hpp"

namespace memprop::digital {
namespace {

PhaseRow driven(Phase phase, std::uint32_t cycles, bool nudged, std::uint8_t sh_en) {
  PhaseRow row;
  row.phase = phase;
  row.cycles = cycles;
  row.row_en = true;
  row.nudge_en = nudged;
  row.sh_en = sh_en;
  return row;
}

PhaseRow conversion(Phase phase, std::uint32_t cycles, std::uint8_t bank) {
  PhaseRow row;
  row.phase = phase;
  row.cycles = cycles;
  row.convert = true;
  row.adc_bank = bank;
  return row;
}

PhaseRow plain(Phase phase, std::uint32_t cycles) {
  PhaseRow row;
  row.phase = phase;
  row.cycles = cycles;
  return row;
}

}  // namespace

PhaseTable twin_table(const PhaseLengths& lengths, bool zero_nudge, bool with_update) {
  constexpr std::uint8_t free_bank = 1, nudged_bank = 2, zero_bank = 4;
  PhaseTable table{plain(Phase::idle, 1), plain(Phase::load, lengths.load)};
  table.back().x_dac_load = true;

  // Rows of the training path, each followed by the next.
  const std::size_t first = table.size();
  if (zero_nudge) {
    table.push_back(driven(Phase::free, lengths.free, false, 0));
    table.push_back(driven(Phase::sample0, lengths.sample, false, free_bank | zero_bank));
    table.push_back(conversion(Phase::sample0, lengths.convert, 0));
    table.push_back(conversion(Phase::sample0, lengths.convert, 2));
    table.push_back(driven(Phase::nudge_p, lengths.nudge_positive, true, 0));
    table.push_back(driven(Phase::sample_p, lengths.sample, true, nudged_bank));
    table.push_back(conversion(Phase::sample_p, lengths.convert, 1));
  } else {
    table.push_back(driven(Phase::nudge_p, lengths.free, true, 0));
    table.push_back(driven(Phase::sample_p, lengths.sample, true, free_bank | nudged_bank));
    table.push_back(conversion(Phase::sample_p, lengths.convert, 0));
    table.push_back(conversion(Phase::sample_p, lengths.convert, 1));
  }
  if (with_update) table.push_back(plain(Phase::update, 1));
  const std::size_t last = table.size() - 1;

  const std::size_t infer = table.size();
  table.push_back(driven(Phase::free, lengths.free, false, 0));
  table.push_back(driven(Phase::sample0, lengths.sample, false, free_bank));
  table.push_back(conversion(Phase::sample0, lengths.convert, 0));
  table.push_back(plain(Phase::read, 1));

  const auto index = [](std::size_t k) { return static_cast<std::uint32_t>(k); };
  table[0].next_train = table[0].next_infer = 1;
  table[1].next_train = index(first);
  table[1].next_infer = index(infer);
  for (std::size_t k = first; k < last; ++k) table[k].next_train = index(k + 1);
  for (std::size_t k = infer; k + 1 < table.size(); ++k) table[k].next_infer = index(k + 1);
  return table;
}

}  // namespace memprop::digital
