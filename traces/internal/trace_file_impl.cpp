#include "traces/internal/trace_file_impl.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <numeric>

namespace memprop::traces {
namespace {

// Narrow series are many and mostly short: small chunks save memory and time in flush().
constexpr std::size_t narrow_row_bytes = 64;
constexpr std::size_t narrow_chunk_bytes = 16 * 1024;
constexpr std::size_t target_chunk_bytes = 64 * 1024;
constexpr std::size_t largest_chunk_bytes = std::size_t{1} << 31U;  // HDF5 ends at 4 GiB

std::string group_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string joined(const std::string& group, const std::string& name) {
  return group.empty() ? name : group + "/" + name;
}

}  // namespace

std::string name_in_group(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string described(ElementType type, const std::vector<std::size_t>& dims) {
  return fmt::format("{} [{}]", name_of(type), fmt::join(dims, ", "));
}

void TraceFile::Impl::describe(h5::Id dataset, const std::string& unit,
                               const std::string& long_name) const {
  if (!unit.empty()) h5::write_attribute(dataset, "units", unit);
  if (!long_name.empty()) h5::write_attribute(dataset, "long_name", long_name);
}

std::string TraceFile::Impl::find_axis(const std::string& dataset_path,
                                       const std::string& name) const {
  std::string group = dataset_path;
  do {
    group = group_of(group);
    const std::string candidate = joined(group, name);
    if (candidate != dataset_path && h5::kind_of(id(), candidate) == h5::ObjectKind::dataset &&
        h5::is_scale(h5::open_dataset(id(), candidate).get())) {
      return candidate;
    }
  } while (!group.empty());
  return "";
}

std::string TraceFile::Impl::axis_for(const std::string& dataset_path, const std::string& name,
                                      std::size_t length) const {
  const std::string found = find_axis(dataset_path, name);
  if (!found.empty() &&
      h5::layout_of(h5::open_dataset(id(), found).get()).dims == h5::Dims{length}) {
    return found;
  }
  const std::string path_of_axis = joined(group_of(dataset_path), name);
  if (path_of_axis == dataset_path || found == path_of_axis) {
    throw InternalError(fmt::format("data set {}: axis '{}' of length {} does not fit {}",
                                    dataset_path, name, length, path_of_axis));
  }
  std::vector<std::int64_t> index(length);
  std::iota(index.begin(), index.end(), std::int64_t{0});
  const h5::Handle axis =
      h5::create_dataset(id(), path_of_axis, {ElementType::int64, {length}, 0, false, 0});
  if (length > 0) h5::write_all(axis.get(), ElementType::int64, index.data());
  h5::make_scale(axis.get(), name);
  return path_of_axis;
}

void TraceFile::Impl::attach(h5::Id dataset, std::size_t axis, const std::string& axis_path) const {
  h5::attach_scale(dataset, axis, h5::open_dataset(id(), axis_path).get());
}

h5::Handle TraceFile::Impl::fixed_dataset(const std::string& path_in_file, const h5::Layout& layout,
                                          const ArrayInfo& info) const {
  const h5::ObjectKind kind = h5::kind_of(id(), path_in_file);
  if (kind == h5::ObjectKind::dataset) {
    h5::Handle dataset = h5::open_dataset(id(), path_in_file);
    const h5::Layout found = h5::layout_of(dataset.get());
    if (found.type != layout.type || found.dims != layout.dims || found.growing ||
        found.text_length < layout.text_length) {
      throw UserError(fmt::format("{}: '{}' holds {}, expected {}", path, path_in_file,
                                  described(found.type, found.dims),
                                  described(layout.type, layout.dims)));
    }
    return dataset;
  }
  if (kind != h5::ObjectKind::none) {
    throw InternalError(fmt::format("{}: '{}' is a group", path, path_in_file));
  }
  if (info.axes.size() != layout.dims.size()) {
    throw InternalError(fmt::format("data set {}: {} dimensions, {} axis names", path_in_file,
                                    layout.dims.size(), info.axes.size()));
  }
  std::vector<std::string> axes;
  for (std::size_t i = 0; i < info.axes.size(); ++i) {
    axes.push_back(axis_for(path_in_file, info.axes[i], layout.dims[i]));
  }
  h5::Handle dataset = h5::create_dataset(id(), path_in_file, layout);
  for (std::size_t i = 0; i < axes.size(); ++i) attach(dataset.get(), i, axes[i]);
  describe(dataset.get(), info.unit, info.long_name);
  return dataset;
}

Series TraceFile::Impl::declare_series(const std::string& path_in_file, const SeriesInfo& info,
                                       bool is_axis) {
  const auto known = series.find(path_in_file);
  if (known == series.end() && h5::kind_of(id(), path_in_file) == h5::ObjectKind::none) {
    create_series(path_in_file, info, is_axis);
  }
  std::unique_ptr<SeriesBuffer>& buffer = series[path_in_file];
  if (!buffer) {
    h5::Handle dataset = h5::open_dataset(id(), path_in_file);
    if (!h5::layout_of(dataset.get()).growing) {
      series.erase(path_in_file);
      throw UserError(
          fmt::format("{}: '{}' is an array of fixed size, expected a series", path, path_in_file));
    }
    buffer = std::make_unique<SeriesBuffer>(path_in_file, std::move(dataset), writer);
  }
  h5::Dims wanted = info.row_shape;
  h5::Dims found(buffer->layout().dims.begin() + 1, buffer->layout().dims.end());
  if (buffer->layout().type != info.type || wanted != found) {
    throw UserError(fmt::format("{}: series '{}' has rows of {}, expected {}", path, path_in_file,
                                described(buffer->layout().type, found),
                                described(info.type, wanted)));
  }
  return Series(buffer.get());
}

void TraceFile::Impl::create_series(const std::string& path_in_file, const SeriesInfo& info,
                                    bool is_axis) const {
  h5::Layout layout{info.type, {0}, 0, true, info.rows_per_chunk, !(info.raw || options.raw)};
  layout.dims.insert(layout.dims.end(), info.row_shape.begin(), info.row_shape.end());
  const std::size_t row_bytes = std::accumulate(info.row_shape.begin(), info.row_shape.end(),
                                                size_of(info.type), std::multiplies<>());
  if (row_bytes == 0 || info.axes.size() != (is_axis ? 0 : layout.dims.size())) {
    throw InternalError(fmt::format("series {}: rows of {} with {} axis names", path_in_file,
                                    described(info.type, info.row_shape), info.axes.size()));
  }
  if (layout.chunk_rows == 0) {
    const std::size_t target =
        row_bytes <= narrow_row_bytes ? narrow_chunk_bytes : target_chunk_bytes;
    layout.chunk_rows = std::max<std::size_t>(1, target / row_bytes);
  }
  if (row_bytes > largest_chunk_bytes / layout.chunk_rows) {
    throw InternalError(fmt::format("series {}: a chunk would exceed 2 GiB", path_in_file));
  }
  std::vector<std::string> axes;
  for (std::size_t i = 0; i < info.axes.size(); ++i) {
    axes.push_back(i == 0 ? find_axis(path_in_file, info.axes[0])
                          : axis_for(path_in_file, info.axes[i], layout.dims[i]));
  }
  if (!axes.empty() && axes[0].empty()) {
    throw InternalError(
        fmt::format("series {}: declare its row axis '{}' first", path_in_file, info.axes[0]));
  }
  const h5::Handle dataset = h5::create_dataset(id(), path_in_file, layout);
  for (std::size_t i = 0; i < axes.size(); ++i) attach(dataset.get(), i, axes[i]);
  if (is_axis) h5::make_scale(dataset.get(), name_in_group(path_in_file));
  describe(dataset.get(), info.unit, info.long_name);
}

void TraceFile::Impl::do_job(const WriteJob& job) {
  try {
    guarded([&] {
      if (job.series != nullptr) {
        job.series->write(job, encoder);
      } else {
        commit(job.to_disk, Readers::wait_a_moment);
      }
    });
  } catch (const std::exception& error) {
    storage->fail(error.what());  // a chunk is missing: no commit may follow
    throw;
  }
}

void TraceFile::Impl::push_tails() {
  for (auto& [name, buffer] : series) buffer->push_tail();
}

std::size_t TraceFile::Impl::series_memory() const {
  std::size_t sum = closed_memory;
  for (const auto& [name, buffer] : series) sum += buffer->memory();
  return sum;
}

void TraceFile::Impl::commit(bool to_disk, Readers readers) const {
  h5::flush_file(id());
  storage->commit(to_disk ? Durability::disk : Durability::process, readers);
}

}  // namespace memprop::traces
