// What users get wrong, and what disks do.
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "solvers/error.hpp"
#include "traces/storage_error.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

using test::message_of;
using test::ScratchFolder;

std::string reading(const std::string& path) {
  return message_of<UserError>([&] { TraceReader reader(path); });
}
std::string creating(const std::string& path) {
  return message_of<UserError>([&] { TraceFile::create(path); });
}

TEST(TraceErrors, Reading) {
  const ScratchFolder folder;
  EXPECT_EQ(reading(folder.file("none.h5")),
            folder.file("none.h5") + ": cannot open: No such file or directory");
  EXPECT_EQ(reading(folder.file("")), folder.file("") + ": expected a file, got a directory");
  EXPECT_EQ(reading("/dev/null"), "/dev/null: expected a file, got a device or pipe");
  test::put_bytes(folder.file("text.h5"), {'h', 'e', 'l', 'l', 'o'});
  EXPECT_NE(reading(folder.file("text.h5"))
                .find("text.h5: expected an HDF5 file, but it cannot be read as one"),
            std::string::npos);
  test::put_bytes(folder.file("empty.h5"), {});
  EXPECT_EQ(reading(folder.file("empty.h5")),
            folder.file("empty.h5") + ": expected an HDF5 file, got an empty one");
}

TEST(TraceErrors, ReadingCutOffFile) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  TraceFile::create(path).write_text("a", std::string(5000, 'x'), "a");
  std::vector<std::uint8_t> bytes = test::bytes_of(path);
  bytes.resize(bytes.size() / 2);
  test::put_bytes(path, bytes);
  EXPECT_NE(reading(path).find("truncated file"), std::string::npos) << reading(path);
}

TEST(TraceErrors, ReadingLaterFormatAndMissingThings) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  {
    TraceFile trace = TraceFile::create(path);
    trace.write_text("a/text", "x", "x");
    trace.set_attribute("", "format_version", std::int64_t{99});
    trace.close();
  }
  EXPECT_EQ(reading(path), path + ": expected trace format version 2 or earlier, got 99");
  {
    TraceFile trace = TraceFile::create(path);  // replaces
    trace.write_text("a/text", "x", "x");
    trace.write_value("a/number", 1.0, "1", "one");
    trace.close();
  }
  const TraceReader reader(path);
  EXPECT_EQ(message_of<UserError>([&] { reader.read<double>("a/b/c"); }),
            path + ": has no data set 'a/b/c'");
  EXPECT_EQ(message_of<UserError>([&] { reader.read<double>("a"); }),
            path + ": has no data set 'a'");
  EXPECT_EQ(message_of<UserError>([&] { reader.read<double>("a/text"); }),
            path + ": data set 'a/text' holds text, expected numbers");
  EXPECT_EQ(message_of<UserError>([&] { reader.read_text("a/number"); }),
            path + ": data set 'a/number' holds numbers, expected text");
  EXPECT_EQ(message_of<UserError>([&] { reader.attribute("a", "z"); }),
            path + ": 'a' has no attribute 'z'");
  EXPECT_FALSE(reader.has("a/text/more"));
  EXPECT_TRUE(reader.has("a/text"));
}

TEST(TraceErrors, CreatingLeavesNothingBehind) {
  const ScratchFolder folder;
  test::put_bytes(folder.file("file"), {'x'});
  EXPECT_EQ(creating(folder.file("file/run.h5")),
            folder.file("file/run.h5") + ": cannot create: Not a directory");
  EXPECT_EQ(creating(folder.file("none/run.h5")),
            folder.file("none/run.h5") + ": cannot create: No such file or directory");
  EXPECT_NE(creating(folder.file("")).find("expected a file, got a directory"), std::string::npos);
  EXPECT_EQ(creating("/dev/full"), "/dev/full: expected a file, got a device or pipe");
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"file"});
}

TEST(TraceErrors, OnlyTracesAreReplaced) {
  const ScratchFolder folder;
  test::put_bytes(folder.file("config.toml"), {'a', '=', '1'});
  EXPECT_EQ(creating(folder.file("config.toml")),
            folder.file("config.toml") + ": exists and is not a trace; it is not overwritten");
  EXPECT_EQ(test::bytes_of(folder.file("config.toml")).size(), 3U);
  test::put_bytes(folder.file("run.h5"), {});
  TraceFile::create(folder.file("run.h5"));
  TraceFile::create(folder.file("run.h5"));
  EXPECT_EQ(message_of<UserError>(
                [&] { TraceFile::create(folder.file("run.h5"), ExistingTrace::refuse); }),
            folder.file("run.h5") + ": exists already");
}

TEST(TraceErrors, OneWriterButManyReaders) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  TraceFile trace = TraceFile::create(path);
  EXPECT_EQ(message_of<UserError>([&] { TraceFile::open_for_append(path); }),
            path + ": another process is writing this file");
  EXPECT_EQ(creating(path), path + ": another process is writing this file");
  EXPECT_NO_THROW(TraceReader reader(path));
}

