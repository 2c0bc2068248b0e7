// The pulses of fixed scenarios against golden_traces.txt, which pulse_reference.py computes from
// the specification in digital/README.md without this code: any change of the order of draws, of
// the arithmetic or of the slot order is caught.
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "digital/shift_register.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

class Trace {
 public:
  void cycle(const ControllerOutputs& out) {
    ++cycles_;
    for (std::size_t t = 0; t < out.upd_pol.size(); ++t) {
      byte(out.upd_pol[t]);
      lines(out.row_pulse[t]);
      lines(out.col_pulse[t]);
    }
  }
  // U7: the accumulators after a sample and the cells that saturated in it.
  void accumulators(const Controller& controller, std::uint64_t saturated) {
    for (std::size_t t = 0; t < 2; ++t) {
      for (const std::int32_t a : controller.accumulators(t)) byte(static_cast<std::uint32_t>(a));
    }
    byte(saturated);
  }
  std::string text() const {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%llu %016llx", static_cast<unsigned long long>(cycles_),
                  static_cast<unsigned long long>(hash_));
    return buffer;
  }

 private:
  void byte(std::uint64_t value) { hash_ = (hash_ ^ (value & 0xffU)) * 0x100000001b3ULL; }
  void lines(const BitVector& bits) {
    bits.for_each([this](std::size_t k) {
      byte(k);
      byte(k >> 8);
    });
    byte(0xff);
    byte(0xff);
  }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t cycles_ = 0;
};

std::vector<Sample> scenario_samples() {
  std::vector<Sample> samples(10);
  std::uint32_t s = 12345;
  for (Sample& sample : samples) {
    for (int j = 0; j < 21; ++j) {
      s = advance(s);
      sample.input.push_back((s >> 16) % 3 == 0 ? 0 : static_cast<std::uint16_t>(s & 0xffU));
    }
    for (auto& codes : sample.codes) {
      for (int i = 0; i < 22; ++i) {
        s = advance(s);
        codes.push_back((static_cast<std::int32_t>((s >> 8) % 41) - 20) * 5);
      }
    }
  }
  return samples;
}

std::string trace_of(UpdateCircuit circuit, bool product, NudgePhases phases) {
  ControllerConfig config = make_config({21, 17, 5}, circuit, phases);
  config.bias = true;
  config.seed = 7;
  config.product_form = product;
  config.max_pulses = 7;
  config.stream_length = 5;
  config.tile[0] = {40000, 27, 40000, 8, 50000, 8, 20, 30};
  config.tile[1] = {33333, 26, 40000, 7, 45000, 9, 20, 30};
  if (circuit == UpdateCircuit::accumulate) {
    config.max_pulses = 2;
    config.accumulator_bits = 6;
    config.tile[0].accumulate_threshold = 5;
    config.tile[1].accumulate_threshold = 3;
  }
  Controller controller(config);
  Trace trace;
  std::uint64_t saturated = 0;
  for (const Sample& sample : scenario_samples()) {
    run_sample(controller, sample, [&](const ControllerOutputs& out) {
      if (out.phase == Phase::update) trace.cycle(out);
    });
    if (circuit != UpdateCircuit::accumulate) continue;
    trace.accumulators(controller, controller.counters().pulse_clipped - saturated);
    saturated = controller.counters().pulse_clipped;
  }
  return trace.text();
}

std::map<std::string, std::string> golden() {
  std::ifstream file(MEMPROP_SOURCE_DIR "/digital/test/golden_traces.txt");
  std::map<std::string, std::string> traces;
  std::string name, cycles, hash;
  while (file >> name >> cycles >> hash) traces[name] = cycles + " " + hash;
  return traces;
}

TEST(GoldenTrace, AllScenarios) {
  const auto expected = golden();
  std::map<std::string, std::string> found;
  constexpr auto u1 = UpdateCircuit::pulse_count;
  constexpr auto u2 = UpdateCircuit::stochastic;
  constexpr auto u3 = UpdateCircuit::sign_sign;
  constexpr auto u7 = UpdateCircuit::accumulate;
  using P = NudgePhases;
  found["u1_simplified_centred"] = trace_of(u1, false, P::centred);
  found["u1_simplified_random_sign"] = trace_of(u1, false, P::random_sign);
  found["u1_product_centred"] = trace_of(u1, true, P::centred);
  found["u1_product_one_sided"] = trace_of(u1, true, P::one_sided);
  found["u2_simplified_centred"] = trace_of(u2, false, P::centred);
  found["u2_product_centred"] = trace_of(u2, true, P::centred);
  found["u2_product_random_sign"] = trace_of(u2, true, P::random_sign);
  found["u3_simplified_centred"] = trace_of(u3, false, P::centred);
  found["u7_simplified_centred"] = trace_of(u7, false, P::centred);
  found["u7_simplified_random_sign"] = trace_of(u7, false, P::random_sign);
  found["u7_product_one_sided"] = trace_of(u7, true, P::one_sided);
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace memprop::digital
