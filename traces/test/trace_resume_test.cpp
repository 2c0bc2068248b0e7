// Going on with a trace: rows after a checkpoint are cut, later ones follow without a seam.
#include <gtest/gtest.h>

#include "solvers/error.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

using test::message_of;
using test::ScratchFolder;

struct Recorder {
  TraceFile trace;
  Series sample;
  Series v;

  explicit Recorder(TraceFile file) : trace(std::move(file)) {
    sample = trace.row_axis("sample", {ElementType::int64, {}, "1", "sample", {}, 8});
    v = trace.series("v", {ElementType::float64, {2}, "V", "v", {"sample", "neuron"}, 8});
  }
  void record(std::int64_t first, std::int64_t end) {
    for (std::int64_t i = first; i < end; ++i) {
      const double row[2] = {0.5 * static_cast<double>(i), -static_cast<double>(i)};
      sample.append(&i);
      v.append(row);
    }
  }
};

void expect_rows(const std::string& path, std::size_t count) {
  const TraceReader reader(path);
  const auto samples = reader.read<std::int64_t>("sample");
  const auto v = reader.read<double>("v");
  ASSERT_EQ(samples.size(), count);
  ASSERT_EQ(v.size(), 2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(samples[i], static_cast<std::int64_t>(i));
    ASSERT_EQ(v[2 * i], 0.5 * static_cast<double>(i));
    ASSERT_EQ(v[2 * i + 1], -static_cast<double>(i));
  }
}

class CutAt : public ::testing::TestWithParam<std::uint64_t> {};

// Cuts inside chunks, at their borders, to nothing and to everything.
TEST_P(CutAt, ResumedTraceHasNoSeam) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  const std::uint64_t cut = GetParam();
  Recorder(TraceFile::create(path)).record(0, 37);
  {
    TraceFile trace = TraceFile::open_for_append(path);
    EXPECT_EQ(trace.row_counts(), (RowCounts{{"sample", 37}, {"v", 37}}));
    Recorder recorder(std::move(trace));
    recorder.trace.truncate_to({{"sample", cut}, {"v", cut}});
    expect_rows(path, cut);
    recorder.record(static_cast<std::int64_t>(cut), 53);
  }
  expect_rows(path, 53);
}
INSTANTIATE_TEST_SUITE_P(Rows, CutAt, ::testing::Values(0, 1, 8, 13, 16, 32, 36, 37));

TEST(Resume, CutsSeriesThatAreNotDeclaredAgain) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  Recorder(TraceFile::create(path)).record(0, 37);
  TraceFile trace = TraceFile::open_for_append(path);
  trace.truncate_to({{"sample", 11}, {"v", 11}});
  trace.close();
  expect_rows(path, 11);
}

TEST(Resume, BufferedRowsCanBeCut) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  Recorder recorder(TraceFile::create(path));
  recorder.record(0, 5);
  recorder.trace.truncate_to({{"sample", 3}, {"v", 3}});
  recorder.record(3, 20);
  recorder.trace.close();
  expect_rows(path, 20);
}

TEST(Resume, RefusesCheckpointsOfAnotherTrace) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  Recorder recorder(TraceFile::create(path));
  recorder.record(0, 5);
  EXPECT_EQ(message_of<UserError>([&] {
              recorder.trace.truncate_to({{"sample", 6}, {"v", 5}});
            }),
            path +
                ": series 'sample' has 5 rows, expected at least 6; the trace does not belong "
                "to this checkpoint");
  EXPECT_NE(message_of<UserError>([&] {
              recorder.trace.truncate_to({{"w", 1}});
            }).find("series 'w' has 0 rows"),
            std::string::npos);
  // Nothing was cut.
  recorder.trace.close();
  expect_rows(path, 5);
}

TEST(Resume, RefusesSeriesOfAnotherShape) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  Recorder(TraceFile::create(path)).record(0, 5);
  TraceFile trace = TraceFile::open_for_append(path);
  EXPECT_EQ(message_of<UserError>([&] {
              trace.series("v", {ElementType::float64, {3}, "V", "v", {"sample", "neuron"}});
            }),
            path + ": series 'v' has rows of float64 [2], expected float64 [3]");
}

}  // namespace
}  // namespace memprop::traces
