// The sequencer of sleep: registers, windows, the order of phases, pulses against hand
// computations, and a whole sleep against sleep_golden.txt, which sleep_reference.py computes from
// the specification in digital/README.md without this code.
#include "digital/sleep_sequencer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>

#include "digital/shift_register.hpp"
#include "digital/sleep_registers.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

SleepTile tile(std::size_t from, std::size_t to, std::size_t branches, std::uint32_t raise,
               std::uint32_t lower) {
  SleepTile tile;
  tile.shape.from = from;
  tile.shape.to = to;
  tile.shape.branches = branches;
  tile.raise_rate = raise;
  tile.lower_rate = lower;
  return tile;
}

std::vector<SleepTile> chain() {
  return {tile(0, 1, 0, 50000, 9000), tile(1, 2, 0, 140000, 30000)};
}

SleepSequencerConfig small() {
  SleepSequencerConfig config;
  config.widths = {9, 5, 3};
  config.drive_cycles = 4;
  config.pulse_cycles = 2;
  config.sense_cycles = 2;
  config.max_pulses = 3;
  config.tile = chain();
  config.seed = 7;
  set_sleep_gain(config.gain_mantissa, config.gain_shift, 0.8, 4);
  return config;
}

const std::vector<std::uint16_t> kCodes{0, 15, 3, 9, 12, 1, 7, 15, 5};

TEST(SleepRegisters, MeanCodesGainsAndRates) {
  EXPECT_EQ(mean_codes(std::vector<double>{0.0, 1.0, 0.5, 1.4, -0.2}, 4),
            (std::vector<std::uint16_t>{0, 15, 8, 15, 0}));
  for (const double gain : {0.25, 0.49, 1.0, 7.0, 1e-3}) {
    for (const unsigned bits : {1U, 4U, 16U}) {
      std::uint32_t mantissa = 0, shift = 0;
      set_sleep_gain(mantissa, shift, gain, bits);
      const double step = 65536.0 * gain / (std::ldexp(1.0, static_cast<int>(bits)) - 1.0);
      // From 65536 on every code but 0 spikes in every step.
      EXPECT_NEAR(std::ldexp(mantissa, -static_cast<int>(shift)), std::min(step, 65536.0),
                  step / 60000.0);
      EXPECT_LE(mantissa, 65536U);
    }
  }
  EXPECT_EQ(sleep_rate(1.0, 31), 65536U);
  EXPECT_EQ(sleep_rate(0.28160000, 31), 18455U);
  EXPECT_EQ(sleep_rate(0.0, 31), 0U);
  EXPECT_THROW(sleep_rate(32.0, 31), UserError);
  EXPECT_THROW(sleep_rate(1e-5, 31), UserError);
  std::uint32_t m = 0, s = 0;
  EXPECT_THROW(set_sleep_gain(m, s, 1e-20, 1), UserError);
}

TEST(SleepRows, SpikeAtTheirRatesAndInTheWindow) {
  SleepRowConfig config;
  config.rows = 64;
  config.seed = 3;
  set_sleep_gain(config.gain_mantissa, config.gain_shift, 0.5, 4);
  SleepRows rows(config);
  std::vector<std::uint16_t> codes;
  for (std::uint16_t j = 0; j < 64; ++j) codes.push_back(j % 16);
  rows.load(codes);
  BitVector spikes(64);
  std::vector<int> count(64, 0);
  constexpr int kSteps = 100000;
  for (int t = 0; t < kSteps; ++t) {
    rows.draw(spikes);
    spikes.for_each([&](std::size_t j) { ++count[j]; });
  }
  for (std::size_t j = 0; j < 64; ++j) {
    const double p = 0.5 * codes[j] / 15.0;
    EXPECT_NEAR(count[j] / double{kSteps}, p, 4.5 * std::sqrt(p * (1 - p) / kSteps) + 2e-5) << j;
  }

  config.window = 3;
  set_sleep_gain(config.gain_mantissa, config.gain_shift, 1.0, 1);
  SleepRows windowed(config);
  windowed.load(std::vector<std::uint16_t>(64, 1));
  std::vector<int> first(64, 0);
  for (int t = 0; t < 3600; ++t) {
    windowed.draw(spikes);
    std::size_t lowest = 64, number = 0;
    spikes.for_each([&](std::size_t j) {
      lowest = std::min(lowest, j);
      ++number;
    });
    ASSERT_EQ(number, 9U);  // probability 1: the whole window
    ++first[lowest];
  }
  for (std::size_t y = 0; y < 8; ++y) {
    for (std::size_t x = 0; x < 8; ++x) {
      // 36 places, 100 times each.
      EXPECT_NEAR(first[8 * y + x], y < 6 && x < 6 ? 100 : 0, y < 6 && x < 6 ? 50 : 0);
    }
  }
  config.rows = 60;
  EXPECT_THROW(SleepRows{config}, UserError);
  config.rows = 64;
  config.window = 9;
  EXPECT_THROW(SleepRows{config}, UserError);
}

