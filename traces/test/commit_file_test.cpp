// A commit is all or nothing, wherever the process ends.
#include "traces/hdf5/commit_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <numeric>

#include "solvers/error.hpp"
#include "traces/hdf5/system_file.hpp"
#include "traces/storage_error.hpp"
#include "traces/test/scratch_folder.hpp"

namespace memprop::traces {
namespace {

using test::bytes_of;
using test::ScratchFolder;

using Bytes = std::vector<std::uint8_t>;

Bytes pattern(std::size_t size, std::uint8_t first) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

// As HDF5 opens a file: where there are no leases, its lock tells the writer.
int open_as_hdf5(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::flock(descriptor, LOCK_SH);
  return descriptor;
}

// What a process does that then ends without closing anything.
void in_a_dying_process(const std::string& path, const std::function<void(CommitFile&)>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = CommitFile::open_for_append(path);
    action(*file);
    ::_exit(7);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

// The old state: 10000 bytes. The new one: three overwritten places, the last across the end.
class Commit : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto file = CommitFile::create(path_);
    file->write(0, before_.size(), before_.data());
    file->commit(Durability::process);
    after_.resize(20000);
    put(0, pattern(100, 90));
    put(4090, pattern(12, 200));
    put(9000, pattern(11000, 7));
  }
  void put(std::size_t address, const Bytes& bytes) {
    std::copy(bytes.begin(), bytes.end(), after_.begin() + static_cast<std::ptrdiff_t>(address));
    changes_.emplace_back(address, bytes);
  }
  void change(CommitFile& file) const {
    for (const auto& [address, bytes] : changes_) file.write(address, bytes.size(), bytes.data());
  }
  Bytes start_of_file(std::size_t size) const {
    Bytes bytes = bytes_of(path_);
    bytes.resize(std::min(size, bytes.size()));
    return bytes;
  }

  ScratchFolder folder_;
  std::string path_ = folder_.file("f");
  Bytes before_ = pattern(10000, 3);
  Bytes after_ = before_;
  std::vector<std::pair<std::size_t, Bytes>> changes_;
};

TEST_F(Commit, WriterSeesChangesTheFileDoesNot) {
  const auto file = CommitFile::open_for_append(path_);
  change(*file);
  Bytes seen(after_.size());
  file->read(0, seen.size(), seen.data());
  EXPECT_EQ(seen, after_);
  EXPECT_EQ(start_of_file(before_.size()), before_);
  file->commit(Durability::process);
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
}

TEST_F(Commit, AbandonedChangesLeaveTheOldState) {
  change(*CommitFile::open_for_append(path_));
  EXPECT_EQ(start_of_file(before_.size()), before_);
}

// The end of the process between the two halves, with a part of the second done.
TEST_F(Commit, CompleteJournalIsFinished) {
  for (const bool by_reader : {false, true}) {
    change(*CommitFile::open_for_append(path_));
    in_a_dying_process(path_, [&](CommitFile& file) {
      change(file);
      file.prepare(Durability::process);
    });
    Bytes torn = bytes_of(path_);
    std::copy(after_.begin(), after_.begin() + 50, torn.begin());
    test::put_bytes(path_, torn);
    if (by_reader) {
      CommitFile::open_read_only(path_);
    } else {
      CommitFile::open_for_append(path_);
    }
    EXPECT_EQ(bytes_of(path_), after_);
    EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
    test::put_bytes(path_, before_);
  }
}

// While the writer lives a reader leaves file and journal alone and sees the new state.
TEST_F(Commit, ReaderLooksThroughTheJournalOfALivingWriter) {
  const auto writer = CommitFile::open_for_append(path_);
  change(*writer);
  writer->prepare(Durability::process);
  const auto reader = CommitFile::open_read_only(path_);
  Bytes seen(after_.size());
  reader->read(0, seen.size(), seen.data());
  EXPECT_EQ(seen, after_);
  EXPECT_EQ(reader->size(), after_.size());
  EXPECT_EQ(start_of_file(before_.size()), before_);
  writer->apply(Durability::process);
  EXPECT_EQ(bytes_of(path_), after_);
}

// Cut off at any length, a journal says that nothing has happened yet.
TEST_F(Commit, IncompleteJournalIsIgnored) {
  in_a_dying_process(path_, [&](CommitFile& file) {
    change(file);
    file.prepare(Durability::process);
  });
  const Bytes journal = bytes_of(path_ + ".journal");
  Bytes damaged = journal;
  damaged[journal.size() / 2] ^= 1U;
  std::vector<Bytes> bad = {damaged};
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{24}, journal.size() / 2, journal.size() - 1}) {
    bad.emplace_back(journal.begin(), journal.begin() + static_cast<std::ptrdiff_t>(size));
  }
  for (const Bytes& bytes : bad) {
    test::put_bytes(path_, before_);
    test::put_bytes(path_ + ".journal", bytes);
    CommitFile::open_for_append(path_);
    EXPECT_EQ(bytes_of(path_), before_) << bytes.size();
    EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
  }
}

