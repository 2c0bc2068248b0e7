// One resistive network in both of its forms, the dimensionless one of the exact solver and the
// circuit in volts and siemens, and the latter as a netlist for ngspice.
#pragma once

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "analog/resistive/resistive_circuit.hpp"
#include "learning/resistive/resistive_reference.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::bench::test {

// One volt per unit of voltage.
inline constexpr double unit_s = 1e-5;  // siemens per unit of conductance

struct ResistiveCase {
  std::vector<std::size_t> layers{8, 10, 6, 3};
  std::vector<double> gain{2.0};
  learning::NodeElement element = learning::NodeElement::one_sided;
  double clamp_v = 0.1;
  double input_gain = 2.0;
  bool pairs = false;
  bool bias = true;
};

inline learning::Network make_network(const ResistiveCase& c, std::uint64_t seed = 5) {
  learning::NetworkConfig config;
  config.style = learning::NetworkStyle::resistive;
  config.layers = c.layers;
  config.init = learning::WeightInit::fan_in_uniform;
  config.bias = c.bias;
  config.resistive.amplifier_gain = c.gain;
  config.resistive.element = c.element;
  config.resistive.clamp_low = -0.7 * c.clamp_v;
  config.resistive.clamp_high = c.clamp_v;
  config.resistive.input_gain = c.input_gain;
  config.resistive.output_pairs = c.pairs;
  config.resistive.conductance_min = 0.05;
  learning::Network network = learning::build_network(config, seed);
  const RandomStream stream(seed, "test-currents");
  for (std::size_t l = 0; l < network.bias.size(); ++l) {
    for (std::size_t i = 0; i < network.bias[l].size(); ++i) {
      network.bias[l][i] = 0.1 * stream.normal(i, l);
    }
  }
  return network;
}

inline std::vector<double> make_input(std::size_t n, std::uint64_t seed = 5) {
  const RandomStream stream(seed, "test-input");
  std::vector<double> x(n);
  for (std::size_t j = 0; j < n; ++j) x[j] = stream.uniform(j);
  return x;
}

inline learning::ResistiveReference exact_solver(const learning::Network& network) {
  return learning::ResistiveReference(network, learning::LearningConfig{}, learning::IdealConfig{},
                                      1);
}

inline analog::ResistiveCircuitConfig circuit_of(const learning::Network& network,
                                                 analog::DiodeConfig diode) {
  analog::ResistiveCircuitConfig c;
  const std::size_t layers = network.layer_count();
  for (std::size_t l = 1; l <= layers; ++l) {
    Matrix g = network.weight[l - 1];
    for (double& value : g.values()) value *= unit_s;
    c.conductance_s.push_back(std::move(g));
    if (!network.bias.empty()) {
      c.current_a.push_back(network.bias[l - 1]);
      for (double& value : c.current_a.back()) value *= unit_s;
    }
    if (l == layers) break;
    c.gain.push_back(learning::amplifier_gain(network.config, l));
    c.low_v.emplace_back();
    c.high_v.emplace_back();
    for (std::size_t i = 0; i < network.weight[l - 1].rows(); ++i) {
      const auto bounds = learning::node_bounds(network.config, l, i);
      c.low_v.back().push_back(bounds.low);
      c.high_v.back().push_back(bounds.high);
    }
  }
  c.diode = diode;
  c.diode_on_s = 20 * unit_s;
  c.capacitance_f = 1e-12;
  c.pairs = network.config.resistive.output_pairs;
  c.solver.rtol = 1e-11;
  c.solver.atol = 1e-14;
  return c;
}

inline std::vector<double> source_voltages(const learning::Network& network,
                                           const std::vector<double>& x) {
  std::vector<double> volts(learning::resistive_nodes(network.config, 0));
  learning::drive_sources(network.config, x.data(), volts.data());
  return volts;
}

// k T / q at ngspice's 27 degrees, with its constants.
inline constexpr double spice_thermal_v = 1.38064852e-23 * 300.15 / 1.6021766208e-19;

struct SpiceNetlist {
  double emission = 1.0;  // n of the diodes
  double nudge_s = 0.0;
  std::vector<double> target_v;
  double transient_s = 0.0;  // 0: operating point
  double max_step_s = 0.0;
};

inline std::string node_name(std::size_t l, std::size_t i) {
  return "v" + std::to_string(l) + "_" + std::to_string(i);
}

