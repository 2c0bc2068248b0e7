#include "testbenches/spice/test/ngspice.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace memprop::bench::spice::test {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "memprop-spice-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

double children_cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

SpiceWaves read_waves(const fs::path& path) {
  SpiceWaves waves;
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return waves;
  std::istringstream head(line);
  std::string word;
  head >> word;  // time
  while (head >> word) waves.names.push_back(word);
  waves.column.resize(waves.names.size());
  while (std::getline(file, line)) {
    std::istringstream row(line);
    double value = 0.0;
    if (!(row >> value)) continue;
    waves.time_s.push_back(value);
    for (auto& column : waves.column) {
      if (!(row >> value)) throw std::runtime_error(path.string() + ": a row is too short");
      column.push_back(value);
    }
  }
  return waves;
}

}  // namespace

const std::vector<double>& SpiceWaves::of(const std::string& name) const {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) throw std::runtime_error("ngspice wrote no " + name);
  return column[static_cast<std::size_t>(at - names.begin())];
}

std::string ngspice_program() { return MEMPROP_NGSPICE; }

SpiceWaves run_ngspice(const std::string& netlist, const std::string& data_file, std::string* log,
                       double* cpu_s) {
  const Folder folder;
  {
    std::ofstream file(folder.path() / "chip.cir");
    file << netlist;
  }
  const std::string command =
      "cd '" + folder.path().string() + "' && '" + ngspice_program() + "' -n -b chip.cir 2>&1";
  const double before = children_cpu_s();
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  for (std::size_t n; pipe != nullptr && (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    text.append(buffer, n);
  }
  if (pipe != nullptr) pclose(pipe);
  if (cpu_s != nullptr) *cpu_s = children_cpu_s() - before;
  if (log != nullptr) *log = text;
  SpiceWaves waves = read_waves(folder.path() / data_file);
  if (waves.time_s.empty()) throw std::runtime_error("ngspice wrote nothing:\n" + text);
  return waves;
}

}  // namespace memprop::bench::spice::test
