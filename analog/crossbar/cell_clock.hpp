// Lets the cells of a tile fluctuate and age within a sample: an element of the analog domain
// without currents of its own that moves them on, on a grid of its own.
#pragma once

#include <string>
#include <vector>

#include "analog/crossbar/crossbar_tile.hpp"
#include "analog/crossbar/effective_pairs.hpp"

namespace memprop::analog {

class CellClock final : public Element {
 public:
  // The tile reads `cells` (one or two arrays). All outlive the clock.
  CellClock(const std::string& name, CrossbarTile& tile, std::vector<EffectivePairs*> cells,
            Ticks grid)
      : Element(name), tile_(tile), cells_(std::move(cells)), grid_(grid) {}

  void add_currents(double, const double*, const double*, double*) const override {}
  bool quiet() const override { return true; }
  // At the start of a sample the cells stand where begin_sample() has put them.
  Ticks next_change(Ticks now) const override {
    return now < 0 ? grid_ : (now / grid_ + 1) * grid_;
  }
  void change(Ticks now, const double*, const double* line) override {
    for (EffectivePairs* cells : cells_) {
      cells->advance(static_cast<double>(now) * seconds_per_tick);
    }
    tile_.cells_changed(line);
  }

 private:
  CrossbarTile& tile_;
  std::vector<EffectivePairs*> cells_;
  Ticks grid_;
};

}  // namespace memprop::analog
