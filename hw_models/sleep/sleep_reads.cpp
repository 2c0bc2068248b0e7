// What the arrays of a sleeping chip deliver and take: drives, comparators, signs, pulses, and the
// peaks that thresholds are relative to.
#include <algorithm>
#include <cmath>

#include "hw_models/sleep/sleep_mode.hpp"
#include "hw_models/sleep/sleep_setup.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

constexpr double kBoltzmann = 1.380649e-23, kElementaryCharge = 1.602176634e-19;

// Nonlinear cells conduct G V_0 sinh(V / V_0).
double bent(double v, double nonlinear_v) {
  return nonlinear_v > 0.0 ? nonlinear_v * std::sinh(v / nonlinear_v) : v;
}

}  // namespace

SleepMode::Cells SleepMode::cells(std::size_t tile) const {
  const CrossbarTileModule& module = chip_.tile(tile + 1);
  if (module.cells() != nullptr) return {module.cells()->plus_s(), module.cells()->minus_s()};
  return {module.pairs().plus().conductances(), module.pairs().minus()->conductances()};
}

void SleepMode::clear_peaks() { peak_.assign(columns_.size(), 0.0); }

// Adds what a tile drives its neurons with, in units of V_s g_L, to layer_a_.
void SleepMode::add_awake(std::size_t tile) {
  const auto lines = chip_.bridge().domain().line_voltages();
  const CrossbarTileModule& module = chip_.tile(tile + 1);
  const Matrix& g = module.line_cells().forward();
  const std::size_t from = chip_.layout(tile + 1).shape.from, rows = negative_[tile].size();
  const auto clamped = module.tile().static_rows();
  const std::size_t first = from > 0 ? chip_.bank(from).bank().lines().first : 0;
  row_line_v_.resize(rows);
  for (std::size_t j = 0; j < rows; ++j) {
    row_line_v_[j] = bent(from > 0 ? lines[first + j] : clamped[j], config_.device.nonlinear_v);
  }
  const double scale =
      module.tile().config().forward_gain / config_.neuron.leak_s / chip_.voltage_scale_v();
  for (std::size_t i = 0; i < g.rows(); ++i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < rows; ++j) sum += g(i, j) * row_line_v_[j];
    if (!branches_[tile]) {
      layer_a_[i] += sum * scale;
      continue;
    }
    const analog::BranchBankConfig& bank = branches_[tile]->bank();
    const double settled_v = module.tile().config().forward_gain * sum / bank.leak_s[i];
    layer_a_[i / bank.branches] += bank.coupling_s[i] *
                                   analog::rectified(settled_v - bank.offset_v[i], bank.knee_v) /
                                   config_.neuron.leak_s / chip_.voltage_scale_v();
  }
}

void SleepMode::take_peaks() {
  for (std::size_t l = 1; l <= columns_.size(); ++l) {
    layer_a_.assign(columns_[l - 1].size(), 0.0);
    for (const std::size_t t : sequencer_.tiles_of(l)) add_awake(t);
    for (const double drive : layer_a_) peak_[l - 1] = std::max(peak_[l - 1], drive);
  }
}

// The weight that a row alone drives the column's neuron with, of its conductance.
double SleepMode::weight_of_siemens(std::size_t tile, std::size_t column) const {
  const double gain = chip_.tile(tile + 1).tile().config().forward_gain / config_.neuron.leak_s;
  if (!branches_[tile]) return gain;
  const analog::BranchBankConfig& bank = branches_[tile]->bank();
  return gain * bank.coupling_s[column] / bank.leak_s[column];
}

