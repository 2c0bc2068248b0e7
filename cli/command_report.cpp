// memprop report: hands over to the Python package that draws.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "solvers/error.hpp"

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

// Where the package lies: installed beside this program, else in the source tree it was built from.
fs::path package_folder() {
  std::error_code problem;
  const fs::path program = fs::read_symlink("/proc/self/exe", problem);
  const fs::path installed = (program.parent_path() / MEMPROP_PYTHON_FROM_BIN).lexically_normal();
  for (const fs::path& folder : {installed, fs::path(MEMPROP_PYTHON_SOURCE)}) {
    if (fs::is_regular_file(folder / "memprop" / "__main__.py", problem)) return folder;
  }
  throw std::runtime_error(
      fmt::format("report: the Python package of memprop is not installed: expected it in {}",
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

int command_report(const ReportArguments& arguments) {
  for (const std::string& trace : arguments.traces) {
    if (!fs::exists(trace)) {
      throw UserError(trace + ": expected the trace of a run, found nothing");
    }
  }
  set_environment(package_folder());
  const std::string python = interpreter();
  // "--": a trace may be called -x.h5.
  std::vector<std::string> words{python, "-m", "memprop", "report", "-o", arguments.output, "--"};
  words.insert(words.end(), arguments.traces.begin(), arguments.traces.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(python.c_str(), argv.data());
  const std::string reason = std::strerror(errno);
  throw std::runtime_error(fmt::format(
      "report: cannot start the Python interpreter {} ({}): install the Debian packages "
      "python3 python3-h5py python3-jinja2 python3-matplotlib python3-numpy "
      "python3-xarray, or name an interpreter in MEMPROP_PYTHON",
      python, reason));
}

}  // namespace memprop::cli
