#include "digital/phase_sequencer.hpp"

#include <cstddef>
#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

std::string row_name(const PhaseTable& table, std::size_t k) {
  return "row " + std::to_string(k) + " (" + std::string(name(table[k].phase)) + ")";
}

std::uint32_t successor(const PhaseRow& row, bool train) {
  return train ? row.next_train : row.next_infer;
}

void check_rows(const PhaseTable& table, bool has_update_circuit) {
  if (table.empty() || table[0].phase != Phase::idle) {
    throw UserError("phase table: expected IDLE in row 0, found " +
                    (table.empty() ? std::string("no rows") : row_name(table, 0)));
  }
  for (std::size_t k = 1; k < table.size(); ++k) {
    const PhaseRow& row = table[k];
    if (row.phase == Phase::idle) {
      throw UserError("phase table: expected IDLE in row 0 only, found it in row " +
                      std::to_string(k));
    }
    if (row.cycles == 0 && row.phase != Phase::update) {
      throw UserError("phase table: expected at least 1 cycle in " + row_name(table, k) +
                      ", found 0");
    }
    if (row.adc_bank > 2) {
      throw UserError("phase table: expected adc_bank 0, 1 or 2 in " + row_name(table, k) +
                      ", found " + std::to_string(row.adc_bank));
    }
    if (row.sh_en > 7) {
      throw UserError("phase table: expected sh_en of three bits in " + row_name(table, k) +
                      ", found " + std::to_string(row.sh_en));
    }
    if (row.convert && row.phase == Phase::update) {
      throw UserError("phase table: expected conversions outside UPDATE, found one in " +
                      row_name(table, k));
    }
    if (row.phase == Phase::update && !has_update_circuit) {
      throw UserError(
          "phase table: " + row_name(table, k) +
          " needs an update circuit (pulse_count, stochastic or sign_sign), found none");
    }
  }
}

void check_path(const PhaseTable& table, bool train) {
  bool converted[3] = {false, false, false};
  std::size_t visited = 0;
  for (std::size_t k = 0;;) {
    const std::uint32_t next = successor(table[k], train);
    if (next >= table.size()) {
      throw UserError("phase table: expected a successor below " + std::to_string(table.size()) +
                      " after " + row_name(table, k) + ", found " + std::to_string(next));
    }
    if (next == 0) {
      if (k == 0) {
        throw UserError(std::string("phase table: expected a first row for ") +
                        (train ? "training" : "inference") + ", found IDLE again");
      }
      return;
    }
    if (++visited > table.size()) {
      throw UserError(std::string("phase table: the path of ") +
                      (train ? "training" : "inference") + " never returns to IDLE");
    }
    k = next;
    if (table[k].convert) converted[table[k].adc_bank] = true;
    if (table[k].phase == Phase::update && !(converted[0] && converted[1])) {
      throw UserError("phase table: " + row_name(table, k) +
                      " needs the codes of the free and the nudged state, expected conversions "
                      "of banks 0 and 1 before it");
    }
  }
}

}  // namespace

void check_phase_table(const PhaseTable& table, bool has_update_circuit) {
  check_rows(table, has_update_circuit);
  check_path(table, true);
  check_path(table, false);
}

bool is_centred(const PhaseTable& table) {
  for (std::uint32_t k = table[0].next_train; k != 0; k = table[k].next_train) {
    if (table[k].convert && table[k].adc_bank == 2) return true;
  }
  return false;
}

}  // namespace memprop::digital
