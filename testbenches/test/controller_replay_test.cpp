// The chip knows only what a chip knows: a controller of its own, fed with nothing but the recorded
// input codes, converter codes and flags of a noisy chip, drives the identical pins in every cycle.
#include <gtest/gtest.h>

#include <algorithm>
#include <systemc>

#include "hw_models/chip_runner.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {
namespace {

constexpr std::size_t sample_count = 8;

struct Pins {
  std::uint32_t phase = 0, sh_en = 0, adc_bank = 0, upd_pol = 0;
  bool x_dac_load = false, row_en = false, nudge_en = false, nudge_sign = false, adc_start = false,
       upd_en = false, busy = false, done = false;
  std::vector<digital::BitVector> row_pulse, col_pulse;

  bool operator==(const Pins& o) const {
    return phase == o.phase && sh_en == o.sh_en && adc_bank == o.adc_bank && upd_pol == o.upd_pol &&
           x_dac_load == o.x_dac_load && row_en == o.row_en && nudge_en == o.nudge_en &&
           nudge_sign == o.nudge_sign && adc_start == o.adc_start && upd_en == o.upd_en &&
           busy == o.busy && done == o.done && row_pulse == o.row_pulse && col_pulse == o.col_pulse;
  }
};

// What stands on the wires before a rising edge: the inputs that this edge samples, and the outputs
// of the edge before.
struct Edge {
  Pins pins;
  bool rst_n = true, start = false, train = false, adc_done = false;
  std::vector<std::int32_t> adc_data, x_code;
};

// Empty while the lines have never been driven.
digital::BitVector lines_of(const hw::PulseLines& lines) {
  return lines.bits == nullptr ? digital::BitVector() : *lines.bits;
}

class PinMonitor : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};

  PinMonitor(sc_core::sc_module_name module_name, hw::Chip& chip)
      : sc_module(module_name), chip_(chip) {
    SC_HAS_PROCESS(PinMonitor);
    SC_METHOD(on_clock);
    sensitive << clk.pos();
    dont_initialize();
  }
  std::vector<Edge> edges;

 private:
  void on_clock() {
    Edge e;
    Pins& p = e.pins;
    p.phase = chip_.phase.read();
    p.sh_en = chip_.sh_en.read();
    p.adc_bank = chip_.adc_bank.read();
    p.upd_pol = chip_.upd_pol.read();
    p.x_dac_load = chip_.x_dac_load.read();
    p.row_en = chip_.row_en.read();
    p.nudge_en = chip_.nudge_en.read();
    p.nudge_sign = chip_.nudge_sign.read();
    p.adc_start = chip_.adc_start.read();
    p.upd_en = chip_.upd_en.read();
    p.busy = chip_.busy.read();
    p.done = chip_.done.read();
    for (const auto& lines : chip_.row_pulse) p.row_pulse.push_back(lines_of(lines.read()));
    for (const auto& lines : chip_.col_pulse) p.col_pulse.push_back(lines_of(lines.read()));
    e.rst_n = chip_.rst_n.read();
    e.start = chip_.start.read();
    e.train = chip_.train.read();
    e.adc_done = chip_.adc_done.read();
    if (e.adc_done) e.adc_data = chip_.adc_data.read().value;
    if (p.x_dac_load) e.x_code = chip_.x_code.read().value;
    edges.push_back(std::move(e));
  }
  hw::Chip& chip_;
};

// Lines that have never been driven are low.
digital::BitVector all_lines(const digital::BitVector& seen, const digital::BitVector& full) {
  return seen.size() == 0 ? digital::BitVector(full.size()) : seen;
}

Pins pins_of(const digital::ControllerOutputs& out) {
  Pins p;
  p.phase = static_cast<std::uint32_t>(out.phase);
  p.sh_en = out.sh_en;
  p.adc_bank = out.adc_bank;
  for (std::size_t l = 0; l < out.upd_pol.size(); ++l) {
    p.upd_pol |= static_cast<std::uint32_t>(out.upd_pol[l] != 0) << l;
  }
  p.x_dac_load = out.x_dac_load;
  p.row_en = out.row_en;
  p.nudge_en = out.nudge_en;
  p.nudge_sign = out.nudge_sign;
  p.adc_start = out.adc_start;
  p.upd_en = out.upd_en;
  p.busy = out.busy;
  p.done = out.done;
  p.row_pulse = out.row_pulse;
  p.col_pulse = out.col_pulse;
  return p;
}

// Feeds a controller with the record; returns the first edge after which it drives other pins, or
// the number of edges if there is none.
std::size_t first_difference(const digital::ControllerConfig& config,
                             const std::vector<Edge>& edges) {
  digital::Controller controller(config);
  for (std::size_t k = 0; k + 1 < edges.size(); ++k) {
    // The input DAC shows the codes of a sample after the edge that leaves IDLE; the host had
    // loaded them before it.
    if (!edges[k].pins.x_dac_load && edges[k + 1].pins.x_dac_load) {
      const auto& codes = edges[k + 1].x_code;
      controller.load_input(std::vector<std::uint16_t>(codes.begin(), codes.end()));
    }
    digital::ControllerInputs in;
    in.rst_n = edges[k].rst_n;
    in.start = edges[k].start;
    in.train = edges[k].train;
    in.adc_done = edges[k].adc_done;
    in.adc_data = edges[k].adc_data;
    const Pins driven = pins_of(controller.step(in));
    Pins recorded = edges[k + 1].pins;
    for (std::size_t l = 0; l < recorded.row_pulse.size(); ++l) {
      recorded.row_pulse[l] = all_lines(recorded.row_pulse[l], driven.row_pulse[l]);
      recorded.col_pulse[l] = all_lines(recorded.col_pulse[l], driven.col_pulse[l]);
    }
    if (!(driven == recorded)) return k;
  }
  return edges.size();
}

