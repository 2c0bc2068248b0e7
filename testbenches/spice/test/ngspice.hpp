// Runs netlists of spice_netlist() in ngspice and reads back what it wrote.
#pragma once

#include <string>
#include <vector>

namespace memprop::bench::spice::test {

// Columns of a data file of ngspice: the time and a voltage for each name, e.g. "layer1_v0".
struct SpiceWaves {
  std::vector<std::string> names;
  std::vector<double> time_s;
  std::vector<std::vector<double>> column;  // per name

  const std::vector<double>& of(const std::string& name) const;
};

// Writes the netlist into a folder of its own, runs it and reads data_file, which the netlist
// names. `log` takes what ngspice printed. Throws std::runtime_error with that text where it
// failed.
SpiceWaves run_ngspice(const std::string& netlist, const std::string& data_file,
                       std::string* log = nullptr, double* cpu_s = nullptr);

// The program, empty where it is not installed.
std::string ngspice_program();

}  // namespace memprop::bench::spice::test
