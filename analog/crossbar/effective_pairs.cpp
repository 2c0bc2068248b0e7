#include "analog/crossbar/effective_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analog/crossbar/wired_cell.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

void append(std::vector<double>& to, const std::vector<double>& more) {
  to.push_back(static_cast<double>(more.size()));
  to.insert(to.end(), more.begin(), more.end());
}

// The counterpart of append(): takes the next list off a saved state.
class Lists {
 public:
  explicit Lists(Span<const double> state) : state_(state) {}
  double number() { return next(1)[0]; }
  Span<const double> list() {
    const double count = number();
    return next(static_cast<std::size_t>(count));
  }

 private:
  Span<const double> next(std::size_t count) {
    if (at_ + count > state_.size())
      throw InternalError("cells of a tile: a saved state too short");
    at_ += count;
    return state_.subspan(at_ - count, count);
  }
  Span<const double> state_;
  std::size_t at_ = 0;
};

}  // namespace

EffectivePairs::EffectivePairs(const EffectivePairsConfig& config, DevicePairs& pairs,
                               const std::string& name, std::uint64_t seed)
    : config_(config), pairs_(pairs), difference_(pairs.columns(), pairs.rows()) {
  if (!(config.conductance_gain > 0.0 && config.pause_s >= 0.0)) {
    throw UserError(
        name +
        ": expected a positive gain of the conductances and a pause of 0 s or more, got "
        "other values");
  }
  every_cell_.resize(difference_.size());
  std::iota(every_cell_.begin(), every_cell_.end(), 0U);
  make(plus_, &pairs.plus(), "chip/" + name + "/plus", seed);
  make(minus_, pairs.minus(), "chip/" + name + "/minus", seed);
  programmed(true);
  evaluate(0.0);
  if (!config.has_wires) return;
  WiredPairsConfig wires = config.wires;
  wires.wires.name = name;
  wires.wires.rows = pairs.rows();
  wires.wires.columns = pairs.columns();
  if (!wires.wires.cell.linear()) {
    reads_ = std::make_unique<NonlinearReads>(wires);
    wires.wires.cell = small_signal(wires.wires.cell);
  }
  wires_ = std::make_unique<WiredPairs>(wires);
}

EffectivePairs::~EffectivePairs() = default;

void EffectivePairs::make(Side& side, const PulseDeviceArray* array, const std::string& stream,
                          std::uint64_t seed) {
  side.array = array;
  side.effective_s.assign(difference_.size(), 0.0);
  if (array == nullptr) return;
  const std::size_t cells = array->size();
  if (config_.telegraph.amplitude > 0.0) {
    side.telegraph =
        std::make_unique<TelegraphNoise>(config_.telegraph, cells, seed, stream + "/telegraph");
  }
  if (config_.flicker.level > 0.0) {
    side.flicker =
        std::make_unique<FlickerNoise>(config_.flicker, cells, seed, stream + "/flicker");
  }
  if (config_.ages()) {
    side.retention =
        std::make_unique<Retention>(config_.retention, cells, seed, stream + "/retention");
  }
}

// What a cell's own conductance has become; stuck ones keep theirs.
double EffectivePairs::programmed_now(const Side& side, std::size_t cell, double now_s) const {
  const double g = side.array->conductance()[cell];
  if (!side.retention || side.array->stuck(cell)) return g;
  return side.retention->present(cell, g, now_s);
}

void EffectivePairs::evaluate(double now_s) {
  for (Side* side : sides()) {
    if (side->array == nullptr) {
      for (std::size_t k = 0; k < side->effective_s.size(); ++k) {
        side->effective_s[k] = pairs_.minus_s(k) * config_.conductance_gain;
      }
      continue;
    }
    for (std::size_t k = 0; k < side->effective_s.size(); ++k) {
      double g = programmed_now(*side, k, now_s) * config_.conductance_gain;
      if (side->telegraph) g *= side->telegraph->factor()[k];
      if (side->flicker) g *= side->flicker->factor()[k];
      side->effective_s[k] = g;
    }
  }
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    difference_.data()[k] = plus_.effective_s[k] - minus_.effective_s[k];
  }
}

