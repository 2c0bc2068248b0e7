// A recorded pin trace, replayed in Icarus: the second opinion on the same Verilog.
#include "testbenches/cosim/pin_trace.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "hw_models/chip_runner.hpp"
#include "hw_models/rtl/rtl_build.hpp"
#include "testbenches/cosim/test/cosim_chip.hpp"

namespace memprop::bench::cosim {
namespace {

namespace fs = std::filesystem;

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 512> line;
  while (pipe != nullptr && std::fgets(line.data(), line.size(), pipe) != nullptr) {
    text += line.data();
  }
  if (pipe != nullptr) pclose(pipe);
  return text;
}

class PinTraceReplay : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!have_verilator()) GTEST_SKIP() << "not run: needs the package verilator";
    if (output_of("iverilog -V").find("Icarus") == std::string::npos) {
      GTEST_SKIP() << "not run: needs the package iverilog";
    }
    folder_ = fs::path(::testing::TempDir()) / ("pin-trace-" + std::to_string(getpid()));
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string replay(const std::string& sources) const {
    return output_of("cd '" + folder_.string() + "' && iverilog -g2012 -o replay replay.v " +
                     sources + " && vvp -n replay");
  }
  test::FreshKernel kernel_;
  fs::path folder_;
};

TEST_F(PinTraceReplay, IcarusAnswersAsVerilator) {
  const auto run = small_cosim_run(hw::UpdateCircuit::pulse_count);
  const std::string source =
      std::string(MEMPROP_SOURCE_DIR) + "/examples/cosim_sequencer/sequencer.v";
  std::uint64_t edges = 0;
  {
    hw::ChipRunner runner("runner", run.chip, run.network, run.learning, 1,
                          hw::rtl::rtl_factory({{source}, "sequencer", {}},
                                               pin_trace_listener(folder_.string(), 3000)));
    for (std::size_t k = 0; k < 9; ++k) runner.run_sample(run.x(k), run.target(k), true);
    edges = runner.chip().controller().counters().busy_cycles;
  }
  ASSERT_GT(edges, 2000U);
  const std::string said = replay("'" + source + "'");
  EXPECT_NE(said.find(" edges, 0 differ"), std::string::npos) << said;

  // One flipped bit in one word of the expected answers is found and named.
  std::vector<std::string> lines;
  {
    std::ifstream in(folder_ / "response.mem");
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }
  // The lowest bits are the first output, phase.
  char& digit = lines[1500].back();
  digit = digit == '0' ? '1' : '0';
  std::ofstream out(folder_ / "response.mem");
  for (const auto& line : lines) out << line << '\n';
  out.close();
  const std::string found = replay("'" + source + "'");
  EXPECT_NE(found.find("edge 1500: phase is"), std::string::npos) << found;
  EXPECT_NE(found.find(" edges, 1 differ"), std::string::npos) << found;
}

}  // namespace
}  // namespace memprop::bench::cosim
