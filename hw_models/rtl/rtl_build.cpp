#include "hw_models/rtl/rtl_build.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "digital/rtl_support.hpp"
#include "hw_models/rtl/bit_packing.hpp"
#include "hw_models/rtl/rtl_controller.hpp"
#include "solvers/error.hpp"

namespace memprop::hw::rtl {
namespace {

namespace fs = std::filesystem;

constexpr const char* script_name = "memprop_rtl.py";

// Runs a command without a shell; its output and error text.
struct Outcome {
  int status = -1;
  std::string out, err;
};

std::string drain(int file) {
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(file);
  return text;
}

Outcome run(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  int out[2];
  // Standard error goes to a file, so that neither stream can block the other.
  std::FILE* err = std::tmpfile();
  if (err == nullptr || pipe(out) != 0) {
    throw UserError(fmt::format("could not start {}: {}", command[0], std::strerror(errno)));
  }
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(fileno(err), STDERR_FILENO);
    close(out[0]);
    close(out[1]);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(out[1]);
  if (child < 0) {
    const std::string why = std::strerror(errno);
    close(out[0]);
    std::fclose(err);
    throw UserError(fmt::format("could not start {}: {}", command[0], why));
  }
  Outcome outcome;
  outcome.out = drain(out[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::rewind(err);
  const int copy = dup(fileno(err));
  lseek(copy, 0, SEEK_SET);
  outcome.err = drain(copy);
  std::fclose(err);
  return outcome;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::uint32_t cycles_of(const digital::PhaseTable& table, digital::Phase phase, bool convert) {
  for (const auto& row : table) {
    if (row.phase == phase && row.convert == convert) return row.cycles;
  }
  return 0;
}

// Values that a user's module may ask for by the name of a parameter.
std::vector<std::string> offers(const digital::ControllerConfig& config) {
  using digital::Phase;
  std::vector<std::string> list;
  const auto offer = [&](const char* name, std::uint32_t value) {
    list.push_back(fmt::format("{}={}", name, value));
  };
  offer("T_LOAD", cycles_of(config.table, Phase::load, false));
  offer("T_FREE", cycles_of(config.table, Phase::free, false));
  offer("T_SAMPLE", cycles_of(config.table, Phase::sample0, false));
  offer("T_CONVERT", cycles_of(config.table, Phase::sample0, true));
  offer("T_NUDGE_P", cycles_of(config.table, Phase::nudge_p, false));
  offer("T_NUDGE_N", cycles_of(config.table, Phase::nudge_n, false));
  offer("SEED", config.seed);
  if (config.adc_channels != 0) {
    offer("CHANNELS", static_cast<std::uint32_t>(config.adc_channels));
  }
  offer("AVERAGE", config.adc_average);
  if (config.circuit == digital::UpdateCircuit::accumulate) {
    list.push_back(
        "ENGINES=8'h1f");  // the only one that memprop's controller leaves out by default
    offer("ACCUMULATOR_BITS", config.accumulator_bits);
  }
  if (config.circuit != digital::UpdateCircuit::pulse_count) return list;
  // Pulses per code product in 2^-32, tile 0 in the lowest 32 bits.
  std::string words;
  for (auto tile = config.tile.rbegin(); tile != config.tile.rend(); ++tile) {
    const double rate = std::ldexp(static_cast<double>(tile->rate_mantissa),
                                   32 - static_cast<int>(tile->rate_shift));
    words += fmt::format("{:08x}", std::min<long long>(std::llround(rate), 0xffffffffLL));
  }
  list.push_back(fmt::format("PULSE_RATE={}'h{}", 32 * config.tile.size(), words));
  return list;
}

RtlSources own_controller() {
  RtlSources own;
  own.top = "memprop_controller";
  for (const auto& entry : fs::directory_iterator(rtl_directory())) {
    if (entry.path().extension() == ".sv") own.sources.push_back(entry.path().string());
  }
  std::sort(own.sources.begin(), own.sources.end());
  if (own.sources.empty()) {
    throw UserError(
        fmt::format("expected the sources of memprop's controller (*.sv) in '{}', "
                    "found none",
                    rtl_directory()));
  }
  return own;
}

}  // namespace

std::string rtl_directory() {
  std::vector<fs::path> places;
  if (const char* named = std::getenv("MEMPROP_RTL_DIR")) places.emplace_back(named);
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  if (!program.empty()) {
    places.push_back(program.parent_path().parent_path() / "share" / "memprop" / "rtl");
  }
  places.emplace_back(MEMPROP_RTL_BUILD_DIR);
  for (const auto& place : places) {
    if (fs::is_regular_file(place / script_name, ignored)) return place.string();
  }
  throw UserError(
      fmt::format("expected the folder share/memprop/rtl of an installation with {}, "
                  "found it nowhere: set MEMPROP_RTL_DIR",
                  script_name));
}

std::string build_model(const RtlSources& wanted, const digital::ControllerConfig& config) {
  // What ours cannot run is refused by name, before anything is compiled.
  if (wanted.sources.empty()) digital::check_rtl_support(config);
  RtlSources sources = wanted.sources.empty() ? own_controller() : wanted;
  if (wanted.sources.empty()) sources.parameters = wanted.parameters;
  if (sources.top.empty()) sources.top = fs::path(sources.sources.front()).stem().string();
  std::vector<std::string> command{
      "python3", "-B",    (fs::path(rtl_directory()) / script_name).string(),
      "model",   "--top", sources.top};
  for (const auto& p : sources.parameters) command.insert(command.end(), {"--param", p});
  for (const auto& p : offers(config)) command.insert(command.end(), {"--offer", p});
  command.insert(command.end(),
                 {"--layers", fmt::format("{}", fmt::join(config.widths, ",")), "--x-bits",
                  std::to_string(unsigned_bits(config.x_full_scale)), "--adc-bits",
                  std::to_string(unsigned_bits(config.adc_full_scale) + 1)});
  if (config.bias) command.push_back("--bias");
  if (config.adc_channels != 0) {
    command.insert(command.end(), {"--channels", std::to_string(config.adc_channels)});
  }
  command.push_back("--");
  command.insert(command.end(), sources.sources.begin(), sources.sources.end());
  const Outcome outcome = run(command);
  if (outcome.status == 127) {
    throw UserError(
        "expected the program 'python3' in PATH to build a controller from Verilog "
        "sources, found none: install the packages python3, verilator and g++");
  }
  if (outcome.status != 0) {
    const std::string said = trimmed(outcome.err);
    throw UserError(said.empty() ? fmt::format("{} ended before the controller '{}' was compiled",
                                               script_name, sources.top)
                                 : said);
  }
  return trimmed(outcome.out);
}

namespace {

std::unique_ptr<ControllerSeat> seat(const char* name, const digital::ControllerConfig& config,
                                     std::unique_ptr<RtlModel> model,
                                     const ModelListener& listener) {
  if (listener) listener(*model);
  return std::make_unique<RtlController>(name, config, std::move(model));
}

}  // namespace

ControllerFactory rtl_factory(const RtlSources& sources, ModelListener listener) {
  return [sources, listener = std::move(listener)](const char* name,
                                                   const digital::ControllerConfig& config) {
    return seat(name, config, std::make_unique<RtlModel>(build_model(sources, config)), listener);
  };
}

ControllerFactory rtl_factory(const MempropRtlApi* (*model)(), ModelListener listener) {
  return [model, listener = std::move(listener)](const char* name,
                                                 const digital::ControllerConfig& config) {
    return seat(name, config, std::make_unique<RtlModel>(model()), listener);
  };
}

}  // namespace memprop::hw::rtl
