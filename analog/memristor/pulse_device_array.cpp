#include "analog/memristor/pulse_device_array.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kCounters = 5;

// Always in the same order, whatever the width of the vector units.
double sum_of(const double* values, std::size_t n) {
  double lane[8] = {};
  std::size_t k = 0;
  for (; k + 8 <= n; k += 8) {
    for (std::size_t i = 0; i < 8; ++i) lane[i] += values[k + i];
  }
  for (std::size_t i = 0; k + i < n; ++i) lane[i] += values[k + i];
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

void check_cells(Span<const std::uint32_t> cells, std::size_t size) {
  std::uint32_t largest = 0;
  for (const std::uint32_t cell : cells) largest = std::max(largest, cell);
  if (!cells.empty() && largest >= size) throw InternalError("pulse on a cell outside the array");
}

}  // namespace

PulseDeviceArray::PulseDeviceArray(const DeviceConfig& config, std::size_t cells,
                                   std::uint64_t seed, std::string_view stream)
    : config_(config),
      cycle_(seed, std::string(stream) + "/cycle"),
      write_(seed, std::string(stream) + "/write") {
  check_device(config);
  const PulseLaw law =
      make_pulse_law(config, cells, RandomStream(seed, std::string(stream) + "/fabrication"));
  scale_ = law.scale;
  offset_ = law.offset;
  cycle_noise_ = law.cycle_noise;
  cycle_sigma_ = law.cycle_sigma;
  write_sigma_ = law.write_sigma;
  cycle_floor_ = law.cycle_floor;
  cycle_slope_ = law.cycle_slope;
  curve_ = law.curve;
  cells_.resize(cells);
  conductance_.resize(cells);
  const bool sloped = !law.up_slope.empty();
  for (std::size_t k = 0; k < cells; ++k) {
    cells_[k] = {std::clamp(law.initial, law.low[k], law.high[k]), law.low[k], law.high[k],
                 Move{law.up_step[k], sloped ? law.up_slope[k] : 0.0},
                 Move{law.down_step[k], sloped ? law.down_slope[k] : 0.0}};
    conductance_[k] = to_conductance(cells_[k].state);
  }
  const PulseLaw nominal = nominal_pulse_law(config);
  const double middle = (0.5 * (config.g_min_s + config.g_max_s) - nominal.offset) / nominal.scale;
  const auto change = [&](const std::vector<double>& step, const std::vector<double>& slope,
                          bool up) {
    return std::fabs(step[0] * nominal.curve.factor(0, middle, up) +
                     (slope.empty() ? 0.0 : slope[0] * middle));
  };
  nominal_step_s_ = 0.5 * nominal.scale *
                    (change(nominal.up_step, nominal.up_slope, true) +
                     change(nominal.down_step, nominal.down_slope, false));
}

double PulseDeviceArray::to_conductance(double state) const {
  return std::max(state * scale_ + offset_, 0.0);
}

double PulseDeviceArray::nominal_states() const {
  return (config_.g_max_s - config_.g_min_s) / nominal_step_s_;
}

std::size_t PulseDeviceArray::set_conductance(Span<const double> target_s) {
  if (target_s.size() != size()) throw InternalError("set_conductance: wrong number of cells");
  std::size_t missed = 0;
  for (std::size_t k = 0; k < size(); ++k) {
    const double target = target_s[k];
    if (!std::isfinite(target)) throw InternalError("set_conductance: target is not finite");
    if (stuck(k)) {
      missed += conductance_[k] != target;
      continue;
    }
    Cell& cell = cells_[k];
    cell.state = std::clamp(to_state(target), cell.low, cell.high);
    conductance_[k] = to_conductance(cell.state);
    // At a bound that the target means, the two conversions may differ in the last place.
    missed += std::fabs(conductance_[k] - target) > 1e-12 * (config_.g_max_s - config_.g_min_s);
  }
  return missed;
}

void PulseDeviceArray::stick(std::size_t cell, double conductance_s) {
  if (cell >= size()) throw InternalError("stick: cell outside the array");
  if (!(conductance_s >= 0.0)) throw InternalError("stick: negative conductance");
  Cell& c = cells_[cell];
  if (!stuck(cell)) stuck_.push_back({cell, c.low, c.high});
  c.state = c.low = c.high = to_state(conductance_s);
  conductance_[cell] = conductance_s;
}

