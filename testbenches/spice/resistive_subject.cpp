// What a netlist of a resistive chip needs.
#include <cmath>

#include "hw_models/resistive/resistive_setup.hpp"
#include "testbenches/spice/subject.hpp"

namespace memprop::bench::spice {
namespace {

// Conductances and amplifiers before the sample: its end is an update.
void examine_arrays(const hw::ResistiveAnalog& analog, Subject& subject) {
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    ResistiveLayerSubject part;
    part.nodes = analog.bank(l).config();
    if (l < analog.layer_count()) part.back_gain = analog.tile(l + 1).config().back_gain;
    const auto& tile = analog.tile(l).config();
    part.conductance_s = Matrix(tile.rows, tile.columns);
    const auto present = analog.devices(l).conductances();
    std::copy(present.begin(), present.end(), part.conductance_s.values().begin());
    subject.resistive.push_back(std::move(part));
  }
}

}  // namespace

GridRecorder resistive_recorder(hw::ResistiveRunner& runner, std::size_t points_per_cycle) {
  const auto cycle = static_cast<analog::Ticks>(std::llround(runner.config().clock_s * 1e12));
  return {runner.analog().domain(), cycle / static_cast<analog::Ticks>(points_per_cycle)};
}

Subject examine_resistive(hw::ResistiveRunner& runner, const RunConfig& config,
                          std::uint64_t sample, Span<const float> x, Span<const float> target,
                          GridRecorder& waves, std::size_t points_per_cycle) {
  auto& analog = runner.analog();
  Subject subject;
  subject.name = config.name;
  subject.seed = config.seed;
  subject.sample = sample;
  subject.voltage_scale_v = config.chip.voltage_scale_v;
  subject.clock_s = config.chip.clock_s;
  subject.negative_nudge = 1.0 + config.chip.nudge.sign_mismatch;
  subject.rtol = config.chip.solver.rtol;
  subject.left_out = left_out(config);
  examine_arrays(analog, subject);

  waves.start();
  runner.run_sample(x, target, true);
  waves.stop();
  waves.hold(runner.phase_log().back().cycle * points_per_cycle + 1);

  const auto source = analog.source_v();
  subject.input_v.assign(source.begin(), source.end());
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    const auto& bank = analog.bank(l);
    LayerSubject layer;
    layer.neurons.capacitance_f = bank.config().capacitance_f;
    for (std::size_t i = 0; i < bank.size(); ++i) {
      double held_s = analog.tile(l).row_sum(i);
      if (l < analog.layer_count()) held_s += analog.tile(l + 1).column_sum(i);
      layer.neurons.leak_s.push_back(held_s);
    }
    layer.nudge_s = l == analog.layer_count() ? analog.nudge_s() : 0.0;
    const auto target_v = bank.target_v();
    layer.target_v.assign(target_v.begin(), target_v.end());
    const auto first = waves.nodes(0).subspan(bank.nodes().first, bank.size());
    layer.initial_v.assign(first.begin(), first.end());
    subject.layers.push_back(std::move(layer));
  }
  examine_schedule(runner.phase_log(), subject);
  std::vector<double> lines(waves.line_count());
  for (PhaseEnd& end : subject.ends) {
    waves.lines(static_cast<std::size_t>(std::llround(end.time_s / subject.clock_s *
                                                      static_cast<double>(points_per_cycle))),
                lines.data());
    for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
      const auto range = analog.bank(l).lines();
      const auto* v = lines.data() + range.first;
      end.membrane_v.emplace_back(v, v + range.count);
    }
  }
  return subject;
}

}  // namespace memprop::bench::spice
