#include "cli/info/follow.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>
#include <vector>

#include "cli/info/run_state.hpp"
#include "cli/json.hpp"

namespace memprop::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto pause = std::chrono::milliseconds(50);
constexpr int pauses_between_looks = 10;

class Follower {
 public:
  Follower(std::string path, bool json) : path_(std::move(path)), json_(json) {}

  // Prints what is new.
  RunState look() {
    const bool writing = is_being_written(path_);
    const traces::TraceReader trace(path_);
    const std::size_t blocks = rows(trace, "training/samples");
    if (blocks < blocks_) begin_anew();
    print_blocks(trace, blocks);
    print_epochs(trace, rows(trace, "training/epoch"));
    const RunState state = run_state(trace, writing);
    if (state != RunState::writing) print_end(trace, state);
    std::fflush(stdout);
    return state;
  }

 private:
  static std::size_t rows(const traces::TraceReader& trace, const std::string& path) {
    return trace.has(path) ? trace.info(path).shape.at(0) : 0;
  }

  void begin_anew() {
    if (!json_) fmt::print("the trace was begun anew\n");
    *this = Follower(path_, json_);
  }

  // Mean cosine of each layer over the comparisons of the samples before `last`.
  std::vector<double> alignment_until(const traces::TraceReader& trace, double last) {
    const std::size_t compared = rows(trace, "compare/sample");
    std::size_t end = compared_;
    const auto samples = compared > compared_ ? trace.read_rows<double>("compare/sample", compared_,
                                                                        compared - compared_)
                                              : std::vector<double>{};
    while (end < compared && samples[end - compared_] < last) ++end;
    std::vector<double> means;
    if (end == compared_) return means;
    for (std::size_t l = 1;; ++l) {
      const std::string path = fmt::format("compare/layer{}/cosine_applied", l);
      if (rows(trace, path) < end) break;
      double sum = 0;
      for (const double x : trace.read_rows<double>(path, compared_, end - compared_)) sum += x;
      means.push_back(sum / static_cast<double>(end - compared_));
    }
    compared_ = end;
    return means;
  }

  void print_blocks(const traces::TraceReader& trace, std::size_t blocks) {
    if (blocks <= blocks_) return;
    const auto samples = trace.read_rows<double>("training/samples", blocks_, blocks - blocks_);
    const auto accuracy = trace.read_rows<double>("training/accuracy", blocks_, blocks - blocks_);
    // Blocks that were there before us took an unknown time; those of one look share it.
    const auto now = Clock::now();
    const double before = last_samples_;
    const double elapsed = std::chrono::duration<double>(now - last_time_).count();
    const double rate = before >= 0 ? (samples.back() - before) / elapsed : std::nan("");
    for (std::size_t k = 0; k < samples.size(); ++k) {
      print_block(samples[k], accuracy[k], rate, alignment_until(trace, samples[k]));
    }
    blocks_ = blocks;
    last_samples_ = samples.back();
    last_time_ = now;
  }

  void print_block(double samples, double accuracy, double rate,
                   const std::vector<double>& alignment) const {
    if (json_) {
      std::vector<std::string> cosines;
      for (const double x : alignment) cosines.push_back(json_number(x));
      fmt::print(
          "{{\"samples\": {:.0f}, \"accuracy\": {}, \"samples_per_s\": {}, \"alignment\": [{}]}}\n",
          samples, json_number(accuracy), json_number(rate), fmt::join(cosines, ", "));
      return;
    }
    std::string line = fmt::format("{:>10.0f} samples", samples);
    if (!std::isnan(accuracy)) line += fmt::format("  {:5.1f} % right", 100 * accuracy);
    line += std::isnan(rate) ? std::string("           -/s") : fmt::format("  {:>10.0f}/s", rate);
    for (std::size_t l = 0; l < alignment.size(); ++l) {
      line += fmt::format("{}{:.3f}", l == 0 ? "  cosine " : " ", alignment[l]);
    }
    fmt::print("{}\n", line);
  }

  void print_epochs(const traces::TraceReader& trace, std::size_t epochs) {
    if (epochs <= epochs_) return;
    const auto number = trace.read_rows<double>("training/epoch", epochs_, epochs - epochs_);
    const auto accuracy =
        trace.read_rows<double>("training/test_accuracy", epochs_, epochs - epochs_);
    for (std::size_t k = 0; k < number.size(); ++k) {
      if (json_) {
        fmt::print("{{\"epoch\": {:.0f}, \"test_accuracy\": {}}}\n", number[k],
                   json_number(accuracy[k]));
      } else {
        fmt::print("     epoch {:.0f}: {:.2f} % of the test samples\n", number[k],
                   100 * accuracy[k]);
      }
    }
    epochs_ = epochs;
  }

  void print_end(const traces::TraceReader& trace, RunState state) const {
    const double accuracy =
        trace.has("compare/accuracy") ? trace.read<double>("compare/accuracy").at(0) : std::nan("");
    if (json_) {
      fmt::print("{{\"state\": \"{}\", \"accuracy\": {}}}\n", name(state), json_number(accuracy));
    } else if (state == RunState::finished) {
      fmt::print("finished: {:.2f} % of the test samples\n", 100 * accuracy);
    } else {
      fmt::print("the run stopped before its end (interrupted or killed); nothing writes {}\n",
                 path_);
    }
  }

  std::string path_;
  bool json_;
  std::size_t blocks_ = 0, epochs_ = 0, compared_ = 0;  // rows printed
  double last_samples_ = -1;                            // none seen yet
  Clock::time_point last_time_ = Clock::now();
};

}  // namespace

int follow(const std::string& path, bool json, const std::atomic<bool>& interrupt) {
  Follower follower(path, json);
  while (!interrupt) {
    const RunState state = follower.look();
    if (state != RunState::writing) return state == RunState::finished ? 0 : 1;
    for (int k = 0; k < pauses_between_looks && !interrupt; ++k) std::this_thread::sleep_for(pause);
  }
  return 0;
}

}  // namespace memprop::cli