// Comparators and signs of fixed scenarios are bits of a register of the test's own.
struct Driver {
  explicit Driver(SleepSequencerConfig config) : sequencer(std::move(config)) {
    const SleepSequencerConfig& c = sequencer.config();
    for (const std::size_t w : c.widths) bits.emplace_back(w);
    for (const SleepTile& t : c.tile)
      branches.emplace_back(c.widths[t.shape.to] * t.shape.branches);
  }
  // One edge; returns the outputs after it.
  const SleepOutputs& edge(bool start = false, std::uint64_t steps = 0) {
    SleepInputs in;
    in.start = start;
    in.steps = steps;
    const SleepOutputs now = sequencer.outputs();
    if (now.phase == SleepPhase::compare) {
      in.comparators = &fill(bits[now.layer]);
      for (const std::size_t t : sequencer.tiles_of(now.layer)) fill(branches[t]);
      in.branches = &branches;
    }
    if (now.phase == SleepPhase::sense) {
      in.negative = &fill(bits[sequencer.config().tile[now.tile].shape.from]);
    }
    return sequencer.step(in);
  }
  const BitVector& fill(BitVector& lines) {
    lines.clear();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      noise = advance(noise);
      if ((draw16(noise) & 3U) != 0) lines.set(i);
    }
    return lines;
  }
  SleepSequencer sequencer;
  std::vector<BitVector> bits, branches;  // by layer; by tile
  std::uint32_t noise = 99;
};

TEST(SleepSequencer, PhasesFollowEachOther) {
  Driver d(small());
  d.sequencer.load(kCodes);
  EXPECT_EQ(d.edge().phase, SleepPhase::idle);
  std::uint64_t busy = 0;
  for (int step = 0; step < 2; ++step) {
    for (std::size_t tile = 0; tile < 2; ++tile) {
      for (std::uint32_t c = 0; c < 4; ++c) {
        const SleepOutputs out = step + static_cast<int>(tile) + static_cast<int>(c) == 0
                                     ? d.edge(true, 2)
                                 : c == 0 ? d.sequencer.outputs()
                                          : d.edge();
        ++busy;
        ASSERT_EQ(out.phase, SleepPhase::drive);
        EXPECT_EQ(out.tile, tile);
        EXPECT_TRUE(out.leak_en);
        EXPECT_EQ(out.row_en, c >= 2);  // pulses at the end of the drive
        EXPECT_EQ(d.sequencer.rows(), d.sequencer.spikes(tile));
      }
      ASSERT_EQ(d.edge().phase, SleepPhase::compare);
      ++busy;
      EXPECT_FALSE(d.sequencer.outputs().leak_en);
      const SleepOutputs* out = &d.edge();
      const BitVector spikes = d.sequencer.spikes(tile + 1);
      std::vector<std::size_t> columns;
      spikes.for_each([&](std::size_t i) { columns.push_back(i); });
      for (const std::size_t column : columns) {
        ASSERT_EQ(out->phase, SleepPhase::sense);
        EXPECT_EQ(out->column, column);
        ++busy;
        ASSERT_EQ(d.edge().phase, SleepPhase::sense);
        ++busy;
        out = &d.edge();
        const BitVector& negative = d.bits[tile];
        bool lowering = false;
        while (out->phase == SleepPhase::raise || out->phase == SleepPhase::lower) {
          ++busy;
          EXPECT_FALSE(lowering && out->phase == SleepPhase::raise);
          lowering = out->phase == SleepPhase::lower;
          EXPECT_EQ(out->column, column);
          EXPECT_TRUE(d.sequencer.rows().any());
          d.sequencer.rows().for_each([&](std::size_t j) {
            EXPECT_TRUE(negative.test(j));
            EXPECT_EQ(d.sequencer.spikes(tile).test(j), !lowering);
          });
          out = &d.edge();
        }
      }
    }
  }
  EXPECT_EQ(d.sequencer.outputs().phase, SleepPhase::idle);
  EXPECT_TRUE(d.sequencer.outputs().done);
  EXPECT_FALSE(d.edge().done);
  EXPECT_EQ(d.sequencer.counters().cycles, busy);
  EXPECT_EQ(d.sequencer.counters().steps, 2U);
}

