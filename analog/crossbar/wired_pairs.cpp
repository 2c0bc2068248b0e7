#include "analog/crossbar/wired_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analog/crossbar/internal/wired_circuit.hpp"
#include "analog/crossbar/wired_cell.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

// G- of every cell.
std::vector<double> minus_of(const DevicePairs& pairs) {
  std::vector<double> minus;
  for (std::size_t k = 0; k < pairs.rows() * pairs.columns(); ++k) {
    minus.push_back(pairs.minus_s(k));
  }
  return minus;
}

struct Sides {  // of the pairs
  Matrix plus, minus;
};

// The ends that one direction really uses: others would only make the reduction larger.
LatticeShape shape_of(const WiredConfig& c, ReadDirection direction) {
  const bool forward = direction == ReadDirection::forward;
  LatticeShape shape;
  shape.rows = c.rows;
  shape.columns = c.columns;
  shape.ends = {true, (forward ? c.drive : c.sense) == LineEnds::both,
                (forward ? c.sense : c.drive) == LineEnds::both, true};
  return shape;
}

double quadratic(const Matrix& y, const double* v) {
  double sum = 0.0;
  for (std::size_t a = 0; a < y.rows(); ++a) {
    double row = 0.0;
    for (std::size_t b = 0; b < y.cols(); ++b) row += y(a, b) * v[b];
    sum += v[a] * row;
  }
  return sum;
}

}  // namespace

struct WiredPairs::Impl {
  explicit Impl(const WiredPairsConfig& c) : config(c), array(c.wires) {
    const std::size_t columns = c.wires.columns, rows = c.wires.rows;
    if (adjacent()) array.columns = 2 * columns;
    for (Matrix* m : {&reference.plus, &reference.minus, &forward, &backward}) {
      *m = Matrix(columns, rows);
    }
    for (Sides& s : exact) s.plus = s.minus = Matrix(columns, rows);
    row_admittance = Matrix(rows, rows);
    column_admittance = Matrix(columns, columns);
  }

  bool adjacent() const { return config.placement == PairPlacement::adjacent_columns; }
  void set_cells(Span<const double> plus, Span<const double> minus, Sides& cells) const;
  void reduce(const Sides& cells);
  void reduce_direction(const Sides& cells, ReadDirection direction);
  const Matrix& reduce_array(ReadDirection direction, const LatticeValues& values);
  void take_side(const Matrix& y, std::size_t first, std::size_t step, Matrix& to) const;
  void add_row_power(const Matrix& y);
  void add_column_power(const Matrix& y);
  void use_exact();
  void follow(const Sides& cells);

  WiredPairsConfig config;
  WiredConfig array;                                       // the physical one
  std::array<std::unique_ptr<LatticeCholesky>, 2> solver;  // per direction
  Sides reference;                                         // cells of the last reduction [S]
  std::array<Sides, 2> exact;  // its E (forward) and B (backward) of each side
  Matrix forward, backward;    // in use
  Matrix row_admittance, column_admittance;
  std::uint64_t updates = 0, reductions = 0;
  double followed_error = 0.0;
};

void WiredPairs::Impl::set_cells(Span<const double> plus, Span<const double> minus,
                                 Sides& cells) const {
  const std::size_t rows = config.wires.rows, count = rows * config.wires.columns;
  if (plus.size() != count || minus.size() != count) {
    throw InternalError(config.wires.name + ": wrong number of conductances");
  }
  cells.plus = cells.minus = Matrix(config.wires.columns, rows);
  for (std::size_t k = 0; k < count; ++k) {
    for (const double g : {plus[k], minus[k]}) {
      if (std::isfinite(g) && g >= 0.0) continue;
      throw UserError(
          fmt::format("{}: expected a conductance of 0 S or more in row {}, column {}, got {} S",
                      config.wires.name, k % rows, k / rows, g));
    }
    cells.plus.data()[k] = cell_conductance(config.wires.cell, plus[k]);
    cells.minus.data()[k] = cell_conductance(config.wires.cell, minus[k]);
  }
}

const Matrix& WiredPairs::Impl::reduce_array(ReadDirection direction, const LatticeValues& values) {
  auto& s = solver[direction == ReadDirection::forward ? 0 : 1];
  if (!s) {
    s = std::make_unique<LatticeCholesky>(shape_of(array, direction), LatticeCholesky::Use::reduce);
  }
  s->factor(values);
  ++reductions;
  return s->reduced();
}