struct Scheme {
  hw::UpdateCircuit circuit;
  learning::Nudging nudging;
  learning::UpdateForm form;
};

std::string scheme_name(const ::testing::TestParamInfo<Scheme>& info) {
  static const char* const circuits[] = {"PulseCount", "Stochastic", "SignSign"};
  static const char* const nudgings[] = {"OneSided", "RandomSign", "Centred"};
  return std::string(circuits[static_cast<int>(info.param.circuit)]) +
         nudgings[static_cast<int>(info.param.nudging)] +
         (info.param.form == learning::UpdateForm::product ? "Product" : "Simplified");
}

void PrintTo(const Scheme& scheme, std::ostream* out) { *out << scheme_name({scheme, 0}); }

class ControllerReplay : public ::testing::TestWithParam<Scheme> {};

TEST_P(ControllerReplay, CodesAndFlagsAloneGiveTheSamePins) {
  RunConfig config = small_run();
  config.chip.update.circuit = GetParam().circuit;
  config.chip.update.sign_threshold_post = 0.02;
  config.chip.update.sign_threshold_pre = 0.1;
  config.learning.nudging = GetParam().nudging;
  config.learning.form = GetParam().form;
  hw::ChipRunner runner("runner", config.chip, learning::build_network(config.network, 5),
                        config.learning, 0x1234567890abcdefULL);
  PinMonitor monitor("monitor", runner.chip());
  auto* clock = dynamic_cast<sc_core::sc_clock*>(sc_core::sc_find_object("runner.clk"));
  ASSERT_NE(clock, nullptr);
  monitor.clk(*clock);

  const auto samples = small_samples(sample_count);
  for (std::size_t k = 0; k < sample_count; ++k) {
    // One inference in between: its table path ends without an update.
    runner.run_sample(samples.inputs.row(k), samples.targets.row(k), k != 4);
  }
  const auto& counters = runner.chip().controller().core().counters();
  ASSERT_GE(monitor.edges.size(), counters.busy_cycles);
  std::uint64_t up = 0, down = 0;
  for (const auto n : counters.pulses_up) up += n;
  for (const auto n : counters.pulses_down) down += n;
  EXPECT_GT(up, 50u);
  EXPECT_GT(down, 50u);

  const auto& controller = runner.chip().controller().core().config();
  const std::size_t all = monitor.edges.size();
  const std::size_t first = first_difference(controller, monitor.edges);
  EXPECT_EQ(first, all) << "in phase " << monitor.edges[std::min(first, all - 1)].pins.phase;

  // The comparison can see a difference: a nudged state of the opposite sign in the last sample
  // gives other pulses in its update, and so does another seed of the shift registers (where the
  // scheme draws bits at all).
  auto edges = monitor.edges;
  const auto is_nudged = [&](const Edge& e) {
    return e.pins.phase == static_cast<std::uint32_t>(digital::Phase::sample_p);
  };
  std::size_t changed = all - 1;
  while (changed > 0 && !is_nudged(edges[changed])) --changed;
  for (; is_nudged(edges[changed]); --changed) {
    if (!edges[changed].adc_done) continue;
    for (auto& code : edges[changed].adc_data) code = -code;
  }
  const std::size_t seen = first_difference(controller, edges);
  EXPECT_GT(seen, changed);
  ASSERT_LT(seen, all);
  EXPECT_EQ(edges[seen + 1].pins.phase, static_cast<std::uint32_t>(digital::Phase::update));
  if (GetParam().circuit != hw::UpdateCircuit::sign_sign) {
    auto other = controller;
    other.seed ^= 1U;
    EXPECT_LT(first_difference(other, monitor.edges), all);
  }
}

std::vector<Scheme> schemes() {
  using hw::UpdateCircuit;
  using learning::Nudging;
  using learning::UpdateForm;
  std::vector<Scheme> all;
  for (const auto circuit :
       {UpdateCircuit::pulse_count, UpdateCircuit::stochastic, UpdateCircuit::sign_sign}) {
    for (const auto nudging : {Nudging::one_sided, Nudging::random_sign, Nudging::centred}) {
      for (const auto form : {UpdateForm::simplified, UpdateForm::product}) {
        // U3 has no product form: signs of a difference of products are not a product of signs.
        if (circuit == UpdateCircuit::sign_sign && form == UpdateForm::product) continue;
        all.push_back({circuit, nudging, form});
      }
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Schemes, ControllerReplay, ::testing::ValuesIn(schemes()), scheme_name);

}  // namespace
}  // namespace memprop::bench::test
