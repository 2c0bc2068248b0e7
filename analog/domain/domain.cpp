#include "analog/domain/domain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analog/domain/internal/dense_solve.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

// Shows one step to several observers.
class Fan final : public ode::StepObserver {
 public:
  explicit Fan(const std::vector<ode::StepObserver*>& observers) : observers_(observers) {}
  void on_step(const ode::DenseStep& step) override {
    for (auto* observer : observers_) observer->on_step(step);
  }

 private:
  const std::vector<ode::StepObserver*>& observers_;
};

// A stretch of time in which nothing moves.
class ConstantStep final : public ode::DenseStep {
 public:
  ConstantStep(double begin, double end, Span<const double> value)
      : begin_(begin), end_(end), value_(value) {}
  double begin() const override { return begin_; }
  double end() const override { return end_; }
  void evaluate(double, double* out) const override {
    std::copy(value_.begin(), value_.end(), out);
  }

 private:
  double begin_, end_;
  Span<const double> value_;
};

}  // namespace

// Collects what the elements declare; dynamic and algebraic nodes are numbered apart.
class Domain::Declarer final : public Declarations {
 public:
  explicit Declarer(Domain& domain) : domain_(domain) {}

  void add_nodes(const std::string& name, Span<const double> capacitance_f) override {
    if (domain_.find(domain_.node_names_, name) != nullptr) {
      throw InternalError("nodes named twice: " + name);
    }
    const bool algebraic = !capacitance_f.empty() && capacitance_f[0] == 0.0;
    for (double c : capacitance_f) {
      if (!(c >= 0.0) || (c == 0.0) != algebraic) {
        throw InternalError("nodes of one name are all dynamic (C > 0) or all algebraic: " + name);
      }
    }
    auto& pool = algebraic ? algebraic_ : dynamic_;
    std::size_t& count = algebraic ? algebraic_count_ : domain_.dynamic_count_;
    pool.push_back({name, {count, capacitance_f.size()}});
    count += capacitance_f.size();
    if (!algebraic) {
      for (double c : capacitance_f) domain_.inverse_capacitance_.push_back(1.0 / c);
    }
    domain_.node_names_.push_back({name, {}});
  }

  void add_lines(const std::string& name, std::size_t count) override {
    if (domain_.find(domain_.line_names_, name) != nullptr) {
      throw InternalError("lines named twice: " + name);
    }
    domain_.line_names_.push_back({name, {line_count_, count}});
    line_count_ += count;
  }

  void add_junctions(const std::string& name, std::size_t count) override {
    if (domain_.find(domain_.junction_names_, name) != nullptr) {
      throw InternalError("junctions named twice: " + name);
    }
    domain_.junction_names_.push_back({name, {domain_.junction_count_, count}});
    domain_.junction_count_ += count;
  }

  void finish() {
    domain_.node_names_ = dynamic_;
    for (auto entry : algebraic_) {
      entry.range.first += domain_.dynamic_count_;
      domain_.node_names_.push_back(entry);
    }
    domain_.node_voltage_.assign(domain_.dynamic_count_ + algebraic_count_, 0.0);
    domain_.line_voltage_.assign(line_count_, 0.0);
    for (auto& entry : domain_.junction_names_) {
      entry.range.first += domain_.node_voltage_.size();  // behind the nodes
    }
  }

 private:
  Domain& domain_;
  std::vector<Named> dynamic_, algebraic_;
  std::size_t algebraic_count_ = 0;
  std::size_t line_count_ = 0;
};

Domain::Domain(ode::StepperConfig config)
    : config_(std::move(config)), stepper_(ode::make_stepper(config_)) {}

Domain::~Domain() = default;

void Domain::add(Element& element) {
  if (elaborated_) throw InternalError("element added after elaboration: " + element.name());
  elements_.push_back(&element);
}

void Domain::elaborate() {
  if (elaborated_) throw InternalError("analog domain elaborated twice");
  std::sort(elements_.begin(), elements_.end(),
            [](const Element* a, const Element* b) { return a->name() < b->name(); });
  for (std::size_t k = 1; k < elements_.size(); ++k) {
    if (elements_[k]->name() == elements_[k - 1]->name()) {
      throw InternalError("elements named twice: " + elements_[k]->name());
    }
  }
  Declarer declarer(*this);
  for (auto* element : elements_) element->declare(declarer);
  declarer.finish();
  for (auto* element : elements_) element->connect(*this);
  state_.assign(dynamic_count_, 0.0);
  work_node_ = node_voltage_;
  work_line_ = line_voltage_;
  current_.assign(node_voltage_.size() + junction_count_, 0.0);
  probe_current_.assign(node_voltage_.size(), 0.0);
  const std::size_t algebraic = node_voltage_.size() - dynamic_count_;
  if (algebraic > 0) jacobian_ = Matrix(node_voltage_.size(), node_voltage_.size());
  next_change_.assign(elements_.size(), never);
  elaborated_ = true;
  set_origin();
}

