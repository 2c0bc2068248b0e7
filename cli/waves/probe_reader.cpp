#include "cli/waves/probe_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "cli/config/nearest.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/probe_catalogue.hpp"

namespace memprop::cli {
namespace {

constexpr const char* folder = "probes/";

// How many bits a digital probe has; names are those of the catalogue.
unsigned bits_of(const std::string& name, traces::ElementType type) {
  if (name == "controller/phase") return 4;
  return type == traces::ElementType::uint32 ? 32 : 1;
}

bool is_waveform(const traces::DatasetInfo& info) {
  return info.path.rfind(folder, 0) == 0 && info.path.find("/", 7) != std::string::npos &&
         info.growing && !info.axes.empty() && info.axes[0] == "time";
}

}  // namespace

ProbeReader::ProbeReader(const std::string& path) : trace_(path) {
  if (!trace_.has("probes/time") || !trace_.has("probes/samples/sample")) {
    throw UserError(path +
                    ": expected recorded waveforms, got none; output.probes and output.samples of "
                    "a run ask for them");
  }
  const auto sample = trace_.read<std::int64_t>("probes/samples/sample");
  const auto first = trace_.read<std::int64_t>("probes/samples/first_row");
  const auto rows = trace_.read<std::int64_t>("probes/samples/rows");
  for (std::size_t k = 0; k < sample.size(); ++k) {
    samples_.push_back(
        {sample[k], static_cast<std::size_t>(first[k]), static_cast<std::size_t>(rows[k])});
  }
  for (const auto& info : trace_.datasets()) {
    if (!is_waveform(info)) continue;
    WaveProbe probe;
    probe.name = info.path.substr(std::string(folder).size());
    probe.real =
        info.type == traces::ElementType::float64 || info.type == traces::ElementType::float32;
    probe.bits = bits_of(probe.name, info.type);
    probe.scalar = info.shape.size() == 1;
    if (!probe.scalar) probe.width = info.shape[1];
    for (const auto& [name, value] : trace_.attributes(info.path)) {
      if (name == "first_row") probe.begin = std::get<std::int64_t>(value);
    }
    probes_.push_back(std::move(probe));
  }
}

RecordedRows ProbeReader::sample(std::int64_t number) const {
  std::vector<std::int64_t> there;
  for (const auto& rows : samples_) {
    if (rows.sample == number) return rows;
    if (there.size() < 10) there.push_back(rows.sample);
  }
  throw UserError(fmt::format("--sample: expected a recorded sample ({}{}), got {}",
                              fmt::join(there, ", "), samples_.size() > there.size() ? ", ..." : "",
                              number));
}

std::vector<WaveProbe> ProbeReader::probes(const std::vector<std::string>& patterns) const {
  if (patterns.empty()) return probes_;
  std::vector<WaveProbe> chosen;
  for (const auto& probe : probes_) {
    const auto matches = [&](const auto& p) { return bench::probe_matches(p, probe.name); };
    if (std::any_of(patterns.begin(), patterns.end(), matches)) chosen.push_back(probe);
  }
  for (const auto& pattern : patterns) {
    const auto matches = [&](const auto& p) { return bench::probe_matches(pattern, p.name); };
    if (std::any_of(chosen.begin(), chosen.end(), matches)) continue;
    std::vector<std::string> names;
    for (const auto& probe : probes_) names.push_back(probe.name);
    throw UserError(
        fmt::format("--probe: expected a recorded probe, got \"{}\" (did you mean \"{}\"?)",
                    pattern, config::nearest(pattern, names)));
  }
  return chosen;
}

std::vector<std::int64_t> ProbeReader::times_ps(const RecordedRows& rows) const {
  std::vector<std::int64_t> times;
  for (const double t : trace_.read_rows<double>("probes/time", rows.first, rows.count)) {
    times.push_back(std::llround(t * 1e12));
  }
  return times;
}

std::vector<double> ProbeReader::values(const WaveProbe& probe, const RecordedRows& rows) const {
  return trace_.read_rows<double>(folder + probe.name, rows.first, rows.count);
}

}  // namespace memprop::cli
