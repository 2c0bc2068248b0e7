// Node voltages of an analog domain at the points of a regular grid, read from the dense output of
// its integration.
#pragma once

#include <algorithm>
#include <vector>

#include "analog/domain/domain.hpp"

namespace memprop::bench {

class GridRecorder : public ode::StepObserver {
 public:
  GridRecorder(analog::Domain& domain, analog::Ticks step)
      : domain_(domain), step_(step), width_(domain.node_count()) {}
  ~GridRecorder() override {
    if (attached_) domain_.detach(this);
  }
  GridRecorder(const GridRecorder&) = delete;
  GridRecorder& operator=(const GridRecorder&) = delete;

  // Records from the next step on, which begins a sample, until stop().
  void start() {
    row_ = 0;
    nodes_.clear();
    domain_.attach(this);
    attached_ = true;
  }
  void stop() {
    domain_.detach(this);
    attached_ = false;
  }
  // Up to `points` of them with the last voltages: nothing has moved since.
  void hold(std::size_t points) {
    if (row_ == 0) return;
    for (; row_ < points; ++row_) {
      nodes_.resize((row_ + 1) * width_);
      std::copy_n(nodes_.begin() + static_cast<std::ptrdiff_t>((row_ - 1) * width_), width_,
                  nodes_.begin() + static_cast<std::ptrdiff_t>(row_ * width_));
    }
  }

  std::size_t points() const { return row_; }
  Span<const double> nodes(std::size_t point) const {
    return {nodes_.data() + point * width_, width_};
  }
  std::size_t line_count() const { return domain_.line_count(); }
  // All lines at a point [V]; `out` has line_count() places.
  void lines(std::size_t point, double* out) const {
    domain_.evaluate_lines(0.0, nodes_.data() + point * width_, out);
  }

  void on_step(const ode::DenseStep& step) override {
    // A jump (precharge) belongs to the value after it: point k is taken from the step that ends at
    // or behind it, point 0 from the first step's beginning.
    for (double t = time_of(row_); t <= step.end() && (t > step.begin() || row_ == 0);
         t = time_of(row_)) {
      nodes_.resize((row_ + 1) * width_);
      step.evaluate(t, nodes_.data() + row_ * width_);
      ++row_;
    }
  }

 private:
  // The same rounding as the domain's own times: whole picoseconds.
  double time_of(std::size_t point) const {
    return static_cast<double>(step_ * static_cast<analog::Ticks>(point)) *
           analog::seconds_per_tick;
  }

  analog::Domain& domain_;
  analog::Ticks step_;
  std::size_t width_;
  std::size_t row_ = 0;
  std::vector<double> nodes_;
  bool attached_ = false;
};

}  // namespace memprop::bench
