// The wall: data sets and dimension scales.
#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "traces/hdf5/calls.hpp"
#include "traces/hdf5/internal/check.hpp"

namespace memprop::traces::h5 {
namespace {

std::vector<hsize_t> extents(const Dims& dims) {
  std::vector<hsize_t> sizes(dims.size());  // GCC 12 with -fsanitize=thread warns of a range here
  std::copy(dims.begin(), dims.end(), sizes.begin());
  return sizes;
}

std::size_t product(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::size_t{1}, std::multiplies<>());
}

// A file may claim anything.
std::uint64_t bytes_of(const std::vector<hsize_t>& sizes, std::size_t value_bytes) {
  constexpr std::uint64_t most = std::uint64_t{1} << 62U;
  std::uint64_t bytes = value_bytes;
  bool is_empty = false;
  for (const hsize_t size : sizes) is_empty = is_empty || size == 0;
  for (const hsize_t size : sizes) {
    if (!is_empty && bytes > most / size) throw Error("the size of a data set overflows");
    bytes *= size;
  }
  return is_empty ? 0 : bytes;
}

Handle space_for(const Layout& layout) {
  if (layout.dims.empty()) return own(H5Screate(H5S_SCALAR), H5Sclose, "H5Screate");
  const std::vector<hsize_t> now = extents(layout.dims);
  std::vector<hsize_t> most = now;
  if (layout.growing) most[0] = H5S_UNLIMITED;
  return own(H5Screate_simple(static_cast<int>(now.size()), now.data(), most.data()), H5Sclose,
             "H5Screate_simple");
}

Handle creation_list(const Layout& layout) {
  Handle list = own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
  // No time stamps: equal runs give equal files.
  check(H5Pset_obj_track_times(list.get(), false), "H5Pset_obj_track_times");
  if (layout.growing) {
    std::vector<hsize_t> chunk = extents(layout.dims);
    chunk[0] = layout.chunk_rows;
    check(H5Pset_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data()), "H5Pset_chunk");
    if (layout.filtered) {
      check(H5Pset_shuffle(list.get()), "H5Pset_shuffle");
      check(H5Pset_deflate(list.get(), 1), "H5Pset_deflate");
    }
  }
  return list;
}

Handle space_of(Id dataset) { return own(H5Dget_space(dataset), H5Sclose, "H5Dget_space"); }

// What an iteration over the scales of one axis brings back.
struct ScaleName {
  std::string name;
};

herr_t take_scale_name(hid_t, unsigned, hid_t scale, void* data) {
  char name[1024] = "";
  // Its own name for itself: to find the path of an object that was reached by a reference, HDF5
  // goes through the whole file. A scale of another program may have none.
  if (H5DSget_scale_name(scale, name, sizeof name) <= 0 &&
      H5Iget_name(scale, name, sizeof name) < 0) {
    return -1;
  }
  name[sizeof name - 1] = 0;
  const std::string path(name);
  static_cast<ScaleName*>(data)->name = path.substr(path.rfind('/') + 1);
  return 1;  // the first one is enough
}

}  // namespace

