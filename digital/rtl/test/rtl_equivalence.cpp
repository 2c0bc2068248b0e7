// The RTL controller against digital::Controller, pin for pin, over random configurations and
// inputs:
//   rtl_equivalence EDGES SEED [STIMULUS TRACE]
// With two file names, inputs and outputs of all edges are written for a replay in another
// simulator.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "digital/registers.hpp"
#include "digital/rtl/test/random_run.hpp"

// Verilator's time, which nothing here uses.
double sc_time_stamp() { return 0.0; }

int main(int argc, char** argv) {
  using namespace memprop::digital::rtl_test;
  if (argc != 3 && argc != 5) {
    std::fprintf(stderr, "usage: rtl_equivalence EDGES SEED [STIMULUS TRACE]\n");
    return 2;
  }
  const std::uint64_t edges = std::strtoull(argv[1], nullptr, 10);
  Rig rig({{RTL_WIDTHS}, RTL_BIAS != 0, RTL_X_W, RTL_ADC_W, RTL_ACCUMULATOR_BITS, RTL_CHANNELS});
  if (argc == 5) rig.record(argv[3], argv[4]);
  RandomRun run(rig, static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)));
  try {
    while (rig.edges() < edges) run.configuration();
  } catch (const std::exception& error) {
    std::printf("%s\n%s\n", run.text().c_str(), error.what());
    return 1;
  }
  std::printf("%llu edges, %u configurations: equal\n%s",
              static_cast<unsigned long long>(rig.edges()), run.configurations(),
              run.coverage().c_str());
  return argc == 5 || run.covered() ? 0 : 1;
}
