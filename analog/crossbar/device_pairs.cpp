#include "analog/crossbar/device_pairs.hpp"

#include <algorithm>
#include <cmath>

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
  make_faults();
  leave_unformed();
  if (config.write.any()) {
    plus_write_ = std::make_unique<WriteEffects>(config.write, config.rows, config.columns,
                                                 config.seed, stream + "/plus");
    if (minus_) {
      minus_write_ = std::make_unique<WriteEffects>(config.write, config.rows, config.columns,
                                                    config.seed, stream + "/minus");
    }
  }
  difference_ = Matrix(config.columns, config.rows);
  refresh_all();
}

// Drawn on the physical array, where a pair takes two columns, then dealt out to the two sides.
void DevicePairs::make_faults() {
  if (!config_.faults.any()) return;
  const std::string stream = "chip/" + config_.name;
  const std::size_t rows = config_.rows, sides = minus_ ? 2 : 1;
  const auto all = draw_faults(config_.faults, rows, sides * config_.columns, config_.seed, stream);
  std::vector<Fault> side(rows * config_.columns);
  std::vector<bool> faulty(side.size(), false);
  for (std::size_t s = 0; s < sides; ++s) {
    for (std::size_t cell = 0; cell < side.size(); ++cell) {
      side[cell] = all[(sides * (cell / rows) + s) * rows + cell % rows];
      faulty[cell] = faulty[cell] || side[cell] != Fault::none;
    }
    apply_faults(s == 0 ? *plus_ : *minus_, side, config_.faults, config_.seed,
                 stream + (s == 0 ? "/plus" : "/minus"));
  }
  stuck_cells_ += static_cast<std::uint64_t>(std::count(faulty.begin(), faulty.end(), true));
}

void DevicePairs::leave_unformed() {
  if (config_.formed.empty()) return;
  const std::size_t cells = plus_->size();
  if (config_.formed.size() != cells) {
    throw InternalError(config_.name + ": a map of cells of another size");
  }
  const RandomStream stream(config_.seed, "chip/" + config_.name + "/off");
  if (!minus_) off_reference_s_.assign(cells, 0.0);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (config_.formed[cell] != 0) continue;
    const auto off_s = [&](std::uint64_t side) {
      if (config_.off_spread == 0.0) return config_.off_s;
      return config_.off_s * std::exp(config_.off_spread * stream.normal(cell, side));
    };
    plus_->stick(cell, off_s(0));
    if (minus_) {
      minus_->stick(cell, off_s(1));
    } else {
      off_reference_s_[cell] = off_s(1);
    }
  }
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
  for (std::size_t cell = 0; cell < config_.formed.size(); ++cell) {
    if (config_.formed[cell] != 0) continue;
    plus[cell] = plus_->conductance()[cell];
    if (minus_) minus[cell] = minus_->conductance()[cell];
  }
  std::size_t clipped = plus_->set_conductance(plus);
  if (minus_) clipped += minus_->set_conductance(minus);
  refresh_all();
  return clipped;
}

void DevicePairs::pulse(Span<const std::uint32_t> cells, bool up, std::uint64_t event) {
  if (config_.reset_only) return pulse_reset_only(cells, up, event);
  pulse_devices(*plus_, plus_write_.get(), cells, up, event);
  if (minus_) pulse_devices(*minus_, minus_write_.get(), cells, !up, event);
  refresh_pulsed(cells);
}

void DevicePairs::pulse_minus(Span<const std::uint32_t> cells, bool up, std::uint64_t event) {
  if (!minus_) throw InternalError(config_.name + ": no G- that pulses could change");
  pulse_devices(*minus_, minus_write_.get(), cells, !up, event);
  refresh_pulsed(cells);
}

void DevicePairs::add_minus(Span<const std::uint32_t> cells, double difference_s) {
  if (!minus_) throw InternalError(config_.name + ": no G- that could be written");
  const std::vector<double> change(cells.size(), -difference_s);
  minus_->add(cells, change);
  refresh_pulsed(cells);
}

// After pulses on these cells.
void DevicePairs::refresh_pulsed(Span<const std::uint32_t> cells) {
  if (config_.write.disturbs()) return refresh_all();
  const double* g_plus = plus_->conductance();
  for (const std::uint32_t cell : cells) {
    difference_.data()[cell] = g_plus[cell] - minus_at(cell);
  }
}

void DevicePairs::pulse_devices(PulseDeviceArray& devices, WriteEffects* effects,
                                Span<const std::uint32_t> cells, bool up, std::uint64_t event) {
  if (effects != nullptr) {
    effects->pulse(devices, cells, up, event);
  } else {
    devices.pulse(cells, up, event);
  }
}