// The circuit, element by element; what is asked for goes to `table` as wrdata writes it.
inline void write_netlist(std::ostream& out, const analog::ResistiveCircuitConfig& c,
                          const std::vector<double>& source_v, const SpiceNetlist& how,
                          const std::string& table) {
  out.precision(17);
  out << "* resistive network\n.model d d(is=" << c.diode.saturation_a << " n=" << how.emission
      << ")\n";
  for (std::size_t j = 0; j < source_v.size(); ++j) {
    out << "Vx" << j << " a0_" << j << " 0 " << source_v[j] << '\n';
  }
  const std::size_t layers = c.conductance_s.size();
  for (std::size_t l = 1; l <= layers; ++l) {
    const Matrix& g = c.conductance_s[l - 1];
    for (std::size_t i = 0; i < g.rows(); ++i) {
      const std::string v = node_name(l, i);
      const std::string id = std::to_string(l) + "_" + std::to_string(i);
      for (std::size_t j = 0; j < g.cols(); ++j) {
        if (g(i, j) == 0.0) continue;
        out << "R" << id << '_' << j << " a" << l - 1 << '_' << j << ' ' << v << ' '
            << 1.0 / g(i, j) << '\n';
      }
      out << "C" << id << ' ' << v << " 0 " << c.capacitance_f << " ic=0\n";
      if (!c.current_a.empty())
        out << "I" << id << " 0 " << v << ' ' << c.current_a[l - 1][i] << '\n';
      if (l == layers) continue;
      const double a = c.gain[l - 1];
      out << "E" << id << " e" << id << " 0 " << v << " 0 " << a << '\n';
      out << "Vs" << id << " e" << id << " a" << id << " 0\n";
      out << "F" << id << ' ' << v << " 0 Vs" << id << ' ' << 1.0 / a << '\n';
      if (c.diode.law == analog::DiodeLaw::none) continue;
      if (std::isfinite(c.high_v[l - 1][i])) {
        out << "Dh" << id << ' ' << v << " h" << id << " d\nVh" << id << " h" << id << " 0 "
            << c.high_v[l - 1][i] << '\n';
      }
      if (std::isfinite(c.low_v[l - 1][i])) {
        out << "Dl" << id << " l" << id << ' ' << v << " d\nVl" << id << " l" << id << " 0 "
            << c.low_v[l - 1][i] << '\n';
      }
    }
  }
  for (std::size_t k = 0; k < how.target_v.size(); ++k) {
    const std::string p = node_name(layers, k);
    out << "Bn" << k << " 0 " << p << " I=" << how.nudge_s << "*(" << how.target_v[k] << "-V(" << p
        << ")";
    if (c.pairs) {
      const std::string m = node_name(layers, how.target_v.size() + k);
      out << "+V(" << m << "))\nBm" << k << ' ' << m << " 0 I=" << how.nudge_s << "*("
          << how.target_v[k] << "-V(" << p << ")+V(" << m << "))\n";
    } else {
      out << ")\n";
    }
  }
  out << ".options temp=27 tnom=27 reltol=1e-6 abstol=1e-15 vntol=1e-9 gmin=1e-18 itl1=1000 "
         "itl2=1000 itl4=200\n.control\n";
  if (how.transient_s > 0) {
    out << "tran " << how.max_step_s << ' ' << how.transient_s << " 0 " << how.max_step_s
        << " uic\n";
  } else {
    out << "op\n";
  }
  out << "set numdgt=15\nset wr_singlescale\nwrdata " << table;
  for (std::size_t l = 1; l <= layers; ++l) {
    for (std::size_t i = 0; i < c.conductance_s[l - 1].rows(); ++i) {
      out << " v(" << node_name(l, i) << ')';
    }
  }
  out << "\nrusage time\nquit\n.endc\n.end\n";
}

// Rows of time (or an index) and all node voltages, layer by layer; empty if ngspice failed.
// `seconds`: what its analysis took by its own account.
inline std::vector<std::vector<double>> run_ngspice(const analog::ResistiveCircuitConfig& c,
                                                    const std::vector<double>& source_v,
                                                    const SpiceNetlist& how, const char* name,
                                                    double* seconds = nullptr) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / (std::string("memprop-resistive-") + name);
  fs::create_directories(folder);
  {
    std::ofstream file(folder / "net.cir");
    write_netlist(file, c, source_v, how, "table.txt");
  }
  const std::string command =
      "cd '" + folder.string() + "' && '" MEMPROP_NGSPICE "' -b net.cir > log.txt 2>&1";
  std::vector<std::vector<double>> rows;
  if (std::system(command.c_str()) == 0) {
    std::ifstream table(folder / "table.txt");
    for (std::string line; std::getline(table, line);) {
      std::istringstream values(line);
      rows.emplace_back();
      for (double value; values >> value;) rows.back().push_back(value);
    }
  }
  std::ifstream log(folder / "log.txt");
  for (std::string line; std::getline(log, line);) {
    const auto at = line.find("nalysis time");
    const auto equals = line.find('=');
    if (seconds != nullptr && at != std::string::npos && equals != std::string::npos) {
      *seconds = std::stod(line.substr(equals + 1));
    }
    if (rows.empty()) std::printf("%s\n", line.c_str());
  }
  fs::remove_all(folder);
  return rows;
}

}  // namespace memprop::bench::test
