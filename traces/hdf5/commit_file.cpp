#include "traces/hdf5/commit_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "solvers/error.hpp"
#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {
namespace {

// Journal: magic, size of the file after the commit, number of pages, (page number, page)...,
// CRC-32 of all before it. Integers in the machine's order: a journal never leaves its machine.
constexpr char journal_magic[8] = {'M', 'P', 'J', 'R', 'N', 'L', '0', '1'};
constexpr std::size_t journal_header = 24;
constexpr std::size_t journal_entry = 8 + CommitFile::page_size;

template <class T>
void put_value(std::vector<std::uint8_t>& bytes, std::size_t position, T value) {
  std::memcpy(bytes.data() + position, &value, sizeof(T));
}

template <class T>
T value_at(const std::vector<std::uint8_t>& bytes, std::size_t position) {
  T value;
  std::memcpy(&value, bytes.data() + position, sizeof(T));
  return value;
}

std::uint64_t round_up_to_page(std::uint64_t size) {
  return (size + CommitFile::page_size - 1) / CommitFile::page_size * CommitFile::page_size;
}

// An incomplete journal belongs to a commit that had not yet touched the file.
bool is_complete(const std::vector<std::uint8_t>& journal) {
  if (journal.size() < journal_header + 4) return false;
  if (std::memcmp(journal.data(), journal_magic, sizeof journal_magic) != 0) return false;
  const std::uint64_t pages = value_at<std::uint64_t>(journal, 16);
  if ((journal.size() - journal_header - 4) / journal_entry != pages) return false;
  const std::size_t end = journal_header + pages * journal_entry;
  return end + 4 == journal.size() &&
         value_at<std::uint32_t>(journal, end) == checksum(journal.data(), end);
}

// One writer at a time. Locks of open file descriptions do not meet those of HDF5 itself (flock),
// so that other programs can read the file while it grows.
bool lock_for_writing(int descriptor) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return ::fcntl(descriptor, F_OFD_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES);
}

Descriptor open_regular(const std::string& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file && errno != EISDIR) throw_system_error(path, "open");
  struct stat status {};
  const bool is_directory = !file || (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode));
  if (is_directory || !S_ISREG(status.st_mode)) {
    throw UserError(fmt::format("{}: expected a file, got {}", path,
                                is_directory ? "a directory" : "a device or pipe"));
  }
  return file;
}

std::uint64_t file_size(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw_system_error(path, "read");
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

CommitFile::CommitFile(std::string path, int descriptor, bool writable)
    : path_(std::move(path)), descriptor_(descriptor), writable_(writable) {
  size_ = file_size(descriptor, path_);
  boundary_ = round_up_to_page(size_);
}

CommitFile::~CommitFile() { ::close(descriptor_); }

std::shared_ptr<CommitFile> CommitFile::create(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file) throw_system_error(path, "create");
  lock_for_writing(file.get());
  return std::shared_ptr<CommitFile>(new CommitFile(path, file.release(), true));
}

std::shared_ptr<CommitFile> CommitFile::open_for_append(const std::string& path) {
  Descriptor file = open_regular(path, O_RDWR);
  if (!lock_for_writing(file.get())) {
    throw UserError(path + ": another process is writing this file");
  }
  std::shared_ptr<CommitFile> opened(new CommitFile(path, file.release(), true));
  opened->adopt_journal();
  opened->apply(Durability::disk);
  return opened;
}

std::shared_ptr<CommitFile> CommitFile::open_read_only(const std::string& path) {
  if (::access((path + ".journal").c_str(), F_OK) == 0) {
    try {
      open_for_append(path);
    } catch (const UserError&) {
      // Not ours to repair: read through the journal.
    }
  }
  Descriptor file = open_regular(path, O_RDONLY);
  std::shared_ptr<CommitFile> opened(new CommitFile(path, file.release(), false));
  opened->adopt_journal();
  return opened;
}

void CommitFile::adopt_journal() {
  if (::access(journal_path().c_str(), F_OK) != 0) return;
  std::vector<std::uint8_t> journal;
  try {
    journal = read_whole_file(journal_path());
  } catch (const UserError&) {
    if (!writable_ && ::access(journal_path().c_str(), F_OK) != 0) return;  // just finished
    throw;
  }
  if (!is_complete(journal)) return;
  size_ = value_at<std::uint64_t>(journal, 8);
  const std::uint64_t pages = value_at<std::uint64_t>(journal, 16);
  for (std::uint64_t i = 0; i < pages; ++i) {
    const std::size_t entry = journal_header + i * journal_entry;
    auto page = std::make_unique<Page>();
    std::memcpy(page->data(), journal.data() + entry + 8, page_size);
    held_[value_at<std::uint64_t>(journal, entry)] = std::move(page);
  }
}

