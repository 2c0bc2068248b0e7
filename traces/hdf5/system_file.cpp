#include "traces/hdf5/system_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace memprop::traces {

int open_file_at(const std::string& path, int flags, unsigned mode) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return number;
}

void throw_system_error(const std::string& path, const char* action) {
  const int reason = errno;
  throw StorageError(fmt::format("{}: cannot {}: {}", path, action, std::strerror(reason)));
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() { return std::exchange(number_, -1); }

void write_fully(int descriptor, std::uint64_t address, const void* bytes, std::size_t size,
                 const std::string& path) {
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t done = ::pwrite(descriptor, from, size, static_cast<off_t>(address));
    if (done < 0) {
      if (errno == EINTR) continue;
      throw_system_error(path, "write");
    }
    if (done == 0) {  // no progress and no reason: not to be tried for ever
      errno = EIO;
      throw_system_error(path, "write");
    }
    from += done;
    address += static_cast<std::uint64_t>(done);
    size -= static_cast<std::size_t>(done);
  }
}

std::size_t read_fully(int descriptor, std::uint64_t address, void* out, std::size_t size,
                       const std::string& path) {
  std::size_t total = 0;
  while (total < size) {
    const ssize_t done = ::pread(descriptor, static_cast<char*>(out) + total, size - total,
                                 static_cast<off_t>(address + total));
    if (done < 0) {
      if (errno == EINTR) continue;
      throw_system_error(path, "read");
    }
    if (done == 0) break;
    total += static_cast<std::size_t>(done);
  }
  return total;
}

std::vector<std::uint8_t> read_whole_file(const std::string& path) {
  const Descriptor file(open_file_at(path, O_RDONLY));
  if (!file) throw_system_error(path, "open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_system_error(path, "open");
  if (!S_ISREG(status.st_mode)) {
    throw StorageError(fmt::format("{}: expected a file, got {}", path,
                                   S_ISDIR(status.st_mode) ? "a directory" : "a device or pipe"));
  }
  std::vector<std::uint8_t> bytes;
  try {
    bytes.resize(static_cast<std::size_t>(status.st_size));
  } catch (const std::exception&) {
    throw StorageError(fmt::format("{}: cannot read: {} bytes are more than the memory holds", path,
                                   status.st_size));
  }
  bytes.resize(read_fully(file.get(), 0, bytes.data(), bytes.size(), path));
  return bytes;
}

void write_whole_file(const std::string& path, const std::vector<std::uint8_t>& bytes,
                      bool wait_for_disk) {
  const Descriptor file(open_file_at(path, O_WRONLY | O_CREAT | O_TRUNC, 0666));
  if (!file) throw_system_error(path, "create");
  write_fully(file.get(), 0, bytes.data(), bytes.size(), path);
  if (wait_for_disk) sync_descriptor(file.get(), path);
}

void sync_descriptor(int descriptor, const std::string& path) {
  while (::fsync(descriptor) != 0) {
    if (errno != EINTR) throw_system_error(path, "write to disk");
  }
}

void cut_file(int descriptor, std::uint64_t size, const std::string& path) {
  while (::ftruncate(descriptor, static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) throw_system_error(path, "write");
  }
}

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw_system_error(path, "remove");
}

void rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw_system_error(to, "create");
}

void sync_directory_of(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  const Descriptor handle(open_file_at(directory, O_RDONLY | O_DIRECTORY));
  if (!handle) throw_system_error(directory, "open");
  // Some file systems cannot synchronise a directory and say EINVAL; nothing is to be gained there.
  while (::fsync(handle.get()) != 0) {
    if (errno == EINVAL) return;
    if (errno != EINTR) throw_system_error(directory, "write to disk");
  }
}

std::uint32_t checksum(const void* bytes, std::size_t size) {
  const auto* at = static_cast<const Bytef*>(bytes);
  uLong sum = crc32(0, Z_NULL, 0);
  while (size > 0) {
    const auto part = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30U));
    sum = crc32(sum, at, part);
    at += part;
    size -= part;
  }
  return static_cast<std::uint32_t>(sum);
}

}  // namespace memprop::traces
