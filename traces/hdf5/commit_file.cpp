#include "traces/hdf5/commit_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "traces/hdf5/exclusive_use.hpp"
#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {
namespace {

constexpr double a_moment_s = 0.05;
constexpr double long_s = 2.0;

std::uint64_t round_up_to_page(std::uint64_t size) {
  return (size + CommitFile::page_size - 1) / CommitFile::page_size * CommitFile::page_size;
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
  Descriptor file(open_file_at(path, flags));
  if (!file && errno != EISDIR) throw_system_error(path, "open");
  struct stat status {};
  const bool is_directory = !file || (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode));
  if (is_directory || !S_ISREG(status.st_mode)) {
    throw UserError(fmt::format("{}: expected a file, got {}", path,
                                is_directory ? "a directory" : "a device or pipe"));
  }
  return file;
}

// Asked of a file of its own: somebody may have the one at `path` open.
bool grants_leases_beside(const std::string& path) {
  const std::string probe = fmt::format("{}.{}.part", path, ::getpid());
  const Descriptor file(open_file_at(probe, O_RDWR | O_CREAT | O_EXCL, 0600));
  if (!file) return true;  // not to be found out
  const bool granted = grants_leases(file.get());
  ::unlink(probe.c_str());
  return granted;
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

CommitFile::~CommitFile() {
  if (journalled_) {
    try {
      // A failed commit may have left pages of a later state here.
      held_.clear();
      if (adopt_journal()) apply_among(Readers::wait_long, Durability::process);
    } catch (const std::exception&) {
      // The journal stays; whoever opens the file with this class finishes the commit.
    }
  }
  ::close(descriptor_);
}

std::shared_ptr<CommitFile> CommitFile::create(const std::string& path) {
  return at_the_start([&] {
    Descriptor file(open_file_at(path, O_RDWR | O_CREAT | O_EXCL, 0666));
    if (!file) throw_system_error(path, "create");
    lock_for_writing(file.get());
    const int descriptor = file.get();
    std::shared_ptr<CommitFile> created(new CommitFile(path, file.release(), true));
    created->leases_ = grants_leases(descriptor);
    return created;
  });
}

std::shared_ptr<CommitFile> CommitFile::open_for_append(const std::string& path) {
  return at_the_start([&] {
    Descriptor file = open_regular(path, O_RDWR);
    if (!lock_for_writing(file.get())) {
      throw UserError(path + ": another process is writing this file");
    }
    std::shared_ptr<CommitFile> opened(new CommitFile(path, file.release(), true));
    if (opened->adopt_journal()) {
      opened->apply_among(Readers::wait_long, Durability::disk);
    } else {
      remove_file(opened->journal_path());
    }
    return opened;
  });
}

std::shared_ptr<CommitFile> CommitFile::open_read_only(const std::string& path) {
  return at_the_start([&] {
    if (::access((path + ".journal").c_str(), F_OK) == 0) {
      try {
        open_for_append(path);
      } catch (const UserError&) {
        // Not ours to repair: read through the journal.
      }
    }
    Descriptor file = open_regular(path, O_RDONLY);
    // Matters only where there are no leases; a file system without locks is read all the same.
    for (int attempt = 0; attempt < 100 && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0; ++attempt) {
      if (errno != EINTR && errno != EWOULDBLOCK) break;
      ::usleep(1000);
    }
    std::shared_ptr<CommitFile> opened(new CommitFile(path, file.release(), false));
    opened->adopt_journal();
    return opened;
  });
}

std::shared_ptr<CommitFile> CommitFile::open_to_rehearse(const std::string& path) {
  std::shared_ptr<CommitFile> opened = open_read_only(path);
  opened->writable_ = true;
  opened->boundary_ = std::numeric_limits<std::uint64_t>::max();
  return opened;
}

bool CommitFile::adopt_journal() {
  if (::access(journal_path().c_str(), F_OK) != 0) return false;
  std::vector<std::uint8_t> journal;
  try {
    journal = read_whole_file(journal_path());
  } catch (const StorageError&) {
    if (!writable_ && ::access(journal_path().c_str(), F_OK) != 0) return false;  // just finished
    throw;
  }
  // An incomplete one belongs to a commit that had not yet touched the file.
  if (!decode_journal(journal, size_, held_)) return false;
  journalled_ = writable_;
  return true;
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

CommitPage& CommitFile::held_page(std::uint64_t page) {
  std::unique_ptr<CommitPage>& held = held_[page];
  if (!held) {
    held = std::make_unique<CommitPage>();
    const std::size_t got =
        read_fully(descriptor_, page * page_size, held->data(), page_size, path_);
    std::fill(held->begin() + static_cast<std::ptrdiff_t>(got), held->end(), std::uint8_t{0});
    counts_.held_bytes_peak = std::max(counts_.held_bytes_peak, held_.size() * page_size);
  }
  return *held;
}

void CommitFile::write(std::uint64_t address, std::size_t size, const void* bytes) {
  if (!failure_.empty()) return;
  const auto* from = static_cast<const std::uint8_t*>(bytes);
  size_ = std::max(size_, address + size);
  changed_ = true;
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

void CommitFile::set_size(std::uint64_t size) {
  changed_ = changed_ || size != size_;
  size_ = size;
}

void CommitFile::commit(Durability durability, Readers readers) {
  if (!failure_.empty()) throw StorageError(failure_);
  try {
    check_place();
    if (changed_ || durability == Durability::disk) prepare(durability);
    apply_among(readers, durability);
  } catch (const StorageError& error) {
    fail(error.what());
    throw;
  }
  ++counts_.commits;
}

// Writing to a file that has lost its name succeeds and is lost.
void CommitFile::check_place() const {
  struct stat named {};
  struct stat open {};
  if (::stat(path_.c_str(), &named) != 0) throw_system_error(path_, "write");
  if (::fstat(descriptor_, &open) != 0) throw_system_error(path_, "write");
  if (named.st_ino != open.st_ino || named.st_dev != open.st_dev) {
    throw StorageError(path_ + ": cannot write: another file has taken its place");
  }
}

void CommitFile::prepare(Durability durability) {
  const bool wait = durability == Durability::disk;
  if (wait) sync_descriptor(descriptor_, path_);
  changed_ = false;
  if (held_.empty()) return;
  encode_journal(size_, held_, journal_);
  // A journal that is in force is replaced as a whole.
  const std::string target = journalled_ ? journal_path() + ".new" : journal_path();
  try {
    write_whole_file(target, journal_, wait);
    if (journalled_) rename_file(target, journal_path());
    if (wait) sync_directory_of(journal_path());
  } catch (const StorageError&) {
    ::unlink(target.c_str());
    throw;
  }
  journalled_ = true;
  // Readers of the journal rely on what this state has written behind the former one's end.
  boundary_ = std::max(boundary_, round_up_to_page(size_));
}

void CommitFile::apply_among(Readers readers, Durability durability) {
  if (readers == Readers::ignore || !journalled_) {
    apply(durability);
    return;
  }
  if (!leases_) leases_ = grants_leases_beside(path_);
  const bool too_much = held_.size() * page_size > most_deferred_bytes;
  const bool insist = readers == Readers::wait_long || too_much;
  const ExclusiveUse use(descriptor_, *leases_, insist ? long_s : a_moment_s);
  if (!use.granted()) {
    if (!insist) {
      ++counts_.deferred;
      return;
    }
    ++counts_.forced;
  }
  apply(durability);
}

void CommitFile::apply(Durability durability) {
  const bool wait = durability == Durability::disk;
  for (const auto& [number, page] : held_) {
    const std::uint64_t start = number * page_size;
    if (start < size_) write_fully(descriptor_, start, page->data(), page_size, path_);
  }
  if (file_size(descriptor_, path_) != size_) cut_file(descriptor_, size_, path_);
  if (journalled_) {
    if (wait) sync_descriptor(descriptor_, path_);
    remove_file(journal_path());
    journalled_ = false;
  }
  held_.clear();
  boundary_ = round_up_to_page(size_);
}

void CommitFile::rename(const std::string& path) {
  // A journal left at the new place speaks of the file that is being replaced.
  remove_file(path + ".journal");
  rename_file(path_, path);
  path_ = path;
}

void CommitFile::discard() {
  fail(path_ + ": was given up");
  journalled_ = false;
  ::unlink(journal_path().c_str());
  ::unlink(path_.c_str());
}

void CommitFile::fail(const std::string& reason) {
  if (failure_.empty()) failure_ = reason;
}

}  // namespace memprop::traces