// Additions of other programs are left alone, and nothing is allocated because a file says so.
TEST(TraceErrors, ForeignAndImpossibleDataSets) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  {
    TraceFile trace = TraceFile::create(path);
    trace.write_value("a/one", 1.0, "1", "one");
    trace.close();
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hsize_t chunk[2] = {64, 3};
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 2, chunk);
    const auto add = [&](const char* name, hid_t type, hsize_t rows, hsize_t columns) {
      const hsize_t dims[2] = {rows, columns};
      const hsize_t most[2] = {H5S_UNLIMITED, columns};
      const hid_t space = H5Screate_simple(2, dims, most);
      H5Dclose(H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
      H5Sclose(space);
    };
    add("huge", H5T_NATIVE_DOUBLE, hsize_t{1} << 40U, 3);
    add("overflow", H5T_NATIVE_DOUBLE, hsize_t{1} << 40U, hsize_t{1} << 40U);
    add("short", H5T_NATIVE_SHORT, 3, 3);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
    H5Aclose(H5Acreate2(root, "mine", H5T_NATIVE_SHORT, scalar, H5P_DEFAULT, H5P_DEFAULT));
    H5Gclose(root);
    H5Sclose(scalar);
    H5Pclose(creation);
    H5Fclose(file);
  }
  const TraceReader reader(path);
  EXPECT_EQ(reader.attributes("").size(), 3U);
  EXPECT_EQ(message_of<UserError>([&] { reader.read<double>("huge"); }),
            path +
                ": data set 'huge' claims 26388279066624 bytes, of which the file has 0; it is "
                "damaged");
  EXPECT_NE(message_of<UserError>([&] { reader.read<double>("overflow"); }).find("overflows"),
            std::string::npos);
  EXPECT_NE(message_of<UserError>([&] {
              reader.read<double>("short");
            }).find("a type that traces do not hold"),
            std::string::npos);
  EXPECT_THROW(reader.datasets(), UserError);  // "overflow" is damage
}

TEST(TraceErrors, EarlierFormatIsReadButNotContinued) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  {
    TraceFile trace = TraceFile::create(path);
    trace.write_value("a", 1.0, "1", "one");
    trace.set_attribute("", "format_version", std::int64_t{1});
    trace.close();
  }
  EXPECT_EQ(TraceReader(path).read<double>("a"), std::vector<double>{1.0});
  EXPECT_EQ(message_of<UserError>([&] { TraceFile::open_for_append(path); }),
            path +
                ": is of trace format version 1, which can be read but not continued; expected "
                "version 2");
}

// The limit on file sizes stands in for a full disk: writes fail in the middle of a flush.
TEST(TraceErrors, FullDiskKeepsTheLastCommittedState) {
  const ScratchFolder folder;
  const std::string path = folder.file("t.h5");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{200000, 200000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int status = 3;
    TraceFile trace = TraceFile::create(path);
    trace.row_axis("n", {ElementType::int64, {}, "1", "n", {}, 512});
    Series x = trace.series("x", {ElementType::uint64, {}, "1", "x", {"n"}, 512});
    std::uint64_t noise = 88172645463325252ULL;
    try {
      for (std::uint64_t i = 0; i < 100000; ++i) {
        noise ^= noise << 13U;
        noise ^= noise >> 7U;
        noise ^= noise << 17U;
        x.append(&noise);
        if (i % 1000 == 999) trace.flush();
      }
    } catch (const StorageError& error) {
      status = error.what() == path + ": cannot write: File too large" ? 0 : 1;
      // Every later use fails the same way and none crashes.
      try {
        trace.close();
        status = 2;
      } catch (const StorageError&) {
      }
    }
    ::_exit(status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const TraceReader reader(path);
  const auto x = reader.read<std::uint64_t>("x");
  EXPECT_GE(x.size(), 10000U);
  EXPECT_EQ(x.size() % 1000, 0U);
  std::uint64_t noise = 88172645463325252ULL;
  for (const std::uint64_t value : x) {
    noise ^= noise << 13U;
    noise ^= noise >> 7U;
    noise ^= noise << 17U;
    ASSERT_EQ(value, noise);
  }
}

TEST(TraceErrors, InconsistentDescriptionsAreOurs) {
  const ScratchFolder folder;
  TraceFile trace = TraceFile::create(folder.file("t.h5"));
  EXPECT_THROW(trace.write("a", std::vector<double>{1}, {2}, {"V", "a", {"i"}}), InternalError);
  EXPECT_THROW(trace.write("a", std::vector<double>{1}, {1}, {"V", "a", {}}), InternalError);
  EXPECT_THROW(trace.series("b", {ElementType::float64, {}, "V", "b", {"sample"}}), InternalError);
  trace.row_axis("n", {ElementType::int64, {}, "1", "n"});
  Series n = trace.series("c", {ElementType::float64, {}, "V", "c", {"n"}});
  EXPECT_THROW(n.append_value(1.0F), InternalError);
  trace.close();
  EXPECT_THROW(trace.flush(), InternalError);
  EXPECT_FALSE(TraceReader(folder.file("t.h5")).has("a"));
}

}  // namespace
}  // namespace memprop::traces
