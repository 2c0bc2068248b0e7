// memprop-lockstep: the controller in C++ against one in Verilog, pin by pin in every cycle, under
// random stimulus. Exit code 0: no difference; 3: a difference, reported; 2: wrong input.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <systemc>

#include "hw_models/rtl/rtl_build.hpp"
#include "hw_models/rtl/rtl_controller.hpp"
#include "solvers/error.hpp"
#include "testbenches/cosim/bench/lockstep_configs.hpp"
#include "testbenches/cosim/lockstep.hpp"
#include "testbenches/cosim/stimulus_bench.hpp"

namespace {

using namespace memprop;
using namespace memprop::bench;

struct Arguments {
  std::vector<std::size_t> widths{5, 4, 3};
  bool bias = true;
  std::size_t channels = 0;
  std::uint64_t cycles = 20000, seed = 1;  // cycles of each configuration
  hw::rtl::RtlSources rtl;
};

std::uint64_t number(const std::string& text, const char* option) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0') {
    throw UserError(fmt::format("{}: expected a whole number, found '{}'", option, text));
  }
  return value;
}

Arguments parse(int argc, char** argv) {
  Arguments a;
  for (int k = 1; k < argc; ++k) {
    const std::string option = argv[k];
    if (option == "--no-bias") {
      a.bias = false;
      continue;
    }
    if (option.rfind("--", 0) != 0) {
      a.rtl.sources.push_back(option);
      continue;
    }
    if (k + 1 == argc) throw UserError(fmt::format("{}: expected a value after it", option));
    const std::string value = argv[++k];
    if (option == "--layers") {
      a.widths.clear();
      std::istringstream parts(value);
      for (std::string part; std::getline(parts, part, ',');) {
        a.widths.push_back(number(part, "--layers"));
      }
      if (a.widths.size() < 2) throw UserError("--layers: expected at least two widths");
    } else if (option == "--channels") {
      a.channels = number(value, "--channels");
    } else if (option == "--cycles") {
      a.cycles = number(value, "--cycles");
    } else if (option == "--seed") {
      a.seed = number(value, "--seed");
    } else if (option == "--top") {
      a.rtl.top = value;
    } else if (option == "--param") {
      a.rtl.parameters.push_back(value);
    } else {
      throw UserError(
          fmt::format("unknown option '{}'; known: --layers, --no-bias, --channels, --cycles, "
                      "--seed, --top, --param, and "
                      "Verilog files (none: memprop's own controller)",
                      option));
    }
  }
  return a;
}

int run(const Arguments& a) {
  const auto configs = cosim::lockstep_configs(a.widths, a.bias, a.channels);
  // One file serves all configurations, which differ in registers only.
  const std::string file = hw::rtl::build_model(a.rtl, configs.front().config);
  const hw::ControllerFactory rtl = [&file](const char* name,
                                            const digital::ControllerConfig& config) {
    return std::make_unique<hw::rtl::RtlController>(name, config,
                                                    std::make_unique<hw::rtl::RtlModel>(file));
  };
  sc_core::sc_clock clk("clk", 10, sc_core::SC_NS);
  std::vector<std::unique_ptr<cosim::StimulusBench>> benches;
  for (std::size_t k = 0; k < configs.size(); ++k) {
    cosim::StimulusConfig stimulus;
    stimulus.seed = a.seed + k;
    benches.push_back(std::make_unique<cosim::StimulusBench>(
        fmt::format("bench{}", k).c_str(), configs[k].config,
        cosim::lockstep_factory({"C++", {}}, {"rtl", rtl}), stimulus));
    benches.back()->clk(clk);
  }
  sc_core::sc_start(sc_core::sc_time(10.0 * static_cast<double>(a.cycles), sc_core::SC_NS));
  std::uint64_t cycles = 0, samples = 0, resets = 0;
  for (std::size_t k = 0; k < benches.size(); ++k) {
    if (const auto error = benches[k]->seat().take_error()) {
      fmt::print("configuration \"{}\":\n", configs[k].name);
      std::rethrow_exception(error);
    }
    cycles += benches[k]->cycles();
    samples += benches[k]->samples();
    resets += benches[k]->resets();
  }
  fmt::print("{} configurations, {} cycles, {} samples, {} resets: no difference\n", configs.size(),
             cycles, samples, resets);
  return 0;
}

}  // namespace

int sc_main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const cosim::LockstepDifference& difference) {
    fmt::print("{}\n", difference.what());
    return 3;
  } catch (const UserError& error) {
    fmt::print(stderr, "memprop-lockstep: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "memprop-lockstep: {}\n", error.what());
    return 1;
  }
}

int main(int argc, char** argv) {
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
