// Control signals, inputs and targets.
#include <utility>
#include <vector>

#include "testbenches/spice/internal/parts.hpp"
#include "testbenches/spice/spice_value.hpp"

namespace memprop::bench::spice {
namespace {

// The value from a time on.
using Levels = std::vector<std::pair<double, double>>;

void add_level(Levels& levels, double time_s, double value) {
  if (!levels.empty() && levels.back().first == time_s) levels.pop_back();
  if (!levels.empty() && levels.back().second == value) return;
  levels.emplace_back(time_s, value);
}

// Edges take edge_s and lie symmetrically about their time: the area below them is that of a jump.
void add_signal(const char* name, const Levels& levels, double edge_s, Lines& out) {
  out.add("V{} {} 0 PWL(", name, name);
  out.add("+ 0 {}", spice_value(levels.front().second));
  for (std::size_t k = 1; k < levels.size(); ++k) {
    out.add("+ {} {} {} {}", spice_value(levels[k].first - edge_s / 2),
            spice_value(levels[k - 1].second), spice_value(levels[k].first + edge_s / 2),
            spice_value(levels[k].second));
  }
  out.add("+ )");
}

// Every drive begins with a forward slot.
Levels slots(const Subject& subject, double forward_share) {
  Levels levels{{0.0, 1.0}};
  double begin_s = -1.0;
  const auto fill = [&](double end_s) {
    for (double t = begin_s; t < end_s; t += subject.slot_s) {
      add_level(levels, t, 1.0);
      const double turn_s = t + forward_share * subject.slot_s;
      if (turn_s < end_s) add_level(levels, turn_s, 0.0);
    }
    add_level(levels, end_s, 1.0);
  };
  for (const Drive& d : subject.drive) {
    if (d.row_en && begin_s < 0.0) begin_s = d.time_s;
    if (!d.row_en && begin_s >= 0.0) {
      fill(d.time_s);
      begin_s = -1.0;
    }
  }
  if (begin_s >= 0.0) fill(subject.stop_s);
  return levels;
}

}  // namespace

void add_sources(const Subject& subject, Lines& out) {
  const double edge_s = subject.clock_s / 1000.0;
  Levels row_en, nudge;
  for (const Drive& d : subject.drive) {
    add_level(row_en, d.time_s, d.row_en ? 1.0 : 0.0);
    add_level(nudge, d.time_s, d.nudge < 0 ? -subject.negative_nudge : d.nudge);
  }
  out.add("* Control signals [V]");
  add_signal("row_en", row_en, edge_s, out);
  add_signal("nudge", nudge, edge_s, out);
  const bool slotted = subject.slot_s > 0.0;
  if (slotted) {
    out.add("* High: the arrays are read forwards");
    add_signal("fwd", slots(subject, subject.tiles.front().config.forward_share), edge_s, out);
  }
  out.add("");
  out.add("* Rows of tile 1");
  for (std::size_t j = 0; j < subject.input_v.size(); ++j) {
    out.add("Vdac_{} dac_{} 0 {}", j, j, spice_value(subject.input_v[j]));
  }
  // Forward gains do not amplify the bias: each tile has a voltage of its own.
  for (std::size_t l = 1; l <= subject.tiles.size(); ++l) {
    const double bias_v = subject.tiles[l - 1].config.bias_line_v;
    if (bias_v != 0.0) out.add("Vbias_{} bias_{} 0 {}", l, l, spice_value(bias_v));
  }
  out.add("");
}

}  // namespace memprop::bench::spice