template <CycleNoise kNoise, bool kWriteNoise, bool kCurved, bool kScaled>
void PulseDeviceArray::pulse_cells(const Pulse& pulse, double& conductance_sum) {
  const Span<const std::uint32_t> list = pulse.list;
  Move Cell::*const direction = pulse.direction;
  const std::uint64_t event = pulse.event;
  double cycle_xi[kBlock], write_xi[kBlock], mean_conductance[kBlock], factor[kBlock];
  Cell* const cells = cells_.data();
  double* const conductance = conductance_.data();
  const double cycle_sigma = cycle_sigma_;
  const double write_sigma = write_sigma_;
  const double scale = scale_;
  const double offset = offset_;
  for (std::size_t first = 0; first < list.size(); first += kBlock) {
    const std::size_t n = std::min(kBlock, list.size() - first);
    const Span<const std::uint32_t> block = list.subspan(first, n);
    const std::uint32_t* const index = block.data();
    // The cells lie scattered: they travel here while the random numbers are made. (Not in a
    // function of its own: GCC 12 takes one that only prefetches for one without effect.)
    for (std::size_t k = 0; k < n; ++k) {
      __builtin_prefetch(&cells[index[k]], 1);
      __builtin_prefetch(&conductance[index[k]], 1);
    }
    if constexpr (kNoise != CycleNoise::none) {
      cycle_.normals_at(block, event, Span<double>(cycle_xi, n));
    }
    if constexpr (kWriteNoise) write_.normals_at(block, event, Span<double>(write_xi, n));
    if constexpr (kCurved) {
      const bool up = direction == &Cell::up;
      for (std::size_t k = 0; k < n; ++k) {
        factor[k] = curve_.factor(index[k], cells[index[k]].state, up);
      }
    }
    std::uint64_t at_bound = 0;
    // The cells of a list are distinct, so the lanes never meet.
#pragma omp simd reduction(+ : at_bound)
    for (std::size_t k = 0; k < n; ++k) {
      Cell& cell = cells[index[k]];
      const Move move = cell.*direction;
      const double before = conductance[index[k]];
      double change = kCurved ? move.step * factor[k] : move.step + move.slope * cell.state;
      if constexpr (kNoise == CycleNoise::of_change) change += change * cycle_sigma * cycle_xi[k];
      if constexpr (kNoise == CycleNoise::of_step) change += move.step * cycle_sigma * cycle_xi[k];
      if constexpr (kNoise == CycleNoise::absolute) change += cycle_sigma * cycle_xi[k];
      if constexpr (kNoise == CycleNoise::of_state) {
        const double size = std::fabs(change) + cycle_floor_ + cycle_slope_ * std::fabs(cell.state);
        change += size * cycle_sigma * cycle_xi[k];
      }
      if constexpr (kScaled) change *= pulse.strength[first + k];
      const double low = cell.low;
      const double high = cell.high;
      const double wanted = cell.state + change;
      const double above = wanted < low ? low : wanted;
      const double kept = above > high ? high : above;
      cell.state = kept;
      double seen = kept;
      if constexpr (kWriteNoise) seen += write_sigma * write_xi[k];
      const double g = seen * scale + offset;
      const double not_negative = g < 0.0 ? 0.0 : g;
      const double after = low == high ? before : not_negative;
      conductance[index[k]] = after;
      mean_conductance[k] = 0.5 * (before + after);
      at_bound += static_cast<std::uint64_t>((wanted <= low) | (wanted >= high)) &
                  static_cast<std::uint64_t>(low != high);
    }
    counters_.saturated += at_bound;
    conductance_sum += sum_of(mean_conductance, n);
  }
}

template <CycleNoise kNoise, bool kWriteNoise, bool kCurved>
void PulseDeviceArray::pulse_scaled(const Pulse& pulse, double& conductance_sum) {
  if (pulse.strength != nullptr) {
    return pulse_cells<kNoise, kWriteNoise, kCurved, true>(pulse, conductance_sum);
  }
  pulse_cells<kNoise, kWriteNoise, kCurved, false>(pulse, conductance_sum);
}

template <CycleNoise kNoise>
void PulseDeviceArray::pulse_list(const Pulse& pulse, double& conductance_sum) {
  const bool curved = curve_.kind != PulseCurve::Kind::line;
  if (write_sigma_ != 0.0) {
    if (curved) return pulse_scaled<kNoise, true, true>(pulse, conductance_sum);
    pulse_scaled<kNoise, true, false>(pulse, conductance_sum);
  } else {
    if (curved) return pulse_scaled<kNoise, false, true>(pulse, conductance_sum);
    pulse_scaled<kNoise, false, false>(pulse, conductance_sum);
  }
}

void PulseDeviceArray::pulse(Span<const std::uint32_t> list, bool up, std::uint64_t event,
                             Span<const double> strength) {
  check_cells(list, size());
  if (!strength.empty() && strength.size() != list.size()) {
    throw InternalError("pulse: wrong number of strengths");
  }
  const Pulse pulse{list, up ? &Cell::up : &Cell::down, event,
                    strength.empty() ? nullptr : strength.data()};
  double& sum = up ? counters_.up_conductance_s : counters_.down_conductance_s;
  (up ? counters_.up : counters_.down) += list.size();
  switch (cycle_noise_) {
    case CycleNoise::none:
      return pulse_list<CycleNoise::none>(pulse, sum);
    case CycleNoise::of_change:
      return pulse_list<CycleNoise::of_change>(pulse, sum);
    case CycleNoise::of_step:
      return pulse_list<CycleNoise::of_step>(pulse, sum);
    case CycleNoise::absolute:
      return pulse_list<CycleNoise::absolute>(pulse, sum);
    case CycleNoise::of_state:
      return pulse_list<CycleNoise::of_state>(pulse, sum);
  }
}

