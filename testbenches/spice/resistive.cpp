// A resistive chip: nodes with diodes, bidirectional amplifiers, arrays of one device per synapse.
//
// The charge of node layer1_v5 is the voltage of a capacitor, layer1_q5. The node itself follows it
// (with ideal diodes only up to the clamps), and what the arrays, diodes and the amplifier bring to
// the node flows through a source of 0 V, whose current charges the capacitor while row_en is high.
// So a held node keeps its voltage without switches in the arrays.
#include <cmath>

#include "testbenches/spice/internal/parts.hpp"
#include "testbenches/spice/spice_value.hpp"

namespace memprop::bench::spice {
namespace {

using analog::DiodeLaw;

// k T/q at ngspice's 27 degrees, with its constants.
constexpr double spice_thermal_v = 1.38064852e-23 * 300.15 / 1.6021766208e-19;

bool exponential(const ResistiveLayerSubject& part) {
  return part.nodes.diode.law == DiodeLaw::exponential;
}

// The node's voltage as a function of its charge.
std::string follower(const analog::ResistiveBankConfig& nodes, std::size_t i,
                     const std::string& charge) {
  std::string text = fmt::format("V({})", charge);
  if (nodes.diode.law != DiodeLaw::ideal) return text;
  if (std::isfinite(nodes.low_v[i])) {
    text = fmt::format("max({},{})", text, spice_value(nodes.low_v[i]));
  }
  if (std::isfinite(nodes.high_v[i])) {
    text = fmt::format("min({},{})", text, spice_value(nodes.high_v[i]));
  }
  return text;
}

void add_diodes(std::size_t l, std::size_t i, const analog::ResistiveBankConfig& nodes,
                Lines& out) {
  if (std::isfinite(nodes.high_v[i])) {
    out.add("Dlayer{}_h{} layer{}_v{} layer{}_h{} diode{}", l, i, l, i, l, i, l);
    out.add("Vlayer{}_h{} layer{}_h{} 0 {}", l, i, l, i, spice_value(nodes.high_v[i]));
  }
  if (std::isfinite(nodes.low_v[i])) {
    out.add("Dlayer{}_l{} layer{}_l{} layer{}_v{} diode{}", l, i, l, i, l, i, l);
    out.add("Vlayer{}_l{} layer{}_l{} 0 {}", l, i, l, i, spice_value(nodes.low_v[i]));
  }
}

void add_amplifier(std::size_t l, std::size_t i, const ResistiveLayerSubject& part, Lines& out) {
  out.add("Elayer{}_{} layer{}_e{} 0 layer{}_v{} 0 {}", l, i, l, i, l, i,
          spice_value(part.nodes.gain[i]));
  out.add("Vlayer{}_a{} layer{}_e{} layer{}_a{} 0", l, i, l, i, l, i);
  out.add("Flayer{}_{} layer{}_v{} 0 Vlayer{}_a{} {}", l, i, l, i, l, i,
          spice_value(part.back_gain[i]));
}

// Current into the charge of node i beside what flows into the node.
std::string extra(std::size_t l, std::size_t i, const LayerSubject& layer,
                  const analog::ResistiveBankConfig& nodes) {
  std::string text;
  if (nodes.diode.law == DiodeLaw::ideal) {
    text += fmt::format("-{}*(V(layer{}_q{})-V(layer{}_v{}))", spice_value(nodes.diode_on_s), l, i,
                        l, i);
  }
  if (layer.nudge_s == 0.0) return text;
  const std::size_t targets = layer.target_v.size();
  const std::size_t k = i % targets;
  std::string shown = fmt::format("V(layer{}_v{})", l, k);
  if (nodes.pairs) shown = fmt::format("({}-V(layer{}_v{}))", shown, l, targets + k);
  return text + fmt::format("{}V(nudge)*{}*({}-{})", i < targets ? "+" : "-",
                            spice_value(layer.nudge_s), spice_value(layer.target_v[k]), shown);
}

}  // namespace

void add_resistive_names(Lines& out) {
  out.add("*   layer1_v5             node 5 of layer 1; layer1_q5 its charge over its capacitance");
  out.add("*   layer1_a5             behind its amplifier: row 5 of tile 2");
  out.add("*   dac_3                 source 3, row 3 of tile 1");
  out.add("*   row_en, nudge         control signals; low row_en: the nodes hold");
  out.add("*   Rtile2_5_3            memristor between row 3 and node 5");
}

void add_resistive_nodes(const Subject& subject, Lines& out) {
  for (std::size_t l = 1; l <= subject.resistive.size(); ++l) {
    const ResistiveLayerSubject& part = subject.resistive[l - 1];
    const auto& nodes = part.nodes;
    const bool amplified = !nodes.gain.empty();
    out.add("* Layer {}: {} nodes{}{}", l, nodes.capacitance_f.size(),
            nodes.diode.law == DiodeLaw::none ? "" : " with diodes",
            amplified ? ", bidirectional amplifiers (voltage forwards, current backwards)" : "");
    if (exponential(part)) {
      out.add(".model diode{} d(is={} n={:.15g})", l, spice_value(nodes.diode.saturation_a),
              nodes.diode.slope_v / spice_thermal_v);
    }
    for (std::size_t i = 0; i < nodes.capacitance_f.size(); ++i) {
      const std::string charge = fmt::format("layer{}_q{}", l, i);
      out.add("Clayer{}_{} {} 0 {} ic={}", l, i, charge, spice_value(nodes.capacitance_f[i]),
              spice_value(subject.layers[l - 1].initial_v[i]));
      out.add("Blayer{}_{} layer{}_s{} 0 V={}", l, i, l, i, follower(nodes, i, charge));
      out.add("Vlayer{}_{} layer{}_v{} layer{}_s{} 0", l, i, l, i, l, i);
      out.add("Blayer{}_c{} 0 {} I=V(row_en)*(I(Vlayer{}_{}){})", l, i, charge, l, i,
              extra(l, i, subject.layers[l - 1], nodes));
      if (exponential(part)) add_diodes(l, i, nodes, out);
      if (amplified) add_amplifier(l, i, part, out);
    }
    out.add("");
  }
}

void add_resistive_arrays(const Subject& subject, Lines& out) {
  for (std::size_t l = 1; l <= subject.resistive.size(); ++l) {
    const Matrix& g = subject.resistive[l - 1].conductance_s;
    out.add("* Tile {}: {} rows, {} columns, one device per synapse", l, g.cols(), g.rows());
    for (std::size_t i = 0; i < g.rows(); ++i) {
      for (std::size_t j = 0; j < g.cols(); ++j) {
        if (!(g(i, j) > 0.0)) continue;
        const std::string row =
            l == 1 ? fmt::format("dac_{}", j) : fmt::format("layer{}_a{}", l - 1, j);
        out.add("Rtile{}_{}_{} {} layer{}_v{} {}", l, i, j, row, l, i, spice_value(1.0 / g(i, j)));
      }
    }
    out.add("");
  }
}

}  // namespace memprop::bench::spice
