#include "traces/trace_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <new>
#include <numeric>

#include "solvers/error.hpp"
#include "traces/hdf5/calls.hpp"
#include "traces/trace_file.hpp"

namespace memprop::traces {
namespace {

std::string text_attribute(h5::Id object, const std::string& name) {
  if (!h5::has_attribute(object, name)) return "";
  const AttributeValue value = h5::read_attribute(object, name);
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

std::string without_slash(const std::string& path) {
  return !path.empty() && path.front() == '/' ? path.substr(1) : path;
}

}  // namespace

struct TraceReader::Impl {
  std::string path;
  std::shared_ptr<CommitFile> storage;
  h5::Handle file;
  std::int64_t version = 0;

  // Whatever HDF5 cannot read is damage or another program's work: the user's to know.
  template <class Action>
  auto guarded(Action action) const {
    try {
      return action();
    } catch (const h5::Error& error) {
      throw UserError(fmt::format("{}: cannot be read: {}", path,
                                  storage->failure().empty() ? error.what() : storage->failure()));
    } catch (const std::bad_alloc&) {
      throw UserError(path + ": cannot be read: there is not enough memory");
    }
  }

  explicit Impl(const std::string& name) : path(name) {
    storage = CommitFile::open_read_only(path);
    if (storage->size() == 0) throw UserError(path + ": expected an HDF5 file, got an empty one");
    try {
      file = h5::open_file(storage, false);
    } catch (const h5::Error& error) {
      throw UserError(fmt::format("{}: expected an HDF5 file, but it cannot be read as one ({})",
                                  path, error.what()));
    }
    guarded([&] {
      const h5::Handle root = h5::open_object(file.get(), "");
      if (text_attribute(root.get(), "format") != trace_format) {
        throw UserError(
            fmt::format("{}: expected a trace (attribute 'format' = '{}'), got "
                        "another HDF5 file",
                        path, trace_format));
      }
      const AttributeValue value = h5::read_attribute(root.get(), "format_version");
      if (const auto* number = std::get_if<std::int64_t>(&value)) version = *number;
    });
  }

  h5::Handle dataset(const std::string& name) const {
    if (h5::kind_of(file.get(), name) != h5::ObjectKind::dataset) {
      throw UserError(fmt::format("{}: has no data set '{}'", path, name));
    }
    return h5::open_dataset(file.get(), "/" + without_slash(name));
  }

  DatasetInfo describe(const std::string& name) const {
    const h5::Handle opened = dataset(name);
    const h5::Layout layout = h5::layout_of(opened.get());
    DatasetInfo info;
    info.path = without_slash(name);
    info.type = layout.type;
    info.shape = layout.dims;
    info.growing = layout.growing;
    info.stored_bytes = h5::stored_bytes(opened.get());
    info.unit = text_attribute(opened.get(), "units");
    info.long_name = text_attribute(opened.get(), "long_name");
    info.axes = h5::axis_names(opened.get());
    return info;
  }

  // The layout, if what it claims can be in the file at all; memory is taken only then.
  h5::Layout sound_layout(const std::string& name, h5::Id opened) const {
    constexpr std::uint64_t best_ratio = 1100;  // of deflate: 1032
    constexpr std::uint64_t slack = 1U << 20U;  // chunks that are not full, empty data sets
    const h5::Layout layout = h5::layout_of(opened);
    const std::uint64_t stored = std::min(h5::stored_bytes(opened), storage->size());
    const std::uint64_t claimed = std::max(layout.bytes, layout.chunk_bytes);
    if (claimed > slack && (claimed - slack) / best_ratio > stored) {
      throw UserError(
          fmt::format("{}: data set '{}' claims {} bytes, of which the file has {}; it "
                      "is damaged",
                      path, name, claimed, stored));
    }
    return layout;
  }

