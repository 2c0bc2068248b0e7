// A writing process is killed at a random moment, many times: the file always opens without repair
// of ours, has at least the rows of the last flush that returned, whole flushes, and right values.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <new>
#include <thread>

#include "solvers/random_stream.hpp"
#include "traces/test/numbered_rows.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

using test::numbered_value;
using test::NumberedRows;

// How often a run flushes: a live one often, a plain one with its checkpoints, which wait for the
// disk; and the one that leaves the commits to the writing thread.
struct Way {
  const char* name;
  std::uint64_t rows_per_flush;  // never whole chunks
  bool to_disk;
  std::uint64_t flushes_soon;  // flush_soon() between two flushes
};
constexpr Way live{"Live", 23, false, 0};
constexpr Way plain{"Plain", 1501, true, 0};
constexpr Way by_thread{"ByThread", 23, false, 9};

// Writes for ever; tells the parent how many rows are committed.
[[noreturn]] void write_until_killed(const std::string& path, const Way& way,
                                     std::atomic<std::uint64_t>& committed) {
  TraceFile trace = TraceFile::create(path);
  NumberedRows rows(trace);
  for (std::uint64_t row = 0;; ++row) {
    rows.append(row);
    if ((row + 1) % way.rows_per_flush != 0) continue;
    if ((row + 1) / way.rows_per_flush % (way.flushes_soon + 1) != 0) {
      trace.flush_soon();
      continue;
    }
    if (way.flushes_soon == 0) rows.write_state(row);
    trace.flush(way.to_disk);
    committed.store(row + 1);
  }
}

// `before` and `after`: what was committed when the file was opened, and later.
void expect_whole(const TraceReader& reader, const Way& way, std::uint64_t before,
                  const std::atomic<std::uint64_t>& after) {
  const auto samples = reader.read<std::int64_t>("a/sample");
  ASSERT_GE(samples.size(), before);
  // The last flush did not return.
  ASSERT_LE(samples.size(), after.load() + way.rows_per_flush * (way.flushes_soon + 1));
  ASSERT_EQ(samples.size() % way.rows_per_flush, 0U);
  for (const char* name : {"a/v", "a/raw"}) {
    const auto v = reader.read<double>(name);
    ASSERT_EQ(v.size(), samples.size() * NumberedRows::width);
    for (std::size_t row = 0; row < samples.size(); ++row) {
      ASSERT_EQ(samples[row], static_cast<std::int64_t>(row));
      for (std::size_t i = 0; i < NumberedRows::width; ++i) {
        ASSERT_EQ(v[row * NumberedRows::width + i], numbered_value(row, i));
      }
    }
  }
  for (int k = 0; k < NumberedRows::more; ++k) {
    const auto more = reader.read<double>("a/more" + std::to_string(k));
    ASSERT_EQ(more.size(), samples.size());
    for (std::size_t row = 0; row < more.size(); ++row) {
      ASSERT_EQ(more[row], numbered_value(row, 0));
    }
  }
  if (samples.empty() || way.flushes_soon > 0) return;
  for (const double value : reader.read<double>("state")) {
    ASSERT_EQ(value, static_cast<double>(samples.size() - 1));
  }
}

class Kill : public ::testing::TestWithParam<Way> {};

TEST_P(Kill, FileIsWholeAfterEveryKill) {
  const Way way = GetParam();
  void* shared = ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  const char* wanted = std::getenv("MEMPROP_KILL_ROUNDS");
  const int rounds = wanted == nullptr ? 25 : std::max(2, std::atoi(wanted));
  const RandomStream random(1, way.name);
  int with_journal = 0;
  std::uint64_t most = 0;
  for (int round = 0; round < rounds; ++round) {
    const test::ScratchFolder folder;
    const std::string path = folder.file("t.h5");
    auto& committed = *new (shared) std::atomic<std::uint64_t>(0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(path, way, committed);
    // Several chunks in the last rounds, however slow the machine is.
    const std::uint64_t rows = 1 + 400 * static_cast<std::uint64_t>(round) / rounds;
    while (committed.load() < rows) std::this_thread::sleep_for(std::chrono::microseconds(200));
    const double wait_us = 50000.0 * random.uniform(static_cast<std::uint64_t>(round));
    std::this_thread::sleep_for(std::chrono::microseconds(static_cast<int>(wait_us)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));

    const bool in_commit = std::filesystem::exists(path + ".journal");
    with_journal += in_commit ? 1 : 0;
    if (!in_commit) {
      // Any other program opens it as it is.
      const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
      ASSERT_GE(file, 0);
      H5Fclose(file);
    }
    expect_whole(TraceReader(path), way, committed.load(), committed);
    most = std::max(most, committed.load());
    ASSERT_FALSE(HasFatalFailure()) << "round " << round;
    ASSERT_FALSE(std::filesystem::exists(path + ".journal"));
  }
  RecordProperty("killed_inside_a_commit", with_journal);
  RecordProperty("most_rows", static_cast<int>(most));
  std::printf("%d kills, %d of them inside a commit, up to %llu rows\n", rounds, with_journal,
              static_cast<unsigned long long>(most));
  EXPECT_GT(most, 100U);  // several chunks
}

// A reader opened again and again sees whole states of a file that is being written.
TEST_P(Kill, ReaderFollowsALivingWriter) {
  const Way way = GetParam();
  void* shared = ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  const test::ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  auto& committed = *new (shared) std::atomic<std::uint64_t>(0);
  const pid_t child = ::fork();
  if (child == 0) write_until_killed(path, way, committed);
  while (committed.load() == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
  for (int look = 0; look < 4; ++look) {
    const std::uint64_t seen = committed.load();
    expect_whole(TraceReader(path), way, seen, committed);
    while (committed.load() < seen + 5 * way.rows_per_flush) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, Kill, ::testing::Values(live, plain, by_thread),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace memprop::traces