std::vector<double> SleepMode::thresholds() const {
  std::vector<double> theta;
  for (std::size_t l = 1; l <= columns_.size(); ++l) {
    double largest = peak_[l - 1];
    for (const std::size_t t : sequencer_.tiles_of(l)) {
      const Matrix& g = chip_.tile(t + 1).line_cells().forward();
      for (std::size_t i = 0; i < g.rows(); ++i) {
        for (std::size_t j = 0; j < negative_[t].size(); ++j) {
          largest = std::max(largest, g(i, j) * weight_of_siemens(t, i));
        }
      }
    }
    if (!(largest > 0.0)) {
      throw UserError(
          "key 'sleep.threshold': expected a layer with a drive above 0 to be relative to, got a "
          "chip whose weights are all below 0 somewhere");
    }
    theta.push_back(sleep_.threshold[l - 1] * largest);
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

// Currents of a tile's columns while the rows stand that spiked.
void SleepMode::read(std::size_t tile) {
  CrossbarTileModule& module = chip_.tile(tile + 1);
  const Matrix& g = module.line_cells().forward();
  const double gain = module.tile().config().forward_gain;
  const double bent_v = bent(row_v_, config_.device.nonlinear_v);
  const std::size_t columns = g.rows(), rows = g.cols();
  active_.clear();
  sequencer_.rows(tile).for_each(
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
    current_a_[i] = gain * sum * bent_v;
  }
  totals_.arrays_j += power_s * row_v_ * bent_v * config_.sleep.pulse_cycles * config_.clock_s;
}

// The variances of the cells on a column add up; all of it within the bandwidth of the awake
// chip's line noise, and averaged over the pulse.
void SleepMode::add_noise(std::size_t tile) {
  const NoiseConfig& noise = config_.noise;
  CrossbarTileModule& module = chip_.tile(tile + 1);
  const double gain = module.tile().config().forward_gain;
  const double bent_v = bent(row_v_, config_.device.nonlinear_v);
  const std::size_t columns = current_a_.size(), rows = module.line_cells().rows();
  const Cells devices = cells(tile);
  row_line_v_.assign(rows, 0.0);
  for (const std::uint32_t j : active_) row_line_v_[j] = bent_v;
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
                         (noise.shot ? 0.5 * kElementaryCharge * driven_s * bent_v : 0.0);
    const double sigma_a =
        std::sqrt(noise.read * noise.read * variance_[i] + white / noise.correlation_time_s);
    current_a_[i] += gain * averaged_ * sigma_a * read_noise_[tile].normal(i, totals_.steps);
  }
}

void SleepMode::drive(std::size_t l) {
  analog::SleepColumns& columns = columns_[l - 1];
  layer_a_.assign(columns.size(), 0.0);
  branch_v_.assign(columns.size(), 0.0);
  const NoiseConfig& noise = config_.noise;
  for (const std::size_t t : sequencer_.tiles_of(l)) {
    read(t);
    if (noise.read > 0.0 || noise.thermal || noise.shot) add_noise(t);
    if (branches_[t]) {
      branches_[t]->drive(current_a_, branch_v_);
      continue;
    }
    for (std::size_t i = 0; i < columns.size(); ++i) layer_a_[i] += current_a_[i];
  }
  columns.drive(layer_a_, branch_v_);
}

void SleepMode::compare(std::size_t l) {
  analog::SleepColumns& columns = columns_[l - 1];
  digital::BitVector& high = comparators_[l - 1];
  high.clear();
  const double sigma_v = config_.sleep.comparator_noise_v;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double noise_v =
        sigma_v > 0.0 ? sigma_v * comparator_noise_.normal(((l - 1) << 32U) + i, totals_.steps)
                      : 0.0;
    if (!columns.above(i, threshold_v_[l - 1], noise_v)) continue;
    high.set(i);
    columns.discharge(i);
  }
  totals_.decisions += columns.size();
  for (const std::size_t t : sequencer_.tiles_of(l)) {
    if (!branches_[t]) continue;
    above_[t].clear();
    const auto bits = branches_[t]->bits();
    for (std::size_t b = 0; b < bits.size(); ++b) {
      if (bits[b] != 0) above_[t].set(b);
    }
    totals_.decisions += bits.size();
    if (sequencer_.learns(t) && !chip_.tile(t + 1).pairs().all_formed()) count_absent(t);
  }
}

// The sequencer counts rows of the columns it writes, whether there is a cell or not.
void SleepMode::count_absent(std::size_t tile) {
  const analog::DevicePairs& pairs = chip_.tile(tile + 1).pairs();
  const digital::TileShape& shape = chip_.layout(tile + 1).shape;
  const digital::BitVector& rows = sequencer_.spikes(shape.from);
  above_[tile].for_each([&](std::size_t b) {
    if (!comparators_[shape.to - 1].test(b / shape.branches)) return;
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (pairs.formed(b * pairs.rows() + j)) continue;
      ++(rows.test(j) ? absent_.raise_cells : absent_.lower_cells);
    }
  });
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
  const double bent_v = bent(row_v_, config_.device.nonlinear_v);
  totals_.arrays_j += sum_s * row_v_ * bent_v * config_.sleep.sense_cycles * config_.clock_s;
}

void SleepMode::write(std::size_t tile, std::size_t column, bool raise) {
  CrossbarTileModule& module = chip_.tile(tile + 1);
  pulsed_.clear();
  const auto rows = static_cast<std::uint32_t>(module.pairs().rows());
  sequencer_.rows().for_each([&](std::size_t j) {
    const auto cell = static_cast<std::uint32_t>(column) * rows + static_cast<std::uint32_t>(j);
    if (module.pairs().formed(cell)) {
      pulsed_.push_back(cell);
    } else {
      ++(raise ? absent_.raise_pulses : absent_.lower_pulses);
    }
  });
  if (config_.sleep.write == SleepWrite::pulses) return module.pulse_minus(pulsed_, raise);
  const double up = raise_of_event(sleep_, chip_.layout(tile + 1).shape.to) *
                    config_.neuron.leak_s / chip_.mirror(tile + 1);
  module.add_minus(pulsed_, raise ? up : -up * sleep_.decrease_ratio);
}

}  // namespace memprop::hw
