// Whole reads and writes on file descriptors, and errors as sentences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "solvers/error.hpp"
#include "traces/storage_error.hpp"

namespace memprop::traces {

// Runs what opens or makes a file: what goes wrong there is the user's to put right.
template <class Action>
auto at_the_start(Action action) {
  try {
    return action();
  } catch (const StorageError& error) {
    throw UserError(error.what());
  }
}

// StorageError "PATH: cannot ACTION: REASON" from errno.
[[noreturn]] void throw_system_error(const std::string& path, const char* action);

// An open descriptor, closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release();

 private:
  int number_ = -1;
};

// open(2), repeated when a signal comes between; -1 and errno when it fails.
int open_file_at(const std::string& path, int flags, unsigned mode = 0);

void write_fully(int descriptor, std::uint64_t address, const void* bytes, std::size_t size,
                 const std::string& path);
// Fewer bytes than asked for only at the end of the file.
std::size_t read_fully(int descriptor, std::uint64_t address, void* out, std::size_t size,
                       const std::string& path);
std::vector<std::uint8_t> read_whole_file(const std::string& path);

// Creates or replaces `path` with the bytes.
void write_whole_file(const std::string& path, const std::vector<std::uint8_t>& bytes,
                      bool wait_for_disk);
void sync_descriptor(int descriptor, const std::string& path);
void cut_file(int descriptor, std::uint64_t size, const std::string& path);
// Does nothing if the file is not there.
void remove_file(const std::string& path);
void rename_file(const std::string& from, const std::string& to);
void sync_directory_of(const std::string& path);

// CRC-32 of zlib, for any length.
std::uint32_t checksum(const void* bytes, std::size_t size);

}  // namespace memprop::traces
