#include "digital/adaptation_table.hpp"

#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {

PhaseTable with_adaptation(const PhaseTable& table, std::uint32_t window) {
  // Where each row goes to, and the row that its predecessors lead to: the ADAPT row before it.
  std::vector<std::uint32_t> entry(table.size());
  PhaseTable out;
  for (std::size_t k = 0; k < table.size(); ++k) {
    PhaseRow row = table[k];
    entry[k] = static_cast<std::uint32_t>(out.size());
    if (row.nudge_en && (row.sh_en & 6U) != 0) {
      if (window <= row.cycles) {
        throw UserError("phase table: expected a window of adaptation longer than the " +
                        std::to_string(row.cycles) + " cycles that track its end, found " +
                        std::to_string(window));
      }
      row.phase = Phase::adapt;
      PhaseRow before = row;
      before.sh_en = 0;
      before.cycles = window - row.cycles;
      out.push_back(before);
    }
    out.push_back(row);
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    PhaseRow& row = out[k];
    const bool inserted = row.phase == Phase::adapt && row.sh_en == 0;
    if (inserted) {
      row.next_train = row.next_infer = static_cast<std::uint32_t>(k + 1);
      // Rows that inference does not reach lead nowhere.
      if (out[k + 1].next_infer == 0) row.next_infer = 0;
      continue;
    }
    row.next_train = entry[row.next_train];
    row.next_infer = entry[row.next_infer];
  }
  return out;
}

}  // namespace memprop::digital
