// Update circuits U4, U5 and U3 row by row: exact slots, reads and cycles.
#include <gtest/gtest.h>

#include <string>

#include "digital/rtl_support.hpp"
#include "digital/test/sample_driver.hpp"
#include "digital/update_engine.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

using Cycles = std::vector<std::string>;

// Cells with a conductance each that a pulse moves by a fixed number of codes.
class Cells final : public CellReader {
 public:
  Cells(std::size_t rows, std::size_t columns) : columns_(columns), code(rows * columns, 0) {}
  void read_row(std::size_t, std::size_t row, Span<std::int32_t> codes) override {
    for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = code[row * columns_ + i];
    ++reads;
  }
  void apply(const ControllerOutputs& out) {
    if (!out.upd_en) return;
    out.row_pulse[0].for_each([&](std::size_t j) {
      out.col_pulse[0].for_each(
          [&](std::size_t i) { code[j * columns_ + i] += out.upd_pol[0] != 0 ? step : -step; });
    });
  }

 private:
  std::size_t columns_;

 public:
  std::vector<std::int32_t> code;
  std::int32_t step = 10;
  int reads = 0;
};

Sample sample(std::vector<std::uint16_t> x, std::vector<std::int32_t> plus,
              std::vector<std::int32_t> minus) {
  Sample s;
  s.input = std::move(x);
  s.codes[0].assign(plus.size(), 0);
  s.codes[1] = std::move(plus);
  s.codes[2] = std::move(minus);
  return s;
}

// "S 0: 1 2" is a SET slot of row 0 and columns 1 and 2, "." a cycle without pulses.
Cycles update_cycles(Controller& controller, const Sample& s, Cells* cells = nullptr) {
  Cycles cycles;
  run_sample(controller, s, [&](const ControllerOutputs& out) {
    if (out.phase != Phase::update) return;
    std::string text = !out.upd_en ? "." : out.upd_pol[0] != 0 ? "S" : "R";
    if (out.upd_en) {
      out.row_pulse[0].for_each([&](std::size_t j) { text += " " + std::to_string(j); });
      text += ":";
      out.col_pulse[0].for_each([&](std::size_t i) { text += " " + std::to_string(i); });
    }
    cycles.push_back(text);
    if (cells != nullptr) cells->apply(out);
  });
  return cycles;
}

TEST(ProductSign, OnePulseOfTheSignBeyondTheDeadZone) {
  ControllerConfig config = make_config({4, 3}, UpdateCircuit::product_sign);
  config.tile[0].product_threshold = 8;
  Controller controller(config);
  // d = (3, -2, 1): rows of 4, 0, 9 and 1 give products (12, -8, 4), skipped, (27, -18, 9), (3, -2,
  // 1).
  const Cycles found = update_cycles(controller, sample({4, 0, 9, 1}, {3, -2, 1}, {0, 0, 0}));
  EXPECT_EQ(found, (Cycles{"S 0: 0", "S 2: 0 2", "R 2: 1", "."}));
  EXPECT_EQ(controller.counters().pulses_up[0], 3u);
  EXPECT_EQ(controller.counters().pulses_down[0], 1u);
}

TEST(ProductSign, ComparesTheProductDifference) {
  ControllerConfig config = make_config({1, 2, 1}, UpdateCircuit::product_sign);
  config.product_form = true;
  Controller controller(config);
  Cycles cycles;
  Sample s;
  s.input = {0};
  s.codes[0] = {0, 0, 0};
  s.codes[1] = {5, 3, 2};   // layer 1: 5, 3; layer 2: 2
  s.codes[2] = {4, -6, 3};  // 5 2 - 4 3 = -2, 3 2 + 6 3 = 24
  run_sample(controller, s, [&](const ControllerOutputs& out) {
    if (out.phase != Phase::update || !out.row_pulse[1].any()) return;
    std::string text = out.upd_pol[1] != 0 ? "S" : "R";
    out.row_pulse[1].for_each([&](std::size_t j) { text += " " + std::to_string(j); });
    cycles.push_back(text);
  });
  EXPECT_EQ(cycles, (Cycles{"R 0", "S 1"}));
}

TEST(SerialSign, RowsOneAfterTheOther) {
  ControllerConfig config = make_config({3, 3}, UpdateCircuit::serial_sign);
  config.tile[0].row_threshold = 2;
  config.tile[0].col_threshold = 1;
  Controller controller(config);
  const Cycles found = update_cycles(controller, sample({5, 2, 7}, {2, -3, 1}, {0, 0, 0}));
  EXPECT_EQ(found, (Cycles{"S 0: 0", "R 0: 1", ".", "S 2: 0", "R 2: 1"}));
  // The product difference needs products.
  config.product_form = true;
  EXPECT_THROW(Controller{config}, UserError);
}

