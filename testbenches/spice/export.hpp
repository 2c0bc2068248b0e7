// The netlist of a run's chip for one of its training samples (docs/spice.md).
#pragma once

#include <cstdint>
#include <string>

#include "testbenches/experiment/run_config.hpp"
#include "testbenches/spice/netlist.hpp"

namespace memprop::bench::spice {

struct ExportSummary {
  std::size_t neurons = 0, resistors = 0;
  double stop_s = 0.0, largest_step_s = 0.0;
};

// Builds the chip as the run would before training, runs training sample `sample` of its data (in
// the order of the files) for the expected states, and returns the netlist. Throws UserError for a
// sample that the data does not have and for a chip whose circuit a netlist cannot hold.
std::string export_spice(const RunConfig& config, std::uint64_t sample,
                         const NetlistOptions& options, ExportSummary* summary = nullptr);

}  // namespace memprop::bench::spice
