// The writing thread: its queue is bounded, its failures arrive, its figures are right.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "solvers/error.hpp"
#include "traces/internal/chunk_writer.hpp"
#include "traces/storage_error.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

using test::message_of;

WriteJob job(ChunkWriter& writer, std::size_t bytes, std::size_t number) {
  return {nullptr, number, 0, writer.buffer(bytes)};
}

TEST(ChunkWriter, DoesJobsInOrderAndWaitsForRoom) {
  std::vector<std::size_t> done;
  ChunkWriter writer(10000, [&](const WriteJob& work) {
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    done.push_back(work.first_row);
  });
  for (std::size_t k = 0; k < 100; ++k) writer.push(job(writer, 1000 + k % 3 * 500, k));
  writer.drain();
  ASSERT_EQ(done.size(), 100U);
  for (std::size_t k = 0; k < 100; ++k) EXPECT_EQ(done[k], k);
  const QueueCounts counts = writer.counts();
  EXPECT_GT(counts.stalls, 3U);
  EXPECT_GT(counts.stall_s, 0.01);
  EXPECT_LE(counts.bytes_peak, 10000U);
  EXPECT_LE(counts.memory_peak, 10000U);
  EXPECT_GE(counts.busy_s, 0.05);
}

TEST(ChunkWriter, AChunkAboveTheLimitPassesAlone) {
  std::atomic<int> done{0};
  ChunkWriter writer(100, [&](const WriteJob&) { ++done; });
  for (std::size_t k = 0; k < 5; ++k) writer.push(job(writer, 1000, k));
  writer.drain();
  EXPECT_EQ(done, 5);
  EXPECT_EQ(writer.counts().bytes_peak, 1000U);
}

TEST(ChunkWriter, FailureArrivesWithItsTypeAndStays) {
  int done = 0;
  ChunkWriter writer(1000, [&](const WriteJob& work) {
    if (work.first_row == 2) throw StorageError("x: cannot write: no reason");
    ++done;
  });
  EXPECT_THROW(
      {
        for (std::size_t k = 0; k < 1000; ++k) writer.push(job(writer, 300, k));
      },
      StorageError);
  for (int k = 0; k < 2; ++k) {
    EXPECT_EQ(message_of<StorageError>([&] { writer.drain(); }), "x: cannot write: no reason");
    EXPECT_THROW(writer.push(job(writer, 300, 7)), StorageError);
  }
  writer.idle();
  EXPECT_EQ(done, 2);
}

