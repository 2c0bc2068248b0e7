// A checkpoint is restored bit by bit, or refused.
#include "traces/checkpoint.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <limits>
#include <thread>

#include "solvers/error.hpp"
#include "traces/storage_error.hpp"
#include "traces/test/scratch_folder.hpp"

namespace memprop::traces {
namespace {

using test::bytes_of;
using test::message_of;
using test::put_bytes;
using test::ScratchFolder;

std::string loading(const std::string& path) {
  return message_of<UserError>([&] { Checkpoint::load(path); });
}

Checkpoint numbered(std::uint64_t number) {
  Checkpoint checkpoint;
  checkpoint.put_value("number", number);
  checkpoint.put("state", std::vector<double>(1000, static_cast<double>(number)));
  return checkpoint;
}

TEST(Checkpoint, EveryKindComesBackBitByBit) {
  const ScratchFolder folder;
  std::vector<double> odd = {-0.0, 5e-324, -std::numeric_limits<double>::infinity(), 0.1};
  double payload;
  const std::uint64_t bits = 0x7ff4dead0000beefULL;  // a signalling NaN
  std::memcpy(&payload, &bits, 8);
  odd.push_back(payload);
  const std::vector<std::uint64_t> counters = {0, 1, ~std::uint64_t{0}};
  const std::vector<std::uint8_t> raw = {0, 255, 10, 13, 0};
  Checkpoint checkpoint;
  checkpoint.put("chip/g", Span<const double>(odd));
  checkpoint.put("counters", Span<const std::uint64_t>(counters));
  checkpoint.put("raw", Span<const std::uint8_t>(raw));
  checkpoint.put("names", std::vector<std::string>{"", "µ", std::string("a\0b", 3)});
  checkpoint.put("nothing", Span<const double>());
  checkpoint.put_value("time", 0.3);
  checkpoint.put_text("version", "0.1.0");
  checkpoint.save(folder.file("c.ckpt"));

  const auto [back, path, warning] = Checkpoint::load(folder.file("c.ckpt"));
  EXPECT_EQ(path, folder.file("c.ckpt"));
  EXPECT_EQ(warning, "");
  EXPECT_EQ(std::memcmp(back.doubles("chip/g").data(), odd.data(), 40), 0);
  EXPECT_EQ(back.uint64s("counters"), counters);
  EXPECT_EQ(back.bytes("raw"), raw);
  EXPECT_EQ(back.strings("names"), (std::vector<std::string>{"", "µ", std::string("a\0b", 3)}));
  EXPECT_TRUE(back.doubles("nothing").empty());
  EXPECT_EQ(back.real("time"), 0.3);
  EXPECT_EQ(back.text("version"), "0.1.0");
  EXPECT_EQ(back.keys().size(), 7U);
}

TEST(Checkpoint, WrongEntriesAreNamed) {
  const ScratchFolder folder;
  const std::string path = folder.file("c.ckpt");
  numbered(4).save(path);
  const Checkpoint back = Checkpoint::load(path).checkpoint;
  std::vector<double> out(7);
  EXPECT_EQ(message_of<UserError>([&] { back.real("x"); }), path + ": has no entry 'x'");
  EXPECT_EQ(message_of<UserError>([&] { back.real("number"); }),
            path + ": entry 'number' is not of doubles");
  EXPECT_EQ(message_of<UserError>([&] { back.copy_to("state", Span<double>(out)); }),
            path +
                ": entry 'state' has 1000 values, expected 7; the checkpoint is of another "
                "network or chip");
}

TEST(Checkpoint, LastTwoAreKept) {
  const ScratchFolder folder;
  for (std::uint64_t i = 1; i <= 4; ++i) numbered(i).save(folder.file("c"));
  EXPECT_EQ(Checkpoint::load(folder.file("c")).checkpoint.uint64("number"), 4U);
  EXPECT_EQ(Checkpoint::load(folder.file("c.1")).checkpoint.uint64("number"), 3U);
  EXPECT_EQ(folder.entries().size(), 2U);
}

// Any single flipped bit and any cut is noticed, and the older one is used.
TEST(Checkpoint, DamageIsNoticedEverywhere) {
  const ScratchFolder folder;
  const std::string path = folder.file("c");
  Checkpoint small;
  small.put_value("number", std::uint64_t{1});
  small.save(path);
  small.put_value("number", std::uint64_t{2});
  small.put_text("name", "x");
  small.save(path);
  const std::vector<std::uint8_t> good = bytes_of(path);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const std::uint8_t bit : {std::uint8_t{1}, std::uint8_t{128}}) {
      std::vector<std::uint8_t> bad = good;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ bit);
      put_bytes(path, bad);
      const auto loaded = Checkpoint::load(path);
      ASSERT_EQ(loaded.path, path + ".1") << "byte " << i;
      ASSERT_EQ(loaded.checkpoint.uint64("number"), 1U);
      ASSERT_FALSE(loaded.warning.empty());
    }
    put_bytes(path, {good.begin(), good.begin() + static_cast<std::ptrdiff_t>(i)});
    ASSERT_EQ(Checkpoint::load(path).path, path + ".1") << "cut to " << i;
  }
  put_bytes(path, good);
  EXPECT_EQ(Checkpoint::load(path).path, path);
  std::filesystem::remove(path);
  EXPECT_EQ(Checkpoint::load(path).checkpoint.uint64("number"), 1U);
}

