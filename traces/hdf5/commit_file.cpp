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
#include <utility>

#include "traces/hdf5/exclusive_use.hpp"
#include "traces/hdf5/opened_file.hpp"
#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {
namespace {

std::uint64_t round_up_to_page(std::uint64_t size) {
  return (size + CommitFile::page_size - 1) / CommitFile::page_size * CommitFile::page_size;
}

// Where there are no leases, a commit enters the file under flock: a moment, or as long as the disk
// takes. Another program may hold that lock for good; it is not waited for long.
void wait_for_end_of_commit(int descriptor) {
  for (int attempt = 0; ::flock(descriptor, LOCK_SH | LOCK_NB) != 0; ++attempt) {
    if (errno != EINTR && errno != EWOULDBLOCK) return;  // a file system without locks
    if (attempt >= (is_locked_for_writing(descriptor) ? 30000 : 100)) return;
    ::usleep(1000);
  }
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
    const std::string file_path = linked_file(path);
    Descriptor file = open_locked(file_path);
    std::shared_ptr<CommitFile> opened(new CommitFile(file_path, file.release(), true));
    if (opened->adopt_journal()) {
      opened->apply_among(Readers::wait_long, Durability::disk);
    } else {
      remove_file(opened->journal_path());
    }
    return opened;
  });
}

// Finishes an interrupted commit unless that would disturb somebody: a mere reader has no hurry.
void CommitFile::repair(const std::string& path) {
  Descriptor file = open_locked(path);
  CommitFile opened(path, file.release(), true);
  if (!opened.adopt_journal()) {
    remove_file(opened.journal_path());
    return;
  }
  opened.apply_among(Readers::wait_or_leave, Durability::disk);
  opened.journalled_ = false;
}

std::shared_ptr<CommitFile> CommitFile::open_read_only(const std::string& path) {
  return at_the_start([&] {
    const std::string file_path = linked_file(path);
    if (::access((file_path + ".journal").c_str(), F_OK) == 0) {
      try {
        at_the_start([&] { repair(file_path); });
      } catch (const UserError&) {
        // Not ours to repair: read through the journal.
      }
    }
    for (;;) {
      Descriptor file = open_regular(file_path, O_RDONLY);
      wait_for_end_of_commit(file.get());
      std::shared_ptr<CommitFile> opened(new CommitFile(file_path, file.release(), false));
      opened->adopt_journal();
      // A journal belongs to the file that had the name when it was written.
      if (names_open_file(file_path, opened->descriptor_)) return opened;
      if (::access(file_path.c_str(), F_OK) != 0) throw_system_error(file_path, "open");
    }
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
  if (names_open_file(path_, descriptor_)) return;
  if (::access(path_.c_str(), F_OK) != 0) throw_system_error(path_, "write");
  throw StorageError(path_ + ": cannot write: another file has taken its place");
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
  const bool patient = insist || readers == Readers::wait_or_leave;
  {
    const ExclusiveUse use(descriptor_, *leases_, patient ? patience_.long_s : patience_.moment_s);
    if (use.granted()) {
      apply(durability);
      return;
    }
  }
  if (!insist) {
    ++counts_.deferred;
  } else if (replace()) {
    ++counts_.replaced;
  } else {
    const ExclusiveUse use(descriptor_, *leases_, patience_.last_s);
    if (!use.granted()) ++counts_.forced;
    apply(durability);
  }
}

// Who has the file open for good keeps what it has: a copy in the new state takes the name. So
// nobody sees pages change, neither those who are there nor those who come at this moment. False:
// that cannot be done here.
bool CommitFile::replace() {
  struct stat status {};
  if (size_ > most_copied_bytes || ::fstat(descriptor_, &status) != 0 || status.st_nlink != 1) {
    return false;
  }
  const std::string copy_path = fmt::format("{}.{}.part", path_, ::getpid());
  ::unlink(copy_path.c_str());  // of a dead process with our number
  try {
    Descriptor copy(open_file_at(copy_path, O_RDWR | O_CREAT | O_EXCL, 0600));
    if (!copy || ::fchmod(copy.get(), status.st_mode & 07777U) != 0) {
      throw_system_error(copy_path, "create");
    }
    const bool same_owner = ::fchown(copy.get(), status.st_uid, status.st_gid) == 0;
    if (!same_owner && status.st_uid != ::geteuid()) throw_system_error(copy_path, "create");
    lock_for_writing(copy.get());  // before others can find it
    copy_bytes(descriptor_, path_, copy.get(), copy_path, size_);
    write_held_pages(copy.get());
    sync_descriptor(copy.get(), copy_path);
    rename_file(copy_path, path_);
    ::close(std::exchange(descriptor_, copy.release()));
  } catch (const StorageError&) {
    ::unlink(copy_path.c_str());
    return false;
  }
  sync_directory_of(path_);
  // Ended before this line, the next one who opens the file writes the same pages once more.
  remove_file(journal_path());
  applied();
  return true;
}

void CommitFile::write_held_pages(int descriptor) const {
  for (const auto& [number, page] : held_) {
    const std::uint64_t start = number * page_size;
    if (start < size_) write_fully(descriptor, start, page->data(), page_size, path_);
  }
  if (file_size(descriptor, path_) != size_) cut_file(descriptor, size_, path_);
}

void CommitFile::apply(Durability durability) {
  const bool wait = durability == Durability::disk;
  write_held_pages(descriptor_);
  if (journalled_) {
    if (wait) sync_descriptor(descriptor_, path_);
    remove_file(journal_path());
  }
  applied();
}

void CommitFile::applied() {
  journalled_ = false;
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
