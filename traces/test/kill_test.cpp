// A writing process is killed at a random moment, many times: the file always opens without repair
// of ours, has at least the rows of the last flush that returned, whole flushes, and right values.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <new>
#include <thread>

#include "solvers/random_stream.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

constexpr std::size_t width = 20;
constexpr std::uint64_t rows_per_flush = 23;  // never a whole chunk

double value_at(std::uint64_t row, std::size_t column) {
  return static_cast<double>((row * 2654435761U + column * 40503U) % 1000003U) / 7.0;
}

// Writes for ever; tells the parent how many rows are committed.
[[noreturn]] void write_until_killed(const std::string& path,
                                     std::atomic<std::uint64_t>& committed) {
  TraceFile trace = TraceFile::create(path);
  Series sample = trace.row_axis("a/sample", {ElementType::int64, {}, "1", "sample", {}, 64});
  const std::vector<std::string> axes = {"sample", "neuron"};
  Series v = trace.series("a/v", {ElementType::float64, {width}, "V", "v", axes, 64});
  std::vector<Series> more;
  for (int i = 0; i < 8; ++i) {
    more.push_back(trace.series("a/more" + std::to_string(i),
                                {ElementType::float64, {}, "V", "more", {"sample"}, 100}));
  }
  std::vector<double> state(4000);
  for (std::uint64_t row = 0;; ++row) {
    const auto number = static_cast<std::int64_t>(row);
    double values[width];
    for (std::size_t i = 0; i < width; ++i) values[i] = value_at(row, i);
    sample.append(&number);
    v.append(values);
    for (Series& series : more) series.append(values);
    if (row % rows_per_flush == rows_per_flush - 1) {
      // Something overwritten in place as well.
      std::fill(state.begin(), state.end(), static_cast<double>(row));
      trace.write("state", state, {state.size()}, {"1", "state", {"i"}});
      trace.flush();
      committed.store(row + 1);
    }
  }
}

void expect_whole(const TraceReader& reader, std::uint64_t committed) {
  const auto samples = reader.read<std::int64_t>("a/sample");
  const auto v = reader.read<double>("a/v");
  ASSERT_GE(samples.size(), committed);
  ASSERT_LE(samples.size(), committed + rows_per_flush);  // one that did not return
  ASSERT_EQ(samples.size() % rows_per_flush, 0U);
  ASSERT_EQ(v.size(), samples.size() * width);
  for (std::size_t row = 0; row < samples.size(); ++row) {
    ASSERT_EQ(samples[row], static_cast<std::int64_t>(row));
    for (std::size_t i = 0; i < width; ++i) ASSERT_EQ(v[row * width + i], value_at(row, i));
  }
  for (int k = 0; k < 8; ++k) {
    const auto more = reader.read<double>("a/more" + std::to_string(k));
    ASSERT_EQ(more.size(), samples.size());
    for (std::size_t row = 0; row < more.size(); ++row) ASSERT_EQ(more[row], value_at(row, 0));
  }
  if (samples.empty()) return;
  for (const double value : reader.read<double>("state")) {
    ASSERT_EQ(value, static_cast<double>(samples.size() - 1));
  }
}

TEST(Kill, FileIsWholeAfterEveryKill) {
  void* shared = ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  const char* wanted = std::getenv("MEMPROP_KILL_ROUNDS");
  const int rounds = wanted == nullptr ? 40 : std::atoi(wanted);
  const RandomStream random(1, "kill");
  int with_journal = 0;
  std::uint64_t most = 0;
  for (int round = 0; round < rounds; ++round) {
    const test::ScratchFolder folder;
    const std::string path = folder.file("t.h5");
    auto& committed = *new (shared) std::atomic<std::uint64_t>(0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(path, committed);
    while (committed.load() == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
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
    expect_whole(TraceReader(path), committed.load());
    most = std::max(most, committed.load());
    ASSERT_FALSE(HasFatalFailure()) << "round " << round;
    ASSERT_FALSE(std::filesystem::exists(path + ".journal"));
  }
  RecordProperty("killed_inside_a_commit", with_journal);
  RecordProperty("most_rows", static_cast<int>(most));
  std::printf("%d kills, %d of them inside a commit, up to %llu rows\n", rounds, with_journal,
              static_cast<unsigned long long>(most));
  EXPECT_GT(most, 64U);
}

// A reader opened again and again sees whole states of a file that is being written.
TEST(Kill, ReaderFollowsALivingWriter) {
  void* shared = ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  const test::ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  auto& committed = *new (shared) std::atomic<std::uint64_t>(0);
  const pid_t child = ::fork();
  if (child == 0) write_until_killed(path, committed);
  while (committed.load() == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
  ::kill(child, SIGSTOP);  // between two moments, perhaps in the middle of a commit
  const std::uint64_t first = committed.load();
  expect_whole(TraceReader(path), first);
  ::kill(child, SIGCONT);
  while (committed.load() < first + 5 * rows_per_flush) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  ::kill(child, SIGSTOP);
  expect_whole(TraceReader(path), committed.load());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace memprop::traces
