// Arrays with wires as netlists for ngspice, and the comparison of its operating point with ours.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "analog/crossbar/wired_tile.hpp"
#include "analog/test/wired_fixture.hpp"

namespace memprop::analog {
inline constexpr auto forward = ReadDirection::forward, backward = ReadDirection::backward;

inline std::string node(char side, std::size_t i, std::size_t j) {
  return std::string(1, side) + std::to_string(i) + "_" + std::to_string(j);
}

inline void write_cell(std::ostream& out, const CellLaw& law, std::size_t i, std::size_t j,
                       double g) {
  const std::string id = std::to_string(i) + "_" + std::to_string(j);
  const std::string row = node('w', i, j), column = node('b', i, j);
  const std::string middle = law.access_ohm > 0.0 ? "x" + id : column;
  if (law.nonlinear_v > 0.0) {
    out << "Bd" << id << ' ' << row << ' ' << middle << " I=" << g * law.nonlinear_v << "*sinh(V("
        << row << ',' << middle << ")/" << law.nonlinear_v << ")\n";
  } else {
    out << "Rd" << id << ' ' << row << ' ' << middle << ' ' << 1.0 / g << '\n';
  }
  if (law.access_limit_a > 0.0) {
    out << "Bt" << id << ' ' << middle << ' ' << column << " I=" << law.access_limit_a << "*tanh(V("
        << middle << ',' << column << ")/" << law.access_ohm * law.access_limit_a << ")\n";
  } else if (law.access_ohm > 0.0) {
    out << "Rt" << id << ' ' << middle << ' ' << column << ' ' << law.access_ohm << '\n';
  }
}

// The array written down element by element; currents of the terminals' sources are printed.
inline void write_netlist(std::ostream& out, const WiredConfig& c, const std::vector<double>& g,
                          ReadDirection direction, const std::vector<double>& volts) {
  const bool fwd = direction == forward;
  out.precision(17);
  out << "* array with wires\n";
  for (std::size_t i = 0; i < c.rows; ++i) {
    out << "Vr" << i << " r" << i << " 0 " << (fwd ? volts[i] : 0.0) << '\n';
    const double end = c.row_wire_ohm + (fwd ? c.driver_ohm : c.sense_ohm);
    out << "Rl" << i << " r" << i << ' ' << node('w', i, 0) << ' ' << end << '\n';
    if ((fwd ? c.drive : c.sense) == LineEnds::both) {
      out << "Rr" << i << " r" << i << ' ' << node('w', i, c.columns - 1) << ' ' << end << '\n';
    }
    for (std::size_t j = 0; j < c.columns; ++j) {
      const std::string id = std::to_string(i) + "_" + std::to_string(j);
      if (j + 1 < c.columns) {
        out << "Rw" << id << ' ' << node('w', i, j) << ' ' << node('w', i, j + 1) << ' '
            << c.row_wire_ohm << '\n';
      }
      if (i + 1 < c.rows) {
        out << "Rb" << id << ' ' << node('b', i, j) << ' ' << node('b', i + 1, j) << ' '
            << c.column_wire_ohm << '\n';
      }
      write_cell(out, c.cell, i, j, g[j * c.rows + i]);
    }
  }
  for (std::size_t j = 0; j < c.columns; ++j) {
    out << "Vc" << j << " c" << j << " 0 " << (fwd ? 0.0 : volts[j]) << '\n';
    const double end = c.column_wire_ohm + (fwd ? c.sense_ohm : c.driver_ohm);
    out << "Re" << j << " c" << j << ' ' << node('b', c.rows - 1, j) << ' ' << end << '\n';
    if ((fwd ? c.sense : c.drive) == LineEnds::both) {
      out << "Rf" << j << " c" << j << ' ' << node('b', 0, j) << ' ' << end << '\n';
    }
  }
  // Newton's tolerances far below what is compared; no conductance added to any node.
  out << ".options reltol=1e-12 abstol=1e-18 vntol=1e-15 gmin=1e-25 itl1=500\n";
  out << ".control\nop\nset numdgt=15\n";
  for (std::size_t k = 0; k < (fwd ? c.columns : c.rows); ++k) {
    out << "print i(v" << (fwd ? 'c' : 'r') << k << ")\n";
  }
  out << "quit\n.endc\n.end\n";
}

inline std::vector<double> ngspice(const std::string& netlist, const std::string& program) {
  const std::string command = "'" + program + "' -b '" + netlist + "' 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  for (std::size_t n; pipe != nullptr && (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    text.append(buffer, n);
  }
  if (pipe != nullptr) pclose(pipe);
  std::vector<double> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(" = ");
    if (line.compare(0, 3, "i(v") == 0 && at != std::string::npos) {
      result.push_back(std::stod(line.substr(at + 3)));
    }
  }
  return result;
}

// Largest difference of the read currents, relative to the largest of them.
inline void compare(const WiredConfig& c, ReadDirection direction, double limit) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("memprop-wires-" + std::to_string(c.rows) + "-" +
                       ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::create_directories(folder);
  const auto netlist = folder / "array.cir";
  const auto g = random_cells(c.rows * c.columns, 11);
  const auto v = random_volts(direction == forward ? c.rows : c.columns, 12);
  {
    std::ofstream file(netlist);
    write_netlist(file, c, g, direction, v);
  }
  WiredTile tile(c);
  tile.set_conductance(g);
  std::vector<double> ours(direction == forward ? c.columns : c.rows);
  tile.read(direction, v, ours);
  const auto theirs = ngspice(netlist.string(), MEMPROP_NGSPICE);
  std::filesystem::remove_all(folder);
  ASSERT_EQ(theirs.size(), ours.size()) << "ngspice printed something else";
  double worst = 0.0, largest = 0.0;
  for (std::size_t k = 0; k < ours.size(); ++k) {
    worst = std::max(worst, std::abs(ours[k] - theirs[k]));
    largest = std::max(largest, std::abs(theirs[k]));
  }
  std::printf("%zu x %zu, %s: relative difference %.1e\n", c.rows, c.columns,
              direction == forward ? "forward" : "backward", worst / largest);
  EXPECT_LT(worst, limit * largest);
}

inline std::vector<WiredConfig> all_ends(std::size_t n) {
  std::vector<WiredConfig> list;
  for (auto drive : {LineEnds::near, LineEnds::both}) {
    for (auto sense : {LineEnds::near, LineEnds::both}) {
      WiredConfig c = wired_config(n, n);
      c.drive = drive, c.sense = sense;
      c.driver_ohm = 40.0, c.sense_ohm = 15.0;
      list.push_back(c);
    }
  }
  list.push_back(wired_config(n, n));  // ideal drivers and amplifiers
  return list;
}

class Spice : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::string(MEMPROP_NGSPICE).empty()) GTEST_SKIP() << "not run: ngspice is not installed";
  }
};

}  // namespace memprop::analog
