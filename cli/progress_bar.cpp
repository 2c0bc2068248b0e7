#include "cli/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace memprop::cli {
namespace {

constexpr int bar_width = 30;
constexpr double seconds_between_lines = 10.0;

double since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() { finish(); }

void ProgressBar::finish() {
  if (open_) std::fputs("\n", stderr);
  open_ = false;
}

void ProgressBar::show(const bench::Progress& p) {
  if (p.stage != stage_) {
    finish();
    stage_ = p.stage;
    first_done_ = p.done;
    stage_begin_ = std::chrono::steady_clock::now();
    last_line_ = {};
  }
  if (p.total == 0) {
    fmt::print(stderr, "{}: finishing\n", stage_);
    return;
  }
  const double elapsed = since(stage_begin_);
  const double rate = elapsed > 0 ? static_cast<double>(p.done - first_done_) / elapsed : 0.0;
  const double left = rate > 0 ? static_cast<double>(p.total - p.done) / rate : 0.0;
  const double share = static_cast<double>(p.done) / static_cast<double>(p.total);
  const std::string accuracy =
      std::isnan(p.accuracy) ? std::string() : fmt::format(", {:.1f} % right", 100 * p.accuracy);
  const std::string figures = fmt::format("{}/{}, {:.0f} samples/s, {:.0f} s left{}", p.done,
                                          p.total, rate, left, accuracy);
  if (terminal_) {
    const int filled = static_cast<int>(share * bar_width);
    fmt::print(stderr, "\r\033[K{:<10} [{}{}] {:3.0f} %  {}", stage_, std::string(filled, '#'),
               std::string(bar_width - filled, '.'), 100 * share, figures);
    std::fflush(stderr);
    open_ = true;
  } else if (p.done == p.total || since(last_line_) >= seconds_between_lines) {
    fmt::print(stderr, "{}: {}\n", stage_, figures);
    last_line_ = std::chrono::steady_clock::now();
  }
}

}  // namespace memprop::cli
