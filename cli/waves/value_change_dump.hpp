// Recorded waveforms as a value change dump.
#pragma once

#include <string>
#include <vector>

#include "cli/waves/probe_reader.hpp"

namespace memprop::cli {

struct WaveCounts {
  std::size_t variables = 0, samples = 0, rows = 0;
};

// All of the probes in all of the samples, at their absolute times. A probe of several values is
// one variable per value, "v[3]"; the phase is there twice, as a number and as text.
WaveCounts write_vcd(const ProbeReader& reader, const std::vector<WaveProbe>& probes,
                     const std::vector<RecordedRows>& samples, const std::string& path);

}  // namespace memprop::cli
