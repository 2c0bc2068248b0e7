// The register file against the controller it holds, and against its description.
#include "digital/register_file.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "digital/test/register_host.hpp"
#include "digital/test/sample_driver.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::digital {
namespace {

const std::vector<std::size_t> widths{5, 4, 3};

// A configuration that makes pulses with random codes.
ControllerConfig lively_config(UpdateCircuit circuit, NudgePhases phases) {
  ControllerConfig config = make_config(widths, circuit, phases);
  config.bias = true;
  config.max_pulses = 5;
  config.stream_length = 7;
  config.seed = 0x1234567;
  for (auto& tile : config.tile) {
    tile = {40000, 24, 60000, 9, 50000, 8, 3, 5};
  }
  config.bias_code = {200, 300};
  return config;
}

Sample random_sample(const RandomStream& draw, std::uint64_t n) {
  Sample sample;
  std::uint64_t index = 0;
  const auto below = [&](std::uint32_t limit) { return draw.words(index++, n)[0] % limit; };
  for (std::size_t k = 0; k < widths[0]; ++k) {
    sample.input.push_back(static_cast<std::uint16_t>(below(256)));
  }
  for (auto& codes : sample.codes) {
    for (std::size_t k = 0; k < widths[1] + widths[2]; ++k) {
      codes.push_back(static_cast<std::int32_t>(below(1024)) - 512);
    }
  }
  sample.train = below(4) != 0;
  return sample;
}

bool same_pins(const ControllerOutputs& a, const ControllerOutputs& b) {
  return a.phase == b.phase && a.x_dac_load == b.x_dac_load && a.row_en == b.row_en &&
         a.nudge_en == b.nudge_en && a.nudge_sign == b.nudge_sign && a.sh_en == b.sh_en &&
         a.adc_start == b.adc_start && a.adc_bank == b.adc_bank && a.upd_en == b.upd_en &&
         a.upd_pol == b.upd_pol && a.row_pulse == b.row_pulse && a.col_pulse == b.col_pulse &&
         a.busy == b.busy && a.done == b.done;
}

// Runs a sample that was started by register; every pin of every cycle like the controller's.
void expect_same_sample(RegisterFile& file, Controller& controller, const Sample& sample) {
  controller.load_input(sample.input);
  ControllerInputs alone, behind;
  file.step({});  // the start pin rises
  alone.start = true;
  alone.train = sample.train;
  for (int edge = 0; edge < 10000; ++edge) {
    const ControllerOutputs& wanted = controller.step(alone);
    const ControllerOutputs& found = file.step(behind);
    ASSERT_TRUE(same_pins(wanted, found)) << "edge " << edge;
    alone = behind = {};
    if (wanted.adc_start) {
      alone.adc_done = behind.adc_done = true;
      alone.adc_data = behind.adc_data = sample.codes[wanted.adc_bank];
    }
    if (!wanted.busy) return;
  }
  FAIL() << "the sample did not end";
}

struct Variant {
  UpdateCircuit circuit;
  NudgePhases phases;
  bool product;
};

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << "circuit " << static_cast<int>(variant.circuit) << ", phases "
       << static_cast<int>(variant.phases) << (variant.product ? ", product" : "");
}

class RegisterFileRuns : public ::testing::TestWithParam<Variant> {};

