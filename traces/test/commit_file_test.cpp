// A commit is all or nothing, wherever the process ends.
#include "traces/hdf5/commit_file.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "solvers/error.hpp"
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
    {
      const auto file = CommitFile::open_for_append(path_);
      change(*file);
      file->prepare(Durability::process);
    }
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
  {
    const auto file = CommitFile::open_for_append(path_);
    change(*file);
    file->prepare(Durability::process);
  }
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
  EXPECT_EQ(test::message_of<UserError>([&] { file->commit(Durability::process); }),
            "f: cannot write: no reason");
  EXPECT_EQ(bytes_of(path_), before_);
}

}  // namespace
}  // namespace memprop::traces
