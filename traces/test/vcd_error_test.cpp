// What a VCD refuses, and that it leaves nothing half-written behind.
#include <gtest/gtest.h>

#include "solvers/error.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/vcd_file.hpp"

namespace memprop::traces {
namespace {

using test::message_of;

TEST(Vcd, PlacesThatAreNoGood) {
  const test::ScratchFolder folder;
  EXPECT_EQ(message_of<UserError>([&] { VcdFile(folder.file("none/a.vcd"), "t"); }),
            folder.file("none/a.vcd") + ": cannot create: No such file or directory");
  EXPECT_EQ(message_of<UserError>([&] { VcdFile(folder.file(""), "t"); }),
            folder.file("") + ": expected a file, got a directory");
  EXPECT_TRUE(folder.entries().empty());
}

TEST(Vcd, AppearsWhenItIsComplete) {
  const test::ScratchFolder folder;
  test::put_bytes(folder.file("a.vcd"), {'o', 'l', 'd'});
  {
    VcdFile vcd(folder.file("a.vcd"), "t");
    const auto wire = vcd.add_wire("w");
    vcd.time(0);
    for (std::int64_t k = 1; k < 100000; ++k) {
      vcd.time(k);
      vcd.set(wire, static_cast<std::uint64_t>(k % 2));
    }
    EXPECT_EQ(test::bytes_of(folder.file("a.vcd")).size(), 3U);
  }
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"a.vcd"});
  EXPECT_EQ(test::bytes_of(folder.file("a.vcd")).size(), 3U);
  VcdFile vcd(folder.file("a.vcd"), "t");
  vcd.close();
  EXPECT_GT(test::bytes_of(folder.file("a.vcd")).size(), 3U);
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"a.vcd"});
}

TEST(Vcd, MisuseIsOurs) {
  const test::ScratchFolder folder;
  VcdFile vcd(folder.file("a.vcd"), "t");
  const auto wire = vcd.add_wire("a/w", 4);
  EXPECT_THROW(vcd.add_wire("a/w"), InternalError);
  EXPECT_THROW(vcd.add_real("a/"), InternalError);
  EXPECT_THROW(vcd.add_wire("b", 65), InternalError);
  EXPECT_THROW(vcd.set(wire, 1), InternalError);
  EXPECT_THROW(vcd.time(-1), InternalError);
  vcd.time(10);
  EXPECT_THROW(vcd.add_wire("c"), InternalError);
  EXPECT_THROW(vcd.set(wire, 16), InternalError);
  EXPECT_THROW(vcd.time(9), InternalError);
  vcd.set(wire, 15);
  vcd.close();
}

}  // namespace
}  // namespace memprop::traces
