#include "cli/python_program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

// Where the package lies: installed beside this program, else in the source tree it was built from.
fs::path package_folder(const std::string& command) {
  std::error_code problem;
  const fs::path program = fs::read_symlink("/proc/self/exe", problem);
  const fs::path installed = (program.parent_path() / MEMPROP_PYTHON_FROM_BIN).lexically_normal();
  for (const fs::path& folder : {installed, fs::path(MEMPROP_PYTHON_SOURCE)}) {
    if (fs::is_regular_file(folder / "memprop" / "__main__.py", problem)) return folder;
  }
  throw std::runtime_error(
      fmt::format("{}: the Python package of memprop is not installed: expected it in {}", command,
                  installed.string()));
}

std::string interpreter() {
  const char* chosen = std::getenv("MEMPROP_PYTHON");
  return chosen != nullptr && *chosen != '\0' ? chosen : MEMPROP_PYTHON_EXECUTABLE;
}

// The interpreter finds the package first, leaves no compiled files in it, and takes no module from
// the folder it happens to be started in.
void set_environment(const fs::path& folder) {
  std::string path = folder.string();
  const char* before = std::getenv("PYTHONPATH");
  if (before != nullptr && *before != '\0') path += std::string(":") + before;
  setenv("PYTHONPATH", path.c_str(), 1);
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  setenv("PYTHONSAFEPATH", "1", 1);
}

}  // namespace

void become_python(const std::string& command, const std::string& module,
                   const std::vector<std::string>& words, const std::string& debian_packages) {
  set_environment(package_folder(command));
  const std::string python = interpreter();
  std::vector<std::string> all{python, "-m", module};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  ::execvp(python.c_str(), argv.data());
  const std::string reason = std::strerror(errno);
  throw std::runtime_error(
      fmt::format("{}: cannot start the Python interpreter {} ({}): install the Debian packages "
                  "{}, or name an interpreter in MEMPROP_PYTHON",
                  command, python, reason, debian_packages));
}

}  // namespace memprop::cli