// A program that has the file open sees the state it opened for as long as it likes; what is
// committed meanwhile can be read through the journal, survives a kill, and enters the file when
// the program is gone.
TEST_F(Commit, WaitsForReadersThatHaveTheFileOpen) {
  const auto writer = CommitFile::open_for_append(path_);
  int other = open_as_hdf5(path_);
  ASSERT_GE(other, 0);
  change(*writer);
  writer->commit(Durability::process);
  EXPECT_EQ(start_of_file(before_.size()), before_);
  const auto through_journal = [&] {
    const auto reader = CommitFile::open_read_only(path_);
    Bytes seen(static_cast<std::size_t>(reader->size()));
    reader->read(0, seen.size(), seen.data());
    return seen;
  };
  EXPECT_EQ(through_journal(), after_);
  // A second commit on top of the deferred one, behind its end and before it.
  const Bytes more = pattern(5000, 77);
  Bytes last = after_;
  last.resize(25000);
  std::copy(more.begin(), more.end(), last.begin() + 20000);
  std::copy(more.begin(), more.begin() + 50, last.begin() + 3000);
  writer->write(20000, more.size(), more.data());
  writer->write(3000, 50, more.data());
  EXPECT_EQ(through_journal(), after_);
  writer->commit(Durability::disk);
  EXPECT_EQ(start_of_file(before_.size()), before_);
  EXPECT_EQ(through_journal(), last);
  EXPECT_EQ(writer->counts().deferred, 2U);
  ::close(other);
  writer->commit(Durability::process);  // nothing new, but now it is possible
  EXPECT_EQ(bytes_of(path_), last);
  EXPECT_EQ(writer->counts().forced, 0U);
  EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
}

// It keeps the state that it opened; who comes later gets the new one, and the writer goes on.
TEST_F(Commit, AReaderThatStaysIsWaitedForOnlySoLong) {
  ::chmod(path_.c_str(), 0640);
  const Descriptor other(open_as_hdf5(path_));
  const auto seen_by_other = [&] {
    Bytes seen(before_.size());
    EXPECT_EQ(::pread(other.get(), seen.data(), seen.size(), 0), static_cast<ssize_t>(seen.size()));
    return seen;
  };
  const auto writer = CommitFile::open_for_append(path_);
  change(*writer);
  writer->commit(Durability::process, Readers::wait_long);
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(seen_by_other(), before_);
  EXPECT_EQ(writer->counts().replaced, 1U);
  EXPECT_EQ(writer->counts().forced, 0U);
  EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  EXPECT_NE(test::message_of<UserError>([&] { CommitFile::open_for_append(path_); }), "");
  const Bytes more = pattern(5000, 77);
  writer->write(3000, more.size(), more.data());
  writer->commit(Durability::process);
  std::copy(more.begin(), more.end(), after_.begin() + 3000);
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(seen_by_other(), before_);
  EXPECT_EQ(writer->counts().deferred, 0U);
}

// Ended between putting the copy in place and removing the journal.
TEST_F(Commit, AJournalWhosePagesAreInTheFileIsHarmless) {
  in_a_dying_process(path_, [&](CommitFile& file) {
    change(file);
    file.prepare(Durability::process);
    const Bytes journal = bytes_of(path_ + ".journal");
    file.apply(Durability::process);
    test::put_bytes(path_ + ".journal", journal);
  });
  CommitFile::open_read_only(path_);
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
}

