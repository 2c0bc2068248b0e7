// The waveforms that a chip can be asked for: their names, shapes, types and units. A name is the
// path of the data set below /probes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench {

enum class ProbeKind {
  phase,         // phase of the sequencer
  flag,          // a pin of one bit
  word,          // a pin of several bits
  membrane,      // voltages of the neurons of a layer
  activity,      // their activity lines
  reference,     // what the membranes would be in the ideal continuous-time network
  row_pulse,     // pulse lines of a tile
  column_pulse,  //
  branch         // voltages of the branches at the columns of a tile
};

struct Probe {
  std::string name;  // "layer1/neurons/v"
  ProbeKind kind = ProbeKind::phase;
  std::size_t index = 0;  // layer or tile 1..; of a pin its place in PinState
  std::size_t width = 0;  // values per row; 0: a single one
  std::string axis;       // of these values: "neuron", "row", "column", ...
  std::string unit;
  std::string long_name;
};

// Names of the pins of one bit and of several, in the order of PinState.
extern const std::vector<std::string> flag_pins, word_pins;

// Every probe of a chip for this network, in order of their names. seed: of its random links.
std::vector<Probe> probe_catalogue(const learning::NetworkConfig& network, std::uint64_t seed);

// "layer*/neurons/v" with *, ? and [...]; * also stands for slashes.
bool probe_matches(const std::string& pattern, const std::string& name);

// Those of output.probes. Throws UserError with the nearest names for a pattern that matches none.
std::vector<Probe> selected_probes(const RunConfig& config);

}  // namespace memprop::bench
