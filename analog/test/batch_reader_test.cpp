// Batched reads against the definition, cell by cell.
#include "analog/crossbar/batch_reader.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace memprop::analog {
namespace {

DevicePairs make_pairs() {
  DevicePairsConfig c;
  c.name = "tile1";
  c.rows = 37;
  c.columns = 19;
  c.device.model = DeviceModel::ideal;
  c.coding = PairCoding::differential;
  DevicePairs pairs(c);
  Matrix d(19, 37);
  const RandomStream stream(5, "weights");
  for (std::size_t k = 0; k < d.size(); ++k) d.data()[k] = 1e-6 * stream.normal(k);
  pairs.program(d);
  return pairs;
}

std::vector<std::uint16_t> codes(std::size_t n) {
  std::vector<std::uint16_t> c(n);
  for (std::size_t k = 0; k < n; ++k) c[k] = static_cast<std::uint16_t>((37 * k + 11) % 128);
  return c;
}

TEST(BatchReader, CodesAreTheRoundedProducts) {
  const auto pairs = make_pairs();
  BatchReadConfig config;
  config.lsb_in_v = 1e-3;
  config.lsb_out_a = 4e-9;
  config.largest_code = 127;
  BatchReader reader(pairs, config, 1);
  const auto in = codes(5 * 37);
  std::vector<std::int32_t> out(5 * 19);
  std::uint64_t expected_clips = 0;
  const auto clipped = reader.read(in, 5, 0, out);
  for (std::size_t b = 0; b < 5; ++b) {
    for (std::size_t i = 0; i < 19; ++i) {
      long double sum = 0;
      for (std::size_t j = 0; j < 37; ++j) {
        sum += static_cast<long double>(pairs.difference()(i, j)) * 1e-3L * in[b * 37 + j];
      }
      const auto exact = static_cast<double>(sum / 4e-9L);
      const double limited = std::min(std::max(std::nearbyint(exact), -128.0), 127.0);
      expected_clips += limited != std::nearbyint(exact);
      // A tie may fall either way.
      if (std::abs(exact - std::floor(exact) - 0.5) > 1e-9) {
        EXPECT_EQ(out[b * 19 + i], limited);
      }
    }
  }
  EXPECT_EQ(clipped, expected_clips);
  EXPECT_GT(clipped, 0u);
}

TEST(BatchReader, NoiseHasTheSumOfTheCellsVariances) {
  const auto pairs = make_pairs();
  BatchReadConfig config;
  config.lsb_in_v = 1e-3;
  config.lsb_out_a = 1e-12;  // far below the noise
  config.largest_code = 2'000'000'000;
  config.read_noise = 0.02;
  BatchReader reader(pairs, config, 1);
  constexpr std::size_t batch = 4000;
  const auto one = codes(37);
  std::vector<std::uint16_t> in;
  for (std::size_t b = 0; b < batch; ++b) in.insert(in.end(), one.begin(), one.end());
  std::vector<std::int32_t> out(batch * 19);
  reader.read(in, batch, 0, out);
  for (std::size_t i = 0; i < 19; i += 6) {
    double mean = 0, variance = 0, sum = 0, squares = 0;
    for (std::size_t j = 0; j < 37; ++j) {
      const double v = 1e-3 * one[j], plus = pairs.plus().conductance()[i * 37 + j];
      const double minus = plus - pairs.difference()(i, j);
      mean += pairs.difference()(i, j) * v / 1e-12;
      variance += (plus * plus + minus * minus) * v * v * 4e-4 / 1e-24;
    }
    for (std::size_t b = 0; b < batch; ++b) {
      const double d = out[b * 19 + i] - mean;
      sum += d;
      squares += d * d;
    }
    EXPECT_NEAR(sum / batch, 0.0, 4 * std::sqrt(variance / batch));
    EXPECT_NEAR(squares / batch, variance, 4 * variance * std::sqrt(2.0 / batch));
  }
  // A vector's codes depend on its event alone, not on the batch around it.
  std::vector<std::int32_t> alone(19);
  reader.read(one, 1, 7, alone);
  EXPECT_EQ(std::vector<std::int32_t>(out.begin() + 7 * 19, out.begin() + 8 * 19), alone);
}

}  // namespace
}  // namespace memprop::analog
