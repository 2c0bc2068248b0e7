// A file that changes from one committed state to the next as a whole.
//
// HDF5 rewrites its metadata and the last chunks in place, so a process killed while it flushes
// leaves a file that other programs cannot open or that holds a torn chunk, and a program that
// reads at that moment sees half of each. Here everything written below the end of the last
// committed state stays in memory (whole pages) and only what lies beyond is written at once.
// commit() writes the held pages to PATH.journal, then, at a moment when no other program has the
// file open (exclusive_use.hpp), into the file, then removes the journal. Is there no such moment,
// the new state is committed in the journal and enters the file with a later commit.
//
// Killed at any moment, PATH is the last committed state, or PATH and its journal together are:
// opening the file here finishes that commit.
//
// This guards against the end of the process. Only commit(Durability::disk) also waits for the disk
// and so guards against the end of the machine.
//
// Errors: UserError from create() and open_*(), StorageError from everything later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traces/hdf5/journal.hpp"

namespace memprop::traces {

enum class Durability { process, disk };

// What a commit does about other programs that have the file open: wait for them a moment and
// otherwise leave the pages in the journal; the same, but wait seconds; wait seconds, then insist
// (a reader that keeps a file open for good must not keep it from being finished); write at once
// (no one can have it open).
//
// Insisting puts a copy in the new state in the file's place: who has the old one open keeps it as
// it was. Only where that cannot be done (a large file, no space, a file of several names) are the
// pages written under the eyes of a reader, after another half a minute.
enum class Readers { wait_a_moment, wait_or_leave, wait_long, ignore };

// How long others are waited for.
struct Patience {
  double moment_s = 0.05;
  double long_s = 2.0;
  double last_s = 30.0;  // where the alternative is to write under the eyes of a reader
};

struct CommitCounts {
  std::uint64_t commits = 0;
  std::uint64_t deferred = 0;  // left in the journal because a reader had the file open
  std::uint64_t replaced = 0;  // a copy took the place of a file that a reader did not close
  std::uint64_t forced = 0;    // written under the eyes of such a reader
  std::uint64_t held_bytes_peak = 0;
};

class CommitFile {
 public:
  static constexpr std::uint64_t page_size = commit_page_size;
  // Above this the pages enter the file whoever reads: memory has to be bounded.
  static constexpr std::uint64_t most_deferred_bytes = 32U << 20U;
  // A larger file is not copied for the sake of a reader.
  static constexpr std::uint64_t most_copied_bytes = std::uint64_t{4} << 30U;

  // A new file; UserError if it exists or the place cannot be written.
  static std::shared_ptr<CommitFile> create(const std::string& path);
  // An existing file, its interrupted commit finished. UserError when it is missing, a directory,
  // not readable, or being written by another process.
  static std::shared_ptr<CommitFile> open_for_append(const std::string& path);
  // The same without a lock and without the right to write: an interrupted commit is finished if
  // that is allowed here and nobody writes the file, otherwise seen through its journal.
  static std::shared_ptr<CommitFile> open_read_only(const std::string& path);

  // As open_read_only(), but the library may write: into memory, from where nothing ever leaves.
  static std::shared_ptr<CommitFile> open_to_rehearse(const std::string& path);

  ~CommitFile();  // what is committed in the journal only is put into the file
  CommitFile(const CommitFile&) = delete;
  CommitFile& operator=(const CommitFile&) = delete;

  const std::string& path() const { return path_; }
  std::string journal_path() const { return path_ + ".journal"; }
  bool writable() const { return writable_; }
  int descriptor() const { return descriptor_; }

  // Bytes beyond the end read as zero. StorageError with the system's reason when the disk fails.
  void read(std::uint64_t address, std::size_t size, void* out) const;
  void write(std::uint64_t address, std::size_t size, const void* bytes);
  std::uint64_t size() const { return size_; }
  void set_size(std::uint64_t size);  // of the file after the next commit

  void commit(Durability durability, Readers readers = Readers::wait_a_moment);
  // The two halves of a commit: after the first the new state is safe in the journal.
  void prepare(Durability durability);
  void apply(Durability durability);

  void set_patience(const Patience& patience) { patience_ = patience; }

  // Moves the file over whatever is at `path`.
  void rename(const std::string& path);
  // Removes the file and its journal: it was never complete.
  void discard();

  // After a failed write nothing more reaches the disk and commits are refused, so that the last
  // committed state survives whatever the library above still tries. Empty: all is well.
  const std::string& failure() const { return failure_; }
  void fail(const std::string& reason);

  const CommitCounts& counts() const { return counts_; }

 private:
  CommitFile(std::string path, int descriptor, bool writable);
  CommitPage& held_page(std::uint64_t page);
  bool adopt_journal();
  void check_place() const;
  void apply_among(Readers readers, Durability durability);
  bool replace();
  void write_held_pages(int descriptor) const;
  void applied();
  static void repair(const std::string& path);

  std::string path_;
  int descriptor_ = -1;
  bool writable_ = false;
  std::optional<bool> leases_;  // whether the file system grants them; asked when first needed
  std::uint64_t size_ = 0;
  std::uint64_t boundary_ = 0;  // end of what a committed state may use: below it, writes are held
  CommitPages held_;
  bool changed_ = false;     // since the last prepare()
  bool journalled_ = false;  // PATH.journal is a committed state that is not in the file yet
  std::vector<std::uint8_t> journal_;
  std::string failure_;
  CommitCounts counts_;
  Patience patience_;
};

}  // namespace memprop::traces