void EffectivePairs::take_over_cells(bool factor) {
  if (reads_) reads_->set_cells(plus_s(), minus_s(), factor);
}

void EffectivePairs::step_noise(double seconds) {
  if (!(seconds > 0.0)) return;
  for (Side* side : sides()) {
    if (side->telegraph) side->telegraph->advance(seconds);
    if (side->flicker) side->flicker->advance(seconds);
  }
}

void EffectivePairs::restart_clocks(Side& side, Span<const std::uint32_t> cells, double now_s) {
  if (!side.retention) return;
  side.written_s.clear();
  for (const std::uint32_t cell : cells) side.written_s.push_back(side.array->conductance()[cell]);
  side.retention->program(cells, side.written_s, now_s);
}

void EffectivePairs::pulse(Span<const std::uint32_t> cells, bool up, std::uint64_t event,
                           double t_s, Pulsed pulsed) {
  const double now_s = life_s_ + t_s;
  if (plus_.retention) {
    // Pulses go on from what time has left.
    for (Side* side : sides()) {
      side->written_s.clear();
      if (side->array == nullptr) continue;
      const bool left_alone = pulsed == Pulsed::minus && side == &plus_;
      for (const std::uint32_t cell : cells) {
        side->written_s.push_back(left_alone ? side->array->conductance()[cell]
                                             : programmed_now(*side, cell, now_s));
      }
    }
    pairs_.restate(cells, plus_.written_s, minus_.written_s);
  }
  pulsed == Pulsed::both ? pairs_.pulse(cells, up, event) : pairs_.pulse_minus(cells, up, event);
  for (Side* side : sides()) {
    if (pulsed == Pulsed::both || side == &minus_) restart_clocks(*side, cells, now_s);
  }
  if (change_ == Change::none) change_ = Change::some;
}

void EffectivePairs::programmed(bool anew) {
  for (Side* side : sides()) restart_clocks(*side, every_cell_, life_s_);
  if (anew) change_ = Change::anew;
  if (change_ == Change::none) change_ = Change::some;
}

void EffectivePairs::settle() {
  if (!plus_.retention) return;
  for (Side* side : sides()) {
    side->written_s.clear();
    if (side->array == nullptr) continue;
    for (const std::uint32_t cell : every_cell_) {
      side->written_s.push_back(programmed_now(*side, cell, life_s_));
    }
  }
  pairs_.restate(every_cell_, plus_.written_s, minus_.written_s);
  programmed(false);
}

void EffectivePairs::begin_sample() {
  reached_s_ = 0.0;
  const Change change = change_;
  if (change == Change::none && !moves_in_time()) return;
  change_ = Change::none;
  evaluate(life_s_);
  if (!wires_) return;
  take_over_cells(true);
  if (change == Change::anew) return wires_->refresh(plus_s(), minus_s());
  wires_->update(plus_s(), minus_s());
  largest_followed_error_ = std::max(largest_followed_error_, wires_->followed_error());
}

void EffectivePairs::advance(double t_s) {
  if (!moves_in_time() || !(t_s > reached_s_)) return;
  step_noise(t_s - reached_s_);
  reached_s_ = t_s;
  evaluate(life_s_ + t_s);
  if (!wires_) return;
  take_over_cells(false);
  wires_->track(plus_s(), minus_s());
}

void EffectivePairs::end_sample(double t_s) {
  step_noise(t_s - reached_s_ + config_.pause_s);
  reached_s_ = 0.0;
  life_s_ += t_s + config_.pause_s;
}

void EffectivePairs::wait(double seconds) {
  step_noise(seconds);
  life_s_ += seconds;
}

const Matrix& EffectivePairs::forward() const { return wires_ ? wires_->forward() : difference_; }
const Matrix& EffectivePairs::backward() const { return wires_ ? wires_->backward() : difference_; }

double EffectivePairs::row_power(const double* row_v) const {
  if (wires_) return wires_->row_power(row_v);
  const std::size_t n = rows();
  double power = 0.0;
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    const double v = row_v[k % n];
    power += (plus_.effective_s[k] + minus_.effective_s[k]) * v * v;
  }
  return power;
}

