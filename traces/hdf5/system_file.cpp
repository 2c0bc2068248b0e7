#include "traces/hdf5/system_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "solvers/error.hpp"

namespace memprop::traces {

void throw_system_error(const std::string& path, const char* action) {
  const int reason = errno;
  throw UserError(fmt::format("{}: cannot {}: {}", path, action, std::strerror(reason)));
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
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw_system_error(path, "open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_system_error(path, "open");
  if (!S_ISREG(status.st_mode)) {
    throw UserError(fmt::format("{}: expected a file, got {}", path,
                                S_ISDIR(status.st_mode) ? "a directory" : "a device or pipe"));
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
  bytes.resize(read_fully(file.get(), 0, bytes.data(), bytes.size(), path));
  return bytes;
}

void write_whole_file(const std::string& path, const std::vector<std::uint8_t>& bytes,
                      bool wait_for_disk) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file) throw_system_error(path, "create");
  write_fully(file.get(), 0, bytes.data(), bytes.size(), path);
  if (wait_for_disk) sync_descriptor(file.get(), path);
}

void sync_descriptor(int descriptor, const std::string& path) {
  if (::fsync(descriptor) != 0) throw_system_error(path, "write to disk");
}

void sync_directory_of(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  const Descriptor handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle) throw_system_error(directory, "open");
  // Some file systems cannot synchronise a directory and say EINVAL; nothing is to be gained there.
  if (::fsync(handle.get()) != 0 && errno != EINVAL) throw_system_error(directory, "write to disk");
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
