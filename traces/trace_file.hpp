// One run's trace: a self-describing HDF5 file (docs/trace-format.md) that opens in h5py, xarray
// and HDFView without our code, can be read while it is being written, and survives a kill.
//
// The file on disk changes only by flush(), truncate_to() and close(), each of which replaces one
// complete state by the next (hdf5/commit_file.hpp). One thread owns a TraceFile; a second one of
// the file's own compresses and writes what is appended to series.
//
//   TraceFile trace = TraceFile::create("run.h5");
//   trace.row_axis("train/sample", {ElementType::int64, {}, "1", "training sample"});
//   Series loss = trace.series("train/loss", {ElementType::float64, {}, "1", "loss", {"sample"}});
//
// Errors: UserError from create() and open_for_append() when a file or place is not as it must be;
// StorageError when the disk fails later, from the next call after it and every one that follows,
// and the file stays at the last commit; InternalError when a caller describes data inconsistently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "solvers/span.hpp"
#include "traces/attribute.hpp"
#include "traces/element_type.hpp"
#include "traces/series.hpp"

namespace memprop::traces {

inline constexpr const char* trace_format = "memprop-trace";
inline constexpr std::int64_t trace_format_version = 2;

struct ArrayInfo {
  std::string unit = {};  // as SeriesInfo
  std::string long_name = {};
  // One name per axis. A coordinate of that name and length in the same group or one above is
  // shared; where there is none, 0, 1, 2, ... is made in the array's group.
  std::vector<std::string> axes = {};
};

enum class ExistingTrace { replace, refuse };

struct TraceOptions {
  std::size_t queue_bytes = std::size_t{64} << 20U;  // chunks that may wait for the writing thread
  bool raw = false;                                  // no series is compressed
};

// Of this process, not of the file. Times are of the wall clock.
struct WriterStatistics {
  std::size_t queue_bytes_limit = 0;
  std::size_t queue_bytes_peak = 0;
  std::size_t memory_bytes_peak = 0;  // queue, buffers, held pages, each at its highest
  std::uint64_t stalls = 0;           // how often a caller waited for room in the queue
  double stall_s = 0;
  double writing_s = 0;            // time the writing thread has worked
  std::uint64_t bytes = 0;         // of rows handed to HDF5
  std::uint64_t stored_bytes = 0;  // what became of them
  std::uint64_t commits = 0;
  std::uint64_t deferred_commits = 0;  // committed in the journal: a reader had the file open
  std::uint64_t replaced_commits = 0;  // a copy took the place of a file such a reader kept open
  std::uint64_t forced_commits = 0;    // written under its eyes: too large a file to be copied
};

// What a series has put into the file since it was opened or cut, uncompressed and as stored
// (chunks that it went on with count whole). After a flush of all series the ratio tells what the
// whole file will take.
struct SeriesStatistics {
  std::uint64_t rows = 0;
  std::size_t bytes_per_row = 0;
  std::uint64_t bytes = 0;
  std::uint64_t stored_bytes = 0;
};

using RowCounts = std::map<std::string, std::uint64_t>;  // by path of the series

class TraceFile {
 public:
  // Whatever was at `path` stays there until the new file is complete. Only a trace or an empty
  // file is ever replaced.
  static TraceFile create(const std::string& path, ExistingTrace existing = ExistingTrace::replace,
                          const TraceOptions& options = {});
  // To go on with: declare the same series again, then truncate_to() the checkpoint's counts.
  static TraceFile open_for_append(const std::string& path, const TraceOptions& options = {});

  TraceFile(TraceFile&&) noexcept;
  TraceFile& operator=(TraceFile&&) noexcept;
  ~TraceFile();  // closes; a failure is lost, so call close() where it matters

  const std::string& path() const;

  // Arrays of fixed size, row-major. Again to the same path: new values of the same type and shape.
  template <class T>
  void write(const std::string& path, Span<const T> values, const std::vector<std::size_t>& dims,
             const ArrayInfo& info) {
    write_array(path, element_type<T>, values.data(), values.size(), dims, info);
  }
  template <class T>
  void write(const std::string& path, const std::vector<T>& values,
             const std::vector<std::size_t>& dims, const ArrayInfo& info) {
    write(path, Span<const T>(values), dims, info);
  }
  // A single number.
  template <class T>
  void write_value(const std::string& path, T value, const std::string& unit,
                   const std::string& long_name) {
    write_array(path, element_type<T>, &value, 1, {}, {unit, long_name, {}});
  }
  // A coordinate: the values along an axis that arrays and series then name.
  template <class T>
  void axis(const std::string& path, const std::vector<T>& values, const std::string& unit,
            const std::string& long_name) {
    write_axis(path, element_type<T>, values.data(), values.size(), unit, long_name);
  }
  // UTF-8 text, replaced if it is there already; and a list of names (with one axis).
  void write_text(const std::string& path, const std::string& text, const std::string& long_name);
  void write_strings(const std::string& path, const std::vector<std::string>& texts,
                     const ArrayInfo& info);
  // Of a group (made if missing), a data set or, with path "", the file.
  void set_attribute(const std::string& object_path, const std::string& name,
                     const AttributeValue& value);

  // A growing coordinate (time, sample number) that series of the same group or below share as
  // their first axis, and a series along it. A series of the same description that is already in
  // the file is taken up at its end.
  Series row_axis(const std::string& path, const SeriesInfo& info);
  Series series(const std::string& path, const SeriesInfo& info);

  // Rows of every series in the file, buffered ones included.
  RowCounts row_counts() const;
  // Cuts every series to the count given; those not named to nothing. Then flushes.
  void truncate_to(const RowCounts& counts);

  // All that was written becomes part of the file. With to_disk it also survives the end of the
  // machine: do so before saving a checkpoint that speaks of these rows.
  void flush(bool to_disk = false);
  // The same without waiting for it: the writing thread does it when it comes to it.
  void flush_soon();
  // Waits for readers that have the file open, for seconds, then writes all the same.
  void close();

  WriterStatistics statistics() const;
  // By path, of the series declared in this process; waits for the writing thread.
  std::map<std::string, SeriesStatistics> series_statistics() const;

 private:
  struct Impl;
  explicit TraceFile(std::unique_ptr<Impl> impl);

  void write_array(const std::string& path, ElementType type, const void* values, std::size_t count,
                   const std::vector<std::size_t>& dims, const ArrayInfo& info);
  void write_axis(const std::string& path, ElementType type, const void* values, std::size_t count,
                  const std::string& unit, const std::string& long_name);

  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::traces
