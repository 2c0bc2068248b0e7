// The registers in RTL against digital::RegisterFile, edge by edge: random accesses at random
// times, among them starts, resets and configurations that cannot run. Every answer, word and pin
// of every cycle is compared.
//
// The RTL carries an access out at the edge that brings its answer; the model is accessed before it
// takes that edge.
#include <gtest/gtest.h>
#include <verilated.h>

#include <memory>
#include <vector>

#include "Vbus_core.h"
#include "digital/register_file.hpp"
#include "digital/register_program.hpp"
#include "digital/rtl/test/verilated_pins.hpp"
#include "digital/test/sample_driver.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::digital {
namespace {

namespace reg = registers;

const std::vector<std::size_t> widths{5, 4, 3};
constexpr unsigned adc_bits = 10, channels = BUS_CHANNELS;
const std::vector<UpdateCircuit> circuits{UpdateCircuit::pulse_count, UpdateCircuit::stochastic,
                                          UpdateCircuit::sign_sign, UpdateCircuit::none,
                                          UpdateCircuit::accumulate};

ChipBuild build() {
  ChipBuild built;
  built.widths = widths;
  built.bias = true;
  built.phase_rows = 14;
  built.engines = 0b11111;
  built.accumulator_bits = 6;
  built.channels = channels;
  return built;
}

struct Request {
  bool write = false;
  std::uint32_t address = 0, word = 0, enables = 0xf;
};

class Lockstep {
 public:
  explicit Lockstep(std::uint64_t seed) : random_(seed, "test/bus-core") {
    context_.randReset(0);
    rtl_->rst_n = 0;
    edge();
    edge();
    rtl_->rst_n = 1;
  }
  ~Lockstep() { rtl_->final(); }

  std::uint32_t below(std::uint32_t limit) { return random_.words(0, drawn_++)[0] % limit; }
  std::uint32_t any() { return random_.words(0, drawn_++)[0]; }

  // Carries a request out in both, at most after some idle cycles.
  void run(const Request& request) {
    for (std::uint32_t wait = below(8) == 0 ? below(20) : 0; wait > 0; --wait) edge();
    request_ = request;
    rtl_->req_valid = 1;
    rtl_->req_write = request.write;
    rtl_->req_addr = request.address;
    rtl_->req_wdata = request.word;
    rtl_->req_be = static_cast<std::uint8_t>(request.enables);
    edge();
    rtl_->req_valid = 0;
    // A check of the configuration takes a few cycles for each row of the table.
    for (int k = 0; k < 200 && !answered_; ++k) edge();
    ASSERT_TRUE(answered_) << "no answer";
    edge();
  }
  void write(std::uint32_t address, std::uint32_t word, std::uint32_t enables = 0xf) {
    run({true, address, word, enables});
  }
  void reset(int cycles) {
    rtl_->rst_n = 0;
    for (int k = 0; k < cycles; ++k) edge();
    rtl_->rst_n = 1;
  }
  void idle(std::uint32_t cycles) {
    while (cycles-- > 0) edge();
  }

  RegisterFile& model() { return model_; }
  std::uint64_t cycle() const { return cycle_; }
  std::uint64_t refused() const { return refused_; }

 private:
  void edge();
  void compare(const ControllerOutputs& out);

