// What `memprop info` says of a trace: figures, alignment, warnings, files and data sets, gathered
// once for the text and for the JSON. Understands format versions 1 and 2; what a trace does not
// hold is left out.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/info/run_state.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::cli {

struct Figure {
  std::string path;   // of the data set
  std::string label;  // for people
  double value = 0;
  std::string unit;  // "%": value is a share
};

struct FileOnDisk {
  std::string path;
  std::uint64_t bytes = 0;
  double age_s = 0;  // since it was written
};

struct LayerCosine {
  double wanted = 0, applied = 0;  // means over the compared updates
};

struct TraceSummary {
  std::string path;
  std::int64_t format_version = 0;
  RunState state = RunState::stopped;
  bool of_a_run = false;  // traces can hold anything
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, std::string>> texts;  // label, text
  std::vector<Figure> figures;
  std::vector<LayerCosine> alignment;
  std::uint64_t compared_updates = 0;
  std::vector<std::string> warnings;
  std::vector<FileOnDisk> checkpoints;  // the newest first
  std::vector<std::pair<std::string, traces::AttributeValue>> writer;
  std::vector<traces::DatasetInfo> datasets;
};

TraceSummary summarise(const std::string& path);

// Uncompressed, 0 for text.
std::uint64_t plain_bytes(const traces::DatasetInfo& info);

}  // namespace memprop::cli
