// Groups of lines and means of conversions: digital/conversion_sequencer.hpp.
#include <gtest/gtest.h>

#include <string>

#include "digital/conversion_sequencer.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

std::int32_t mean_of(const std::vector<std::int32_t>& codes) {
  ConversionSequencer one(1, 1, static_cast<std::uint32_t>(codes.size()));
  std::vector<std::int32_t> latch{99};
  one.enter(true);
  for (const std::int32_t code : codes) {
    EXPECT_TRUE(one.awaiting());
    one.take({&code, 1}, latch);
    one.restart();
  }
  EXPECT_TRUE(one.finished());
  return latch[0];
}

TEST(Conversions, MeansAreRoundedUpwardsAtTies) {
  EXPECT_EQ(mean_of({7}), 7);
  EXPECT_EQ(mean_of({1, 2}), 2);
  EXPECT_EQ(mean_of({-1, -2}), -1);
  EXPECT_EQ(mean_of({-1, 0}), 0);
  EXPECT_EQ(mean_of({-3, -3, -3, -2}), -3);
  EXPECT_EQ(mean_of({-3, -3, -2, -2}), -2);
  EXPECT_EQ(mean_of(std::vector<std::int32_t>(16, 0x7fffffff)), 0x7fffffff);
  EXPECT_EQ(mean_of(std::vector<std::int32_t>(16, -0x7fffffff - 1)), -0x7fffffff - 1);
}

TEST(Conversions, GoGroupByGroupAndTheLastMayBeSmaller) {
  ConversionSequencer five_lines(5, 2, 2);
  EXPECT_EQ(five_lines.groups(), 3U);
  EXPECT_EQ(five_lines.conversions_per_row(), 6U);
  std::vector<std::int32_t> latch(5, 0);
  five_lines.enter(true);
  for (std::int32_t k = 0; k < 6; ++k) {
    EXPECT_EQ(five_lines.group(), static_cast<std::size_t>(k / 2));
    EXPECT_EQ(five_lines.lines_of_group(), k < 4 ? 2U : 1U);
    const std::int32_t codes[] = {10 * k, 100 * k};
    five_lines.take({codes, 2}, latch);
    EXPECT_EQ(five_lines.finished(), k == 5);
    EXPECT_FALSE(five_lines.awaiting());
    EXPECT_EQ(five_lines.restart(), k != 5);
  }
  EXPECT_EQ(latch, (std::vector<std::int32_t>{5, 50, 25, 250, 45}));
  EXPECT_EQ(five_lines.group(), 0U);
}

TEST(Conversions, AreRefusedWhereTheyCannotBe) {
  EXPECT_THROW(ConversionSequencer(5, 6, 1), UserError);
  for (const std::uint32_t average : {0U, 3U, 15U, 32U}) {
    EXPECT_THROW(ConversionSequencer(5, 5, average), UserError) << average;
  }
}

// A sample with converters that answer in the cycle after adc_start: three cycles a conversion.
ControllerConfig shared(std::uint32_t cycles) {
  PhaseLengths lengths = short_lengths;
  lengths.convert = cycles;
  ControllerConfig config =
      make_config({3, 2, 3}, UpdateCircuit::none, NudgePhases::centred, lengths);
  config.adc_channels = 2;
  config.adc_average = 4;
  return config;
}

TEST(Conversions, OfASampleStartOneAfterTheOther) {
  Controller controller(shared(3 * 4 * 3));
  Sample sample;
  sample.input = {1, 2, 3};
  for (auto& codes : sample.codes) codes = {11, -12};
  std::uint64_t starts = 0, last = 0, edge = 0;
  std::vector<std::uint32_t> groups;
  run_sample(controller, sample, [&](const ControllerOutputs& out) {
    ++edge;
    if (!out.adc_start) return;
    if (starts++ % 12 != 0) {
      EXPECT_EQ(edge - last, 3U);
    }
    last = edge;
    groups.push_back(out.adc_group);
  });
  EXPECT_EQ(starts, 3U * 12U);
  const std::vector<std::uint32_t> first(groups.begin(), groups.begin() + 12);
  EXPECT_EQ(first, (std::vector<std::uint32_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));
  EXPECT_EQ(controller.counters().conversions, 3U * 4U * 5U);
  const auto latched = controller.latched(0);
  EXPECT_EQ(std::vector<std::int32_t>(latched.begin(), latched.end()),
            (std::vector<std::int32_t>{11, -12, 11, -12, 11}));
}

TEST(Conversions, ThatDoNotFitTheirRowAreCounted) {
  Controller controller(shared(3 * 4 * 3 - 2));
  Sample sample;
  sample.input = {1, 2, 3};
  for (auto& codes : sample.codes) codes = {11, -12};
  try {
    run_sample(controller, sample);
    FAIL() << "accepted";
  } catch (const InternalError& error) {
    EXPECT_NE(std::string(error.what()).find("within its 34 cycles: 11 of 12 conversions"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace memprop::digital