TEST_P(RegisterFileRuns, PinsAreTheControllers) {
  ControllerConfig config = lively_config(GetParam().circuit, GetParam().phases);
  config.product_form = GetParam().product;
  Controller controller(config);
  RegisterFile file(chip_build(config, 8));
  RegisterHost host(file);
  host.configure(config);
  host.reset();
  const RandomStream draw(7, "test/samples");
  std::uint64_t trained = 0;
  for (std::uint64_t n = 0; n < 40; ++n) {
    const Sample sample = random_sample(draw, n);
    const auto bank = static_cast<unsigned>(n % 2);
    host.load(sample.input, bank);
    host.start(sample.train, bank);
    ASSERT_NO_FATAL_FAILURE(expect_same_sample(file, controller, sample)) << "sample " << n;
    trained += sample.train;
    host.idle(2);
    controller.step({});
    controller.step({});
  }
  EXPECT_GT(trained, 20U);
  EXPECT_EQ(host.read(reg::samples_lo), 40U);
  EXPECT_EQ(host.read(reg::busy_cycles_lo), controller.counters().busy_cycles);
  EXPECT_EQ(host.read(reg::conversions_lo), controller.counters().conversions);
  for (std::size_t t = 0; t < 2; ++t) {
    EXPECT_EQ(host.read(reg::tile_pulses_up_lo(t)), controller.counters().pulses_up[t]);
    EXPECT_EQ(host.read(reg::tile_pulses_down_lo(t)), controller.counters().pulses_down[t]);
  }
  EXPECT_EQ(controller.counters().pulses_up[1] > 0U, GetParam().circuit != UpdateCircuit::none);
  for (std::size_t k = 0; k < widths[1] + widths[2]; ++k) {
    EXPECT_EQ(static_cast<std::int32_t>(host.read(reg::positive_code(k))),
              controller.latched(1)[k]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, RegisterFileRuns,
    ::testing::Values(Variant{UpdateCircuit::pulse_count, NudgePhases::centred, false},
                      Variant{UpdateCircuit::pulse_count, NudgePhases::one_sided, true},
                      Variant{UpdateCircuit::stochastic, NudgePhases::centred, true},
                      Variant{UpdateCircuit::stochastic, NudgePhases::random_sign, false},
                      Variant{UpdateCircuit::sign_sign, NudgePhases::centred, false},
                      Variant{UpdateCircuit::none, NudgePhases::centred, false}));

class RegisterFileTest : public ::testing::Test {
 protected:
  ControllerConfig config = lively_config(UpdateCircuit::pulse_count, NudgePhases::centred);
  RegisterFile file{chip_build(config, 6)};
  RegisterHost host{file};

  void ready() {
    host.configure(config);
    host.reset();
    host.load({1, 2, 3, 4, 5});
  }
  Sample sample{{1, 2, 3, 4, 5},
                {{9, 8, 7, 6, 5, 4, 3}, {1, -1, 1, -1, 1, -1, 1}, {2, 2, 2, 2, 2, 2, 2}},
                true};
  // Runs to the end of the present sample; returns the cycles.
  int finish() {
    ControllerInputs in;
    for (int k = 0; k < 10000; ++k) {
      const auto& out = file.step(in);
      in = {};
      if (out.adc_start) {
        in.adc_done = true;
        in.adc_data = sample.codes[out.adc_bank];
      }
      if (out.done) return k;
    }
    return -1;
  }
};

TEST_F(RegisterFileTest, EveryAddressAnswersAsDescribed) {
  std::size_t mapped = 0;
  for (std::uint32_t address = 0; address < 1U << reg::address_bits; ++address) {
    std::uint32_t word = 0xdead;
    const auto place = file.map().find(address);
    ASSERT_EQ(file.peek(address, word) == BusAnswer::ok, place.entry != nullptr);
    if (place.entry == nullptr) {
      EXPECT_EQ(word, 0U);
      EXPECT_EQ(file.write(address, 1), BusAnswer::unmapped);
      continue;
    }
    ++mapped;
    if (!place.entry->built) {
      EXPECT_EQ(word, place.entry->reset) << place.entry->name;
    }
    if (place.entry->write_mask == 0) {
      EXPECT_EQ(file.write(address, ~word), BusAnswer::not_writable);
      std::uint32_t again = 0;
      file.peek(address, again);
      EXPECT_EQ(again, word);
    }
  }
  // 11 + 3 widths + 7 + 12 counter words + 32 x 3 + 2 x 11 + 2 x 3 targets + 2 x 5 inputs + 3 x 7.
  EXPECT_EQ(mapped, 11U + 3 + 7 + 12 + 96 + 22 + 6 + 10 + 21);
}

TEST_F(RegisterFileTest, ByteEnablesSelectBytes) {
  host.write(reg::seed, 0x11223344);
  EXPECT_EQ(file.write(reg::seed, 0xaabbccdd, 0b0101), BusAnswer::ok);
  EXPECT_EQ(host.read(reg::seed), 0x11bb33ddU);
  EXPECT_EQ(file.write(reg::seed, 0, 0), BusAnswer::ok);
  EXPECT_EQ(host.read(reg::seed), 0x11bb33ddU);
  // Targets of 6 bits are kept with their sign, inputs cut to their bits.
  host.write(reg::target0(1), 0x20);
  EXPECT_EQ(host.read(reg::target0(1)), 0xffffffe0U);
  host.write(reg::input1(2), 0x1ff);
  EXPECT_EQ(host.read(reg::input1(2)), 0xffU);
  // A trigger in a byte that is not enabled does nothing.
  EXPECT_EQ(file.write(reg::control, reg::control_start.mask(), 0b1110), BusAnswer::ok);
  EXPECT_EQ(host.read(reg::error), 0U);
}

TEST_F(RegisterFileTest, StartIsRefusedWithItsReason) {
  host.start(true);
  EXPECT_EQ(host.read(reg::error), reg::error_config.mask());
  EXPECT_EQ(reg::config_rule_rule.of(host.read(reg::config_rule)),
            static_cast<std::uint32_t>(reg::ConfigRuleRule::table_empty));
  EXPECT_FALSE(file.interrupt());
  host.write(reg::irq_enable, reg::irq_enable_error.mask());
  EXPECT_TRUE(file.interrupt());
  host.write(reg::irq_status, reg::irq_status_error.mask());
  EXPECT_FALSE(file.interrupt());

  host.configure(config);  // SEED acts at a reset
  host.write(reg::error, 0x7);
  host.start(true);
  EXPECT_EQ(host.read(reg::error), reg::error_reset_due.mask());
  EXPECT_EQ(reg::status_reset_due.of(host.read(reg::status)), 1U);
  host.reset();
  EXPECT_EQ(host.read(reg::status), 0U);
  EXPECT_EQ(host.read(reg::error), 0U);

  host.start(true);
  EXPECT_EQ(reg::status_busy.of(host.read(reg::status)), 1U);
  host.start(true);
  EXPECT_EQ(host.read(reg::error), reg::error_start_busy.mask());
  file.step({});
  EXPECT_GT(finish(), 0);
  EXPECT_EQ(host.read(reg::samples_lo), 1U);  // the second start has left no trace
}

TEST_F(RegisterFileTest, InUseIsNotWritable) {
  ready();
  host.start(true, 0);
  EXPECT_EQ(file.write(reg::input0(0), 7), BusAnswer::busy);
  EXPECT_EQ(file.write(reg::target0(0), 7), BusAnswer::busy);
  EXPECT_EQ(file.write(reg::input1(0), 7), BusAnswer::ok);
  EXPECT_EQ(file.write(reg::target1(0), 7), BusAnswer::ok);
  EXPECT_EQ(file.write(reg::mode, 1), BusAnswer::busy);
  EXPECT_EQ(file.write(reg::table_cycles(2), 1), BusAnswer::busy);
  EXPECT_EQ(host.read(reg::input0(0)), 1U);
  EXPECT_EQ(file.write(reg::irq_enable, 1), BusAnswer::ok);
  finish();
  EXPECT_EQ(file.write(reg::input0(0), 7), BusAnswer::ok);
}

TEST_F(RegisterFileTest, InterruptFollowsTheEndOfASample) {
  ready();
  host.write(reg::irq_enable, reg::irq_enable_done.mask());
  host.start(false);
  EXPECT_GT(finish(), 0);
  EXPECT_FALSE(file.interrupt());  // done is high; the event is noted at the next edge
  file.step({});
  EXPECT_TRUE(file.interrupt());
  host.write(reg::irq_status, reg::irq_status_done.mask());
  EXPECT_FALSE(file.interrupt());
  for (std::size_t k = 0; k < 7; ++k) {
    EXPECT_EQ(host.read(reg::free_code(k)), static_cast<std::uint32_t>(sample.codes[0][k]));
  }
}

TEST_F(RegisterFileTest, ConfigurationChangesKeepRegistersCountersAndLatches) {
  ready();
  host.start(true);
  finish();
  host.idle(1);
  const auto busy = host.read(reg::busy_cycles_lo);
  const auto rate = host.read(reg::tile_rate(0));
  host.write(reg::tile_rate(0), rate + 1);
  host.start(false);  // converts bank 0 only
  sample.codes[0].assign(7, 100);
  finish();
  EXPECT_GT(host.read(reg::busy_cycles_lo), busy);
  EXPECT_EQ(host.read(reg::free_code(0)), 100U);
  EXPECT_EQ(host.read(reg::positive_code(0)), 1U);  // of the sample before the change
  EXPECT_EQ(host.read(reg::negative_code(6)), 2U);
  // The same two samples on a controller whose rate did not change: the draws go on.
  Controller other(config);
  Sample first = sample;
  first.codes[0] = {9, 8, 7, 6, 5, 4, 3};
  run_sample(
      other, first, [](const ControllerOutputs&) {}, 0);
  const auto state = other.save();
  const auto mine = file.controller().save();
  EXPECT_EQ(std::vector<std::uint64_t>(state.begin() + 14, state.end()),
            std::vector<std::uint64_t>(mine.begin() + 14, mine.end()));
}

TEST_F(RegisterFileTest, SoftResetEndsASample) {
  ready();
  host.start(true);
  host.idle(4);
  EXPECT_EQ(reg::status_busy.of(host.read(reg::status)), 1U);
  host.write(reg::control, reg::control_soft_reset.mask());
  EXPECT_EQ(host.read(reg::status), reg::status_training.mask());  // of the last sample
  EXPECT_EQ(host.read(reg::busy_cycles_lo), 0U);
  host.start(true);  // at once: it waits for the reset to pass
  Controller fresh(config);
  file.step({});
  ASSERT_NO_FATAL_FAILURE(expect_same_sample(file, fresh, sample));
  EXPECT_EQ(host.read(reg::input0(3)), 4U);
}

TEST_F(RegisterFileTest, HighWordIsThatOfTheLowWordRead) {
  ready();
  host.start(true);
  finish();
  std::uint32_t word = 1;
  EXPECT_EQ(host.read(reg::busy_cycles_lo + 4), 0U);
  EXPECT_EQ(file.peek(reg::busy_cycles_lo, word), BusAnswer::ok);
  EXPECT_GT(word, 0U);
}

TEST_F(RegisterFileTest, SavedStateGoesOn) {
  ready();
  for (int n = 0; n < 3; ++n) {
    host.start(true);
    finish();
    host.idle(1);
  }
  const auto state = file.save();
  RegisterFile other(chip_build(config, 6));
  other.restore(state);
  EXPECT_EQ(other.save(), state);
  RegisterHost second(other);
  host.start(true);
  second.start(true);
  ControllerInputs in;
  for (int k = 0; k < 200; ++k) {
    const auto& a = file.step(in);
    const auto& b = other.step(in);
    ASSERT_TRUE(same_pins(a, b)) << k;
    in = {};
    if (a.adc_start) {
      in.adc_done = true;
      in.adc_data = sample.codes[a.adc_bank];
    }
  }
  for (std::uint32_t address = 0; address < 1U << reg::address_bits; address += 4) {
    std::uint32_t a = 0, b = 0;
    file.peek(address, a);
    other.peek(address, b);
    ASSERT_EQ(a, b) << std::hex << address;
  }
  RegisterFile wrong(chip_build(make_config({5, 3, 3}, UpdateCircuit::none), 6));
  EXPECT_THROW(wrong.restore(std::vector<std::uint64_t>{1, 2}), UserError);
}

TEST_F(RegisterFileTest, ProgramsThatDoNotFitAreRefusedByName) {
  const auto refused = [&](const ControllerConfig& wanted) -> std::string {
    try {
      register_program(wanted, file.build());
    } catch (const UserError& e) {
      return e.what();
    }
    return "";
  };
  ControllerConfig wanted = config;
  wanted.max_pulses = 70000;
  EXPECT_NE(refused(wanted).find("MAX_PULSES: expected a value up to 65535, found 70000"),
            std::string::npos);
  wanted = config;
  wanted.bias = false;
  EXPECT_NE(refused(wanted).find("bias rows"), std::string::npos);
  wanted = config;
  wanted.widths = {5, 4, 4};
  EXPECT_NE(refused(wanted).find("layer widths"), std::string::npos);
}

}  // namespace
}  // namespace memprop::digital
