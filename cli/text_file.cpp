#include "cli/text_file.hpp"

#include <filesystem>
#include <fstream>

#include "solvers/error.hpp"

namespace memprop::cli {

void write_text_file(const std::string& path, const std::string& text) {
  const std::string part = path + ".part";
  std::ofstream file(part);
  file << text;
  file.close();
  std::error_code problem;
  if (file) std::filesystem::rename(part, path, problem);
  if (!file || problem) {
    std::filesystem::remove(part, problem);
    throw UserError(path + ": expected a file that can be written, could not write it");
  }
}

}  // namespace memprop::cli