void DevicePairs::refresh_all() {
  const double* g_plus = plus_->conductance();
  for (std::size_t cell = 0; cell < difference_.size(); ++cell) {
    difference_.data()[cell] = g_plus[cell] - minus_at(cell);
  }
}

void DevicePairs::restate(Span<const std::uint32_t> cells, Span<const double> plus_s,
                          Span<const double> minus_s) {
  plus_->restate(cells, plus_s);
  if (minus_) minus_->restate(cells, minus_s);
  for (const std::uint32_t cell : cells) {
    difference_.data()[cell] = plus_->conductance()[cell] - minus_at(cell);
  }
}

Endurance::Wear DevicePairs::wear() const {
  Endurance::Wear sum;
  for (const auto* write : {plus_write_.get(), minus_write_.get()}) {
    if (write == nullptr) continue;
    const Endurance::Wear w = write->wear();
    sum.devices += w.devices;
    sum.pulses += w.pulses;
    sum.failed += w.failed;
    sum.most = std::max(sum.most, w.most);
  }
  return sum;
}

void DevicePairs::column_sums(double* out) const {
  const std::size_t n = rows();
  for (std::size_t i = 0; i < columns(); ++i) {
    double sum = 0.0;
    for (std::size_t k = i * n; k < (i + 1) * n; ++k) sum += plus_->conductance()[k] + minus_at(k);
    out[i] = sum;
  }
}

void DevicePairs::row_sums(double* out) const {
  const std::size_t n = rows();
  std::fill(out, out + n, 0.0);
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    out[k % n] += plus_->conductance()[k] + minus_at(k);
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
    } else if (!all_formed()) {
      for (std::size_t j = 0; j < n; ++j) {
        const double gm = minus_at(i * n + j);
        sum += (gp[j] * gp[j] + gm * gm) * (row_v[j] * row_v[j]);
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
    } else if (!all_formed()) {
      for (std::size_t j = 0; j < n; ++j) {
        const double gm = minus_at(i * n + j);
        out[j] += (gp[j] * gp[j] + gm * gm) * v2;
      }
    } else {
      const double reference = reference_s_ * reference_s_;
#pragma omp simd
      for (std::size_t j = 0; j < n; ++j) out[j] += (gp[j] * gp[j] + reference) * v2;
    }
  }
}

void DevicePairs::magnitude_product(const double* row_v, double* out) const {
  const double* gp = plus_->conductance();
  const double* d = difference_.data();
  const std::size_t n = rows();
  for (std::size_t i = 0; i < columns(); ++i, gp += n, d += n) {
    double sum = 0.0;
    // G+ + G- = 2 G+ - (G+ - G-)
#pragma omp simd reduction(+ : sum)
    for (std::size_t j = 0; j < n; ++j) sum += (2.0 * gp[j] - d[j]) * std::fabs(row_v[j]);
    out[i] = sum;
  }
}

void DevicePairs::magnitude_product_transposed(const double* column_v, double* out) const {
  const double* gp = plus_->conductance();
  const double* d = difference_.data();
  const std::size_t n = rows();
  std::fill(out, out + n, 0.0);
  for (std::size_t i = 0; i < columns(); ++i, gp += n, d += n) {
    const double v = std::fabs(column_v[i]);
#pragma omp simd
    for (std::size_t j = 0; j < n; ++j) out[j] += (2.0 * gp[j] - d[j]) * v;
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
  const auto append = [&state](const std::vector<double>& more) {
    state.insert(state.end(), more.begin(), more.end());
  };
  if (minus_) append(minus_->save());
  if (plus_write_) append(plus_write_->save());
  if (minus_write_) append(minus_write_->save());
  return state;
}

void DevicePairs::restore(Span<const double> state) {
  const std::size_t device = plus_->save().size();
  const std::size_t wear = plus_write_ ? plus_write_->save().size() : 0;
  const std::size_t sides = minus_ ? 2 : 1;
  if (state.size() != sides * (device + wear)) {
    throw InternalError(config_.name + ": a saved state of another size");
  }
  plus_->restore(state.subspan(0, device));
  if (minus_) minus_->restore(state.subspan(device, device));
  if (plus_write_) plus_write_->restore(state.subspan(sides * device, wear), *plus_);
  if (minus_write_) minus_write_->restore(state.subspan(sides * device + wear, wear), *minus_);
  refresh_all();
}

}  // namespace memprop::analog