void Domain::set_origin() {
  now_ = 0;
  stepper_->reset();
  for (std::size_t k = 0; k < elements_.size(); ++k)
    next_change_[k] = elements_[k]->next_change(-1);
}

void Domain::apply_due_changes() {
  for (std::size_t k = 0; k < elements_.size(); ++k) {
    if (next_change_[k] > now_) continue;
    evaluate_lines(static_cast<double>(now_) * seconds_per_tick, node_voltage_.data(),
                   line_voltage_.data());
    elements_[k]->change(now_, node_voltage_.data(), line_voltage_.data());
    next_change_[k] = elements_[k]->next_change(now_);
    if (next_change_[k] <= now_) throw InternalError("change in the past: " + elements_[k]->name());
    stepper_->restart();
  }
}

void Domain::advance_to(Ticks t) {
  if (t < now_) throw InternalError("analog domain asked to go back in time");
  Fan fan(observers_);
  ode::StepObserver* const observer = observers_.empty() ? nullptr : &fan;
  while (now_ < t) {
    apply_due_changes();
    Ticks end = t;
    for (Ticks change : next_change_) end = std::min(end, change);
    const double t_begin = static_cast<double>(now_) * seconds_per_tick;
    const double t_end = static_cast<double>(end) * seconds_per_tick;
    const bool quiet = std::all_of(elements_.begin(), elements_.end(),
                                   [](const Element* e) { return e->quiet(); });
    if (quiet) {
      if (observer != nullptr) {
        observer->on_step(ConstantStep(t_begin, t_end, {node_voltage_.data(), dynamic_count_}));
      }
    } else {
      std::copy_n(node_voltage_.begin(), dynamic_count_, state_.begin());
      try {
        stepper_->advance(*this, state_, t_begin, t_end, observer);
      } catch (const NonFiniteState& e) {
        throw NonFiniteState(node_name(e.index()) + " diverged: " + e.what(), e.time_s(),
                             e.index());
      } catch (const StepSizeUnderflow& e) {
        throw StepSizeUnderflow(node_name(e.index()) + ": " + e.what(), e.time_s(), e.index());
      }
      std::copy(state_.begin(), state_.end(), node_voltage_.begin());
      if (dynamic_count_ < node_voltage_.size()) {
        std::copy(node_voltage_.begin(), node_voltage_.end(), work_node_.begin());
        solve_algebraic(t_end);
        std::copy(work_node_.begin() + static_cast<std::ptrdiff_t>(dynamic_count_),
                  work_node_.end(),
                  node_voltage_.begin() + static_cast<std::ptrdiff_t>(dynamic_count_));
      }
    }
    now_ = end;
  }
}

void Domain::source_changed() { stepper_->restart(); }

void Domain::set_nodes(Range range, double voltage) {
  std::fill_n(node_voltage_.begin() + static_cast<std::ptrdiff_t>(range.first), range.count,
              voltage);
  stepper_->restart();
}

void Domain::currents(double t, const double* node) {
  evaluate_lines(t, node, work_line_.data());
  std::fill(current_.begin(), current_.end(), 0.0);
  for (const auto* element : elements_) {
    element->add_currents(t, node, work_line_.data(), current_.data());
  }
  for (const auto* element : elements_) {
    element->finish_currents(t, node, work_line_.data(), current_.data());
  }
}

void Domain::rhs(double t, const double* x, double* dxdt) {
  if (dynamic_count_ == node_voltage_.size()) {
    currents(t, x);
  } else {
    std::copy(x, x + dynamic_count_, work_node_.begin());
    solve_algebraic(t);
    currents(t, work_node_.data());
  }
  const double* i = current_.data();
  const double* s = inverse_capacitance_.data();
#pragma omp simd
  for (std::size_t k = 0; k < dynamic_count_; ++k) dxdt[k] = i[k] * s[k];
}

// Newton's iteration on the algebraic nodes, from their last values. The dynamic ones are given.
void Domain::solve_algebraic(double t) {
  constexpr int max_iterations = 50;
  const std::size_t n = node_voltage_.size() - dynamic_count_;
  double previous = std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < max_iterations; ++iteration) {
    currents(t, work_node_.data());
    assemble_jacobian(t);
    std::vector<double>& step = probe_current_;
    for (std::size_t k = 0; k < n; ++k) step[k] = -current_[dynamic_count_ + k];
    if (!internal::solve_trailing_block(jacobian_, dynamic_count_, step.data())) break;
    double largest = 0.0;
    // Rounding scales with the largest voltage around, not with a node that happens to be near
    // zero.
    double scale = 0.0;
    for (std::size_t k = 0; k < dynamic_count_; ++k) {
      scale = std::max(scale, std::abs(work_node_[k]));
    }
    for (const double line : work_line_) scale = std::max(scale, std::abs(line));
    for (std::size_t k = 0; k < n; ++k) {
      work_node_[dynamic_count_ + k] += step[k];
      largest = std::max(largest, std::abs(step[k]));
      scale = std::max(scale, std::abs(work_node_[dynamic_count_ + k]));
    }
    // Converged to rounding: the step is tiny, or it has stopped to shrink at the noise floor.
    if (largest <= 4e-16 * scale || (largest <= 1e-12 * scale && largest >= 0.5 * previous)) return;
    if (largest == 0.0) return;
    previous = largest;
  }
  throw AlgebraicSolveFailure(
      fmt::format("the algebraic nodes ({} ...) found no solution at t = {:.9g} s",
                  node_name(dynamic_count_), t),
      t, dynamic_count_);
}