double EffectivePairs::column_power(const double* column_v) const {
  if (wires_) return wires_->column_power(column_v);
  const std::size_t n = rows();
  double power = 0.0;
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    const double v = column_v[k / n];
    power += (plus_.effective_s[k] + minus_.effective_s[k]) * v * v;
  }
  return power;
}

// Behind wires a cell's fluctuation reaches the line's end as its share of that line's matrix does.
void EffectivePairs::square_product(const double* row_v, double* out) const {
  const std::size_t n = rows();
  const double* p = wires_ ? wires_->forward_side(true).data() : plus_.effective_s.data();
  const double* m = wires_ ? wires_->forward_side(false).data() : minus_.effective_s.data();
  for (std::size_t i = 0; i < columns(); ++i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t k = i * n + j;
      sum += (p[k] * p[k] + m[k] * m[k]) * (row_v[j] * row_v[j]);
    }
    out[i] = sum;
  }
}

void EffectivePairs::square_product_transposed(const double* column_v, double* out) const {
  const std::size_t n = rows();
  const double* p = wires_ ? wires_->backward_side(true).data() : plus_.effective_s.data();
  const double* m = wires_ ? wires_->backward_side(false).data() : minus_.effective_s.data();
  std::fill(out, out + n, 0.0);
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    const double v = column_v[k / n];
    out[k % n] += (p[k] * p[k] + m[k] * m[k]) * (v * v);
  }
}

void EffectivePairs::magnitude_product(const double* row_v, double* out) const {
  const std::size_t n = rows();
  const double* p = wires_ ? wires_->forward_side(true).data() : plus_.effective_s.data();
  const double* m = wires_ ? wires_->forward_side(false).data() : minus_.effective_s.data();
  std::fill(out, out + columns(), 0.0);
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    out[k / n] += (p[k] + m[k]) * std::fabs(row_v[k % n]);
  }
}

void EffectivePairs::magnitude_product_transposed(const double* column_v, double* out) const {
  const std::size_t n = rows();
  const double* p = wires_ ? wires_->backward_side(true).data() : plus_.effective_s.data();
  const double* m = wires_ ? wires_->backward_side(false).data() : minus_.effective_s.data();
  std::fill(out, out + n, 0.0);
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    out[k % n] += (p[k] + m[k]) * std::fabs(column_v[k / n]);
  }
}

void EffectivePairs::column_sums(double* out) const {
  const std::size_t n = rows();
  std::fill(out, out + columns(), 0.0);
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    out[k / n] += plus_.effective_s[k] + minus_.effective_s[k];
  }
}

void EffectivePairs::row_sums(double* out) const {
  const std::size_t n = rows();
  std::fill(out, out + n, 0.0);
  for (std::size_t k = 0; k < difference_.size(); ++k) {
    out[k % n] += plus_.effective_s[k] + minus_.effective_s[k];
  }
}

std::vector<double> EffectivePairs::save() const {
  std::vector<double> state{life_s_, static_cast<double>(change_), largest_followed_error_};
  for (const Side* side : {&plus_, &minus_}) {
    append(state, side->telegraph ? side->telegraph->save() : std::vector<double>());
    append(state, side->flicker ? side->flicker->save() : std::vector<double>());
    append(state, side->retention ? side->retention->save() : std::vector<double>());
  }
  append(state, wires_ ? wires_->save() : std::vector<double>());
  return state;
}

void EffectivePairs::restore(Span<const double> state) {
  Lists lists(state);
  life_s_ = lists.number();
  change_ = static_cast<Change>(static_cast<int>(lists.number()));
  largest_followed_error_ = lists.number();
  reached_s_ = 0.0;
  for (Side* side : sides()) {
    const auto telegraph = lists.list(), flicker = lists.list(), retention = lists.list();
    if (side->telegraph) side->telegraph->restore(telegraph);
    if (side->flicker) side->flicker->restore(flicker);
    if (side->retention) side->retention->restore(retention);
  }
  const auto wires = lists.list();
  evaluate(life_s_);
  if (!wires_) return;
  take_over_cells(true);
  wires_->restore(wires, plus_s(), minus_s());
}

}  // namespace memprop::analog
