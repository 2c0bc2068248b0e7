// Every rule of both protocol checkers fires on a violation of it, and on nothing else.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "hw_models/bus/apb_checker.hpp"
#include "hw_models/bus/axi_lite_checker.hpp"
#include "hw_models/bus/test/test_thread.hpp"

namespace memprop::hw {
namespace {

// Plays pins cycle by cycle; a violation as "rule signal".
template <class Wires, class Checker>
std::vector<std::string> played(
    const std::function<void(Wires&, const std::function<void()>&)>& play,
    void (*connect)(Checker&, sc_core::sc_clock&, sc_core::sc_signal<bool>&)) {
  sc_core::sc_clock clk("clk", 10, sc_core::SC_NS);
  sc_core::sc_signal<bool> rst_n("rst_n");
  Wires wires("wires");
  Checker checker("checker", 20);
  connect(checker, clk, rst_n);
  wires.connect(checker);
  TestThread thread("thread", [&] {
    const auto cycle = [&] { sc_core::wait(clk.negedge_event()); };
    cycle();
    cycle();
    rst_n.write(true);
    cycle();
    play(wires, cycle);
    cycle();
    cycle();
  });
  sc_core::sc_start();
  EXPECT_TRUE(thread.finished());
  std::vector<std::string> found;
  for (const auto& violation : checker.log().violations()) {
    found.push_back(violation.rule + " " + violation.signal);
    EXPECT_NE(violation.text().find("cycle"), std::string::npos);
  }
  return found;
}

using Cycle = std::function<void()>;

// `a = b = true` would give a the value that b had before.
template <class... Signals>
void set(bool value, Signals&... signals) {
  (signals.write(value), ...);
}

struct AxiPlay {
  const char* name;
  std::function<void(AxiLiteWires&, const Cycle&)> play;
  std::vector<std::string> broken;
};

std::vector<std::string> play_axi(const AxiPlay& play) {
  return played<AxiLiteWires, AxiLiteChecker>(
      play.play,
      [](AxiLiteChecker& checker, sc_core::sc_clock& clk, sc_core::sc_signal<bool>& rst_n) {
        checker.aclk(clk);
        checker.aresetn(rst_n);
      });
}

// Hands a write over on AW and W at once, or a read on AR.
void request_write(AxiLiteWires& w, const Cycle& cycle) {
  set(true, w.awvalid, w.wvalid, w.awready, w.wready);
  cycle();
  set(false, w.awvalid, w.wvalid, w.awready, w.wready);
}
void request_read(AxiLiteWires& w, const Cycle& cycle) {
  set(true, w.arvalid, w.arready);
  cycle();
  set(false, w.arvalid, w.arready);
}
void cycles(const Cycle& cycle, int count) {
  for (int k = 0; k < count; ++k) cycle();
}

void PrintTo(const AxiPlay& play, std::ostream* out) { *out << play.name; }

class AxiRules : public ::testing::TestWithParam<AxiPlay> {};

TEST_P(AxiRules, AreNoticed) { EXPECT_EQ(play_axi(GetParam()), GetParam().broken); }

const std::vector<AxiPlay> axi_plays{
    {"clean",
     [](AxiLiteWires& w, const Cycle& cycle) {
       request_write(w, cycle);
       w.bvalid = true;
       w.bresp = 2;
       cycle();
       w.bready = true;
       cycle();
       w.bvalid = false;
       request_read(w, cycle);
       cycle();
       set(true, w.rvalid, w.rready);
       w.rdata = 7;
       cycle();
       w.rvalid = false;
     },
     {}},
    {"awvalid_dropped",
     [](AxiLiteWires& w, const Cycle& cycle) {
       w.awvalid = true;
       cycle();
       w.awvalid = false;
     },
     {"valid_dropped awvalid"}},
    {"bvalid_dropped",
     [](AxiLiteWires& w, const Cycle& cycle) {
       request_write(w, cycle);
       w.bvalid = true;
       cycle();
       w.bvalid = false;
       cycle();
       set(true, w.bvalid, w.bready);
       cycle();
       w.bvalid = false;
     },
     {"valid_dropped bvalid"}},
    {"awaddr_changed",
     [](AxiLiteWires& w, const Cycle& cycle) {
       w.awvalid = true;
       cycle();
       w.awaddr = 4;
       cycle();
       w.awready = true;
       cycle();
       w.awvalid = false;
     },
     {"payload_changed awaddr"}},
    {"wstrb_changed",
     [](AxiLiteWires& w, const Cycle& cycle) {
       w.wvalid = true;
       cycle();
       w.wstrb = 3;
       w.wready = true;
       cycle();
       w.wvalid = false;
     },
     {"payload_changed wstrb"}},
    {"rdata_changed",
     [](AxiLiteWires& w, const Cycle& cycle) {
       request_read(w, cycle);
       w.rvalid = true;
       cycle();
       w.rdata = 5;
       w.rready = true;
       cycle();
       w.rvalid = false;
     },
     {"payload_changed rdata"}},
    {"response_without_data",
     [](AxiLiteWires& w, const Cycle& cycle) {
       set(true, w.awvalid, w.awready);
       cycle();
       w.awvalid = false;
       set(true, w.bvalid, w.bready);
       cycle();
       w.bvalid = false;
     },
     {"response_before_request bvalid"}},
    {"second_response",
     [](AxiLiteWires& w, const Cycle& cycle) {
       request_read(w, cycle);
       set(true, w.rvalid, w.rready);
       cycles(cycle, 2);
       w.rvalid = false;
     },
     {"response_before_request rvalid"}},
    {"exclusive",
     [](AxiLiteWires& w, const Cycle& cycle) {
       request_read(w, cycle);
       set(true, w.rvalid, w.rready);
       w.rresp = 1;
       cycle();
       w.rvalid = false;
     },
     {"exclusive_response rresp"}},
    {"no_ready",
     [](AxiLiteWires& w, const Cycle& cycle) {
       w.arvalid = true;
       cycles(cycle, 25);
     },
     {"waits_too_long arready"}},
    {"no_response",
     [](AxiLiteWires& w, const Cycle& cycle) {
       request_write(w, cycle);
       cycles(cycle, 25);
     },
     {"waits_too_long bvalid"}},
};

INSTANTIATE_TEST_SUITE_P(All, AxiRules, ::testing::ValuesIn(axi_plays),
                         [](const auto& play) { return play.param.name; });

TEST(AxiReset, ValidsAreLow) {
  sc_core::sc_clock clk("clk", 10, sc_core::SC_NS);
  sc_core::sc_signal<bool> rst_n("rst_n");
  AxiLiteWires wires("wires");
  AxiLiteChecker checker("checker");
  checker.aclk(clk);
  checker.aresetn(rst_n);
  wires.connect(checker);
  wires.wvalid = true;
  sc_core::sc_start(25, sc_core::SC_NS);
  ASSERT_FALSE(checker.log().clean());
  EXPECT_EQ(checker.log().violations()[0].rule, "valid_in_reset");
  EXPECT_EQ(checker.log().violations()[0].signal, "wvalid");
}

TEST(ApbReset, SelectIsLow) {
  sc_core::sc_clock clk("clk", 10, sc_core::SC_NS);
  sc_core::sc_signal<bool> rst_n("rst_n");
  ApbWires wires("wires");
  ApbChecker checker("checker");
  checker.pclk(clk);
  checker.presetn(rst_n);
  wires.connect(checker);
  wires.psel = true;
  sc_core::sc_start(5, sc_core::SC_NS);  // the first edge of a reset may still see it
  EXPECT_TRUE(checker.log().clean());
  sc_core::sc_start(10, sc_core::SC_NS);
  ASSERT_EQ(checker.log().violations().size(), 1U);
  EXPECT_EQ(checker.log().violations()[0].rule, "select_in_reset");
  EXPECT_EQ(checker.log().violations()[0].signal, "psel");
}

struct ApbPlay {
  const char* name;
  std::function<void(ApbWires&, const Cycle&)> play;
  std::vector<std::string> broken;
};

void PrintTo(const ApbPlay& play, std::ostream* out) { *out << play.name; }

class ApbRules : public ::testing::TestWithParam<ApbPlay> {};

TEST_P(ApbRules, AreNoticed) {
  const auto found = played<ApbWires, ApbChecker>(
      GetParam().play,
      [](ApbChecker& checker, sc_core::sc_clock& clk, sc_core::sc_signal<bool>& rst_n) {
        checker.pclk(clk);
        checker.presetn(rst_n);
      });
  EXPECT_EQ(found, GetParam().broken);
}

void setup(ApbWires& w, const Cycle& cycle, bool write = true) {
  w.psel = true;
  w.pwrite = write;
  w.pstrb = write ? 0xf : 0;
  cycle();
  w.penable = true;
}
void release(ApbWires& w) { set(false, w.psel, w.penable, w.pready, w.pslverr); }

const std::vector<ApbPlay> apb_plays{
    {"clean",
     [](ApbWires& w, const Cycle& cycle) {
       setup(w, cycle);
       cycle();
       set(true, w.pready, w.pslverr);
       cycle();
       set(false, w.pready, w.pslverr, w.penable);
       w.paddr = 8;
       setup(w, cycle, false);
       w.pready = true;
       cycle();
       release(w);
     },
     {}},
    {"no_setup",
     [](ApbWires& w, const Cycle& cycle) {
       set(true, w.psel, w.penable);
       w.pwrite = true;
       cycle();
       w.pready = true;
       cycle();
       release(w);
     },
     {"no_setup penable"}},
    {"enable_without_select",
     [](ApbWires& w, const Cycle& cycle) {
       w.penable = true;
       cycle();
       w.penable = false;
     },
     {"no_setup penable"}},
    {"no_access",
     [](ApbWires& w, const Cycle& cycle) {
       set(true, w.psel, w.pwrite);
       cycles(cycle, 2);
       w.psel = false;
     },
     {"no_access penable"}},
    {"deselected",
     [](ApbWires& w, const Cycle& cycle) {
       setup(w, cycle);
       w.psel = false;
       w.pready = true;
       cycle();
       release(w);
     },
     {"no_access psel"}},
    {"address_changed",
     [](ApbWires& w, const Cycle& cycle) {
       setup(w, cycle);
       cycle();
       w.paddr = 4;
       w.pready = true;
       cycle();
       release(w);
     },
     {"request_changed paddr"}},
    {"data_changed",
     [](ApbWires& w, const Cycle& cycle) {
       setup(w, cycle);
       w.pwdata = 4;
       w.pready = true;
       cycle();
       release(w);
     },
     {"request_changed pwdata"}},
    {"aborted",
     [](ApbWires& w, const Cycle& cycle) {
       setup(w, cycle);
       cycle();
       w.penable = false;
       cycle();
       release(w);
     },
     {"access_aborted penable"}},
    {"prolonged",
     [](ApbWires& w, const Cycle& cycle) {
       setup(w, cycle);
       w.pready = true;
       cycle();
       set(false, w.psel, w.pready);
       cycle();
       release(w);
     },
     {"access_prolonged penable"}},
    {"strobe_in_read",
     [](ApbWires& w, const Cycle& cycle) {
       w.pstrb = 1;
       w.psel = true;
       cycle();
       set(true, w.penable, w.pready);
       cycle();
       release(w);
     },
     {"strobe_in_read pstrb", "strobe_in_read pstrb"}},
    {"error_outside",
     [](ApbWires& w, const Cycle& cycle) {
       w.pslverr = true;
       cycle();
       w.pslverr = false;
     },
     {"error_outside pslverr"}},
    {"no_ready",
     [](ApbWires& w, const Cycle& cycle) {
       setup(w, cycle);
       cycles(cycle, 25);
       w.pready = true;
       cycle();
       release(w);
     },
     {"waits_too_long pready"}},
};

INSTANTIATE_TEST_SUITE_P(All, ApbRules, ::testing::ValuesIn(apb_plays),
                         [](const auto& play) { return play.param.name; });

}  // namespace
}  // namespace memprop::hw
