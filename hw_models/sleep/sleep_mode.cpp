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

constexpr double kBoltzmann = 1.380649e-23, kElementaryCharge = 1.602176634e-19;

// Checked before the sequencer is made of it.
const learning::SleepConfig& checked(const ChipConfig& chip, const learning::NetworkConfig& network,
                                     const learning::SleepConfig& sleep) {
  if (const auto limit = sleep_limit(chip, network, sleep)) {
    throw UserError(
        fmt::format("key '{}': expected {}, got {}", limit->key, limit->expected, limit->got));
  }
  return sleep;
}

std::vector<double> minus_steps(const AnalogChip& chip, const ChipConfig& config) {
  std::vector<double> steps;
  for (std::size_t l = 1; l <= chip.layer_count(); ++l) {
    steps.push_back(chip.tile(l).pairs().nominal_minus_step_s() * chip.mirror(l) /
                    config.neuron.leak_s);
  }
  return steps;
}

// Nonlinear cells conduct G V_0 sinh(V / V_0).
double bent(double v, double nonlinear_v) {
  return nonlinear_v > 0.0 ? nonlinear_v * std::sinh(v / nonlinear_v) : v;
}

}  // namespace

SleepMode::SleepMode(AnalogChip& chip, const ChipConfig& config, const learning::Network& network,
                     const learning::SleepConfig& sleep, std::uint64_t seed)
    : chip_(chip),
      config_(config),
      sleep_(checked(config, network.config, sleep)),
      sequencer_(sleep_registers(config, network.config, sleep, minus_steps(chip, config), seed)),
      comparator_noise_(seed, "chip/sleep/comparator-noise") {
  const SleepKeys& keys = config.sleep;
  row_v_ = keys.row_voltage_v > 0.0 ? keys.row_voltage_v : chip.voltage_scale_v();
  bent_v_ = bent(row_v_, config.device.nonlinear_v);
  const double drive_s = keys.drive_cycles * config.clock_s;
  const double pulse_s = keys.pulse_cycles * config.clock_s;
  averaged_ = analog::averaged_noise(pulse_s, config.noise.correlation_time_s);
  std::size_t widest = 0;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const auto& neurons = chip.bank(l).bank().config();
    const auto& tau = network.tau_s[l - 1];
    // The leak of the sleep is made for the layer's mean capacitor, and spreads as the other one.
    const double mean_f = config.neuron.leak_s * std::accumulate(tau.begin(), tau.end(), 0.0) /
                          static_cast<double>(tau.size());
    const double leak_s = -std::log(sleep.leak) * mean_f / drive_s;
    analog::SleepColumnsConfig columns;
    columns.capacitance_f = neurons.capacitance_f;
    for (const double g : neurons.leak_s) {
      columns.leak_s.push_back(leak_s * g / config.neuron.leak_s);
    }
    columns.offset_v = fabricate_offsets(neurons.leak_s.size(), keys.comparator_offset_v, seed,
                                         fmt::format("chip/sleep/layer{}/comparator-offset", l));
    columns.drive_s = drive_s;
    columns.pulse_s = pulse_s;
    columns.rail_v = keys.rail_v;
    columns_.emplace_back(columns);
    charge_ohm_.push_back(
        analog::SleepColumns({{mean_f}, {leak_s}, {}, drive_s, pulse_s, 0.0}).charge_ohm(0));
    sense_offset_s_.push_back(fabricate_offsets(network.width(l - 1), keys.sense_offset_s, seed,
                                                fmt::format("chip/sleep/tile{}/sense-offset", l)));
    read_noise_.emplace_back(seed, fmt::format("chip/sleep/tile{}/read-noise", l));
    comparators_.emplace_back(network.width(l));
    negative_.emplace_back(network.width(l - 1));
    widest = std::max({widest, network.width(l - 1) + 1, network.width(l)});
  }
  current_a_.reserve(widest);
  variance_.reserve(widest);
  row_line_v_.reserve(widest);
  active_.reserve(widest);
  pulsed_.reserve(widest);
  clear_peaks();
}

SleepMode::Cells SleepMode::cells(std::size_t tile) const {
  const CrossbarTileModule& module = chip_.tile(tile + 1);
  if (module.cells() != nullptr) return {module.cells()->plus_s(), module.cells()->minus_s()};
  return {module.pairs().plus().conductances(), module.pairs().minus()->conductances()};
}