// Pulses of one column, recomputed from the registers' seeds.
TEST(SleepSequencer, PulsesAreThoseOfTheRegisters) {
  SleepSequencerConfig config = small();
  config.widths = {9, 1};
  config.tile = {tile(0, 1, 0, 140000, 30000)};
  SleepSequencer sequencer(config);
  sequencer.load(kCodes);
  BitVector high(1), negative(9);
  high.set(0);
  for (const std::size_t j : {1U, 2U, 4U, 7U, 8U}) negative.set(j);
  std::vector<std::uint32_t> input(9), write(9);
  for (std::uint32_t j = 0; j < 9; ++j) {
    input[j] = register_seed(7, 0, Lane::sleep_input, j);
    write[j] = register_seed(7, 0, Lane::sleep_write, j);
  }
  std::uint64_t raised = 0, lowered = 0;
  for (int step = 0; step < 200; ++step) {
    std::vector<int> wanted(9), got(9, 0);
    for (std::size_t j = 0; j < 9; ++j) {
      input[j] = advance(input[j]);
      const std::uint64_t threshold =
          (std::uint64_t{kCodes[j]} * config.gain_mantissa) >> config.gain_shift;
      const bool spike = (input[j] >> 16) < threshold;
      write[j] = advance(write[j]);
      const int n = static_cast<int>(((spike ? 140000U : 30000U) + (write[j] >> 16)) >> 16);
      wanted[j] = negative.test(j) ? (spike ? std::min(n, 3) : -std::min(n, 3)) : 0;
      (spike ? raised : lowered) += static_cast<std::uint64_t>(std::abs(wanted[j]));
    }
    SleepInputs in;
    in.start = true;
    in.steps = 1;
    do {
      const SleepOutputs& out = sequencer.step(in);
      in = {};
      in.comparators = &high;
      in.negative = &negative;
      if (out.phase != SleepPhase::raise && out.phase != SleepPhase::lower) continue;
      const int sign = out.phase == SleepPhase::raise ? 1 : -1;
      sequencer.rows().for_each([&](std::size_t j) { got[j] += sign; });
    } while (sequencer.outputs().phase != SleepPhase::idle);
    ASSERT_EQ(got, wanted) << step;
  }
  const SleepCounters& counters = sequencer.counters();
  EXPECT_EQ(counters.raise_pulses[0], raised);
  EXPECT_EQ(counters.lower_pulses[0], lowered);
  EXPECT_EQ(counters.raise_cells[0] + counters.lower_cells[0], 200U * 9U);
  EXPECT_EQ(counters.senses, 200U);
}

TEST(SleepSequencer, TilesWithoutRatesAreNotWritten) {
  SleepSequencerConfig config = small();
  config.tile[0].raise_rate = config.tile[0].lower_rate = 0;
  config.gated = false;
  Driver d(config);
  d.sequencer.load(kCodes);
  d.edge(true, 50);
  while (!d.sequencer.outputs().done) {
    const SleepOutputs& out = d.edge();
    EXPECT_NE(out.phase, SleepPhase::sense);
    if (out.phase == SleepPhase::raise || out.phase == SleepPhase::lower) {
      EXPECT_EQ(out.tile, 1U);
    }
  }
  EXPECT_EQ(d.sequencer.counters().raise_cells[0], 0U);
  EXPECT_GT(d.sequencer.counters().raise_pulses[1], 0U);
}