// E (or B) of one side from the terminals' admittance: a current out of a terminal is minus what it
// delivers. The side's columns are first, first + step, ...
void WiredPairs::Impl::take_side(const Matrix& y, std::size_t first, std::size_t step,
                                 Matrix& to) const {
  const std::size_t rows = config.wires.rows;
  for (std::size_t i = 0; i < config.wires.columns; ++i) {
    for (std::size_t j = 0; j < rows; ++j) to(i, j) = -y(rows + first + step * i, j);
  }
}

void WiredPairs::Impl::add_row_power(const Matrix& y) {
  for (std::size_t a = 0; a < row_admittance.rows(); ++a) {
    for (std::size_t b = 0; b < row_admittance.cols(); ++b) row_admittance(a, b) += y(a, b);
  }
}

// The columns of a pair are driven with opposite voltages.
void WiredPairs::Impl::add_column_power(const Matrix& y) {
  const std::size_t rows = config.wires.rows, step = adjacent() ? 2 : 1;
  for (std::size_t a = 0; a < column_admittance.rows(); ++a) {
    for (std::size_t b = 0; b < column_admittance.cols(); ++b) {
      for (std::size_t p = 0; p < step; ++p) {
        for (std::size_t q = 0; q < step; ++q) {
          const double sign = p == q ? 1.0 : -1.0;
          column_admittance(a, b) += sign * y(rows + step * a + p, rows + step * b + q);
        }
      }
    }
  }
}

void WiredPairs::Impl::reduce_direction(const Sides& cells, ReadDirection direction) {
  const bool forward_ends = direction == ReadDirection::forward;
  const bool both = config.wires.reciprocal();
  LatticeValues values = wire_values(array, direction);
  Sides& out = exact[forward_ends ? 0 : 1];
  const auto add_power = [&](const Matrix& y) {
    if (forward_ends) add_row_power(y);
    if (!forward_ends || both) add_column_power(y);
  };
  const std::size_t columns = config.wires.columns, step = adjacent() ? 2 : 1;
  const auto place = [&](const Matrix& side, std::size_t first) {
    for (std::size_t i = 0; i < columns; ++i) {
      for (std::size_t j = 0; j < side.cols(); ++j) values.cross(j, first + step * i) = side(i, j);
    }
  };
  place(cells.plus, 0);
  if (adjacent()) place(cells.minus, 1);
  const Matrix& y = reduce_array(direction, values);
  take_side(y, 0, step, out.plus);
  add_power(y);
  if (adjacent()) {
    take_side(y, 1, step, out.minus);
  } else {
    place(cells.minus, 0);
    const Matrix& other = reduce_array(direction, values);
    take_side(other, 0, step, out.minus);
    add_power(other);
  }
}

void WiredPairs::Impl::reduce(const Sides& cells) {
  for (Matrix* m : {&row_admittance, &column_admittance}) {
    std::fill(m->values().begin(), m->values().end(), 0.0);
  }
  if (config.wires.reciprocal()) {
    reduce_direction(cells, ReadDirection::forward);
    exact[1] = exact[0];
  } else {
    if (config.forward) reduce_direction(cells, ReadDirection::forward);
    if (config.backward) reduce_direction(cells, ReadDirection::backward);
  }
  reference = cells;
}

void WiredPairs::Impl::use_exact() {
  for (std::size_t k = 0; k < forward.size(); ++k) {
    forward.data()[k] = exact[0].plus.data()[k] - exact[0].minus.data()[k];
    backward.data()[k] = exact[1].plus.data()[k] - exact[1].minus.data()[k];
  }
}

// Always from the last reduction, never from the step before: nothing adds up, and a resume comes
// to the same bits.
void WiredPairs::Impl::follow(const Sides& cells) {
  if (!config.follow) return;
  const auto moved = [](double e, double reference_s, double now_s) {
    const double share = reference_s > 0.0 ? std::clamp(e / reference_s, 0.0, 1.0) : 1.0;
    return e + share * (now_s - reference_s);
  };
  for (std::size_t k = 0; k < forward.size(); ++k) {
    const double plus = cells.plus.data()[k], minus = cells.minus.data()[k];
    const double plus_ref = reference.plus.data()[k], minus_ref = reference.minus.data()[k];
    forward.data()[k] = moved(exact[0].plus.data()[k], plus_ref, plus) -
                        moved(exact[0].minus.data()[k], minus_ref, minus);
    backward.data()[k] = moved(exact[1].plus.data()[k], plus_ref, plus) -
                         moved(exact[1].minus.data()[k], minus_ref, minus);
  }
}

