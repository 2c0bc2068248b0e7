// The wall: attributes.
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "traces/hdf5/calls.hpp"
#include "traces/hdf5/internal/check.hpp"

namespace memprop::traces::h5 {
namespace {

// Bookkeeping of the dimension scales, which says nothing to a reader.
constexpr std::array<const char*, 4> scale_attributes = {"CLASS", "NAME", "DIMENSION_LIST",
                                                         "REFERENCE_LIST"};

// What H5Acreate needs for one kind of value.
struct Encoded {
  Handle text;  // owns the type of text
  hid_t type = -1;
  bool is_scalar = true;
  hsize_t count = 1;
  std::vector<char> bytes;
};

template <class T>
Encoded encode_numbers(const T* values, std::size_t count, bool is_scalar) {
  Encoded encoded;
  encoded.type = memory_type(element_type<T>);
  encoded.is_scalar = is_scalar;
  encoded.count = count;
  encoded.bytes.resize(count * sizeof(T));
  if (count > 0) std::memcpy(encoded.bytes.data(), values, encoded.bytes.size());
  return encoded;
}

Encoded encode_texts(const std::string* texts, std::size_t count, bool is_scalar) {
  std::size_t length = 1;
  for (std::size_t i = 0; i < count; ++i) length = std::max(length, texts[i].size());
  Encoded encoded;
  encoded.text = text_type(length);
  encoded.type = encoded.text.get();
  encoded.is_scalar = is_scalar;
  encoded.count = count;
  encoded.bytes.assign(count * length, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(encoded.bytes.data() + i * length, texts[i].data(), texts[i].size());
  }
  return encoded;
}

struct Encoder {
  Encoded operator()(std::int64_t value) const { return encode_numbers(&value, 1, true); }
  Encoded operator()(double value) const { return encode_numbers(&value, 1, true); }
  Encoded operator()(const std::string& value) const { return encode_texts(&value, 1, true); }
  Encoded operator()(const std::vector<std::string>& values) const {
    return encode_texts(values.data(), values.size(), false);
  }
  template <class T>
  Encoded operator()(const std::vector<T>& values) const {
    return encode_numbers(values.data(), values.size(), false);
  }
};

template <class T>
AttributeValue read_numbers(hid_t attribute, std::size_t count, bool is_scalar) {
  std::vector<T> values(count);
  if (count > 0) {
    check(H5Aread(attribute, memory_type(element_type<T>), values.data()), "H5Aread");
  }
  if (is_scalar) return values.at(0);
  return values;
}

AttributeValue read_texts(hid_t attribute, hid_t stored, std::size_t count, bool is_scalar) {
  std::vector<std::string> texts;
  if (check(H5Tis_variable_str(stored), "H5Tis_variable_str") > 0) {
    // Written by another program; ours are of fixed length.
    std::vector<char*> pointers(count, nullptr);
    const Handle space = own(H5Aget_space(attribute), H5Sclose, "H5Aget_space");
    check(H5Aread(attribute, stored, pointers.data()), "H5Aread");
    for (const char* text : pointers) texts.emplace_back(text == nullptr ? "" : text);
    check(H5Dvlen_reclaim(stored, space.get(), H5P_DEFAULT, pointers.data()), "H5Dvlen_reclaim");
  } else {
    const std::size_t length = H5Tget_size(stored);
    std::vector<char> bytes(count * length);
    if (count > 0) check(H5Aread(attribute, stored, bytes.data()), "H5Aread");
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back(text_from(bytes.data() + i * length, length));
    }
  }
  if (is_scalar) return texts.at(0);
  return texts;
}

herr_t add_name(hid_t, const char* name, const H5A_info_t*, void* names) {
  const bool is_ours =
      std::none_of(scale_attributes.begin(), scale_attributes.end(),
                   [&](const char* other) { return std::strcmp(name, other) == 0; });
  if (is_ours) static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

}  // namespace

bool has_attribute(Id object, const std::string& name) {
  const LibraryUse use;
  return check(H5Aexists(object, name.c_str()), "H5Aexists") > 0;
}

void write_attribute(Id object, const std::string& name, const AttributeValue& value) {
  const LibraryUse use;
  const Encoded encoded = std::visit(Encoder(), value);
  if (check(H5Aexists(object, name.c_str()), "H5Aexists") > 0) {
    check(H5Adelete(object, name.c_str()), "H5Adelete");
  }
  const Handle space = encoded.is_scalar ? own(H5Screate(H5S_SCALAR), H5Sclose, "H5Screate")
                                         : own(H5Screate_simple(1, &encoded.count, nullptr),
                                               H5Sclose, "H5Screate_simple");
  const Handle attribute =
      own(H5Acreate2(object, name.c_str(), encoded.type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
          H5Aclose, "H5Acreate2");
  if (encoded.count > 0) {
    check(H5Awrite(attribute.get(), encoded.type, encoded.bytes.data()), "H5Awrite");
  }
}

AttributeValue read_attribute(Id object, const std::string& name) {
  const LibraryUse use;
  const Handle attribute = own(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, "H5Aopen");
  const Handle type = own(H5Aget_type(attribute.get()), H5Tclose, "H5Aget_type");
  const Handle space = own(H5Aget_space(attribute.get()), H5Sclose, "H5Aget_space");
  const bool is_scalar = H5Sget_simple_extent_type(space.get()) == H5S_SCALAR;
  const auto count = static_cast<std::size_t>(
      check(H5Sget_simple_extent_npoints(space.get()), "H5Sget_simple_extent_npoints"));
  const ElementType stored = element_type_of(type.get());
  // What is claimed is not allocated before it can be true.
  const Handle file = own(H5Iget_file_id(object), H5Fclose, "H5Iget_file_id");
  hsize_t file_bytes = 0;
  check(H5Fget_filesize(file.get(), &file_bytes), "H5Fget_filesize");
  if (H5Aget_storage_size(attribute.get()) > file_bytes) {
    throw Error("attribute '" + name + "' claims more than the file has");
  }
  if (stored == ElementType::text) return read_texts(attribute.get(), type.get(), count, is_scalar);
  if (stored == ElementType::float64 || stored == ElementType::float32) {
    return read_numbers<double>(attribute.get(), count, is_scalar);
  }
  return read_numbers<std::int64_t>(attribute.get(), count, is_scalar);
}

std::vector<std::string> attribute_names(Id object) {
  const LibraryUse use;
  std::vector<std::string> names;
  hsize_t position = 0;
  // Sorted here and not by HDF5, as in dataset_paths().
  check(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &position, add_name, &names),
        "H5Aiterate2");
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace memprop::traces::h5
