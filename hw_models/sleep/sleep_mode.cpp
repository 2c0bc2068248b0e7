#include "hw_models/sleep/sleep_mode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hw_models/fabrication.hpp"
#include "hw_models/sleep/sleep_limits.hpp"
#include "hw_models/sleep/sleep_setup.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

// Checked before the sequencer is made of it.
const learning::SleepConfig& checked(const ChipConfig& chip, const learning::SleepConfig& sleep) {
  if (!chip.sleep.used) throw InternalError("a sleep of a chip that was not made for it");
  if (const auto limit = sleep_limit(chip, sleep)) {
    throw UserError(
        fmt::format("key '{}': expected {}, got {}", limit->key, limit->expected, limit->got));
  }
  return sleep;
}

std::vector<double> minus_steps(const AnalogChip& chip, const ChipConfig& config) {
  std::vector<double> steps;
  for (std::size_t l = 1; l <= chip.tile_count(); ++l) {
    steps.push_back(chip.tile(l).pairs().nominal_minus_step_s() * chip.mirror(l) /
                    config.neuron.leak_s);
  }
  return steps;
}

// Somas of a layer asleep. The leak is made for the layer's mean capacitor, and spreads as the one
// awake; nominal: of one neuron that has just that.
analog::SleepColumnsConfig somas(const AnalogChip& chip, const ChipConfig& config,
                                 const learning::Network& network, double leak, std::size_t l,
                                 bool nominal) {
  const auto& neurons = chip.bank(l).bank().config();
  const auto& tau = network.tau_s[l - 1];
  const double mean_f = config.neuron.leak_s * std::accumulate(tau.begin(), tau.end(), 0.0) /
                        static_cast<double>(tau.size());
  analog::SleepColumnsConfig columns;
  columns.drive_s = config.sleep.drive_cycles * config.clock_s;
  columns.pulse_s = config.sleep.pulse_cycles * config.clock_s;
  const double leak_s = -std::log(leak) * mean_f / columns.drive_s;
  if (nominal) {
    columns.capacitance_f = {mean_f};
    columns.leak_s = {leak_s};
    return columns;
  }
  columns.capacitance_f = neurons.capacitance_f;
  for (const double g : neurons.leak_s) {
    columns.leak_s.push_back(leak_s * g / config.neuron.leak_s);
  }
  columns.rail_v = config.sleep.rail_v;
  return columns;
}

// Volts that one nominal branch, driven to 1 V in the end, adds to a nominal soma through 1 S.
double branch_charge_ohm(const ChipConfig& config, const learning::Network& network,
                         const analog::SleepColumnsConfig& soma) {
  const double leak_s = config.neuron.leak_s;
  analog::BranchBankConfig bank;
  bank.name = "nominal";
  bank.capacitance_f = {network.config.dendrites.basal_tau_s * leak_s};
  bank.leak_s = {leak_s};
  bank.coupling_s = {1.0};
  bank.offset_v = bank.comparator_v = {0.0};
  analog::SleepBranches branch(bank, soma.capacitance_f, soma.leak_s, soma.pulse_s);
  std::vector<double> added_v{0.0};
  branch.drive(std::vector<double>{leak_s}, added_v);
  return added_v[0];
}

}  // namespace

SleepMode::SleepMode(AnalogChip& chip, const learning::Network& network,
                     const learning::SleepConfig& sleep, std::uint64_t seed)
    : chip_(chip),
      config_(chip.config()),
      sleep_(checked(config_, sleep)),
      sequencer_(sleep_registers(config_, network, sleep, minus_steps(chip, config_), seed)),
      comparator_noise_(seed, "chip/sleep/comparator-noise") {
  const ChipConfig& config = config_;
  const SleepKeys& keys = config.sleep;
  row_v_ = keys.row_voltage_v > 0.0 ? keys.row_voltage_v : chip.voltage_scale_v();
  averaged_ =
      analog::averaged_noise(keys.pulse_cycles * config.clock_s, config.noise.correlation_time_s);
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    auto columns = somas(chip, config, network, sleep.leak, l, false);
    columns.offset_v = fabricate_offsets(columns.leak_s.size(), keys.comparator_offset_v, seed,
                                         fmt::format("chip/sleep/layer{}/comparator-offset", l));
    columns_.emplace_back(std::move(columns));
    const auto nominal = somas(chip, config, network, sleep.leak, l, true);
    charge_ohm_.push_back(network.config.dendrites.on()
                              ? branch_charge_ohm(config, network, nominal)
                              : analog::SleepColumns(nominal).charge_ohm(0));
    comparators_.emplace_back(network.width(l));
  }
  std::size_t widest = 0;
  for (std::size_t t = 0; t < chip.tile_count(); ++t) {
    const TileLayout& layout = chip.layout(t + 1);
    const std::size_t inputs = network.width(layout.shape.from);
    const std::size_t columns = layout.columns(network), l = layout.shape.to;
    const std::string stream = "chip/sleep/" + layout.name;
    sense_offset_s_.push_back(
        fabricate_offsets(inputs, keys.sense_offset_s, seed, stream + "/sense-offset"));
    read_noise_.emplace_back(seed, stream + "/read-noise");
    negative_.emplace_back(inputs);
    branches_.emplace_back();
    above_.emplace_back(chip.branches(t + 1) != nullptr ? columns : 0);
    if (chip.branches(t + 1) != nullptr) {
      const auto soma = somas(chip, config, network, sleep.leak, l, false);
      branches_.back() = std::make_unique<analog::SleepBranches>(
          chip.branches(t + 1)->bank().config(), soma.capacitance_f, soma.leak_s, soma.pulse_s);
    }
    widest = std::max({widest, layout.rows(network), columns});
  }
  for (auto* list : {&current_a_, &layer_a_, &branch_v_, &variance_, &row_line_v_}) {
    list->reserve(widest);
  }
  active_.reserve(widest);
  pulsed_.reserve(widest);
  clear_peaks();
}

