// A data set that grows by rows: one row per cycle, sample, epoch ... along its first axis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "traces/element_type.hpp"

namespace memprop::traces {

struct SeriesInfo {
  ElementType type = ElementType::float64;
  std::vector<std::size_t> row_shape = {};  // empty: a row is one value
  std::string unit = {};                    // "V", "S", "s"; "1" for numbers without a unit
  std::string long_name = {};               // what it is, for people
  // Name of the row axis (see TraceFile::row_axis), then one for each axis of a row.
  std::vector<std::string> axes = {};
  std::size_t rows_per_chunk = 0;  // 0: chunks of 16 to 64 KiB
  bool raw = false;                // stored as it is, not shuffled and deflated
};

class SeriesBuffer;

// A handle, cheap to copy and valid as long as its TraceFile is open. Rows gather in memory; a
// whole chunk is handed to the file's writing thread, which compresses and writes it, and append()
// waits while that thread is too far behind. TraceFile::flush() makes the rows part of the file.
// append() throws what the writing thread has met since.
class Series {
 public:
  Series() = default;
  explicit Series(SeriesBuffer* buffer) : buffer_(buffer) {}
  explicit operator bool() const { return buffer_ != nullptr; }

  // `count` rows one after another, of the type the series was declared with (InternalError if
  // it was another).
  void append(const double* rows, std::size_t count = 1);
  void append(const float* rows, std::size_t count = 1);
  void append(const std::int64_t* rows, std::size_t count = 1);
  void append(const std::int32_t* rows, std::size_t count = 1);
  void append(const std::uint64_t* rows, std::size_t count = 1);
  void append(const std::uint32_t* rows, std::size_t count = 1);
  void append(const std::uint8_t* rows, std::size_t count = 1);
  // One row of one value.
  template <class T>
  void append_value(T value) {
    append(&value, 1);
  }

  std::uint64_t rows() const;         // appended so far, committed or not
  std::size_t bytes_per_row() const;  // uncompressed

 private:
  SeriesBuffer* buffer_ = nullptr;
};

}  // namespace memprop::traces