void Domain::assemble_jacobian(double t) {
  std::fill(jacobian_.values().begin(), jacobian_.values().end(), 0.0);
  std::vector<double> base(current_.size()), moved(current_.size());
  if (junction_count_ > 0) {
    // What an element adds to a junction shows elsewhere: differences of the whole.
    base = current_;
    for (std::size_t j = dynamic_count_; j < work_node_.size(); ++j) {
      const double at = work_node_[j];
      const double delta = 1e-7 * std::max(std::abs(at), 1e-3);
      work_node_[j] = at + delta;
      currents(t, work_node_.data());
      for (std::size_t i = dynamic_count_; i < work_node_.size(); ++i) {
        jacobian_(i, j) = (current_[i] - base[i]) / delta;
      }
      work_node_[j] = at;
    }
    current_ = base;
    evaluate_lines(t, work_node_.data(), work_line_.data());
    return;
  }
  for (const auto* element : elements_) {
    if (element->add_jacobian(t, work_node_.data(), jacobian_)) continue;
    std::fill(base.begin(), base.end(), 0.0);
    evaluate_lines(t, work_node_.data(), work_line_.data());
    element->add_currents(t, work_node_.data(), work_line_.data(), base.data());
    for (std::size_t j = dynamic_count_; j < work_node_.size(); ++j) {
      const double at = work_node_[j];
      const double delta = 1e-7 * std::max(std::abs(at), 1e-3);
      work_node_[j] = at + delta;
      std::fill(moved.begin(), moved.end(), 0.0);
      evaluate_lines(t, work_node_.data(), work_line_.data());
      element->add_currents(t, work_node_.data(), work_line_.data(), moved.data());
      for (std::size_t i = dynamic_count_; i < work_node_.size(); ++i) {
        jacobian_(i, j) += (moved[i] - base[i]) / delta;
      }
      work_node_[j] = at;
    }
  }
}

void Domain::evaluate_lines(double t, const double* node, double* line) const {
  for (const auto* element : elements_) element->drive_lines(t, node, line);
}

Span<const double> Domain::line_voltages() {
  evaluate_lines(static_cast<double>(now_) * seconds_per_tick, node_voltage_.data(),
                 line_voltage_.data());
  return line_voltage_;
}

void Domain::slopes(Span<double> out) {
  if (out.size() != dynamic_count_) throw InternalError("slopes: wrong size");
  rhs(static_cast<double>(now_) * seconds_per_tick, node_voltage_.data(), out.data());
}

const Domain::Named* Domain::find(const std::vector<Named>& list, const std::string& name) const {
  for (const auto& entry : list) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

Range Domain::nodes(const std::string& name) const {
  const auto* entry = find(node_names_, name);
  if (entry == nullptr) throw InternalError("no nodes named " + name);
  return entry->range;
}

Range Domain::lines(const std::string& name) const {
  const auto* entry = find(line_names_, name);
  if (entry == nullptr) throw InternalError("no lines named " + name);
  return entry->range;
}

Range Domain::inputs(const std::string& name) const {
  const auto* entry = find(junction_names_, name);
  return entry != nullptr ? entry->range : nodes(name);
}

std::string Domain::node_name(std::size_t node) const {
  for (const auto& entry : node_names_) {
    if (node >= entry.range.first && node < entry.range.first + entry.range.count) {
      return fmt::format("{}[{}]", entry.name, node - entry.range.first);
    }
  }
  return fmt::format("node {}", node);
}

void Domain::attach(ode::StepObserver* observer) { observers_.push_back(observer); }

void Domain::detach(ode::StepObserver* observer) {
  observers_.erase(std::remove(observers_.begin(), observers_.end(), observer), observers_.end());
}

void Domain::restore_state(Span<const double> voltages) {
  if (voltages.size() != node_voltage_.size()) throw InternalError("restore_state: wrong size");
  std::copy(voltages.begin(), voltages.end(), node_voltage_.begin());
  set_origin();
}

}  // namespace memprop::analog