void SleepMode::act(const digital::SleepOutputs& out, digital::SleepInputs& in, const Look& look) {
  using digital::SleepPhase;
  switch (out.phase) {
    case SleepPhase::compare:  // the drive has ended
      if (look && out.layer == 1) look(0, sequencer_.spikes(0));
      drive(out.layer);
      compare(out.layer);
      in.comparators = &comparators_[out.layer - 1];
      in.branches = &above_;
      if (look) look(out.layer, comparators_[out.layer - 1]);
      break;
    case SleepPhase::sense:
      if (sensed_ != sequencer_.counters().senses) {  // its first cycle
        sensed_ = sequencer_.counters().senses;
        ++totals_.senses;
        sense(out.tile, out.column);
      }
      in.negative = &negative_[out.tile];
      break;
    case SleepPhase::raise:
    case SleepPhase::lower:
      write(out.tile, out.column, out.phase == SleepPhase::raise);
      break;
    case SleepPhase::drive:
    case SleepPhase::idle:
      break;
  }
}

// A step of the sleep is over: its time passes for the cells.
void SleepMode::pass_step(std::uint64_t cycles) {
  ++totals_.steps;
  const double seconds = static_cast<double>(cycles) * config_.clock_s;
  for (std::size_t t = 1; t <= chip_.tile_count(); ++t) chip_.tile(t).pass(seconds);
}

learning::SleepReport SleepMode::run(Span<const std::uint16_t> mean_codes, Span<const double> theta,
                                     std::uint64_t steps, const Look& look) {
  threshold_v_.clear();
  for (std::size_t l = 1; l <= columns_.size(); ++l) {
    threshold_v_.push_back(threshold_v(l, theta[l - 1]));
    columns_[l - 1].discharge_all();
  }
  for (std::size_t t = 1; t <= chip_.tile_count(); ++t) {
    chip_.tile(t).pass(0.0);  // lines see what training has changed last
  }
  absent_ = {};
  sequencer_.load(mean_codes);
  const digital::SleepCounters before = sequencer_.counters();
  std::uint64_t done = before.steps, cycle = before.cycles;
  digital::SleepInputs in;
  in.start = true;
  in.steps = steps;
  do {
    const digital::SleepOutputs& out = sequencer_.step(in);
    in = {};
    const digital::SleepCounters& now = sequencer_.counters();
    if (now.steps != done) {
      pass_step(now.cycles - cycle);
      done = now.steps;
      cycle = now.cycles;
    }
    act(out, in, look);
  } while (sequencer_.outputs().phase != digital::SleepPhase::idle);
  return report_since(before);
}

learning::SleepReport SleepMode::report_since(const digital::SleepCounters& before) {
  const digital::SleepCounters& now = sequencer_.counters();
  learning::SleepReport report;
  report.steps = now.steps - before.steps;
  for (std::size_t l = 0; l < now.spikes.size(); ++l) {
    report.spikes.push_back(static_cast<double>(now.spikes[l] - before.spikes[l]) /
                            static_cast<double>(std::max<std::uint64_t>(1, report.steps)));
  }
  for (std::size_t t = 0; t < now.raise_cells.size(); ++t) {
    report.raised += now.raise_cells[t] - before.raise_cells[t];
    report.lowered += now.lower_cells[t] - before.lower_cells[t];
    totals_.raise_pulses += now.raise_pulses[t] - before.raise_pulses[t];
    totals_.lower_pulses += now.lower_pulses[t] - before.lower_pulses[t];
  }
  report.raised -= absent_.raise_cells;
  report.lowered -= absent_.lower_cells;
  totals_.raise_pulses -= absent_.raise_pulses;
  totals_.lower_pulses -= absent_.lower_pulses;
  totals_.raise_cells += report.raised;
  totals_.lower_cells += report.lowered;
  totals_.cycles += now.cycles - before.cycles;
  return report;
}

void SleepMode::save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const {
  const auto registers = sequencer_.save();
  counters.insert(counters.end(), registers.begin(), registers.end());
  counters.insert(counters.end(), {totals_.steps, totals_.cycles, totals_.decisions, totals_.senses,
                                   totals_.raise_cells, totals_.lower_cells, totals_.raise_pulses,
                                   totals_.lower_pulses});
  values.push_back(totals_.arrays_j);
}

void SleepMode::restore(Span<const double> values, Span<const std::uint64_t> counters) {
  constexpr std::size_t kTotals = 8;
  if (counters.size() < kTotals || values.size() != 1) {
    throw InternalError("checkpoint does not fit the sleep mode");
  }
  const std::size_t n = counters.size() - kTotals;
  sequencer_.restore(counters.subspan(0, n));
  totals_.steps = counters[n];
  totals_.cycles = counters[n + 1];
  totals_.decisions = counters[n + 2];
  totals_.senses = counters[n + 3];
  totals_.raise_cells = counters[n + 4];
  totals_.lower_cells = counters[n + 5];
  totals_.raise_pulses = counters[n + 6];
  totals_.lower_pulses = counters[n + 7];
  totals_.arrays_j = values[0];
  sensed_ = sequencer_.counters().senses;
}

}  // namespace memprop::hw