// A file of two names cannot be replaced under one of them.
TEST_F(Commit, WhatCannotBeReplacedIsWrittenAfterALongWait) {
  std::filesystem::create_hard_link(path_, path_ + ".other");
  const Descriptor other(open_as_hdf5(path_));
  const auto writer = CommitFile::open_for_append(path_);
  writer->set_patience({0.01, 0.02, 0.1});
  change(*writer);
  writer->commit(Durability::process, Readers::wait_long);
  EXPECT_EQ(writer->counts().forced, 1U);
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(bytes_of(path_ + ".other"), after_);
}

// A mere reader leaves the journal where somebody has the file open.
TEST_F(Commit, AReaderDoesNotRepairUnderTheEyesOfAnother) {
  in_a_dying_process(path_, [&](CommitFile& file) {
    change(file);
    file.prepare(Durability::process);
  });
  {
    const Descriptor other(open_as_hdf5(path_));
    const auto reader = CommitFile::open_read_only(path_);
    Bytes seen(after_.size());
    reader->read(0, seen.size(), seen.data());
    EXPECT_EQ(seen, after_);
    EXPECT_EQ(start_of_file(before_.size()), before_);
  }
  CommitFile::open_read_only(path_);
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
}

// The journal lies beside the file, not beside a link to it.
TEST_F(Commit, IsFinishedThroughALink) {
  const test::ScratchFolder elsewhere;
  std::filesystem::create_symlink(path_, elsewhere.file("link"));
  in_a_dying_process(path_, [&](CommitFile& file) {
    change(file);
    file.prepare(Durability::process);
  });
  CommitFile::open_read_only(elsewhere.file("link"));
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
  EXPECT_EQ(elsewhere.entries(), std::vector<std::string>{"link"});
}

// What was committed in the journal enters the file even if the next commit fails.
TEST_F(Commit, FailureAfterADeferredCommitKeepsIt) {
  const int other = open_as_hdf5(path_);
  auto writer = CommitFile::open_for_append(path_);
  change(*writer);
  writer->commit(Durability::process);
  ::close(other);
  const Bytes more = pattern(500, 55);
  writer->write(0, more.size(), more.data());
  writer->fail("f: cannot write: no reason");
  writer.reset();
  EXPECT_EQ(bytes_of(path_), after_);
  EXPECT_EQ(folder_.entries(), std::vector<std::string>{"f"});
}

TEST_F(Commit, AFileThatLostItsNameIsNoticed) {
  auto writer = CommitFile::open_for_append(path_);
  change(*writer);
  std::filesystem::rename(path_, path_ + ".old");
  EXPECT_EQ(test::message_of<StorageError>([&] { writer->commit(Durability::process); }),
            path_ + ": cannot write: No such file or directory");
  writer.reset();
  const auto other = CommitFile::open_for_append(path_ + ".old");
  change(*other);
  std::filesystem::remove(path_ + ".old");
  test::put_bytes(path_ + ".old", before_);
  EXPECT_EQ(test::message_of<StorageError>([&] { other->commit(Durability::process); }),
            path_ + ".old: cannot write: another file has taken its place");
}

TEST_F(Commit, ShrinksAndGrows) {
  const auto file = CommitFile::open_for_append(path_);
  file->set_size(5000);
  EXPECT_EQ(bytes_of(path_).size(), before_.size());
  file->commit(Durability::disk);
  EXPECT_EQ(bytes_of(path_), Bytes(before_.begin(), before_.begin() + 5000));
  file->set_size(6000);
  file->commit(Durability::process);
  EXPECT_EQ(bytes_of(path_).size(), 6000U);
  Bytes tail(2000, 1);
  file->read(5000, tail.size(), tail.data());
  EXPECT_EQ(tail, Bytes(2000, 0));
}

TEST_F(Commit, AfterAFailureNothingChangesAnyMore) {
  const auto file = CommitFile::open_for_append(path_);
  file->fail("f: cannot write: no reason");
  change(*file);
  EXPECT_EQ(test::message_of<StorageError>([&] { file->commit(Durability::process); }),
            "f: cannot write: no reason");
  EXPECT_EQ(bytes_of(path_), before_);
}

}  // namespace
}  // namespace memprop::traces
