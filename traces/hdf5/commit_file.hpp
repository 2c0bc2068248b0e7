// A file that changes from one committed state to the next as a whole.
//
// HDF5 rewrites its metadata and the last chunks in place, so a process killed while it flushes
// leaves a file that other programs cannot open or that holds a torn chunk. Here everything written
// below the end of the last committed state stays in memory (whole pages) and only what lies beyond
// is written at once. commit() first writes the held pages to PATH.journal, then into the file,
// then removes the journal. Killed at any moment, the file is the last committed state, or PATH and
// its journal together are the next one: recover() finishes that commit.
//
// This guards against the end of the process. Only commit(Durability::disk) also waits for the disk
// and so guards against the end of the machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace memprop::traces {

enum class Durability { process, disk };

class CommitFile {
 public:
  static constexpr std::uint64_t page_size = 4096;

  // A new file; UserError if it exists or the place cannot be written.
  static std::shared_ptr<CommitFile> create(const std::string& path);
  // An existing file, its interrupted commit finished. UserError when it is missing, a directory,
  // not readable, or being written by another process.
  static std::shared_ptr<CommitFile> open_for_append(const std::string& path);
  // The same without a lock and without the right to write: an interrupted commit is finished if
  // that is allowed here and nobody writes the file, otherwise seen through its journal.
  static std::shared_ptr<CommitFile> open_read_only(const std::string& path);

  ~CommitFile();
  CommitFile(const CommitFile&) = delete;
  CommitFile& operator=(const CommitFile&) = delete;

  const std::string& path() const { return path_; }
  std::string journal_path() const { return path_ + ".journal"; }
  bool writable() const { return writable_; }

  // Bytes beyond the end read as zero. UserError with the system's reason when the disk fails.
  void read(std::uint64_t address, std::size_t size, void* out) const;
  void write(std::uint64_t address, std::size_t size, const void* bytes);
  std::uint64_t size() const { return size_; }
  void set_size(std::uint64_t size) { size_ = size; }  // of the file after the next commit

  void commit(Durability durability);
  // The two halves of a commit: after the first the new state is safe in the journal.
  void prepare(Durability durability);
  void apply(Durability durability);

  // Moves the file over whatever is at `path`.
  void rename(const std::string& path);

  // After a failed write nothing more reaches the disk and commits are refused, so that the last
  // committed state survives whatever the library above still tries. Empty: all is well.
  const std::string& failure() const { return failure_; }
  void fail(const std::string& reason);

 private:
  using Page = std::array<std::uint8_t, page_size>;

  CommitFile(std::string path, int descriptor, bool writable);
  Page& held_page(std::uint64_t page);
  void adopt_journal();

  std::string path_;
  int descriptor_ = -1;
  bool writable_ = false;
  std::uint64_t size_ = 0;
  std::uint64_t boundary_ = 0;  // committed size rounded up to pages: below it, writes are held
  std::map<std::uint64_t, std::unique_ptr<Page>> held_;
  std::vector<std::uint8_t> journal_;
  std::string failure_;
};

}  // namespace memprop::traces
