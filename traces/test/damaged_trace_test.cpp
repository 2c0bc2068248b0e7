// Damaged and hostile files: one sentence, whatever they do to the HDF5 library.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "solvers/error.hpp"
#include "traces/internal/sandbox.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

using test::message_of;
using test::ScratchFolder;

std::string write_trace(const std::string& path) {
  TraceFile trace = TraceFile::create(path);
  trace.write_text("config/toml", "a = 1\n", "configuration");
  trace.write_strings("names", {"one", "two"}, {"1", "names", {"name"}});
  trace.row_axis("train/sample", {ElementType::int64, {}, "1", "sample"});
  Series v = trace.series("train/v", {ElementType::float64, {3}, "V", "v", {"sample", "neuron"}});
  for (int i = 0; i < 100; ++i) {
    const double row[3] = {i + 0.25, i + 0.5, i + 0.75};
    v.append(row);
  }
  trace.close();
  return path;
}

// Reads and continues whatever can be; returns how many steps were refused.
int use_everything(const std::string& path) {
  int refused = 0;
  const auto step = [&](auto action) {
    try {
      action();
    } catch (const UserError& error) {
      EXPECT_EQ(std::string(error.what()).rfind(path + ": ", 0), 0U) << error.what();
      ++refused;
    }
  };
  step([&] {
    const TraceReader trace(path);
    step([&] { trace.attributes(""); });
    std::vector<DatasetInfo> all;
    step([&] { all = trace.datasets(); });
    for (const DatasetInfo& info : all) {
      step([&] { trace.attributes(info.path); });
      step([&] {
        if (info.type == ElementType::text) {
          trace.read_strings(info.path);
        } else {
          trace.read<double>(info.path);
        }
      });
    }
  });
  step([&] {
    TraceFile trace = TraceFile::open_for_append(path);
    trace.truncate_to({});
    trace.close();
  });
  return refused;
}

// The inputs that once ended the process, and others: shipped with the fuzz target.
TEST(DamagedTraces, FoundByFuzzing) {
  const ScratchFolder folder;
  const std::string corpus = std::string(MEMPROP_SOURCE_DIR) + "/traces/test/corpus/fuzz_trace/";
  for (const char* name : {"found-scale-list-damaged", "found-dense-links-damaged"}) {
    const std::string path = folder.file("t.h5");
    test::put_bytes(path, test::bytes_of(corpus + name));
    EXPECT_GT(use_everything(path), 0) << name;
  }
}

// Where structures without a checksum begin: the heap of the axes' references, the chunk trees.
std::vector<std::size_t> unguarded_places(const std::vector<std::uint8_t>& file) {
  std::vector<std::size_t> places;
  for (const std::string signature : {"GCOL", "TREE"}) {
    for (auto at = file.begin();; ++at) {
      at = std::search(at, file.end(), signature.begin(), signature.end());
      if (at == file.end()) break;
      places.push_back(static_cast<std::size_t>(at - file.begin()));
    }
  }
  return places;
}

// Anywhere, and most of all where nothing else would notice. MEMPROP_DAMAGE_ROUNDS sets how often.
TEST(DamagedTraces, AnyBytes) {
  const ScratchFolder folder;
  const std::vector<std::uint8_t> good = test::bytes_of(write_trace(folder.file("good.h5")));
  const std::vector<std::size_t> places = unguarded_places(good);
  ASSERT_GE(places.size(), 2U);
  const char* wanted = std::getenv("MEMPROP_DAMAGE_ROUNDS");
  const int rounds = wanted == nullptr ? 60 : std::atoi(wanted);
  std::uint64_t random = 88172645463325252ULL;
  const auto below = [&](std::size_t end) {
    random ^= random << 13U;
    random ^= random >> 7U;
    random ^= random << 17U;
    return static_cast<std::size_t>((random >> 20U) % end);
  };
  int damaged = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::uint8_t> bad = good;
    const std::size_t place = places[below(places.size())];
    for (int i = 0; i < 1 + round % 5; ++i) {
      const std::size_t at = round % 4 == 0 ? below(bad.size()) : place + below(128);
      bad.at(at) = static_cast<std::uint8_t>(below(256));
    }
    test::put_bytes(folder.file("t.h5"), bad);
    damaged += use_everything(folder.file("t.h5")) > 0 ? 1 : 0;
  }
  EXPECT_GT(damaged, rounds / 10);
}

TEST(DamagedTraces, ReadingLeavesNoProcessAndNoDescriptor) {
  const ScratchFolder folder;
  const std::string path = write_trace(folder.file("t.h5"));
  const int before = ::dup(0);
  ::close(before);
  for (int i = 0; i < 20; ++i) {
    const TraceReader trace(path);
    EXPECT_EQ(trace.read<double>("train/v").size(), 300U);
  }
  const int after = ::dup(0);
  ::close(after);
  EXPECT_EQ(after, before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

// The threads of a program go on while one of them reads, and several may read.
TEST(DamagedTraces, ReadingBesideBusyThreads) {
  const ScratchFolder folder;
  const std::string path = write_trace(folder.file("t.h5"));
  std::vector<std::thread> threads;
  for (int n = 0; n < 3; ++n) {
    threads.emplace_back([&, n] {
      TraceFile mine = TraceFile::create(folder.file("w" + std::to_string(n) + ".h5"));
      mine.row_axis("n", {ElementType::int64, {}, "1", "n", {}, 16});
      Series x = mine.series("x", {ElementType::int64, {}, "1", "x", {"n"}, 16});
      for (std::int64_t i = 0; i < 2000; ++i) {
        x.append(&i);
        if (i % 500 == 0) {
          EXPECT_EQ(TraceReader(path).read<double>("train/v").size(), 300U);
        }
      }
      mine.close();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int n = 0; n < 3; ++n) {
    const TraceReader written(folder.file("w" + std::to_string(n) + ".h5"));
    EXPECT_EQ(written.read<std::int64_t>("x").size(), 2000U);
  }
}

// How the end of the process is told.
std::string end_of(const std::function<void(int)>& work) {
  Sandbox box("file", 2, work);
  char byte = 0;
  EXPECT_FALSE(box.receive(&byte, 1));
  return box.end();
}

TEST(DamagedTraces, EveryEndOfTheProcessIsToldApart) {
  EXPECT_EQ(end_of([](int) { ::raise(SIGSEGV); }),
            "it is damaged; the HDF5 library fails on it (Segmentation fault)");
  EXPECT_EQ(end_of([](int) { std::abort(); }),
            "it is damaged; the HDF5 library fails on it (Aborted)");
  EXPECT_EQ(end_of([](int) { throw 1; }), "it is damaged; the HDF5 library fails on it");
  EXPECT_EQ(end_of([](int) { ::raise(SIGKILL); }),
            "the process that reads it was ended from outside");
  EXPECT_EQ(end_of([](int) {
              allow(0, 1U << 30U);
              for (volatile bool for_ever = true; for_ever;) {
              }
            }),
            "reading it comes to no end");
}

}  // namespace
}  // namespace memprop::traces
