#include "analog/crossbar/device_pairs.hpp"

#include <algorithm>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {
namespace {

// The conductance that stands for the weight zero in reference coding.
double zero_weight_conductance(const DeviceConfig& device) {
  const double window = device.g_max_s - device.g_min_s;
  switch (device.model) {
    case DeviceModel::constant_step:
    case DeviceModel::soft_bounds:
    case DeviceModel::linear_step:
    case DeviceModel::exp_step:
    case DeviceModel::power_step:
      return device.g_min_s + window * (0.0 - device.w_min) / (device.w_max - device.w_min);
    case DeviceModel::ideal:
    case DeviceModel::exponential:
    case DeviceModel::table:
      break;
  }
  return device.g_min_s + 0.5 * window;
}

}  // namespace

DevicePairs::DevicePairs(const DevicePairsConfig& config) : config_(config) {
  if (config.reset_only && config.coding != PairCoding::differential) {
    throw InternalError(config.name + ": reset_only needs two programmed devices");
  }
  const std::size_t cells = config.rows * config.columns;
  const std::string stream = "chip/" + config.name;
  plus_ = std::make_unique<PulseDeviceArray>(config.device, cells, config.seed, stream + "/plus");
  reference_s_ = zero_weight_conductance(config.device);
  if (config.coding == PairCoding::differential) {
    minus_ =
        std::make_unique<PulseDeviceArray>(config.device, cells, config.seed, stream + "/minus");
  }
  if (config.stuck_fraction > 0.0) {
    const RandomStream stuck(config.seed, stream + "/stuck");
    const double window = config.device.g_max_s - config.device.g_min_s;
    for (std::size_t cell = 0; cell < cells; ++cell) {
      if (stuck.uniform(cell, 0) >= config.stuck_fraction) continue;
      plus_->stick(cell, config.device.g_min_s + window * stuck.uniform(cell, 1));
      if (minus_) minus_->stick(cell, config.device.g_min_s + window * stuck.uniform(cell, 2));
      ++stuck_cells_;
    }
  }
  difference_ = Matrix(config.columns, config.rows);
  refresh_all();
}

std::size_t DevicePairs::program(const Matrix& difference) {
  if (difference.rows() != columns() || difference.cols() != rows()) {
    throw InternalError("DevicePairs::program: wrong shape");
  }
  std::vector<double> plus(difference.values()), minus;
  if (minus_) {
    const double centre = 0.5 * (config_.device.g_min_s + config_.device.g_max_s);
    minus = plus;
    for (double& g : plus) g = centre + 0.5 * g;
    for (double& g : minus) g = centre - 0.5 * g;
  } else {
    for (double& g : plus) g += reference_s_;
  }
  std::size_t clipped = plus_->set_conductance(plus);
  if (minus_) clipped += minus_->set_conductance(minus);
  refresh_all();
  return clipped;
}

void DevicePairs::pulse(Span<const std::uint32_t> cells, bool up, std::uint64_t event) {
  if (config_.reset_only) return pulse_reset_only(cells, up, event);
  plus_->pulse(cells, up, event);
  if (minus_) minus_->pulse(cells, !up, event);
  const double* g_plus = plus_->conductance();
  for (const std::uint32_t cell : cells) {
    difference_.data()[cell] = g_plus[cell] - minus_at(cell);
  }
}

void DevicePairs::refresh_all() {
  const double* g_plus = plus_->conductance();
  for (std::size_t cell = 0; cell < difference_.size(); ++cell) {
    difference_.data()[cell] = g_plus[cell] - minus_at(cell);
  }
}

double DevicePairs::row_power(const double* row_v) const {
  double sum = 0.0;
  const std::size_t n = rows();
  for (std::size_t i = 0; i < columns(); ++i) {
    const double* gp = plus_->conductance() + i * n;
    const double* d = difference_.data() + i * n;
    // G+ + G- = 2 G+ - (G+ - G-)
#pragma omp simd reduction(+ : sum)
    for (std::size_t j = 0; j < n; ++j) sum += (2.0 * gp[j] - d[j]) * (row_v[j] * row_v[j]);
  }
  return sum;
}

double DevicePairs::column_power(const double* column_v) const {
  double power = 0.0;
  const std::size_t n = rows();
  for (std::size_t i = 0; i < columns(); ++i) {
    const double* gp = plus_->conductance() + i * n;
    const double* d = difference_.data() + i * n;
    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t j = 0; j < n; ++j) sum += 2.0 * gp[j] - d[j];
    power += sum * column_v[i] * column_v[i];
  }
  return power;
}

void DevicePairs::square_product(const double* row_v, double* out) const {
  const double* g_plus = plus_->conductance();
  const std::size_t n = rows();
  for (std::size_t i = 0; i < columns(); ++i) {
    const double* gp = g_plus + i * n;
    double sum = 0.0;
    if (minus_) {
      const double* gm = minus_->conductance() + i * n;
#pragma omp simd reduction(+ : sum)
      for (std::size_t j = 0; j < n; ++j) {
        sum += (gp[j] * gp[j] + gm[j] * gm[j]) * (row_v[j] * row_v[j]);
      }
    } else {
      const double reference = reference_s_ * reference_s_;
#pragma omp simd reduction(+ : sum)
      for (std::size_t j = 0; j < n; ++j) {
        sum += (gp[j] * gp[j] + reference) * (row_v[j] * row_v[j]);
      }
    }
    out[i] = sum;
  }
}

void DevicePairs::square_product_transposed(const double* column_v, double* out) const {
  const double* g_plus = plus_->conductance();
  const std::size_t n = rows();
  std::fill(out, out + n, 0.0);
  for (std::size_t i = 0; i < columns(); ++i) {
    const double* gp = g_plus + i * n;
    const double v2 = column_v[i] * column_v[i];
    if (minus_) {
      const double* gm = minus_->conductance() + i * n;
#pragma omp simd
      for (std::size_t j = 0; j < n; ++j) out[j] += (gp[j] * gp[j] + gm[j] * gm[j]) * v2;
    } else {
      const double reference = reference_s_ * reference_s_;
#pragma omp simd
      for (std::size_t j = 0; j < n; ++j) out[j] += (gp[j] * gp[j] + reference) * v2;
    }
  }
}

double DevicePairs::nominal_step_s() const {
  return plus_->nominal_step_s() * (minus_ && !config_.reset_only ? 2.0 : 1.0);
}

double DevicePairs::nominal_range_s(const DevicePairsConfig& config) {
  return config.device.g_max_s - (config.coding == PairCoding::differential
                                      ? config.device.g_min_s
                                      : zero_weight_conductance(config.device));
}

DevicePairs::Counters DevicePairs::counters() const {
  Counters sum;
  for (const auto* array : {plus_.get(), minus_.get()}) {
    if (array == nullptr) continue;
    const auto& c = array->counters();
    sum.set_pulses += c.up;
    sum.reset_pulses += c.down;
    sum.saturated += c.saturated;
  }
  return sum;
}

double DevicePairs::write_energy_j() const {
  return plus_->write_energy_j() + (minus_ ? minus_->write_energy_j() : 0.0);
}

std::vector<double> DevicePairs::save() const {
  std::vector<double> state = plus_->save();
  if (minus_) {
    const auto more = minus_->save();
    state.insert(state.end(), more.begin(), more.end());
  }
  return state;
}

void DevicePairs::restore(Span<const double> state) {
  const std::size_t each = minus_ ? state.size() / 2 : state.size();
  plus_->restore(state.subspan(0, each));
  if (minus_) minus_->restore(state.subspan(each, state.size() - each));
  refresh_all();
}

}  // namespace memprop::analog
