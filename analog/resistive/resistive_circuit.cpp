#include "analog/resistive/resistive_circuit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "solvers/error.hpp"

namespace memprop::analog {

ResistiveCircuit::ResistiveCircuit(ResistiveCircuitConfig config)
    : config_(std::move(config)), domain_(config_.solver) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const std::size_t layers = config_.conductance_s.size();
  for (std::size_t l = 0; l < layers; ++l) {
    const Matrix& g = config_.conductance_s[l];
    const bool hidden = l + 1 < layers;
    ResistiveBankConfig bank;
    bank.name = fmt::format("layer{}/nodes", l + 1);
    bank.capacitance_f.assign(g.rows(), config_.capacitance_f);
    bank.low_v.assign(g.rows(), -inf);
    bank.high_v.assign(g.rows(), inf);
    if (hidden && !config_.low_v.empty()) {
      bank.low_v = config_.low_v[l];
      bank.high_v = config_.high_v[l];
    }
    bank.diode = config_.diode;
    if (!hidden) bank.diode.law = DiodeLaw::none;
    bank.diode_on_s = config_.diode_on_s;
    if (hidden) bank.gain.assign(g.rows(), config_.gain[l]);
    bank.pairs = !hidden && config_.pairs;
    if (!config_.current_a.empty()) bank.current_a = config_.current_a[l];
    banks_.push_back(std::make_unique<ResistiveBank>(std::move(bank)));
    domain_.add(*banks_.back());

    ResistiveTileConfig tile;
    tile.name = fmt::format("tile{}", l + 1);
    tile.above = fmt::format("layer{}/nodes", l + 1);
    tile.rows = g.rows();
    tile.columns = g.cols();
    if (l > 0) {
      tile.below = fmt::format("layer{}/nodes", l);
      tile.back_gain.assign(g.cols(), 1.0 / config_.gain[l - 1]);
    }
    tiles_.push_back(std::make_unique<ResistiveTile>(std::move(tile), g.data()));
    domain_.add(*tiles_.back());
  }
  domain_.elaborate();
  slope_.assign(domain_.node_count(), 0.0);
  for (auto& bank : banks_) bank->set_held(false);
  for (auto& tile : tiles_) tile->set_driven(true);
  reset();
}

void ResistiveCircuit::set_sources(Span<const double> volts) {
  tiles_.front()->set_sources(volts);
  domain_.source_changed();
}

void ResistiveCircuit::set_target(Span<const double> volts) {
  banks_.back()->set_target(volts);
  domain_.source_changed();
}

void ResistiveCircuit::set_nudge(double conductance_s) {
  banks_.back()->set_nudge(conductance_s);
  domain_.source_changed();
}

void ResistiveCircuit::reset() {
  domain_.set_origin();
  for (auto& bank : banks_) domain_.set_nodes(bank->nodes(), 0.0);
}

void ResistiveCircuit::run(double seconds) {
  domain_.advance_to(domain_.now() + static_cast<Ticks>(std::llround(seconds / seconds_per_tick)));
}

void ResistiveCircuit::settle(double tolerance_a, double longest_s) {
  const Ticks end = domain_.now() + static_cast<Ticks>(std::llround(longest_s / seconds_per_tick));
  const Ticks piece = std::max<Ticks>(1, (end - domain_.now()) / 1000);
  double worst = 0.0;
  while (domain_.now() < end) {
    domain_.advance_to(std::min(end, domain_.now() + piece));
    domain_.slopes(slope_);
    worst = 0.0;
    for (const double slope : slope_) {
      worst = std::max(worst, std::abs(slope) * config_.capacitance_f);
    }
    if (worst <= tolerance_a) return;
  }
  throw AlgebraicSolveFailure(
      fmt::format("the resistive circuit has not settled after {:.3g} s: {:.3g} A still flow into "
                  "a node",
                  longest_s, worst),
      time_s(), 0);
}

double ResistiveCircuit::time_s() const {
  return static_cast<double>(domain_.now()) * seconds_per_tick;
}

std::vector<double> ResistiveCircuit::voltages(std::size_t l) {
  const Range range = banks_[l - 1]->lines();
  const auto lines = domain_.line_voltages();
  return {lines.begin() + range.first, lines.begin() + range.first + range.count};
}

}  // namespace memprop::analog