WiredPairs::WiredPairs(const WiredPairsConfig& config) {
  check(config.wires);
  if (!config.wires.cell.linear()) {
    throw UserError(fmt::format(
        "{}: only linear cells can be reduced to their lines' terminals, got a nonlinearity of {} "
        "V "
        "and a current limit of {} A",
        config.wires.name, config.wires.cell.nonlinear_v, config.wires.cell.access_limit_a));
  }
  if (config.refresh_every == 0) {
    throw UserError(
        fmt::format("{}: expected a refresh after 1 or more updates, got 0", config.wires.name));
  }
  impl_ = std::make_unique<Impl>(config);
}
WiredPairs::~WiredPairs() = default;
WiredPairs::WiredPairs(WiredPairs&&) noexcept = default;
WiredPairs& WiredPairs::operator=(WiredPairs&&) noexcept = default;

void WiredPairs::refresh(Span<const double> plus_s, Span<const double> minus_s) {
  Sides cells;
  impl_->set_cells(plus_s, minus_s, cells);
  impl_->reduce(cells);
  impl_->use_exact();
  impl_->updates = 0;
}

bool WiredPairs::update(Span<const double> plus_s, Span<const double> minus_s) {
  Impl& s = *impl_;
  Sides cells;
  s.set_cells(plus_s, minus_s, cells);
  if (s.reductions == 0) throw InternalError(s.config.wires.name + ": updated before reduced");
  s.follow(cells);
  if (++s.updates < s.config.refresh_every) return false;
  const auto in_use = [&s]() -> const Matrix& { return s.config.forward ? s.forward : s.backward; };
  const Matrix used = in_use();
  s.reduce(cells);
  s.use_exact();
  s.updates = 0;
  const Matrix& now = in_use();
  double worst = 0.0, largest = 0.0;
  for (std::size_t k = 0; k < used.size(); ++k) {
    worst = std::max(worst, std::abs(used.data()[k] - now.data()[k]));
    largest = std::max(largest, std::abs(now.data()[k]));
  }
  s.followed_error = s.config.refresh_every > 1 && largest > 0.0 ? worst / largest : 0.0;
  return true;
}

void WiredPairs::track(Span<const double> plus_s, Span<const double> minus_s) {
  Sides cells;
  impl_->set_cells(plus_s, minus_s, cells);
  impl_->follow(cells);
}

void WiredPairs::refresh(const DevicePairs& pairs) {
  const std::vector<double> minus = minus_of(pairs);
  refresh({pairs.plus().conductance(), minus.size()}, minus);
}

bool WiredPairs::update(const DevicePairs& pairs) {
  const std::vector<double> minus = minus_of(pairs);
  return update({pairs.plus().conductance(), minus.size()}, minus);
}

const Matrix& WiredPairs::forward() const { return impl_->forward; }
const Matrix& WiredPairs::backward() const { return impl_->backward; }
const Matrix& WiredPairs::forward_side(bool plus) const {
  return plus ? impl_->exact[0].plus : impl_->exact[0].minus;
}
const Matrix& WiredPairs::backward_side(bool plus) const {
  return plus ? impl_->exact[1].plus : impl_->exact[1].minus;
}
double WiredPairs::row_power(const double* row_v) const {
  return quadratic(impl_->row_admittance, row_v);
}
double WiredPairs::column_power(const double* column_v) const {
  return quadratic(impl_->column_admittance, column_v);
}
double WiredPairs::followed_error() const { return impl_->followed_error; }
std::uint64_t WiredPairs::reductions() const { return impl_->reductions; }

std::vector<double> WiredPairs::save() const {
  const Impl& s = *impl_;
  std::vector<double> state{static_cast<double>(s.updates), static_cast<double>(s.reductions),
                            s.followed_error};
  for (const Matrix* m : {&s.reference.plus, &s.reference.minus}) {
    state.insert(state.end(), m->values().begin(), m->values().end());
  }
  return state;
}

void WiredPairs::restore(Span<const double> state, Span<const double> plus_s,
                         Span<const double> minus_s) {
  Impl& s = *impl_;
  const std::size_t count = s.forward.size();
  if (state.size() != 3 + 2 * count) throw InternalError(s.config.wires.name + ": wrong state");
  Sides cells;
  cells.plus = cells.minus = Matrix(s.forward.rows(), s.forward.cols());
  std::copy_n(state.data() + 3, count, cells.plus.data());
  std::copy_n(state.data() + 3 + count, count, cells.minus.data());
  s.reduce(cells);
  s.use_exact();
  s.updates = static_cast<std::uint64_t>(state[0]);
  s.reductions = static_cast<std::uint64_t>(state[1]);
  s.followed_error = state[2];
  if (s.updates > 0) {
    s.set_cells(plus_s, minus_s, cells);
    s.follow(cells);
  }
}

}  // namespace memprop::analog
