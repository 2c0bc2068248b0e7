// Progress on a terminal as a bar with rate and time left; elsewhere as plain lines.
#pragma once

#include <chrono>
#include <string>

#include "testbenches/experiment/experiment.hpp"

namespace memprop::cli {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  void show(const bench::Progress& progress);
  void finish();

 private:
  bool terminal_;
  bool open_ = false;  // an unfinished line stands on the terminal
  std::string stage_;
  std::uint64_t first_done_ = 0;
  std::chrono::steady_clock::time_point stage_begin_, last_line_;
};

}  // namespace memprop::cli