TEST(ChunkWriter, EndsWithWorkLeft) {
  ChunkWriter writer(
      1 << 20, [&](const WriteJob&) { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
  for (std::size_t k = 0; k < 500; ++k) writer.push(job(writer, 100, k));
}  // long before a second has passed

TEST(Writer, RawSeriesComeBackAndAreNotFiltered) {
  const test::ScratchFolder folder;
  std::vector<double> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % 7);
  for (const bool by_file : {false, true}) {
    const std::string path = folder.file(by_file ? "file.h5" : "series.h5");
    TraceOptions options;
    options.raw = by_file;
    {
      TraceFile trace = TraceFile::create(path, ExistingTrace::refuse, options);
      trace.row_axis("n", {ElementType::int64, {}, "1", "n"});
      trace.series("x", {ElementType::float64, {}, "V", "x", {"n"}, 0, !by_file})
          .append(values.data(), 3000);
      trace.close();
    }
    {
      TraceFile trace = TraceFile::open_for_append(path, options);
      Series x = trace.series("x", {ElementType::float64, {}, "V", "x", {"n"}, 0, !by_file});
      x.append(values.data() + 3000, 2000);
      trace.close();
    }
    const TraceReader reader(path);
    EXPECT_EQ(reader.read<double>("x"), values);
    EXPECT_EQ(reader.info("x").stored_bytes, 3U * 2048U * 8U);  // whole chunks of 16 KiB
  }
}

TEST(Writer, StatisticsAddUp) {
  const test::ScratchFolder folder;
  TraceFile trace = TraceFile::create(folder.file("t.h5"));
  Series n = trace.row_axis("n", {ElementType::int64, {}, "1", "n", {}, 100});
  Series x = trace.series("x", {ElementType::float32, {3}, "V", "x", {"n", "k"}, 100});
  EXPECT_EQ(n.bytes_per_row(), 8U);
  EXPECT_EQ(x.bytes_per_row(), 12U);
  const float row[3] = {1, 2, 3};
  for (std::int64_t i = 0; i < 250; ++i) {
    n.append(&i);
    x.append(row);
  }
  auto all = trace.series_statistics();
  EXPECT_EQ(all.at("x").rows, 250U);
  EXPECT_EQ(all.at("x").bytes, 200U * 12U);  // the rest waits for its chunk to be full
  for (std::size_t k = 1; k < 4; ++k) {      // a tail that is written again counts once
    x.append(row);
    n.append_value(std::int64_t{0});
    trace.flush();
    all = trace.series_statistics();
    EXPECT_EQ(all.at("x").bytes, (250 + k) * 12);
    EXPECT_EQ(all.at("n").bytes, (250 + k) * 8);
  }
  trace.flush();
  const WriterStatistics sum = trace.statistics();
  EXPECT_EQ(sum.queue_bytes_limit, std::size_t{64} << 20U);
  EXPECT_GT(sum.memory_bytes_peak, 2000U);
  EXPECT_LT(sum.memory_bytes_peak, std::size_t{1} << 20U);
  EXPECT_GE(sum.commits, 5U);
  const auto stored = [&](const char* name) {
    return TraceReader(folder.file("t.h5")).info(name).stored_bytes;
  };
  EXPECT_EQ(trace.series_statistics().at("x").stored_bytes, stored("x"));
  EXPECT_EQ(trace.series_statistics().at("n").stored_bytes, stored("n"));
  trace.close();
  EXPECT_EQ(trace.series_statistics().at("x").rows, 253U);  // also of a closed file
  EXPECT_GT(trace.statistics().bytes, 0U);
}

TEST(Writer, ASmallQueueOnlyTakesLonger) {
  const test::ScratchFolder folder;
  std::vector<std::vector<std::uint8_t>> images;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{40000}, std::size_t{64} << 20U}) {
    const std::string path = folder.file(std::to_string(bytes));
    TraceOptions options;
    options.queue_bytes = bytes;
    TraceFile trace = TraceFile::create(path, ExistingTrace::refuse, options);
    trace.set_attribute("", "created", std::string("2000-01-01T00:00:00Z"));
    trace.row_axis("n", {ElementType::int64, {}, "1", "n"});
    Series x = trace.series("x", {ElementType::float64, {100}, "V", "x", {"n", "k"}});
    std::vector<double> row(100);
    for (int i = 0; i < 3000; ++i) {
      for (double& value : row) value = static_cast<double>((i * i) % 1237) / 3.0;
      x.append(row.data());
    }
    trace.close();
    if (bytes == 1) {
      EXPECT_GT(trace.statistics().stalls, 0U);
    }
    if (bytes == 40000) {
      EXPECT_LT(trace.statistics().memory_bytes_peak, 500000U);
    }
    images.push_back(test::bytes_of(path));
  }
  EXPECT_EQ(images[0], images[1]);
  EXPECT_EQ(images[0], images[2]);
}

// Commits left to the writing thread hold whole rounds of rows and come before what follows.
TEST(Writer, FlushSoonCommitsInOrder) {
  const test::ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  TraceFile trace = TraceFile::create(path);
  Series n = trace.row_axis("n", {ElementType::int64, {}, "1", "n", {}, 10});
  for (std::int64_t i = 0; i < 57; ++i) n.append(&i);
  trace.flush_soon();
  for (std::int64_t i = 57; i < 59; ++i) n.append(&i);
  static_cast<void>(trace.series_statistics());  // waits
  EXPECT_EQ(TraceReader(path).read<std::int64_t>("n").size(), 57U);
  trace.close();
  EXPECT_EQ(TraceReader(path).read<std::int64_t>("n").size(), 59U);
}

}  // namespace
}  // namespace memprop::traces