Handle create_dataset(Id file, const std::string& path, const Layout& layout) {
  const LibraryUse use;
  create_groups_above(file, path);
  const Handle space = space_for(layout);
  const Handle creation = creation_list(layout);
  const bool is_text = layout.type == ElementType::text;
  const Handle text = is_text ? text_type(layout.text_length) : Handle();
  const hid_t type = is_text ? text.get() : memory_type(layout.type);
  return own(
      H5Dcreate2(file, path.c_str(), type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose, "H5Dcreate2");
}

Handle open_dataset(Id file, const std::string& path) {
  const LibraryUse use;
  return own(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose, "H5Dopen2");
}

Layout layout_of(Id dataset) {
  const LibraryUse use;
  const Handle type = own(H5Dget_type(dataset), H5Tclose, "H5Dget_type");
  Layout layout;
  layout.type = element_type_of(type.get());
  if (layout.type == ElementType::text &&
      check(H5Tis_variable_str(type.get()), "H5Tis_variable_str") == 0) {
    layout.text_length = H5Tget_size(type.get());
  }
  const Handle space = space_of(dataset);
  const int rank = check(H5Sget_simple_extent_ndims(space.get()), "H5Sget_simple_extent_ndims");
  std::vector<hsize_t> now(static_cast<std::size_t>(rank));
  std::vector<hsize_t> most(now.size());
  check(H5Sget_simple_extent_dims(space.get(), now.data(), most.data()),
        "H5Sget_simple_extent_dims");
  layout.dims.assign(now.begin(), now.end());
  layout.growing = rank > 0 && most[0] == H5S_UNLIMITED;
  const std::size_t value_bytes = check(H5Tget_size(type.get()), "H5Tget_size");
  layout.bytes = bytes_of(now, value_bytes);
  const Handle creation = own(H5Dget_create_plist(dataset), H5Pclose, "H5Dget_create_plist");
  if (H5Pget_layout(creation.get()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(now.size());
    check(H5Pget_chunk(creation.get(), rank, chunk.data()), "H5Pget_chunk");
    layout.chunk_rows = static_cast<std::size_t>(chunk.at(0));
    layout.chunk_bytes = bytes_of(chunk, value_bytes);
    layout.filtered = check(H5Pget_nfilters(creation.get()), "H5Pget_nfilters") > 0;
  }
  return layout;
}

std::uint64_t stored_bytes(Id dataset) {
  const LibraryUse use;
  return H5Dget_storage_size(dataset);
}

void write_all(Id dataset, ElementType type, const void* values) {
  const LibraryUse use;
  check(H5Dwrite(dataset, memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "H5Dwrite");
}

void read_all(Id dataset, ElementType type, void* out) {
  const LibraryUse use;
  check(H5Dread(dataset, memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, out), "H5Dread");
}

void read_rows(Id dataset, ElementType type, std::size_t first, std::size_t count, void* out) {
  if (count == 0) return;
  const Layout layout = layout_of(dataset);
  const LibraryUse use;
  std::vector<hsize_t> start(layout.dims.size(), 0);
  std::vector<hsize_t> size = extents(layout.dims);
  start.at(0) = first;
  size.at(0) = count;
  const Handle space = space_of(dataset);
  check(
      H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr),
      "H5Sselect_hyperslab");
  const Handle memory = own(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
                            H5Sclose, "H5Screate_simple");
  check(H5Dread(dataset, memory_type(type), memory.get(), space.get(), H5P_DEFAULT, out),
        "H5Dread");
}

std::vector<std::string> read_text(Id dataset) {
  const Layout layout = layout_of(dataset);
  const LibraryUse use;
  if (layout.text_length == 0) throw Error("text of variable length is not read here");
  const std::size_t count = product(layout.dims);
  std::vector<char> bytes(count * layout.text_length);
  const Handle type = text_type(layout.text_length);
  if (count > 0) {
    check(H5Dread(dataset, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "H5Dread");
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(text_from(bytes.data() + i * layout.text_length, layout.text_length));
  }
  return texts;
}

void write_text(Id dataset, const std::vector<std::string>& texts, std::size_t length) {
  const LibraryUse use;
  length = std::max<std::size_t>(length, 1);
  std::vector<char> bytes(texts.size() * length, '\0');
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::memcpy(bytes.data() + i * length, texts[i].data(), std::min(length, texts[i].size()));
  }
  const Handle type = text_type(length);
  check(H5Dwrite(dataset, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "H5Dwrite");
}

void set_dims(Id dataset, const Dims& dims) {
  const LibraryUse use;
  check(H5Dset_extent(dataset, extents(dims).data()), "H5Dset_extent");
}

void write_chunk(Id dataset, const Dims& dims, std::size_t first, std::uint32_t skipped_filters,
                 const void* bytes, std::size_t size) {
  const LibraryUse use;
  std::vector<hsize_t> offset(dims.size(), 0);
  offset.at(0) = first;
  check(H5Dwrite_chunk(dataset, H5P_DEFAULT, skipped_filters, offset.data(), size, bytes),
        "H5Dwrite_chunk");
}

void make_scale(Id dataset, const std::string& name) {
  const LibraryUse use;
  check(H5DSset_scale(dataset, name.c_str()), "H5DSset_scale");
}

bool is_scale(Id dataset) {
  const LibraryUse use;
  return check(H5DSis_scale(dataset), "H5DSis_scale") > 0;
}

void attach_scale(Id dataset, std::size_t axis, Id scale) {
  const LibraryUse use;
  check(H5DSattach_scale(dataset, scale, static_cast<unsigned>(axis)), "H5DSattach_scale");
}

std::vector<std::string> axis_names(Id dataset) {
  const std::size_t rank = layout_of(dataset).dims.size();
  const LibraryUse use;
  std::vector<std::string> names;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    ScaleName found;
    check(
        H5DSiterate_scales(dataset, static_cast<unsigned>(axis), nullptr, take_scale_name, &found),
        "H5DSiterate_scales");
    names.push_back(found.name);
  }
  return names;
}

}  // namespace memprop::traces::h5
