// Reads a trace back: what is in it, and the values.
//
// A trace that is being written shows the state of its last flush at the time it is opened.
//
// The file is parsed in a child process (fork), which lives as long as the reader: a damaged file
// ends in a UserError, never in a crash. Threads may share a reader; they take turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "traces/attribute.hpp"
#include "traces/element_type.hpp"

namespace memprop::traces {

struct DatasetInfo {
  std::string path;  // "train/loss"
  ElementType type = ElementType::float64;
  std::vector<std::size_t> shape;  // empty: a single value
  bool growing = false;            // a series
  std::uint64_t stored_bytes = 0;  // its values in the file, compressed
  std::string unit;
  std::string long_name;
  std::vector<std::string> axes;  // "" where an axis has no coordinate
};

class TraceReader {
 public:
  // UserError if the file is missing, not HDF5, not a trace or of a later format. Finishes a commit
  // that a killed process left behind, where the file may be written.
  explicit TraceReader(const std::string& path);
  TraceReader(TraceReader&&) noexcept;
  TraceReader& operator=(TraceReader&&) noexcept;
  ~TraceReader();

  const std::string& path() const;
  std::int64_t format_version() const;

  // In order of their paths; those of types that traces do not hold are left out.
  std::vector<DatasetInfo> datasets() const;
  bool has(const std::string& path) const;
  DatasetInfo info(const std::string& path) const;

  // Row-major values as T, one of the types of element_type.hpp; numbers are converted. UserError
  // if there is no such data set or it holds text.
  template <class T>
  std::vector<T> read(const std::string& path) const;
  // Only the rows from `first` on.
  template <class T>
  std::vector<T> read_rows(const std::string& path, std::size_t first, std::size_t count) const;
  std::string read_text(const std::string& path) const;
  std::vector<std::string> read_strings(const std::string& path) const;

  // Of a group or data set, "" for the file. In alphabetical order.
  std::vector<std::pair<std::string, AttributeValue>> attributes(
      const std::string& object_path) const;
  // UserError if it is not there.
  AttributeValue attribute(const std::string& object_path, const std::string& name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// True if there is a trace of any version at `path`.
bool is_trace(const std::string& path);

}  // namespace memprop::traces
