#include "testbenches/experiment/gradient_monitor.hpp"

#include <algorithm>
#include <array>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/dendritic_gradient.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::bench {
namespace {

constexpr std::size_t figures = 5;

template <class Row>
auto members(Row& row) {
  return std::array{&row.cosine_wanted, &row.cosine_applied, &row.cosine_shuffled,
                    &row.ratio_wanted, &row.ratio_applied};
}

std::vector<double> to_double(Span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace

GradientMonitor::GradientMonitor(const hw::ChipRunner& runner, const learning::Network& network,
                                 const learning::LearningConfig& learning)
    : runner_(runner),
      learning_(learning),
      row_(network.layer_count()),
      sum_(network.layer_count()) {
  for (auto& s : sum_) {
    for (double* figure : members(s)) *figure = 0.0;
  }
  if (network.config.dendrites.on()) return;
  solver_ = std::make_unique<learning::ExactGradientSolver>(network.config);
}

std::vector<Matrix> GradientMonitor::exact(Span<const double> x, Span<const double> y) {
  return solver_ ? solver_->solve(weights_, x, y).weight
                 : learning::dendritic_gradient(weights_, x, y).weight;
}

void GradientMonitor::before(Span<const float> x, Span<const float> target,
                             Span<const float> wrong_target) {
  weights_ = runner_.chip().analog().present_network();
  const auto input = to_double(x);
  try {
    wrong_gradient_ = exact(input, to_double(wrong_target));
    gradient_ = exact(input, to_double(target));
    has_gradient_ = true;
  } catch (const NumericalError&) {
    // A network without an equilibrium has no gradient to compare with. What its chip does (run on
    // unsettled, or diverge) is for the chip to find out.
    has_gradient_ = false;
  }
}

const std::vector<LayerAlignment>& GradientMonitor::after() {
  if (!has_gradient_) {
    std::fill(row_.begin(), row_.end(), LayerAlignment());
    return row_;
  }
  const auto& chip = runner_.chip();
  const auto wanted = chip.wanted_change(weights_, learning_, runner_.last_nudge_sign(), false);
  const auto now = chip.analog().present_network();
  const auto rates = learning::layer_rates(learning_, weights_.layer_count());
  // The step of a batch is no step along the gradient of one of its samples.
  const bool steps = learning_.batch == 1;
  for (std::size_t l = 0; l < row_.size(); ++l) {
    Matrix applied = now.weight[l];
    for (std::size_t k = 0; k < applied.size(); ++k) {
      applied.data()[k] -= weights_.weight[l].data()[k];
    }
    // Descent: a change along -dC/dW has cosine +1.
    auto& r = row_[l];
    r.cosine_wanted = -learning::cosine(wanted[l], gradient_[l]);
    r.cosine_applied = steps ? -learning::cosine(applied, gradient_[l]) : not_measured;
    r.cosine_shuffled = steps ? -learning::cosine(applied, wrong_gradient_[l]) : not_measured;
    const double rate = rates[l] == 0.0 ? not_measured : rates[l];
    r.ratio_wanted = learning::norm_ratio(wanted[l], gradient_[l]) / rate;
    r.ratio_applied = steps ? learning::norm_ratio(applied, gradient_[l]) / rate : not_measured;
    const auto from = members(row_[l]);
    const auto to = members(sum_[l]);
    for (std::size_t k = 0; k < figures; ++k) *to[k] += *from[k];
  }
  ++count_;
  return row_;
}

std::vector<LayerAlignment> GradientMonitor::mean() const {
  std::vector<LayerAlignment> mean = sum_;
  for (auto& m : mean) {
    for (double* figure : members(m)) *figure /= static_cast<double>(count_);
  }
  return mean;
}

std::vector<double> GradientMonitor::save() const {
  std::vector<double> sums;
  for (const auto& s : sum_) {
    for (const double* figure : members(s)) sums.push_back(*figure);
  }
  return sums;
}

void GradientMonitor::restore(Span<const double> sums, std::uint64_t count) {
  if (sums.size() != sum_.size() * figures) throw InternalError("gradient monitor: wrong size");
  std::size_t k = 0;
  for (auto& s : sum_) {
    for (double* figure : members(s)) *figure = sums[k++];
  }
  count_ = count;
}

}  // namespace memprop::bench
