#include "traces/hdf5/opened_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "traces/hdf5/exclusive_use.hpp"

namespace memprop::traces {
namespace {

struct flock whole_file(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return range;
}

}  // namespace

bool lock_for_writing(int descriptor) {
  struct flock range = whole_file(F_WRLCK);
  return ::fcntl(descriptor, F_OFD_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES);
}

bool is_locked_for_writing(int descriptor) {
  struct flock range = whole_file(F_RDLCK);
  return ::fcntl(descriptor, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

std::string linked_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(std::filesystem::symlink_status(path, error))) return path;
  const std::string target = std::filesystem::canonical(path, error).string();
  return target.empty() ? path : target;
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

Descriptor open_locked(const std::string& path) {
  for (;;) {
    Descriptor file = open_regular(path, O_RDWR);
    if (!lock_for_writing(file.get())) {
      throw UserError(path + ": another process is writing this file");
    }
    if (names_open_file(path, file.get())) return file;
  }
}

bool names_open_file(const std::string& path, int descriptor) {
  struct stat named {};
  struct stat open {};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(descriptor, &open) == 0 &&
         named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

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

void copy_bytes(int from, const std::string& from_path, int to, const std::string& to_path,
                std::uint64_t size) {
  if (::ioctl(to, FICLONE, from) == 0) {
    cut_file(to, size, to_path);
    return;
  }
  std::vector<char> block(std::size_t{1} << 20U);
  for (std::uint64_t at = 0; at < size;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), size - at));
    const std::size_t got = read_fully(from, at, block.data(), wanted, from_path);
    if (got == 0) break;  // what is not written yet reads as zero
    write_fully(to, at, block.data(), got, to_path);
    at += got;
  }
  cut_file(to, size, to_path);
}

}  // namespace memprop::traces