// A weight, with the gain in front of the layer, of a conductance difference.
double SleepMode::weights_of_siemens(std::size_t tile) const {
  return chip_.tile(tile + 1).tile().config().forward_gain / config_.neuron.leak_s;
}

void SleepMode::clear_peaks() { peak_.assign(columns_.size(), 0.0); }

void SleepMode::take_peaks() {
  const auto lines = chip_.bridge().domain().line_voltages();
  const double nonlinear_v = config_.device.nonlinear_v;
  for (std::size_t t = 0; t < columns_.size(); ++t) {
    const Matrix& g = chip_.tile(t + 1).line_cells().forward();
    const std::size_t rows = negative_[t].size();
    const auto clamped = chip_.tile(t + 1).tile().static_rows();
    const std::size_t first = t > 0 ? chip_.bank(t).bank().lines().first : 0;
    row_line_v_.resize(rows);
    for (std::size_t j = 0; j < rows; ++j) {
      row_line_v_[j] = bent(t > 0 ? lines[first + j] : clamped[j], nonlinear_v);
    }
    const double scale = weights_of_siemens(t) / chip_.voltage_scale_v();
    for (std::size_t i = 0; i < g.rows(); ++i) {
      double sum = 0.0;
      for (std::size_t j = 0; j < rows; ++j) sum += g(i, j) * row_line_v_[j];
      peak_[t] = std::max(peak_[t], sum * scale);
    }
  }
}

std::vector<double> SleepMode::thresholds() const {
  std::vector<double> theta;
  for (std::size_t t = 0; t < columns_.size(); ++t) {
    const Matrix& g = chip_.tile(t + 1).line_cells().forward();
    double largest = peak_[t];
    for (std::size_t i = 0; i < g.rows(); ++i) {
      for (std::size_t j = 0; j < negative_[t].size(); ++j) {
        largest = std::max(largest, g(i, j) * weights_of_siemens(t));
      }
    }
    if (!(largest > 0.0)) {
      throw UserError(
          "key 'sleep.threshold': expected a layer with a drive above 0 to be relative to, got a "
          "chip whose weights are all below 0 somewhere");
    }
    theta.push_back(sleep_.threshold[t] * largest);
  }
  return theta;
}

double SleepMode::threshold_v(std::size_t l, double theta) const {
  const double exact = theta * config_.neuron.leak_s * row_v_ * charge_ohm_[l - 1];
  const unsigned bits = config_.sleep.threshold_bits;
  if (bits == 0) return exact;
  const double range = config_.sleep.threshold_range_v;
  const double levels = std::ldexp(1.0, static_cast<int>(bits)) - 1.0;
  return std::clamp(std::round(exact / range * levels), 0.0, levels) * range / levels;
}

void SleepMode::drive(std::size_t tile) {
  CrossbarTileModule& module = chip_.tile(tile + 1);
  const Matrix& g = module.line_cells().forward();
  const double gain = module.tile().config().forward_gain;
  const std::size_t columns = columns_[tile].size(), rows = g.cols();
  active_.clear();
  sequencer_.rows().for_each(
      [this](std::size_t j) { active_.push_back(static_cast<std::uint32_t>(j)); });
  current_a_.resize(columns);
  const Cells devices = cells(tile);
  double power_s = 0.0;
  for (std::size_t i = 0; i < columns; ++i) {
    const double* row = g.row(i).data();
    double sum = 0.0;
    for (const std::uint32_t j : active_) {
      sum += row[j];
      power_s += devices.plus[i * rows + j] + devices.minus[i * rows + j];
    }
    current_a_[i] = gain * sum * bent_v_;
  }
  totals_.arrays_j += power_s * row_v_ * bent_v_ * config_.sleep.pulse_cycles * config_.clock_s;
  const NoiseConfig& noise = config_.noise;
  if (noise.read > 0.0 || noise.thermal || noise.shot) {
    // The variances of the cells on a column add up; all of it within the bandwidth of the awake
    // chip's line noise, and averaged over the pulse.
    row_line_v_.assign(rows, 0.0);
    for (const std::uint32_t j : active_) row_line_v_[j] = bent_v_;
    variance_.resize(columns);
    module.line_cells().square_product(row_line_v_.data(), variance_.data());
    for (std::size_t i = 0; i < columns; ++i) {
      double whole_s = 0.0, driven_s = 0.0;
      if (noise.thermal || noise.shot) {
        for (std::size_t j = 0; j < rows; ++j) {
          whole_s += devices.plus[i * rows + j] + devices.minus[i * rows + j];
        }
        for (const std::uint32_t j : active_) {
          driven_s += devices.plus[i * rows + j] + devices.minus[i * rows + j];
        }
      }
      const double white = (noise.thermal ? kBoltzmann * config_.temperature_k * whole_s : 0.0) +
                           (noise.shot ? 0.5 * kElementaryCharge * driven_s * bent_v_ : 0.0);
      const double sigma_a =
          std::sqrt(noise.read * noise.read * variance_[i] + white / noise.correlation_time_s);
      current_a_[i] += gain * averaged_ * sigma_a * read_noise_[tile].normal(i, totals_.steps);
    }
  }
  columns_[tile].drive(current_a_);
}