ControllerConfig verify_config() {
  ControllerConfig config = make_config({2, 2}, UpdateCircuit::write_verify);
  config.tile[0].rate_mantissa = 0x8000;  // n = D / 2
  config.tile[0].rate_shift = 16;
  config.tile[0].verify_step = 10 * 256;
  config.tile[0].verify_tolerance = 5 * 256;
  config.verify_cycles = 2;
  config.verify_rounds = 8;
  return config;
}

// D = (6, -4) in row 0: wanted 3 steps up and 2 down, 30 and -20 codes; row 1 is not visited.
TEST(WriteVerify, PulsesUntilTheChangeIsRead) {
  Controller controller(verify_config());
  Cells cells(2, 2);
  cells.code = {7, -3, 0, 0};
  controller.set_cell_reader(&cells);
  const Cycles found = update_cycles(controller, sample({2, 0}, {3, -2}, {0, 0}), &cells);
  EXPECT_EQ(found, (Cycles{".", ".", "S 0: 0", "R 0: 1", ".", ".", "S 0: 0", "R 0: 1", ".", ".",
                           "S 0: 0", ".", ".", "."}));
  EXPECT_EQ(cells.code, (std::vector<std::int32_t>{37, -23, 0, 0}));
  EXPECT_EQ(cells.reads, 4);
  EXPECT_EQ(controller.verify().reads, 8u);
  EXPECT_EQ(controller.verify().cells, 2u);
  EXPECT_EQ(controller.verify().unfinished, 0u);
}

// Devices that move twice as far need fewer pulses, those that do not move run out of rounds.
TEST(WriteVerify, FollowsTheDevicesInsteadOfCounting) {
  Controller controller(verify_config());
  Cells cells(2, 2);
  cells.step = 25;
  controller.set_cell_reader(&cells);
  const Cycles fast = update_cycles(controller, sample({2, 0}, {3, -2}, {0, 0}), &cells);
  EXPECT_EQ(fast, (Cycles{".", ".", "S 0: 0", "R 0: 1", ".", ".", "."}));
  EXPECT_EQ(cells.code, (std::vector<std::int32_t>{25, -25, 0, 0}));

  ControllerConfig config = verify_config();
  config.verify_rounds = 2;
  Controller patient(config);
  cells.step = 0;
  patient.set_cell_reader(&cells);
  const Cycles stuck = update_cycles(patient, sample({2, 0}, {3, -2}, {0, 0}), &cells);
  // Nothing is read after the last round.
  EXPECT_EQ(stuck, (Cycles{".", ".", "S 0: 0", "R 0: 1", ".", ".", "S 0: 0", "R 0: 1"}));
  EXPECT_EQ(patient.verify().unfinished, 2u);
}

TEST(WriteVerify, RowsWithoutAWantedPulseTakeOneCycle) {
  ControllerConfig config = verify_config();
  config.tile[0].rate_mantissa = 0;
  Controller controller(config);
  Cells cells(2, 2);
  controller.set_cell_reader(&cells);
  EXPECT_EQ(update_cycles(controller, sample({2, 3}, {3, -2}, {0, 0}), &cells), (Cycles{".", "."}));
  EXPECT_EQ(cells.reads, 0);
}

TEST(WriteVerify, ResumesFromASavedState) {
  Controller a(verify_config());
  Cells cells(2, 2);
  a.set_cell_reader(&cells);
  update_cycles(a, sample({2, 1}, {3, -2}, {0, 0}), &cells);
  const auto state = a.save();
  Controller b(verify_config());
  b.set_cell_reader(&cells);
  b.restore(state);
  EXPECT_EQ(b.verify().reads, a.verify().reads);
  EXPECT_EQ(b.save(), state);
}

TEST(WriteVerify, NeedsSomebodyWhoReads) {
  Controller controller(verify_config());
  EXPECT_THROW(update_cycles(controller, sample({2, 0}, {3, -2}, {0, 0})), InternalError);
}

TEST(WriteEngines, AreRefusedInRtlByName) {
  for (const auto& [circuit, name] : {std::pair{UpdateCircuit::product_sign, "product_sign"},
                                      std::pair{UpdateCircuit::serial_sign, "serial_sign"},
                                      std::pair{UpdateCircuit::write_verify, "write_verify"}}) {
    try {
      check_rtl_support(make_config({2, 2}, circuit), 32);
      ADD_FAILURE() << name << " was accepted";
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace memprop::digital