  h5::Layout numeric_layout(const std::string& name, h5::Id opened) const {
    h5::Layout layout = sound_layout(name, opened);
    if (layout.type == ElementType::text) {
      throw UserError(fmt::format("{}: data set '{}' holds text, expected numbers", path, name));
    }
    return layout;
  }
};

TraceReader::TraceReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) {
  if (impl_->version < 1 || impl_->version > trace_format_version) {
    throw UserError(fmt::format("{}: expected trace format version {} or earlier, got {}", path,
                                trace_format_version, impl_->version));
  }
}

TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader& TraceReader::operator=(TraceReader&&) noexcept = default;
TraceReader::~TraceReader() = default;

const std::string& TraceReader::path() const { return impl_->path; }
std::int64_t TraceReader::format_version() const { return impl_->version; }

std::vector<DatasetInfo> TraceReader::datasets() const {
  return impl_->guarded([&] {
    std::vector<DatasetInfo> all;
    for (const std::string& name : h5::dataset_paths(impl_->file.get())) {
      try {
        all.push_back(impl_->describe(name));
      } catch (const h5::ForeignType&) {
        // Added by another program; has() and info() know it.
      }
    }
    return all;
  });
}

bool TraceReader::has(const std::string& path) const {
  return impl_->guarded(
      [&] { return h5::kind_of(impl_->file.get(), path) == h5::ObjectKind::dataset; });
}

DatasetInfo TraceReader::info(const std::string& path) const {
  return impl_->guarded([&] { return impl_->describe(path); });
}

template <class T>
std::vector<T> TraceReader::read(const std::string& path) const {
  return impl_->guarded([&] {
    const h5::Handle dataset = impl_->dataset(path);
    const h5::Layout layout = impl_->numeric_layout(path, dataset.get());
    std::vector<T> values(std::accumulate(layout.dims.begin(), layout.dims.end(), std::size_t{1},
                                          std::multiplies<>()));
    if (!values.empty()) h5::read_all(dataset.get(), element_type<T>, values.data());
    return values;
  });
}

template <class T>
std::vector<T> TraceReader::read_rows(const std::string& path, std::size_t first,
                                      std::size_t count) const {
  return impl_->guarded([&] {
    const h5::Handle dataset = impl_->dataset(path);
    const h5::Layout layout = impl_->numeric_layout(path, dataset.get());
    const std::size_t rows = layout.dims.empty() ? 0 : layout.dims[0];
    if (first > rows || count > rows - first) {
      throw UserError(fmt::format("{}: data set '{}' has {} rows, expected at least {}",
                                  impl_->path, path, rows, first + count));
    }
    std::vector<T> values(
        std::accumulate(layout.dims.begin() + 1, layout.dims.end(), count, std::multiplies<>()));
    if (!values.empty()) {
      h5::read_rows(dataset.get(), element_type<T>, first, count, values.data());
    }
    return values;
  });
}

#define MEMPROP_INSTANTIATE(T)                                                                    \
  template std::vector<T> TraceReader::read<T>(const std::string&) const;                         \
  template std::vector<T> TraceReader::read_rows<T>(const std::string&, std::size_t, std::size_t) \
      const;
MEMPROP_INSTANTIATE(double)
MEMPROP_INSTANTIATE(float)
MEMPROP_INSTANTIATE(std::int64_t)
MEMPROP_INSTANTIATE(std::int32_t)
MEMPROP_INSTANTIATE(std::uint64_t)
MEMPROP_INSTANTIATE(std::uint32_t)
MEMPROP_INSTANTIATE(std::uint8_t)
#undef MEMPROP_INSTANTIATE

std::string TraceReader::read_text(const std::string& path) const {
  const std::vector<std::string> texts = read_strings(path);
  if (texts.size() != 1) {
    throw UserError(fmt::format("{}: data set '{}' holds {} texts, expected one", impl_->path, path,
                                texts.size()));
  }
  return texts.front();
}

std::vector<std::string> TraceReader::read_strings(const std::string& path) const {
  return impl_->guarded([&] {
    const h5::Handle dataset = impl_->dataset(path);
    if (impl_->sound_layout(path, dataset.get()).type != ElementType::text) {
      throw UserError(
          fmt::format("{}: data set '{}' holds numbers, expected text", impl_->path, path));
    }
    return h5::read_text(dataset.get());
  });
}

std::vector<std::pair<std::string, AttributeValue>> TraceReader::attributes(
    const std::string& object_path) const {
  return impl_->guarded([&] {
    std::vector<std::pair<std::string, AttributeValue>> all;
    if (h5::kind_of(impl_->file.get(), object_path) == h5::ObjectKind::none) {
      throw UserError(fmt::format("{}: has no object '{}'", impl_->path, object_path));
    }
    const h5::Handle object = h5::open_object(impl_->file.get(), object_path);
    for (const std::string& name : h5::attribute_names(object.get())) {
      try {
        all.emplace_back(name, h5::read_attribute(object.get(), name));
      } catch (const h5::ForeignType&) {
        // Added by another program.
      }
    }
    return all;
  });
}

AttributeValue TraceReader::attribute(const std::string& object_path,
                                      const std::string& name) const {
  for (auto& [key, value] : attributes(object_path)) {
    if (key == name) return value;
  }
  throw UserError(fmt::format("{}: '{}' has no attribute '{}'", impl_->path,
                              object_path.empty() ? "/" : object_path, name));
}

bool is_trace(const std::string& path) {
  try {
    const std::shared_ptr<CommitFile> storage = CommitFile::open_read_only(path);
    if (storage->size() == 0) return false;
    const h5::Handle file = h5::open_file(storage, false);
    const h5::Handle root = h5::open_object(file.get(), "");
    return text_attribute(root.get(), "format") == trace_format;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace memprop::traces