void PulseDeviceArray::disturb(Span<const std::uint32_t> list, bool up, double strength) {
  check_cells(list, size());
  for (const std::uint32_t k : list) {
    Cell& cell = cells_[k];
    if (cell.low == cell.high) continue;
    const Move move = up ? cell.up : cell.down;
    const double step = move.step * curve_.factor(k, cell.state, up) + move.slope * cell.state;
    const double kept = std::clamp(cell.state + strength * step, cell.low, cell.high);
    // What write noise has added stays.
    conductance_[k] = std::max(conductance_[k] + (kept - cell.state) * scale_, 0.0);
    cell.state = kept;
  }
}

void PulseDeviceArray::restate(Span<const std::uint32_t> list, Span<const double> conductance_s) {
  check_cells(list, size());
  if (conductance_s.size() != list.size()) throw InternalError("restate: wrong number of values");
  for (std::size_t k = 0; k < list.size(); ++k) {
    Cell& cell = cells_[list[k]];
    if (cell.low == cell.high) continue;
    // What write noise has added moves along with the state.
    const double moved = (conductance_s[k] - conductance_[list[k]]) / scale_;
    cell.state = std::clamp(cell.state + moved, cell.low, cell.high);
    conductance_[list[k]] = conductance_s[k];
  }
}

void PulseDeviceArray::lower_bound_to(std::size_t cell, double high_s) {
  Cell& c = cells_[cell];
  if (c.low == c.high) return;
  if (fresh_high_.empty()) {
    for (const Cell& each : cells_) fresh_high_.push_back(each.high);
    for (const Stuck& each : stuck_) fresh_high_[each.cell] = each.high;
  }
  c.high = std::max(std::min(c.high, to_state(high_s)), std::nextafter(c.low, c.high));
  if (c.state <= c.high) return;
  conductance_[cell] = std::max(conductance_[cell] + (c.high - c.state) * scale_, 0.0);
  c.state = c.high;
}

void PulseDeviceArray::add(Span<const std::uint32_t> cells, Span<const double> delta_s) {
  if (config_.model != DeviceModel::ideal) {
    throw UserError(
        "expected the device model \"ideal\" for an exact write, got one that changes by pulses");
  }
  if (cells.size() != delta_s.size()) throw InternalError("add: wrong number of values");
  check_cells(cells, size());
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const std::size_t c = cells[k];
    const double before = conductance_[c];
    if (!stuck(c)) {
      Cell& cell = cells_[c];
      const double wanted = cell.state + delta_s[k];
      cell.state = std::clamp(wanted, cell.low, cell.high);
      conductance_[c] = cell.state;
      counters_.saturated += wanted <= cell.low || wanted >= cell.high;
    }
    const bool up = delta_s[k] >= 0.0;
    (up ? counters_.up : counters_.down) += 1;
    (up ? counters_.up_conductance_s : counters_.down_conductance_s) +=
        0.5 * (before + conductance_[c]);
  }
}

double PulseDeviceArray::write_energy_j() const {
  const double set = config_.set_voltage_v * config_.set_voltage_v * counters_.up_conductance_s;
  const double reset =
      config_.reset_voltage_v * config_.reset_voltage_v * counters_.down_conductance_s;
  return config_.pulse_width_s * (set + reset);
}

std::vector<double> PulseDeviceArray::save() const {
  std::vector<double> saved;
  saved.reserve(2 * size() + kCounters);
  for (const Cell& cell : cells_) saved.push_back(cell.state);
  for (std::size_t k = 0; k < size(); ++k) {
    saved.push_back(stuck(k) ? -conductance_[k] : conductance_[k]);
  }
  saved.push_back(static_cast<double>(counters_.up));
  saved.push_back(static_cast<double>(counters_.down));
  saved.push_back(static_cast<double>(counters_.saturated));
  saved.push_back(counters_.up_conductance_s);
  saved.push_back(counters_.down_conductance_s);
  return saved;
}

void PulseDeviceArray::restore(Span<const double> saved) {
  if (saved.size() != 2 * size() + kCounters) {
    throw UserError("expected the saved state of " + std::to_string(size()) + " devices (" +
                    std::to_string(2 * size() + kCounters) + " numbers), got " +
                    std::to_string(saved.size()) + " numbers");
  }
  const double* const counter = saved.data() + 2 * size();
  for (const Stuck& stuck_cell : stuck_) {
    cells_[stuck_cell.cell].low = stuck_cell.low;
    cells_[stuck_cell.cell].high = stuck_cell.high;
  }
  stuck_.clear();
  for (std::size_t k = 0; k < fresh_high_.size(); ++k) cells_[k].high = fresh_high_[k];
  for (std::size_t k = 0; k < size(); ++k) {
    const double g = saved[size() + k];
    if (std::signbit(g)) stick(k, -g);
    cells_[k].state = saved[k];
    conductance_[k] = std::fabs(g);
  }
  counters_.up = static_cast<std::uint64_t>(counter[0]);
  counters_.down = static_cast<std::uint64_t>(counter[1]);
  counters_.saturated = static_cast<std::uint64_t>(counter[2]);
  counters_.up_conductance_s = counter[3];
  counters_.down_conductance_s = counter[4];
}

}  // namespace memprop::analog