  VerilatedContext context_;
  std::unique_ptr<Vbus_core> rtl_ = std::make_unique<Vbus_core>(&context_);
  RegisterFile model_{build()};
  RandomStream random_;
  std::uint64_t drawn_ = 0, cycle_ = 0, refused_ = 0;
  Request request_;
  bool answered_ = false;
  bool convert_ = false;  // adc_start was high after the last edge
};

void Lockstep::edge() {
  std::vector<std::int32_t> codes;
  ControllerInputs in;
  rtl_->adc_done = convert_;
  if (convert_) {
    for (unsigned k = 0; k < channels; ++k) {
      codes.push_back(static_cast<std::int32_t>(below(1U << adc_bits)) - (1 << (adc_bits - 1)));
      rtl_test::set_bits(rtl_->adc_data, k * adc_bits, adc_bits,
                         static_cast<std::uint32_t>(codes.back()));
    }
    in.adc_done = true;
    in.adc_data = codes;
  }
  rtl_->clk = 0;
  rtl_->eval();
  rtl_->clk = 1;
  rtl_->eval();
  ++cycle_;

  if (!rtl_->rst_n) model_.bus_reset();
  answered_ = rtl_->rsp_valid;
  if (answered_) {
    std::uint32_t word = 0;
    const BusAnswer answer = request_.write
                                 ? model_.write(request_.address, request_.word, request_.enables)
                                 : model_.read(request_.address, word);
    const unsigned error = answer == BusAnswer::ok ? 0 : answer == BusAnswer::unmapped ? 2 : 1;
    refused_ += error == 1;
    EXPECT_EQ(rtl_->rsp_error, error) << "cycle " << cycle_ << std::hex << " address "
                                      << request_.address << " write " << request_.write;
    if (!request_.write) {
      EXPECT_EQ(rtl_->rsp_rdata, word)
          << "cycle " << cycle_ << std::hex << " address " << request_.address;
    }
  }
  compare(model_.step(in));
  convert_ = model_.outputs().adc_start;
}

void Lockstep::compare(const ControllerOutputs& out) {
  const auto same = [&](const char* pin, std::uint64_t rtl, std::uint64_t model) {
    EXPECT_EQ(rtl, model) << pin << " in cycle " << cycle_;
  };
  same("phase", rtl_->phase, static_cast<unsigned>(out.phase));
  same("x_dac_load", rtl_->x_dac_load, out.x_dac_load);
  same("row_en", rtl_->row_en, out.row_en);
  same("nudge_en", rtl_->nudge_en, out.nudge_en);
  same("nudge_sign", rtl_->nudge_sign, out.nudge_sign);
  same("sh_en", rtl_->sh_en, out.sh_en);
  same("adc_start", rtl_->adc_start, out.adc_start);
  same("adc_bank", rtl_->adc_bank, out.adc_bank);
  same("adc_group", rtl_->adc_group, out.adc_group);
  same("upd_en", rtl_->upd_en, out.upd_en);
  same("busy", rtl_->busy, out.busy);
  same("done", rtl_->done, out.done);
  same("irq", rtl_->irq, model_.interrupt());
  std::uint64_t rows = 0, columns = 0, pol = 0;
  unsigned row = 0, column = 0;
  for (std::size_t t = 0; t + 1 < widths.size(); ++t) {
    pol |= std::uint64_t{out.upd_pol[t]} << t;
    for (std::size_t k = 0; k < out.row_pulse[t].size(); ++k) {
      rows |= std::uint64_t{out.row_pulse[t].test(k)} << row++;
    }
    for (std::size_t k = 0; k < out.col_pulse[t].size(); ++k) {
      columns |= std::uint64_t{out.col_pulse[t].test(k)} << column++;
    }
  }
  if (out.upd_en) same("upd_pol", rtl_->upd_pol, pol);
  same("row_pulse", rtl_->row_pulse, rows);
  same("col_pulse", rtl_->col_pulse, columns);
  for (unsigned k = 0; k < 3; ++k) {
    const auto code = static_cast<std::uint32_t>(model_.target_codes()[k]) & 0xffU;
    same("target_code", rtl_->target_code >> (8 * k) & 0xffU, code);
  }
  if (out.x_dac_load) {
    for (unsigned k = 0; k < 5; ++k) {
      same("x_code", rtl_->x_code >> (8 * k) & 0xffU, model_.input_codes()[k]);
    }
  }
}

// A configuration that runs.
ControllerConfig good_config(Lockstep& test) {
  const auto phases = static_cast<NudgePhases>(test.below(3));
  const std::uint32_t average = 1U << (test.below(2) * test.below(5));
  const auto groups = static_cast<std::uint32_t>(conversion_groups(7, channels));
  const std::uint32_t convert = 1 + test.below(3) + (average * groups > 1);
  const PhaseLengths lengths{1 + test.below(3),          1 + test.below(5), 1 + test.below(3),
                             convert * average * groups, 1 + test.below(4), 1 + test.below(4)};
  ControllerConfig config = make_config(
      widths, circuits[test.below(static_cast<std::uint32_t>(circuits.size()))], phases, lengths);
  config.bias = true;
  config.adc_channels = channels;
  config.adc_average = average;
  config.product_form = config.circuit != UpdateCircuit::sign_sign && test.below(2) == 0;
  config.max_pulses = 1 + test.below(6);
  config.stream_length = 1 + test.below(6);
  config.accumulator_bits = 6;
  config.seed = test.any();
  config.bias_code = {test.below(256), test.below(512)};
  for (auto& tile : config.tile) {
    tile = {test.below(65536), 22 + test.below(6), test.below(65536),
            6 + test.below(6), test.below(65536),  6 + test.below(6),
            test.below(200),   test.below(300),    1 + test.below(31)};
  }
  return config;
}

std::uint32_t random_address(Lockstep& test) {
  const auto& entries = reg::entries;
  if (test.below(12) == 0) return test.any() & 0xffffcU;
  const auto& entry = entries[test.below(sizeof entries / sizeof entries[0])];
  const std::uint32_t count = test.model().map().count(entry);
  return entry.address + entry.stride * test.below(count + (test.below(10) == 0));
}

void play(Lockstep& test, int turns) {
  for (int turn = 0; turn < turns && !::testing::Test::HasFailure(); ++turn) {
    const std::uint32_t what = test.below(100);
    if (what < 4) {
      for (const auto& step : register_program(good_config(test), build())) {
        test.write(step.address, step.word);
      }
      if (test.below(8) != 0) test.write(reg::control, reg::control_soft_reset.mask());
    } else if (what < 5) {
      test.reset(1 + static_cast<int>(test.below(3)));
    } else if (what < 8) {  // a change that may make the configuration one that cannot run
      const std::uint32_t row = test.below(14);
      const std::uint32_t addresses[] = {reg::table_drive(row),   reg::table_cycles(row),
                                         reg::table_next(row),    reg::mode,
                                         reg::max_pulses,         reg::stream_length,
                                         reg::tile_rate(row % 2), reg::tile_accumulate(row % 2)};
      test.write(addresses[test.below(8)], test.below(2) == 0 ? 0 : test.any() & 0x000f000fU);
      if (test.below(2) == 0) test.write(reg::control, reg::control_soft_reset.mask());
    } else if (what < 40) {
      test.write(reg::control, (test.any() & 0xfU & ~reg::control_soft_reset.mask()) |
                                   (test.below(20) == 0 ? 2U : 0U) | 1U);
    } else if (what < 50) {
      test.idle(test.below(60));
    } else {
      Request request;
      request.write = test.below(3) == 0;
      request.address = random_address(test);
      // Random words would leave no table that runs.
      const auto place = test.model().map().find(request.address);
      if (place.entry != nullptr && place.entry->idle_only) request.write = false;
      if (request.address == reg::control) request.write = false;
      request.word = test.any();
      if (place.entry != nullptr && place.entry->address == reg::accumulator && !request.write) {
        const std::uint32_t cell = reg::accumulator_cell_tile.at(test.below(3)) |
                                   reg::accumulator_cell_row.at(test.below(7)) |
                                   reg::accumulator_cell_column.at(test.below(4));
        test.write(reg::accumulator_cell, cell);
      }
      if (test.below(4) == 0) request.enables = test.below(16);
      test.run(request);
    }
  }
}

class BusCore : public ::testing::TestWithParam<int> {};

TEST_P(BusCore, EveryAnswerAndPinIsTheModels) {
  Lockstep test(static_cast<std::uint64_t>(GetParam()));
  play(test, 6000);
  std::uint32_t samples = 0;
  test.model().peek(reg::samples_lo, samples);
  RecordProperty("cycles", static_cast<int>(test.cycle()));
  EXPECT_GT(test.cycle(), 20000U);
  EXPECT_GT(test.refused(), 20U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BusCore, ::testing::Range(1, 9));

// A clearing write at every distance from a start: at the edge of the event, the event wins.
TEST(BusCoreEvents, WinAgainstTheirClearing) {
  Lockstep test(7);
  ControllerConfig config = make_config(widths, UpdateCircuit::none);
  config.bias = true;
  config.adc_channels = channels;
  for (const auto& step : register_program(config, build())) test.write(step.address, step.word);
  test.write(reg::control, reg::control_soft_reset.mask());
  test.write(reg::irq_enable, 3);
  for (std::uint32_t distance = 0; distance < 40; ++distance) {
    test.write(reg::control, reg::control_start.mask());
    test.idle(distance);
    test.write(reg::irq_status, 3);
    test.run({false, reg::irq_status, 0, 0xf});
    test.idle(60);
  }
}

// Every word of the map, after a run.
TEST(BusCoreMap, IsTheModels) {
  Lockstep test(99);
  play(test, 500);
  for (std::uint32_t address = 0; address < 0x70000; address += address < 0x3000 ? 4 : 0x40) {
    test.run({false, address, 0, 0xf});
  }
  for (const auto& entry : reg::entries) {
    for (std::uint32_t k = 0; k <= test.model().map().count(entry); ++k) {
      test.run({false, entry.address + k * entry.stride, 0, 0xf});
    }
  }
}

}  // namespace
}  // namespace memprop::digital
