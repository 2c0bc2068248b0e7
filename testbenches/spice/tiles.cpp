// Crossbar tiles: arrays, virtual grounds and summing stages.
#include "testbenches/spice/internal/array.hpp"
#include "testbenches/spice/internal/parts.hpp"
#include "testbenches/spice/spice_value.hpp"

namespace memprop::bench::spice {
namespace {

using analog::ReadDirection;

std::string row_drive(std::size_t l, const TileSubject& tile, std::size_t j) {
  if (j == tile.inputs) return fmt::format("bias_{}", l);
  return l == 1 ? fmt::format("dac_{}", j) : fmt::format("layer{}_r{}", l - 1, j);
}

// The gain of a summing stage, with the direction switch of slot-resolved reading.
std::string stage(const Subject& subject, double gain, double share, bool forward) {
  if (subject.slot_s == 0.0) return fmt::format("V(row_en)*{}", spice_value(gain));
  return fmt::format("V(row_en)*{}*{}", forward ? "V(fwd)" : "(1-V(fwd))",
                     spice_value(gain / share));
}

// The columns of plus and minus devices side by side, or in two arrays.
void add_pairs(const TileSubject& tile, const Cells& cells, const std::string& prefix,
               const std::vector<std::string>& rows, const std::vector<std::string>& plus,
               const std::vector<std::string>& minus, ReadDirection direction, Lines& out) {
  Array both{prefix, rows, {}};
  Array negative{prefix + "n", rows, {}};
  const bool apart = tile.wires && tile.wires->placement == analog::PairPlacement::separate_arrays;
  for (std::size_t i = 0; i < tile.columns; ++i) {
    const std::size_t first = i * tile.rows();
    both.columns.push_back({fmt::format("p{}", i), plus[i], cells.plus_s.data() + first});
    (apart ? negative : both)
        .columns.push_back({fmt::format("m{}", i), minus[i], cells.minus_s.data() + first});
  }
  analog::CellLaw law;
  law.nonlinear_v = tile.config.nonlinear_v;
  if (!tile.wires) return add_array(both, law, out);
  add_wired_array(both, tile.wires->wires, direction, out);
  if (apart) add_wired_array(negative, tile.wires->wires, direction, out);
}

void add_forward(const Subject& subject, std::size_t l, Lines& out) {
  const TileSubject& tile = subject.tiles[l - 1];
  const auto& c = tile.config;
  out.add("* Tile {}, read forwards: {} rows{}, {} columns of pairs, mirror ratio m = {}", l,
          tile.inputs, tile.rows() > tile.inputs ? " and the bias row" : "", tile.columns,
          spice_value(c.forward_gain));
  std::vector<std::string> rows, plus, minus;
  for (std::size_t j = 0; j < tile.rows(); ++j) rows.push_back(row_drive(l, tile, j));
  for (std::size_t i = 0; i < tile.columns; ++i) {
    plus.push_back(fmt::format("tile{}_p{}", l, i));
    minus.push_back(fmt::format("tile{}_m{}", l, i));
  }
  add_pairs(tile, tile.cells, fmt::format("tile{}_", l), rows, plus, minus, ReadDirection::forward,
            out);
  // Clamped inputs have no backward read to take turns with.
  const std::string gain = l == 1 ? fmt::format("V(row_en)*{}", spice_value(c.forward_gain))
                                  : stage(subject, c.forward_gain, c.forward_share, true);
  for (std::size_t i = 0; i < tile.columns; ++i) {
    out.add("V{} {} 0 0", plus[i], plus[i]);
    out.add("V{} {} 0 0", minus[i], minus[i]);
    out.add("Btile{}_{} 0 layer{}_v{} I={}*(I(V{})-I(V{}))", l, i, l, i, gain, plus[i], minus[i]);
  }
  out.add("");
}

void add_backward(const Subject& subject, std::size_t l, Lines& out) {
  const TileSubject& tile = subject.tiles[l - 1];
  const auto& c = tile.config;
  const bool own = !tile.feedback.plus_s.empty();
  out.add("* Tile {}{}: gain m b = {}", l,
          own ? "/feedback, the array of the feedback" : ", the same cells read backwards",
          spice_value(c.backward_gain));
  std::vector<std::string> rows, plus, minus;
  // The bias row takes no part in the feedback; its line, where there are wires, is held at V_ref.
  const std::size_t count = tile.wires ? tile.rows() : tile.inputs;
  for (std::size_t j = 0; j < tile.rows(); ++j) {
    rows.push_back(j < count ? fmt::format("tile{}_b{}", l, j) : std::string("0"));
  }
  for (std::size_t i = 0; i < tile.columns; ++i) {
    plus.push_back(fmt::format("layer{}_r{}", l, i));
    minus.push_back(fmt::format("tile{}_n{}", l, i));
    out.add("Etile{}_n{} {} 0 {} 0 -1", l, i, minus[i], plus[i]);
  }
  add_pairs(tile, own ? tile.feedback : tile.cells, fmt::format("tile{}_b", l), rows, plus, minus,
            ReadDirection::backward, out);
  const std::string gain = stage(subject, c.backward_gain, 1.0 - c.forward_share, false);
  for (std::size_t j = 0; j < count; ++j) {
    out.add("V{} {} 0 0", rows[j], rows[j]);
    if (j == tile.inputs) break;
    out.add("Btile{}_b{} 0 layer{}_v{} I={}*I(V{})", l, j, l - 1, j, gain, rows[j]);
  }
  out.add("");
}

}  // namespace

void add_tiles(const Subject& subject, Lines& out) {
  for (std::size_t l = 1; l <= subject.tiles.size(); ++l) {
    add_forward(subject, l, out);
    if (subject.tiles[l - 1].config.backward_gain != 0.0) add_backward(subject, l, out);
  }
}

}  // namespace memprop::bench::spice
