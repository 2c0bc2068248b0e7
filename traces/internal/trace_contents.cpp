#include "traces/internal/trace_contents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <set>

#include "solvers/error.hpp"
#include "traces/trace_file.hpp"

namespace memprop::traces {
namespace {

constexpr std::uint64_t piece_bytes = 4U << 20U;

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

// Whatever HDF5 cannot read is damage or another program's work: the user's to know.
template <class Action>
auto TraceContents::guarded(Action action) const {
  try {
    allow_(0);
    return action();
  } catch (const h5::Error& error) {
    throw UserError(fmt::format("{}: cannot be read: {}", storage_->path(),
                                storage_->failure().empty() ? error.what() : storage_->failure()));
  } catch (const std::bad_alloc&) {
    throw UserError(storage_->path() + ": cannot be read: there is not enough memory");
  } catch (const std::length_error&) {
    throw UserError(storage_->path() + ": cannot be read: there is not enough memory");
  }
}

TraceContents::TraceContents(std::shared_ptr<CommitFile> storage, Allow allow)
    : storage_(std::move(storage)), allow_(std::move(allow)) {
  const std::string& path = storage_->path();
  if (storage_->size() == 0) throw UserError(path + ": expected an HDF5 file, got an empty one");
  try {
    allow_(0);
    file_ = h5::open_file(storage_, storage_->writable());
  } catch (const h5::Error& error) {
    throw UserError(fmt::format("{}: expected an HDF5 file, but it cannot be read as one ({})",
                                path, error.what()));
  }
  guarded([&] {
    const h5::Handle root = h5::open_object(file_.get(), "");
    if (text_attribute(root.get(), "format") != trace_format) {
      throw UserError(
          fmt::format("{}: expected a trace (attribute 'format' = '{}'), got another HDF5 file",
                      path, trace_format));
    }
    const AttributeValue value = h5::read_attribute(root.get(), "format_version");
    if (const auto* number = std::get_if<std::int64_t>(&value)) version_ = *number;
  });
}

h5::Handle TraceContents::dataset(const std::string& name) const {
  if (h5::kind_of(file_.get(), name) != h5::ObjectKind::dataset) {
    throw UserError(fmt::format("{}: has no data set '{}'", storage_->path(), name));
  }
  return h5::open_dataset(file_.get(), "/" + without_slash(name));
}

DatasetInfo TraceContents::describe(const std::string& name) const {
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
h5::Layout TraceContents::sound_layout(const std::string& name, h5::Id opened) const {
  constexpr std::uint64_t best_ratio = 1100;  // of deflate: 1032
  constexpr std::uint64_t slack = 1U << 20U;  // chunks that are not full, empty data sets
  const h5::Layout layout = h5::layout_of(opened);
  const std::uint64_t stored = std::min(h5::stored_bytes(opened), storage_->size());
  const std::uint64_t claimed = std::max(layout.bytes, layout.chunk_bytes);
  if (claimed > slack && (claimed - slack) / best_ratio > stored) {
    throw UserError(
        fmt::format("{}: data set '{}' claims {} bytes, of which the file has {}; it is damaged",
                    storage_->path(), name, claimed, stored));
  }
  return layout;
}

h5::Layout TraceContents::numeric_layout(const std::string& name, h5::Id opened) const {
  h5::Layout layout = sound_layout(name, opened);
  if (layout.type == ElementType::text) {
    throw UserError(
        fmt::format("{}: data set '{}' holds text, expected numbers", storage_->path(), name));
  }
  return layout;
}

std::vector<DatasetInfo> TraceContents::datasets() const {
  return guarded([&] {
    std::vector<DatasetInfo> all;
    for (const std::string& name : h5::dataset_paths(file_.get())) {
      try {
        all.push_back(describe(name));
      } catch (const h5::ForeignType&) {
        // Added by another program; has() and info() know it.
      }
    }
    return all;
  });
}

bool TraceContents::has(const std::string& name) const {
  return guarded([&] { return h5::kind_of(file_.get(), name) == h5::ObjectKind::dataset; });
}

DatasetInfo TraceContents::info(const std::string& name) const {
  return guarded([&] { return describe(name); });
}

void TraceContents::read(const std::string& name, ElementType as, const std::optional<Rows>& rows,
                         const Output& out) const {
  guarded([&] { read_opened(name, dataset(name).get(), as, rows, out); });
}

void TraceContents::read_opened(const std::string& name, h5::Id opened, ElementType as,
                                const std::optional<Rows>& rows, const Output& out) const {
  const h5::Layout layout = numeric_layout(name, opened);
  const std::uint64_t present = layout.dims.empty() ? 0 : layout.dims[0];
  if (rows && (rows->first > present || rows->count > present - rows->first)) {
    throw UserError(fmt::format("{}: data set '{}' has {} rows, expected at least {}",
                                storage_->path(), name, present, rows->first + rows->count));
  }
  std::uint64_t row_values = 1;  // no overflow: all values together are within bounds
  for (std::size_t axis = 1; axis < layout.dims.size(); ++axis) row_values *= layout.dims[axis];
  const std::uint64_t row_bytes = row_values * size_of(as);
  if (layout.dims.empty()) {
    std::uint8_t value[8];
    h5::read_all(opened, as, value);
    out.total(row_bytes);
    out.piece(value, row_bytes);
    return;
  }
  const Rows wanted = rows ? *rows : Rows{0, present};
  out.total(wanted.count * row_bytes);
  if (wanted.count == 0 || row_bytes == 0) return;
  // In pieces of whole chunks, so that none is unpacked twice.
  const std::uint64_t chunk_rows = std::max<std::uint64_t>(1, layout.chunk_rows);
  const std::uint64_t chunks = std::max<std::uint64_t>(1, piece_bytes / row_bytes / chunk_rows);
  const std::uint64_t end = wanted.first + wanted.count;
  std::vector<std::uint8_t> piece;
  for (std::uint64_t at = wanted.first; at < end;) {
    const std::uint64_t next = std::min(end, (at / chunk_rows + chunks) * chunk_rows);
    allow_(4 * ((next - at) * row_bytes + layout.chunk_bytes));
    piece.resize((next - at) * row_bytes);
    h5::read_rows(opened, as, at, next - at, piece.data());
    out.piece(piece.data(), piece.size());
    at = next;
  }
}

std::vector<std::string> TraceContents::read_strings(const std::string& name) const {
  return guarded([&] {
    const h5::Handle opened = dataset(name);
    const h5::Layout layout = sound_layout(name, opened.get());
    if (layout.type != ElementType::text) {
      throw UserError(
          fmt::format("{}: data set '{}' holds numbers, expected text", storage_->path(), name));
    }
    allow_(4 * (layout.bytes + layout.chunk_bytes));
    return h5::read_text(opened.get());
  });
}

std::vector<std::pair<std::string, AttributeValue>> TraceContents::attributes(
    const std::string& object_path) const {
  return guarded([&] {
    if (h5::kind_of(file_.get(), object_path) == h5::ObjectKind::none) {
      throw UserError(fmt::format("{}: has no object '{}'", storage_->path(), object_path));
    }
    return attributes_of(h5::open_object(file_.get(), object_path).get());
  });
}

std::vector<std::pair<std::string, AttributeValue>> TraceContents::attributes_of(h5::Id object) {
  std::vector<std::pair<std::string, AttributeValue>> all;
  for (const std::string& name : h5::attribute_names(object)) {
    try {
      all.emplace_back(name, h5::read_attribute(object, name));
    } catch (const h5::ForeignType&) {
      // Added by another program.
    }
  }
  return all;
}

void TraceContents::rehearse_resume() const {
  guarded([&] {
    attributes("");
    std::set<std::string> groups;
    for (const std::string& name : h5::dataset_paths(file_.get())) {
      for (std::size_t slash = name.find('/'); slash != std::string::npos;
           slash = name.find('/', slash + 1)) {
        if (groups.insert(name.substr(0, slash)).second) attributes(name.substr(0, slash));
      }
      try {
        // Opened once: that is most of the time.
        const h5::Handle opened = dataset(name);
        attributes_of(opened.get());
        const h5::Layout layout = sound_layout(name, opened.get());
        h5::axis_names(opened.get());
        h5::is_scale(opened.get());
        if (layout.type == ElementType::text) {
          h5::remove_object(file_.get(), name);  // as a text of another length is
        } else if (layout.growing) {
          // A last chunk that is not full is gone on with.
          const std::uint64_t rows = layout.dims.at(0);
          const std::uint64_t tail = rows % std::max<std::uint64_t>(1, layout.chunk_rows);
          read_opened(name, opened.get(), layout.type, Rows{rows - tail, tail},
                      {[](auto) {}, [](auto, auto) {}});
          h5::Dims cut = layout.dims;
          cut.at(0) = 0;
          h5::set_dims(opened.get(), cut);
        }
      } catch (const h5::ForeignType&) {
        // Another program's, which a resume leaves alone.
      }
    }
    h5::flush_file(file_.get());
  });
}

}  // namespace memprop::traces
