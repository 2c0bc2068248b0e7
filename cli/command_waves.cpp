#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <thread>

#include "cli/child_process.hpp"
#include "cli/commands.hpp"
#include "cli/waves/probe_reader.hpp"
#include "cli/waves/value_change_dump.hpp"
#include "solvers/error.hpp"
#include "traces/storage_error.hpp"

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

// As a shell would find it; empty if it is not there.
std::string program_in_path(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path candidate = fs::path(folder.empty() ? "." : folder) / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return "";
}

// Removes what stands at a path when it goes.
struct Scratch {
  explicit Scratch(std::string file) : path(std::move(file)) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string path;
};

// CLI11 takes "010" for eight and what does not fit for the largest there is.
std::int64_t sample_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    throw UserError(
        fmt::format("--sample: expected the number of a training sample, got \"{}\"", text));
  }
  return number;
}

std::string renamed(std::string message, const std::string& from, const std::string& to) {
  const std::size_t at = message.find(from);
  if (at != std::string::npos) message.replace(at, from.size(), to);
  return message;
}

// Errors of a scratch file name the file that was asked for.
template <class Action>
void named_as(const std::string& wanted, const std::string& scratch, Action action) {
  try {
    action();
  } catch (const UserError& error) {
    throw UserError(renamed(error.what(), scratch, wanted));
  } catch (const traces::StorageError& error) {
    throw traces::StorageError(renamed(error.what(), scratch, wanted));
  }
}

void convert_to_fst(const std::string& converter, const std::string& vcd, const std::string& fst) {
  const Scratch part(fst + ".part"), log(fst + ".log");
  std::optional<ChildProcess> started;
  named_as(fst, log.path, [&] {
    started.emplace(std::vector<std::string>{converter, vcd, part.path}, "/dev/null", log.path);
  });
  ChildProcess& child = *started;
  std::optional<ExitState> end;
  while (!(end = child.poll())) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::error_code failed;
  if (end->good()) fs::rename(part.path, fst, failed);
  if (!end->good() || failed) {
    throw std::runtime_error(
        fmt::format("{}: {} failed: {}", fst, converter, failed ? failed.message() : end->text()));
  }
}

}  // namespace

int command_waves(const WavesArguments& arguments) {
  const std::string kind = fs::path(arguments.output).extension().string();
  if (kind != ".vcd" && kind != ".fst") {
    throw UserError(
        fmt::format("-o: expected a file named *.vcd or *.fst, got \"{}\"", arguments.output));
  }
  const std::string converter = kind == ".fst" ? program_in_path("vcd2fst") : "";
  if (kind == ".fst" && converter.empty()) {
    throw UserError(
        "writing FST takes the program vcd2fst, which is not in PATH (Debian: package gtkwave); "
        "name a *.vcd file to do without");
  }
  const ProbeReader reader(arguments.file);
  const auto probes = reader.probes(arguments.probes);
  std::vector<RecordedRows> samples;
  for (const auto& number : arguments.samples) {
    samples.push_back(reader.sample(sample_number(number)));
  }
  if (samples.empty()) samples = reader.samples();
  // In the order of time, and each once. Not by their first rows: a sample that ended before the
  // window has none, and its first is that of the next one.
  std::sort(samples.begin(), samples.end(),
            [](const auto& a, const auto& b) { return a.sample < b.sample; });
  samples.erase(std::unique(samples.begin(), samples.end(),
                            [](const auto& a, const auto& b) { return a.sample == b.sample; }),
                samples.end());
  WaveCounts counts;
  if (kind == ".vcd") {
    counts = write_vcd(reader, probes, samples, arguments.output);
  } else {
    const Scratch vcd(fmt::format("{}.{}.vcd", arguments.output, getpid()));
    named_as(arguments.output, vcd.path,
             [&] { counts = write_vcd(reader, probes, samples, vcd.path); });
    convert_to_fst(converter, vcd.path, arguments.output);
  }
  fmt::print("{}: {} variables, {} samples, {} rows\n", arguments.output, counts.variables,
             counts.samples, counts.rows);
  return 0;
}

}  // namespace memprop::cli
