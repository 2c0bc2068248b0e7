// Inside TraceFile: the open file and its series, how data sets find their axes.
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "solvers/error.hpp"
#include "traces/chunk_encoder.hpp"
#include "traces/hdf5/calls.hpp"
#include "traces/internal/chunk_writer.hpp"
#include "traces/internal/series_buffer.hpp"
#include "traces/storage_error.hpp"
#include "traces/trace_file.hpp"

namespace memprop::traces {

std::string name_in_group(const std::string& path);
// "float64 [3, 4]"
std::string described(ElementType type, const std::vector<std::size_t>& dims);

struct TraceFile::Impl {
  std::string path;
  std::shared_ptr<CommitFile> storage;
  h5::Handle file;
  TraceOptions options;
  std::map<std::string, std::unique_ptr<SeriesBuffer>> series;  // after `file`: closed first
  std::map<std::string, SeriesStatistics> closed_series;        // once the file is closed
  std::size_t closed_memory = 0;
  ChunkEncoder encoder;  // the writing thread's
  ChunkWriter writer;    // last: its thread ends first

  explicit Impl(const TraceOptions& chosen)
      : options(chosen), writer(chosen.queue_bytes, [this](const WriteJob& job) { do_job(job); }) {}

  // Errors of the library are the disk's if the storage failed, otherwise ours.
  template <class Action>
  auto guarded(Action action) const {
    try {
      if constexpr (std::is_void_v<decltype(action())>) {
        action();
        check_storage();
      } else {
        auto result = action();
        check_storage();
        return result;
      }
    } catch (const h5::Error& error) {
      check_storage();
      throw InternalError(fmt::format("{}: {}", path, error.what()));
    }
  }
  void check_storage() const {
    if (!storage->failure().empty()) throw StorageError(storage->failure());
  }

  // What works on the file itself waits until the writing thread has nothing more to do.
  template <class Action>
  auto alone(Action action) {
    writer.drain();
    return guarded(std::move(action));
  }

  h5::Id id() const {
    if (!file) throw InternalError(path + ": the trace is closed");
    return file.get();
  }

  void describe(h5::Id dataset, const std::string& unit, const std::string& long_name) const;

  // The nearest coordinate of that name, from the data set's group upwards; "" if none.
  std::string find_axis(const std::string& dataset_path, const std::string& name) const;

  // A coordinate of `length`, an index if the caller made none.
  std::string axis_for(const std::string& dataset_path, const std::string& name,
                       std::size_t length) const;

  void attach(h5::Id dataset, std::size_t axis, const std::string& axis_path) const;

  // Makes the data set, or finds it with this very layout.
  h5::Handle fixed_dataset(const std::string& path_in_file, const h5::Layout& layout,
                           const ArrayInfo& info) const;

  Series declare_series(const std::string& path_in_file, const SeriesInfo& info, bool is_axis);

  void create_series(const std::string& path_in_file, const SeriesInfo& info, bool is_axis) const;

  // On the writing thread.
  void do_job(const WriteJob& job);

  void push_tails();
  std::size_t series_memory() const;
  void commit(bool to_disk, Readers readers) const;
};

}  // namespace memprop::traces
