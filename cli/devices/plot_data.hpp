// What is to be drawn, as lines of text for memprop.device_plot of the Python package.
#pragma once

#include <string>

namespace memprop::cli {

// Rows "panel,series,kind,x,y" for the drawing program, which removes the file when it has read it.
class PlotData {
 public:
  void title(const std::string& text);
  // Panels beside each other, each with an x axis of its own; else one above the other.
  void side_by_side() { text_ += "#row\n"; }
  void axes(const char* panel, const char* x, const char* y);
  // kind: line, faint or dots
  void point(const char* panel, const std::string& series, const char* kind, double x, double y);

  // Becomes the Python interpreter; comes back only with an error.
  [[noreturn]] void draw(const char* command, const std::string& output) const;

 private:
  std::string text_;
};

}  // namespace memprop::cli
