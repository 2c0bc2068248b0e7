// Rows whose content is known from their number, so that whoever reads them later can tell a torn
// one: series "a/sample" (i), "a/v" (width values), "a/raw" (the same, not compressed), "a/more<k>"
// (one value), and the array "state" that holds the number of the last committed row 4000 times.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/trace_file.hpp"

namespace memprop::traces::test {

// Also in live_reader_test.py and fault_test.py.
inline double numbered_value(std::uint64_t row, std::size_t column) {
  return static_cast<double>((row * 2654435761U + column * 40503U) % 1000003U) / 7.0;
}

class NumberedRows {
 public:
  static constexpr std::size_t width = 20;
  static constexpr int more = 8;

  explicit NumberedRows(TraceFile& trace) : trace_(trace) {
    sample_ = trace.row_axis("a/sample", {ElementType::int64, {}, "1", "sample", {}, 64});
    const std::vector<std::string> axes = {"sample", "neuron"};
    v_ = trace.series("a/v", {ElementType::float64, {width}, "V", "v", axes, 64});
    raw_ = trace.series("a/raw", {ElementType::float64, {width}, "V", "raw", axes, 50, true});
    for (int k = 0; k < more; ++k) {
      more_.push_back(trace.series("a/more" + std::to_string(k),
                                   {ElementType::float64, {}, "V", "more", {"sample"}, 100}));
    }
  }

  void append(std::uint64_t row) {
    const auto number = static_cast<std::int64_t>(row);
    double values[width];
    for (std::size_t i = 0; i < width; ++i) values[i] = numbered_value(row, i);
    sample_.append(&number);
    v_.append(values);
    raw_.append(values);
    for (Series& series : more_) series.append(values);
  }

  // Something that is overwritten in place.
  void write_state(std::uint64_t row) {
    state_.assign(4000, static_cast<double>(row));
    trace_.write("state", state_, {state_.size()}, {"1", "state", {"i"}});
  }

 private:
  TraceFile& trace_;
  Series sample_, v_, raw_;
  std::vector<Series> more_;
  std::vector<double> state_;
};

}  // namespace memprop::traces::test