void SleepMode::compare(std::size_t tile) {
  analog::SleepColumns& columns = columns_[tile];
  digital::BitVector& high = comparators_[tile];
  high.clear();
  const double sigma_v = config_.sleep.comparator_noise_v;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double noise_v =
        sigma_v > 0.0 ? sigma_v * comparator_noise_.normal((tile << 32U) + i, totals_.steps) : 0.0;
    if (!columns.above(i, threshold_v_[tile], noise_v)) continue;
    high.set(i);
    columns.discharge(i);
  }
  totals_.decisions += columns.size();
}

// The column is driven, and every row's sense amplifier tells the sign of its pair.
void SleepMode::sense(std::size_t tile, std::size_t column) {
  const Matrix& g = chip_.tile(tile + 1).line_cells().backward();
  digital::BitVector& negative = negative_[tile];
  const Cells devices = cells(tile);
  negative.clear();
  double sum_s = 0.0;
  for (std::size_t j = 0; j < negative.size(); ++j) {
    if (g(column, j) + sense_offset_s_[tile][j] <= 0.0) negative.set(j);
    sum_s += devices.plus[column * g.cols() + j] + devices.minus[column * g.cols() + j];
  }
  totals_.arrays_j += sum_s * row_v_ * bent_v_ * config_.sleep.sense_cycles * config_.clock_s;
}

void SleepMode::write(std::size_t tile, std::size_t column, bool raise) {
  CrossbarTileModule& module = chip_.tile(tile + 1);
  pulsed_.clear();
  const auto rows = static_cast<std::uint32_t>(module.pairs().rows());
  sequencer_.rows().for_each([&](std::size_t j) {
    pulsed_.push_back(static_cast<std::uint32_t>(column) * rows + static_cast<std::uint32_t>(j));
  });
  if (config_.sleep.write == SleepWrite::pulses) return module.pulse_minus(pulsed_, raise);
  const double up =
      raise_of_event(sleep_, tile + 1) * config_.neuron.leak_s / chip_.mirror(tile + 1);
  module.add_minus(pulsed_, raise ? up : -up * sleep_.decrease_ratio);
}

void SleepMode::act(const digital::SleepOutputs& out, digital::SleepInputs& in, const Look& look) {
  using digital::SleepPhase;
  switch (out.phase) {
    case SleepPhase::compare:  // the drive has ended
      if (look && out.tile == 0) look(0, sequencer_.spikes(0));
      drive(out.tile);
      compare(out.tile);
      in.comparators = &comparators_[out.tile];
      if (look) look(out.tile + 1, comparators_[out.tile]);
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
  for (std::size_t l = 1; l <= columns_.size(); ++l) chip_.tile(l).pass(seconds);
}

learning::SleepReport SleepMode::run(Span<const std::uint16_t> mean_codes, Span<const double> theta,
                                     std::uint64_t steps, const Look& look) {
  threshold_v_.clear();
  for (std::size_t l = 1; l <= columns_.size(); ++l) {
    threshold_v_.push_back(threshold_v(l, theta[l - 1]));
    columns_[l - 1].discharge_all();
    chip_.tile(l).pass(0.0);  // lines see what training has changed last
  }
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
  for (std::size_t t = 0; t < columns_.size(); ++t) {
    report.raised += now.raise_cells[t] - before.raise_cells[t];
    report.lowered += now.lower_cells[t] - before.lower_cells[t];
    totals_.raise_pulses += now.raise_pulses[t] - before.raise_pulses[t];
    totals_.lower_pulses += now.lower_pulses[t] - before.lower_pulses[t];
  }
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
