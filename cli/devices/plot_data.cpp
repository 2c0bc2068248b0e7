#include "cli/devices/plot_data.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "cli/python_program.hpp"

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPackages = "python3 python3-matplotlib python3-numpy";

}  // namespace

void PlotData::title(const std::string& text) { text_ += fmt::format("#title {}\n", text); }

void PlotData::axes(const char* panel, const char* x, const char* y) {
  text_ += fmt::format("#axes {},{},{}\n", panel, x, y);
}

void PlotData::point(const char* panel, const std::string& series, const char* kind, double x,
                     double y) {
  text_ += fmt::format("{},{},{},{:.9g},{:.9g}\n", panel, series, kind, x, y);
}

void PlotData::draw(const char* command, const std::string& output) const {
  std::string name = (fs::temp_directory_path() / "memprop-plot-XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  std::FILE* file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "w");
  if (file == nullptr) throw std::runtime_error("cannot write a temporary file " + name);
  const bool good = std::fwrite(text_.data(), 1, text_.size(), file) == text_.size();
  if (std::fclose(file) != 0 || !good) {
    fs::remove(name);
    throw std::runtime_error("cannot write a temporary file " + name);
  }
  try {
    become_python(command, "memprop.device_plot", {"--", name, output}, kPackages);
  } catch (...) {
    std::error_code ignored;
    fs::remove(name, ignored);
    throw;
  }
}

}  // namespace memprop::cli
