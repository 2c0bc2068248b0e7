// What the fuzz targets share: only a UserError may leave a reader, and what it returns must hold
// together. Everything else ends the process, which the fuzzer and the replay both notice.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "solvers/error.hpp"

namespace memprop::fuzz {

[[noreturn]] inline void broken(const char* what) {
  std::fprintf(stderr, "fuzz target: broken promise: %s\n", what);
  std::abort();
}

inline void require(bool good, const char* what) {
  if (!good) broken(what);
}

// Calls the reader. A UserError without text or with several lines is a bug as well.
template <class Reader>
void only_user_errors(Reader reader) {
  try {
    reader();
  } catch (const UserError& error) {
    const std::string text = error.what();
    require(!text.empty(), "an error without text");
  }
}

// A folder of this process for readers that want a path.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "memprop-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) broken("mkdtemp failed");
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string put(const char* name, const std::uint8_t* bytes, std::size_t size) const {
    const std::string path = file(name);
    std::FILE* out = std::fopen(path.c_str(), "wb");
    require(out != nullptr, "no scratch file");
    const bool whole = std::fwrite(bytes, 1, size, out) == size;
    require(std::fclose(out) == 0 && whole, "scratch file not written");
    return path;
  }
  std::string file(const char* name) const { return path_ + "/" + name; }
  void remove(const char* name) const { ::unlink(file(name).c_str()); }

 private:
  std::string path_;
};

}  // namespace memprop::fuzz
