#include "testbenches/spice/netlist.hpp"

#include <algorithm>

#include "solvers/units.hpp"
#include "testbenches/spice/internal/parts.hpp"
#include "testbenches/spice/spice_value.hpp"

namespace memprop::bench::spice {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& w : words) text += (text.empty() ? "" : " ") + w;
  return text;
}

// To a thousandth of a picosecond: a number of clock periods has roundings behind that.
std::string nanoseconds(double s) { return fmt::format("{:.12g} ns", 1e9 * s); }

void add_expected(const Subject& subject, Lines& out) {
  out.add("* Expected membrane voltages where the phases end, by memprop (rtol {}):", subject.rtol);
  std::string heads;
  for (const PhaseEnd& end : subject.ends) {
    heads += fmt::format(" {:>16}", end.name + " " + nanoseconds(end.time_s));
  }
  out.add("*   {:<14}{}", "node", heads);
  for (std::size_t l = 1; l <= subject.layers.size(); ++l) {
    for (std::size_t i = 0; i < subject.layers[l - 1].size(); ++i) {
      std::string row;
      for (const PhaseEnd& end : subject.ends) {
        row += fmt::format(" {:>16.9e}", end.membrane_v[l - 1][i]);
      }
      out.add("*   {:<14}{}", fmt::format("layer{}_v{}", l, i), row);
    }
  }
}

void add_names(const Subject& subject, Lines& out) {
  out.add("*   layer1_v5             membrane of neuron 5, in traces layer1/neurons/v[5]");
  out.add("*   layer1_r5             its activity line, in traces layer1/neurons/r[5]");
  out.add("*   dac_3, bias_2         driven rows of tile 1, and the bias row of tile 2");
  out.add("*   tile2_p5, tile2_m5    virtual grounds of the columns of G+ and G- of neuron 5");
  out.add("*   tile2_b3              virtual ground of row 3, read backwards");
  out.add("*   row_en, nudge         control signals; low row_en: the neurons hold");
  out.add("*   Rtile2_p5_3           G+ of column 5, row 3; read backwards Rtile2_bp5_3");
  if (subject.tiles.front().wires) {
    out.add("*   tile2_w3_5, tile2_c5_3 on row 3 at column 5 of the array, on column 5 at row 3");
  }
}

}  // namespace

double default_step_s(const Subject& subject) {
  double shortest = subject.stop_s;
  for (const LayerSubject& layer : subject.layers) {
    const auto& n = layer.neurons;
    for (std::size_t i = 0; i < n.capacitance_f.size(); ++i) {
      shortest = std::min(shortest, n.capacitance_f[i] / n.leak_s[i]);
    }
  }
  return shortest / 50.0;
}

void add_header(const Subject& subject, const NetlistOptions& options, Lines& out) {
  out.add("* {}: training sample {}, seed {}", subject.name, subject.sample, subject.seed);
  if (!options.title.empty()) out.add("* {}", options.title);
  out.add("*");
  out.add("* Units are those of SPICE (V, A, s, F, ohm, S). Node 0 is V_ref; V_s = {}.",
          format_quantity(subject.voltage_scale_v, Unit::volt));
  if (subject.resistive.empty()) {
    add_names(subject, out);
  } else {
    add_resistive_names(out);
  }
  out.add("* Conductances, mismatch and offsets are those of this chip before the sample.");
  out.add("* Inputs and targets are what the converters make of them: rounding, offset, noise.");
  out.add("* Not in this netlist:");
  for (const auto& sentence : subject.left_out) out.add("*   {}", sentence);
  out.add("* Phases:");
  for (const Drive& d : subject.drive) {
    out.add("*   {:>12}  {:<8} row_en {:d}  nudge {:d}", nanoseconds(d.time_s),
            digital::name(d.phase), d.row_en, d.nudge);
  }
  add_expected(subject, out);
  out.add("");
}

void add_analysis(const Subject& subject, const NetlistOptions& options, Lines& out) {
  const double step_s =
      options.largest_step_s > 0.0 ? options.largest_step_s : default_step_s(subject);
  out.add("* Analysis: from the initial conditions, steps of at most {}", nanoseconds(step_s));
  out.add(".options reltol=1e-5 abstol=1e-15 vntol=1e-9 chgtol=1e-18 numdgt=12");
  if (!subject.resistive.empty()) out.add(".options temp=27 tnom=27 gmin=1e-18 itl4=200");
  out.add(".tran {} {} 0 {} uic", spice_value(subject.clock_s), spice_value(subject.stop_s),
          spice_value(step_s));
  for (std::size_t l = 1; l <= subject.layers.size(); ++l) {
    const std::size_t n = subject.layers[l - 1].size();
    for (std::size_t first = 0; first < n; first += 8) {
      std::vector<std::string> nodes;
      for (std::size_t i = first; i < std::min(n, first + 8); ++i) {
        nodes.push_back(fmt::format("v(layer{}_v{})", l, i));
      }
      out.add(".save {}", joined(nodes));
    }
  }
  for (const PhaseEnd& end : subject.ends) {
    for (std::size_t l = 1; l <= subject.layers.size(); ++l) {
      for (std::size_t i = 0; i < subject.layers[l - 1].size(); ++i) {
        out.add(".meas tran {}_layer{}_v{} FIND v(layer{}_v{}) AT={}", end.name, l, i, l, i,
                spice_value(end.time_s));
      }
    }
  }
  out.add(".control");
  out.add("run");
  if (!options.data_file.empty()) {
    out.add("set wr_singlescale");
    out.add("set wr_vecnames");
    out.add("set numdgt=12");
    std::string nodes;
    for (std::size_t l = 1; l <= subject.layers.size(); ++l) {
      for (std::size_t i = 0; i < subject.layers[l - 1].size(); ++i) {
        nodes += fmt::format(" layer{}_v{}", l, i);
      }
    }
    out.add("wrdata {}{}", options.data_file, nodes);
  }
  out.add("quit");
  out.add(".endc");
  out.add(".end");
}

std::string spice_netlist(const Subject& subject, const NetlistOptions& options) {
  Lines out;
  add_header(subject, options, out);
  add_sources(subject, out);
  if (subject.resistive.empty()) {
    add_neurons(subject, out);
    add_tiles(subject, out);
  } else {
    add_resistive_nodes(subject, out);
    add_resistive_arrays(subject, out);
  }
  add_analysis(subject, options, out);
  return out.text();
}

}  // namespace memprop::bench::spice
