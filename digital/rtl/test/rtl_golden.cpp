// The pulse lines of the RTL controller against digital/test/golden_traces.txt, which a Python
// program computes from the specification alone.
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <string>

#include "digital/registers.hpp"
#include "digital/rtl/test/rtl_rig.hpp"
#include "digital/shift_register.hpp"
#include "digital/test/sample_driver.hpp"

// Verilator's time, which nothing here uses.
double sc_time_stamp() { return 0.0; }

namespace {

using namespace memprop::digital;
using memprop::digital::rtl_test::get_bits;
using memprop::digital::rtl_test::Rig;

const std::vector<std::size_t> widths{21, 17, 5};

class Trace {
 public:
  // FNV-1a of polarity, rows and columns of each tile, from the pins.
  void cycle(const Vmemprop_controller& rtl) {
    ++cycles_;
    std::size_t row = 0, col = 0;
    for (std::size_t t = 0; t + 1 < widths.size(); ++t) {
      byte(get_bits(rtl.upd_pol, t, 1));
      lines(rtl.row_pulse, row, widths[t] + 1);
      lines(rtl.col_pulse, col, widths[t + 1]);
      row += widths[t] + 1;
      col += widths[t + 1];
    }
  }
  // U7: the accumulators after a sample and the cells that saturated in it, as the host reads them.
  void accumulators(Rig& rig) {
    namespace reg = registers;
    for (std::uint32_t t = 0; t + 1 < widths.size(); ++t) {
      for (std::uint32_t row = 0; row <= widths[t]; ++row) {
        for (std::uint32_t column = 0; column < widths[t + 1]; ++column) {
          const std::uint32_t cell = reg::accumulator_cell_tile.at(t) |
                                     reg::accumulator_cell_row.at(row) |
                                     reg::accumulator_cell_column.at(column);
          rig.edge({}, {true, false, reg::accumulator_cell, cell});
          byte(rig.read(reg::accumulator));
        }
      }
    }
    const std::uint32_t saturated = rig.read(reg::pulse_clipped_lo);
    byte(saturated - saturated_);
    saturated_ = saturated;
  }
  std::string text() const {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%llu %016llx", static_cast<unsigned long long>(cycles_),
                  static_cast<unsigned long long>(hash_));
    return buffer;
  }

 private:
  void byte(std::uint64_t value) { hash_ = (hash_ ^ (value & 0xffU)) * 0x100000001b3ULL; }
  template <class Port>
  void lines(const Port& port, std::size_t from, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) {
      if (get_bits(port, from + k, 1) == 0) continue;
      byte(k);
      byte(k >> 8);
    }
    byte(0xff);
    byte(0xff);
  }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t cycles_ = 0;
  std::uint32_t saturated_ = 0;
};

std::string trace_of(Rig& rig, UpdateCircuit circuit, bool product, NudgePhases phases) {
  ControllerConfig config = make_config(widths, circuit, phases);
  config.bias = true;
  config.seed = 7;
  config.product_form = product;
  config.max_pulses = 7;
  config.stream_length = 5;
  config.tile[0] = {40000, 27, 40000, 8, 50000, 8, 20, 30};
  config.tile[1] = {33333, 26, 40000, 7, 45000, 9, 20, 30};
  const bool accumulates = circuit == UpdateCircuit::accumulate;
  if (accumulates) {
    config.max_pulses = 2;
    config.accumulator_bits = 6;
    config.tile[0].accumulate_threshold = 5;
    config.tile[1].accumulate_threshold = 3;
  }
  rig.configure(config);
  Trace trace;
  std::uint32_t s = 12345;
  for (int sample = 0; sample < 10; ++sample) {
    std::vector<std::uint16_t> input;
    std::vector<std::int32_t> codes[3];
    for (int j = 0; j < 21; ++j) {
      s = advance(s);
      input.push_back((s >> 16) % 3 == 0 ? 0 : static_cast<std::uint16_t>(s & 0xffU));
    }
    for (auto& bank : codes) {
      for (int i = 0; i < 22; ++i) {
        s = advance(s);
        bank.push_back((static_cast<std::int32_t>((s >> 8) % 41) - 20) * 5);
      }
    }
    rig.load_input(input, false);
    for (std::size_t k = 0; k < input.size(); ++k) {
      rig.edge({}, {true, false, registers::input0(k), input[k]});
    }
    ControllerInputs in;
    in.start = true;
    in.train = true;
    do {
      const ControllerOutputs& out = rig.edge(in);
      in.start = false;
      in.adc_done = out.adc_start;
      in.adc_data = codes[out.adc_bank];
      if (rig.rtl().phase == 8) trace.cycle(rig.rtl());
    } while (rig.rtl().busy);
    if (accumulates) trace.accumulators(rig);
  }
  return trace.text();
}

}  // namespace

int main() {
  using P = NudgePhases;
  constexpr auto u1 = UpdateCircuit::pulse_count;
  constexpr auto u2 = UpdateCircuit::stochastic;
  constexpr auto u3 = UpdateCircuit::sign_sign;
  constexpr auto u7 = UpdateCircuit::accumulate;
  std::map<std::string, std::string> expected, found;
  std::ifstream file(MEMPROP_GOLDEN);
  std::string name, cycles, hash;
  while (file >> name >> cycles >> hash) expected[name] = cycles + " " + hash;
  try {
    Rig rig({widths, true, 8, 10, 6});
    found["u1_simplified_centred"] = trace_of(rig, u1, false, P::centred);
    found["u1_simplified_random_sign"] = trace_of(rig, u1, false, P::random_sign);
    found["u1_product_centred"] = trace_of(rig, u1, true, P::centred);
    found["u1_product_one_sided"] = trace_of(rig, u1, true, P::one_sided);
    found["u2_simplified_centred"] = trace_of(rig, u2, false, P::centred);
    found["u2_product_centred"] = trace_of(rig, u2, true, P::centred);
    found["u2_product_random_sign"] = trace_of(rig, u2, true, P::random_sign);
    found["u3_simplified_centred"] = trace_of(rig, u3, false, P::centred);
    found["u7_simplified_centred"] = trace_of(rig, u7, false, P::centred);
    found["u7_simplified_random_sign"] = trace_of(rig, u7, false, P::random_sign);
    found["u7_product_one_sided"] = trace_of(rig, u7, true, P::one_sided);
  } catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
  for (const auto& [key, value] : found) {
    std::printf("%s: expected %s, found %s\n", key.c_str(), expected[key].c_str(), value.c_str());
  }
  return found == expected ? 0 : 1;
}