void CommitFile::read(std::uint64_t address, std::size_t size, void* out) const {
  auto* to = static_cast<std::uint8_t*>(out);
  const std::size_t got = read_fully(descriptor_, address, to, size, path_);
  std::fill(to + got, to + size, std::uint8_t{0});
  for (auto it = held_.lower_bound(address / page_size); it != held_.end(); ++it) {
    const std::uint64_t start = it->first * page_size;
    if (start >= address + size) break;
    const std::uint64_t first = std::max(start, address);
    const std::uint64_t last = std::min(start + page_size, address + size);
    std::memcpy(to + (first - address), it->second->data() + (first - start), last - first);
  }
}

CommitFile::Page& CommitFile::held_page(std::uint64_t page) {
  std::unique_ptr<Page>& held = held_[page];
  if (!held) {
    held = std::make_unique<Page>();
    const std::size_t got =
        read_fully(descriptor_, page * page_size, held->data(), page_size, path_);
    std::fill(held->begin() + static_cast<std::ptrdiff_t>(got), held->end(), std::uint8_t{0});
  }
  return *held;
}

void CommitFile::write(std::uint64_t address, std::size_t size, const void* bytes) {
  if (!failure_.empty()) return;
  const auto* from = static_cast<const std::uint8_t*>(bytes);
  size_ = std::max(size_, address + size);
  while (size > 0 && address < boundary_) {
    const std::uint64_t offset = address % page_size;
    const std::size_t part =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, page_size - offset));
    std::memcpy(held_page(address / page_size).data() + offset, from, part);
    address += part;
    from += part;
    size -= part;
  }
  if (size > 0) write_fully(descriptor_, address, from, size, path_);
}

void CommitFile::commit(Durability durability) {
  if (!failure_.empty()) throw UserError(failure_);
  bool in_place = false;
  try {
    prepare(durability);
    in_place = true;
    apply(durability);
  } catch (const UserError& error) {
    fail(error.what());
    // Nothing was written in place yet: the journal is of no use.
    if (!in_place) ::unlink(journal_path().c_str());
    throw;
  }
}

void CommitFile::prepare(Durability durability) {
  const bool wait = durability == Durability::disk;
  if (wait) sync_descriptor(descriptor_, path_);
  if (held_.empty()) return;
  const std::size_t end = journal_header + held_.size() * journal_entry;
  journal_.resize(end + 4);
  std::memcpy(journal_.data(), journal_magic, sizeof journal_magic);
  put_value<std::uint64_t>(journal_, 8, size_);
  put_value<std::uint64_t>(journal_, 16, held_.size());
  std::size_t entry = journal_header;
  for (const auto& [number, page] : held_) {
    put_value<std::uint64_t>(journal_, entry, number);
    std::memcpy(journal_.data() + entry + 8, page->data(), page_size);
    entry += journal_entry;
  }
  put_value(journal_, end, checksum(journal_.data(), end));
  write_whole_file(journal_path(), journal_, wait);
  if (wait) sync_directory_of(journal_path());
}

void CommitFile::apply(Durability durability) {
  const bool wait = durability == Durability::disk;
  const bool journalled = !held_.empty();
  for (const auto& [number, page] : held_) {
    const std::uint64_t start = number * page_size;
    if (start < size_) write_fully(descriptor_, start, page->data(), page_size, path_);
  }
  if (file_size(descriptor_, path_) != size_ &&
      ::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) {
    throw_system_error(path_, "write");
  }
  if (wait && journalled) sync_descriptor(descriptor_, path_);
  if (::unlink(journal_path().c_str()) != 0 && errno != ENOENT) {
    throw_system_error(journal_path(), "remove");
  }
  held_.clear();
  boundary_ = round_up_to_page(size_);
}

void CommitFile::rename(const std::string& path) {
  // A journal left at the new place speaks of the file that is being replaced.
  if (::unlink((path + ".journal").c_str()) != 0 && errno != ENOENT) {
    throw_system_error(path + ".journal", "remove");
  }
  if (std::rename(path_.c_str(), path.c_str()) != 0) throw_system_error(path, "create");
  path_ = path;
}

void CommitFile::fail(const std::string& reason) {
  if (failure_.empty()) failure_ = reason;
}

}  // namespace memprop::traces
