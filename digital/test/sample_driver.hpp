// Plays the chip around a controller: starts samples and answers conversions.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {

struct Sample {
  std::vector<std::uint16_t> input;
  std::vector<std::int32_t> codes[3];
  bool train = true;
};

struct SampleTiming {
  std::uint64_t busy = 0, update = 0, driven = 0, done = 0;
  std::vector<Phase> phases;  // of every busy cycle
};

// Runs one sample; visit(outputs) is called after every edge from start to done. A conversion is
// answered in the cycle after adc_start, or in the same cycle if `late` is 0.
template <class Visit>
SampleTiming run_sample(Controller& controller, const Sample& sample, Visit visit,
                        std::uint32_t late = 1) {
  SampleTiming timing;
  controller.load_input(sample.input);
  ControllerInputs in;
  in.start = true;
  in.train = sample.train;
  std::uint32_t countdown = 0;
  for (std::uint64_t edge = 0; edge < 1000000; ++edge) {
    const ControllerOutputs& out = controller.step(in);
    visit(out);
    in.start = false;
    in.adc_done = false;
    in.adc_data = {};
    if (out.adc_start) countdown = late + 1;
    if (countdown != 0 && --countdown == 0) {
      in.adc_done = true;
      in.adc_data = sample.codes[out.adc_bank];
    }
    timing.done += out.done;
    if (!out.busy) return timing;
    ++timing.busy;
    timing.update += out.phase == Phase::update;
    timing.driven += out.row_en;
    timing.phases.push_back(out.phase);
  }
  throw InternalError("the sample did not end");
}

inline SampleTiming run_sample(Controller& controller, const Sample& sample) {
  return run_sample(controller, sample, [](const ControllerOutputs&) {});
}

// Adds the coincidences of a cycle to a row-major count of one tile: +1 SET, -1 RESET.
inline void count_coincidences(const ControllerOutputs& out, std::size_t tile,
                               std::vector<int>& net) {
  if (!out.upd_en) return;
  const std::size_t columns = out.col_pulse[tile].size();
  const int sign = out.upd_pol[tile] != 0 ? 1 : -1;
  out.row_pulse[tile].for_each([&](std::size_t j) {
    out.col_pulse[tile].for_each([&](std::size_t i) { net[j * columns + i] += sign; });
  });
}

inline constexpr PhaseLengths design_point{8, 100, 4, 4, 50, 60};  // ep-circuits section 4
inline constexpr PhaseLengths short_lengths{1, 1, 1, 2, 1, 1};

inline ControllerConfig make_config(std::vector<std::size_t> widths, UpdateCircuit circuit,
                                    NudgePhases phases = NudgePhases::centred,
                                    const PhaseLengths& lengths = short_lengths) {
  ControllerConfig config;
  config.tile.resize(widths.size() - 1);
  config.widths = std::move(widths);
  config.circuit = circuit;
  config.random_sign = phases == NudgePhases::random_sign;
  config.table = equilibrium_propagation_table(lengths, phases, circuit != UpdateCircuit::none);
  return config;
}

}  // namespace memprop::digital
