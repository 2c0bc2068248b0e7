// Cells of a tile that were never formed: at their off conductance for ever, or not there.
#include <gtest/gtest.h>

#include <cmath>

#include "analog/crossbar/device_pairs.hpp"
#include "analog/crossbar/effective_pairs.hpp"

namespace memprop::analog {
namespace {

DevicePairsConfig half_formed(PairCoding coding) {
  DevicePairsConfig c;
  c.name = "tile1";
  c.rows = 3;
  c.columns = 2;
  c.coding = coding;
  c.device.model = DeviceModel::linear_step;
  c.device.step = 0.01;
  c.formed = {1, 0, 1, 0, 1, 1};  // column by column
  return c;
}

class FormedCells : public testing::TestWithParam<PairCoding> {};

TEST_P(FormedCells, AbsentOnesCarryNothingAndTakeNothing) {
  DevicePairs pairs(half_formed(GetParam()));
  const double step_s = pairs.nominal_step_s();
  Matrix wanted(2, 3);
  for (std::size_t k = 0; k < 6; ++k) wanted.data()[k] = 4.0 * step_s;
  EXPECT_EQ(0u, pairs.program(wanted)) << "what is not there is not cut";
  const Matrix& d = pairs.difference();
  EXPECT_EQ(0.0, d(0, 1));
  EXPECT_EQ(0.0, d(1, 0));
  EXPECT_NEAR(4.0 * step_s, d(0, 0), 1e-12);
  double sums[2], rows[3], squares[2], transposed[3];
  const double ones[3] = {1, 1, 1};
  pairs.column_sums(sums);
  pairs.row_sums(rows);
  pairs.square_product(ones, squares);
  pairs.square_product_transposed(ones, transposed);
  double column = 0, row = 0, square = 0, square_row = 0;
  for (std::size_t cell : {0U, 2U}) {  // of column 0
    const double plus = pairs.plus().conductance()[cell], minus = pairs.minus_s(cell);
    column += plus + minus;
    square += plus * plus + minus * minus;
  }
  const double plus = pairs.plus().conductance()[4], minus = pairs.minus_s(4);  // row 1, column 1
  row = plus + minus;
  square_row = plus * plus + minus * minus;
  EXPECT_DOUBLE_EQ(column, sums[0]);
  EXPECT_DOUBLE_EQ(row, rows[1]);
  EXPECT_DOUBLE_EQ(square, squares[0]);
  EXPECT_DOUBLE_EQ(square_row, transposed[1]);
  // A pulse that hits such a cell all the same moves nothing.
  const std::vector<std::uint32_t> cells{0, 1, 3};
  const double before = d(0, 0);
  pairs.pulse(cells, true, 0);
  EXPECT_GT(d(0, 0), before);
  EXPECT_EQ(0.0, d(0, 1));
  EXPECT_EQ(0.0, d(1, 0));
}

// The leak of what was never formed, cell by cell by hand.
TEST_P(FormedCells, LeakAtTheirOffConductance) {
  DevicePairsConfig config = half_formed(GetParam());
  config.off_s = 2e-8;
  config.off_spread = 0.5;
  config.seed = 5;
  DevicePairs pairs(config);
  Matrix wanted(2, 3);
  EXPECT_EQ(0u, pairs.program(wanted));
  const double row_v[3] = {0.02, 0.05, 0.08};
  const std::size_t cells[] = {1, 3};
  double power = 0;
  for (const std::size_t cell : cells) {
    const double plus = pairs.plus().conductance()[cell], minus = pairs.minus_s(cell);
    EXPECT_NE(plus, minus);
    for (const double g : {plus, minus}) {
      EXPECT_GT(g, config.off_s * std::exp(-5 * 0.5));
      EXPECT_LT(g, config.off_s * std::exp(5 * 0.5));
    }
    EXPECT_DOUBLE_EQ(plus - minus, pairs.difference().values()[cell]);
    power += (plus + minus) * row_v[cell % 3] * row_v[cell % 3];
  }
  for (std::size_t cell : {0U, 2U, 4U, 5U}) {
    power += (pairs.plus().conductance()[cell] + pairs.minus_s(cell)) * row_v[cell % 3] *
             row_v[cell % 3];
  }
  EXPECT_DOUBLE_EQ(power, pairs.row_power(row_v));
  // The same seed, the same leaks; they outlive a checkpoint.
  DevicePairs again(config);
  const auto saved = pairs.save();
  again.restore(saved);
  EXPECT_EQ(pairs.difference().values(), again.difference().values());
  // Seen through noise and temperature they are the same cells.
  EffectivePairsConfig hot;
  hot.conductance_gain = 1.1;
  EffectivePairs seen(hot, pairs, "tile1", 1);
  EXPECT_DOUBLE_EQ(1.1 * pairs.difference()(0, 1), seen.forward()(0, 1));
}

INSTANTIATE_TEST_SUITE_P(Coding, FormedCells,
                         testing::Values(PairCoding::reference, PairCoding::differential),
                         [](const auto& p) {
                           return p.param == PairCoding::reference ? "reference" : "differential";
                         });

}  // namespace
}  // namespace memprop::analog