TEST(Checkpoint, SaysWhyNothingIsUsable) {
  const ScratchFolder folder;
  const std::string path = folder.file("c");
  EXPECT_EQ(loading(path), "no usable checkpoint: " + path +
                               ": cannot open: No such file or directory; " + path +
                               ".1: cannot open: No such file or directory");
  put_bytes(path, {0x89, 'H', 'D', 'F', '\r', '\n', 26, '\n', 0, 0});
  EXPECT_NE(loading(path).find(path + ": is not a checkpoint"), std::string::npos);
  numbered(1).save(path);
  std::vector<std::uint8_t> later = bytes_of(path);
  later[8] = 2;
  put_bytes(path, later);
  std::filesystem::remove(path + ".1");
  EXPECT_NE(loading(path).find("expected checkpoint version 1, got 2"), std::string::npos);
  EXPECT_NE(loading(folder.file("")).find("expected a file, got a directory"), std::string::npos);
}

// Lengths that do not add up under a right checksum do not make us read or allocate wildly.
TEST(Checkpoint, RightChecksumDoesNotExcuseWrongLengths) {
  const ScratchFolder folder;
  const std::string path = folder.file("c");
  Checkpoint checkpoint;
  checkpoint.put_value("k", 1.0);
  checkpoint.save(path);
  std::vector<std::uint8_t> bytes = bytes_of(path);
  for (std::size_t i = 0; i < 8; ++i) bytes[24 + 4 + 1 + 1 + i] = 0xff;  // the count
  const auto sum =
      static_cast<std::uint32_t>(crc32(0, bytes.data(), static_cast<unsigned>(bytes.size() - 4)));
  std::memcpy(bytes.data() + bytes.size() - 4, &sum, 4);
  put_bytes(path, bytes);
  EXPECT_NE(loading(path).find("do not add up"), std::string::npos);
}

TEST(Checkpoint, PlacesThatCannotBeWritten) {
  const ScratchFolder folder;
  put_bytes(folder.file("file"), {'x'});
  EXPECT_NE(message_of<StorageError>([&] {
              numbered(1).save(folder.file("file/c"));
            }).find("cannot create: Not a directory"),
            std::string::npos);
  EXPECT_NE(message_of<StorageError>([&] {
              numbered(1).save(folder.file(""));
            }).find("expected a file, got a directory"),
            std::string::npos);
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"file"});
}

TEST(Checkpoint, AKillLeavesAGoodOne) {
  const ScratchFolder folder;
  const std::string path = folder.file("c");
  numbered(1).save(path);
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (std::uint64_t i = 2;; ++i) numbered(i).save(path);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(3000 + 911 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto loaded = Checkpoint::load(path);
    const auto number = static_cast<double>(loaded.checkpoint.uint64("number"));
    EXPECT_EQ(loaded.checkpoint.doubles("state"), std::vector<double>(1000, number));
  }
}

}  // namespace
}  // namespace memprop::traces
