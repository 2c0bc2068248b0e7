// The three ways to the registers: C++ behind a TLM socket, RTL behind AXI4-Lite and RTL behind APB
// answer the same accesses with the same words and errors; the protocol checkers see nothing wrong
// on the way, with and without back-pressure.
#include <gtest/gtest.h>

#include "hw_models/bus/apb_checker.hpp"
#include "hw_models/bus/apb_master.hpp"
#include "hw_models/bus/axi_lite_checker.hpp"
#include "hw_models/bus/axi_lite_master.hpp"
#include "hw_models/bus/register_socket.hpp"
#include "hw_models/bus/test/register_script.hpp"
#include "hw_models/bus/test/rtl_slaves.hpp"
#include "hw_models/bus/test/test_thread.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {
namespace {

namespace reg = digital::registers;
using Script = std::function<std::vector<Answered>(TlmProbe&)>;

digital::ChipBuild build() {
  digital::ChipBuild built;
  built.widths = {5, 4, 3};
  built.bias = true;
  built.phase_rows = 14;
  return built;
}

// Pauses of 0 to 7 cycles, of which half are 0.
BusPauses random_pauses(std::uint64_t seed) {
  return [random = RandomStream(seed, "test/pauses"), drawn = std::uint64_t{0}]() mutable {
    const std::uint32_t word = random.words(0, drawn++)[0];
    return word % 2 == 0 ? 0U : word / 2 % 8;
  };
}

struct Bench {
  sc_core::sc_clock clk{"clk", 10, sc_core::SC_NS};
  sc_core::sc_signal<bool> rst_n{"rst_n"}, irq{"irq"};

  // Resets, then runs the script of every thread to its end.
  void run(std::vector<TestThread*> threads) {
    sc_core::sc_start(45, sc_core::SC_NS);
    rst_n.write(true);
    const auto unfinished = [&] {
      for (const TestThread* thread : threads) {
        if (!thread->finished()) return true;
      }
      return false;
    };
    while (unfinished()) sc_core::sc_start();
  }
};

struct AxiBench : Bench {
  AxiLiteWires wires{"axi"};
  AxiLiteRtl slave{"slave"};
  AxiLiteChecker checker{"checker", 300};
  AxiLiteMaster master;

  explicit AxiBench(BusPauses pauses) : master("master", std::move(pauses)) {
    wires.connect(slave);
    wires.connect(checker);
    wires.connect(master);
    slave.clk(clk);
    slave.rst_n(rst_n);
    slave.irq(irq);
    checker.aclk(clk);
    checker.aresetn(rst_n);
    master.aclk(clk);
    master.aresetn(rst_n);
  }
};

struct ApbBench : Bench {
  ApbWires wires{"apb"};
  ApbRtl slave{"slave"};
  ApbChecker checker{"checker", 300};
  ApbMaster master;

  explicit ApbBench(BusPauses pauses) : master("master", std::move(pauses)) {
    wires.connect(slave);
    wires.connect(checker);
    wires.connect(master);
    slave.clk(clk);
    slave.rst_n(rst_n);
    slave.irq(irq);
    checker.pclk(clk);
    checker.presetn(rst_n);
    master.pclk(clk);
    master.presetn(rst_n);
  }
};

void expect_same(const std::vector<Answered>& found, const std::vector<Answered>& model,
                 ErrorDetail detail) {
  ASSERT_EQ(found.size(), model.size());
  std::size_t differences = 0;
  for (std::size_t k = 0; k < found.size() && differences < 10; ++k) {
    const auto wanted = told(model[k], detail), got = told(found[k], detail);
    EXPECT_EQ(got, wanted) << "access " << k;
    differences += got != wanted;
  }
}

// Kernel objects cannot be made once it runs: the bench of the bus and that of the model stand side
// by side, and both scripts run at the same time.
template <class BusBench>
void compare(const Script& script, BusPauses pauses, ErrorDetail detail) {
  BusBench bench(std::move(pauses));
  TlmProbe probe("probe");
  probe.socket.bind(bench.master.socket);
  digital::RegisterFile file(build());
  RegisterSocket port("model_port", file, sc_core::sc_time(10, sc_core::SC_NS), [&file] {
    file.step({});
    file.step({});
  });
  TlmProbe model_probe("model_probe");
  model_probe.socket.bind(port.socket);
  std::vector<Answered> found, model;
  TestThread bus_thread("bus_thread", [&] {
    while (!bench.rst_n.read()) sc_core::wait(10, sc_core::SC_NS);
    found = script(probe);
  });
  TestThread model_thread("model_thread", [&] { model = script(model_probe); });
  bench.run({&bus_thread, &model_thread});
  expect_same(found, model, detail);
  EXPECT_TRUE(bench.checker.log().clean())
      << bench.checker.log().violations().front().text() << ", and "
      << bench.checker.log().violations().size() - 1 << " more";
  EXPECT_GT(found.size(), 4000U);
}

const Script every_register = [](TlmProbe& probe) { return run_register_script(probe, build()); };
const Script random_accesses = [](TlmProbe& probe) {
  return run_random_script(probe, build(), 10000, 5);
};

TEST(BusRtl, AxiLiteAnswersAsTheModel) {
  compare<AxiBench>(every_register, {}, ErrorDetail::unmapped);
}

TEST(BusRtl, ApbAnswersAsTheModel) { compare<ApbBench>(every_register, {}, ErrorDetail::none); }

TEST(BusRtl, AxiLiteWithBackPressure) {
  compare<AxiBench>(random_accesses, random_pauses(1), ErrorDetail::unmapped);
}

TEST(BusRtl, ApbWithPauses) {
  compare<ApbBench>(random_accesses, random_pauses(2), ErrorDetail::none);
}

// Reads and writes side by side: the channels are independent, every answer belongs to its request.
TEST(BusRtl, AxiLiteReadsBesideWrites) {
  AxiBench bench(random_pauses(3));
  TlmProbe probe("probe");  // both threads go through its socket
  probe.socket.bind(bench.master.socket);
  int checked = 0;
  TestThread writes("writes", [&] {
    while (!bench.rst_n.read()) sc_core::wait(10, sc_core::SC_NS);
    for (std::uint32_t n = 0; n < 2000; ++n) {
      probe.write(reg::input0(n % 5), n & 0xff);
    }
  });
  TestThread reads("reads", [&] {
    while (!bench.rst_n.read()) sc_core::wait(10, sc_core::SC_NS);
    for (std::uint32_t n = 0; n < 2000; ++n) {
      const bool id = n % 2 == 0;
      EXPECT_EQ(probe.read(id ? reg::id : reg::width(0)), id ? reg::id_value : 5U);
      ++checked;
    }
  });
  bench.run({&writes, &reads});
  EXPECT_EQ(checked, 2000);
  EXPECT_TRUE(bench.checker.log().clean());
  EXPECT_EQ(bench.checker.writes(), 2000U);
  EXPECT_EQ(bench.checker.reads(), 2000U);
}

}  // namespace
}  // namespace memprop::hw
