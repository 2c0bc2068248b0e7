#include "testbenches/experiment/ideal_update.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::bench {

IdealUpdate::IdealUpdate(const learning::LearningConfig& learning, const hw::AnalogChip& chip)
    : learning_(learning),
      collects_(learning.batch > 1 || learning.optimiser.kind != OptimiserKind::sgd) {
  if (!collects_) return;
  const auto rates = learning::layer_rates(learning, chip.layer_count());
  for (std::size_t number = 1; number <= chip.tile_count(); ++number) {
    tiles_.emplace_back();
    tiles_.back().rate = rates[chip.layout(number).weight_layer - 1];
  }
  learning_.rate = {1.0};
}

std::vector<Matrix> IdealUpdate::step(std::vector<Matrix> change) {
  if (!collects_) return change;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    const std::vector<double>& wanted = change[t].values();
    tile.sum.resize(wanted.size(), 0.0);
    for (std::size_t k = 0; k < wanted.size(); ++k) tile.sum[k] += wanted[k];
  }
  if (++samples_ < learning_.batch) return {};
  samples_ = 0;
  ++updates_;
  const double share = 1.0 / static_cast<double>(learning_.batch);
  const OptimiserConfig& optimiser = learning_.optimiser;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    const std::size_t n = tile.sum.size();
    if (optimiser.has_first()) tile.first.resize(n, 0.0);
    if (optimiser.has_second()) tile.second.resize(n, 0.0);
    for (double& g : tile.sum) g *= share;
    std::vector<double>& step = change[t].values();
    std::fill(step.begin(), step.end(), 0.0);
    optimiser_step(optimiser, updates_, tile.rate, tile.sum.data(), step.data(), tile.first.data(),
                   tile.second.data(), n);
    std::fill(tile.sum.begin(), tile.sum.end(), 0.0);
  }
  return change;
}

void IdealUpdate::save(traces::Checkpoint& checkpoint) const {
  if (!collects_) return;
  checkpoint.put_value("optimiser/samples", samples_);
  checkpoint.put_value("optimiser/updates", updates_);
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    checkpoint.put(fmt::format("optimiser/sum/{}", t), Span<const double>(tiles_[t].sum));
    checkpoint.put(fmt::format("optimiser/first/{}", t), Span<const double>(tiles_[t].first));
    checkpoint.put(fmt::format("optimiser/second/{}", t), Span<const double>(tiles_[t].second));
  }
}

void IdealUpdate::load(const traces::Checkpoint& loaded) {
  if (!collects_) return;
  samples_ = loaded.uint64("optimiser/samples");
  updates_ = loaded.uint64("optimiser/updates");
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    tiles_[t].sum = loaded.doubles(fmt::format("optimiser/sum/{}", t));
    tiles_[t].first = loaded.doubles(fmt::format("optimiser/first/{}", t));
    tiles_[t].second = loaded.doubles(fmt::format("optimiser/second/{}", t));
  }
}

}  // namespace memprop::bench