TEST(SleepSequencer, GoesOnFromASavedState) {
  Driver one(small()), other(small());
  one.sequencer.load(kCodes);
  one.edge(true, 20);
  while (!one.sequencer.outputs().done) one.edge();
  other.sequencer.load(kCodes);
  other.sequencer.restore(one.sequencer.save());
  other.noise = one.noise;
  one.edge(true, 20);
  other.edge(true, 20);
  while (!one.sequencer.outputs().done) {
    const SleepOutputs a = one.edge(), b = other.edge();
    ASSERT_EQ(a.phase, b.phase);
    ASSERT_EQ(one.sequencer.rows(), other.sequencer.rows());
  }
  EXPECT_TRUE(other.sequencer.outputs().done);
  EXPECT_THROW(other.sequencer.restore(std::vector<std::uint64_t>(3, 1)), InternalError);
}

TEST(SleepSequencer, RefusesWhatItCannotExecute) {
  auto config = small();
  config.pulse_cycles = 5;
  EXPECT_THROW(SleepSequencer{config}, UserError);
  config = small();
  config.sense_cycles = 0;
  EXPECT_THROW(SleepSequencer{config}, UserError);
  config = small();
  config.max_pulses = 0;
  EXPECT_THROW(SleepSequencer{config}, UserError);
  config = small();
  config.tile.pop_back();  // nothing ends at layer 2
  EXPECT_THROW(SleepSequencer{config}, UserError);
  config.tile.push_back(tile(1, 3, 0, 1, 1));
  EXPECT_THROW(SleepSequencer{config}, UserError);
}

std::string hash_of(const SleepSequencerConfig& config, std::uint64_t steps) {
  Driver d(config);
  d.sequencer.load(kCodes);
  std::uint64_t hash = 0xcbf29ce484222325ULL, cycles = 0;
  const auto byte = [&](std::uint64_t value) {
    hash = (hash ^ (value & 0xffU)) * 0x100000001b3ULL;
  };
  d.edge(true, steps);
  while (!d.sequencer.outputs().done) {
    const SleepOutputs& out = d.sequencer.outputs();
    ++cycles;
    byte(static_cast<std::uint64_t>(out.phase));
    byte(out.tile);
    byte(out.row_en ? 1 : 0);
    byte(out.column);
    const bool driven = out.phase == SleepPhase::drive || out.phase == SleepPhase::compare;
    for (const std::size_t t :
         driven ? d.sequencer.tiles_of(out.layer) : std::vector<std::size_t>{out.tile}) {
      d.sequencer.rows(t).for_each(byte);
      byte(0xff);
    }
    d.edge();
  }
  return std::to_string(cycles) + ' ' + std::to_string(hash);
}

TEST(SleepSequencer, EqualsTheReferenceInPython) {
  std::ifstream file(MEMPROP_SOURCE_DIR "/digital/test/sleep_golden.txt");
  std::map<std::string, std::string> golden;
  std::string name, cycles, hash;
  while (file >> name >> cycles >> hash) golden[name] = cycles + ' ' + hash;
  ASSERT_EQ(golden.size(), 6U);
  auto config = small();
  EXPECT_EQ(hash_of(config, 40), golden["gated"]);
  config.gated = false;
  config.sense_cycles = 0;
  EXPECT_EQ(hash_of(config, 40), golden["ungated"]);
  config = small();
  config.window = 2;
  config.pulse_cycles = 4;
  EXPECT_EQ(hash_of(config, 40), golden["window"]);
  config = small();
  config.tile.push_back(tile(0, 2, 0, 30000, 70000));
  config.tile.push_back(tile(2, 1, 0, 0, 0));
  EXPECT_EQ(hash_of(config, 40), golden["linked"]);
  config = small();
  config.tile = {tile(0, 1, 2, 50000, 9000), tile(1, 2, 3, 140000, 30000), tile(2, 1, 2, 0, 0)};
  EXPECT_EQ(hash_of(config, 40), golden["branched"]);
  config.gated = false;
  config.sense_cycles = 0;
  config.pulse_cycles = 4;
  EXPECT_EQ(hash_of(config, 40), golden["branched-ungated"]);
}

}  // namespace
}  // namespace memprop::digital
