// The wall around the HDF5 C library: nothing else calls it. Each function checks every result and
// throws h5::Error with the text of the library's error stack. One thread owns a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "traces/attribute.hpp"
#include "traces/element_type.hpp"
#include "traces/hdf5/commit_file.hpp"
#include "traces/hdf5/handle.hpp"

namespace memprop::traces::h5 {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A data set or attribute of a type that traces do not hold: somebody else's work.
class ForeignType : public Error {
 public:
  using Error::Error;
};

// fork(2) at a moment when no thread is inside the library, which both processes can use on.
int fork_process();

using Dims = std::vector<std::size_t>;

// Files.
Handle create_file(const std::shared_ptr<CommitFile>& file);
Handle open_file(const std::shared_ptr<CommitFile>& file, bool writable);
void flush_file(Id file);  // into the CommitFile, which then can be committed
void close_file(Handle& file);

// Objects by path below the root, "a/b/c"; "" or "/" is the root group.
enum class ObjectKind { none, group, dataset, other };
ObjectKind kind_of(Id file, const std::string& path);
Handle create_group(Id file, const std::string& path);       // and the groups above
void create_groups_above(Id file, const std::string& path);  // that are missing
Handle open_object(Id file, const std::string& path);
void remove_object(Id file, const std::string& path);
std::vector<std::string> dataset_paths(Id file);  // in alphabetical order, without leading '/'

// Data sets. Those with text hold fixed-length UTF-8.
struct Layout {
  ElementType type = ElementType::float64;
  Dims dims;                      // empty: scalar
  std::size_t text_length = 0;    // bytes
  bool growing = false;           // along the first axis
  std::size_t chunk_rows = 0;     // of growing ones
  bool filtered = true;           // growing ones: shuffle and deflate
  std::uint64_t bytes = 0;        // found ones: of all values
  std::uint64_t chunk_bytes = 0;  // found ones: of one chunk, 0 where there are none
};
Handle create_dataset(Id file, const std::string& path, const Layout& layout);
Handle open_dataset(Id file, const std::string& path);
// ForeignType for compounds, references ...; Error for sizes that overflow.
Layout layout_of(Id dataset);
std::uint64_t stored_bytes(Id dataset);  // its values in the file, compressed
void write_all(Id dataset, ElementType type, const void* values);
void read_all(Id dataset, ElementType type, void* out);  // converts numbers to `type`
void read_rows(Id dataset, ElementType type, std::size_t first, std::size_t count, void* out);
std::vector<std::string> read_text(Id dataset);  // in C order; one for a scalar
void write_text(Id dataset, const std::vector<std::string>& texts, std::size_t length);
void set_dims(Id dataset, const Dims& dims);
// One chunk as stored, starting at row `first`. skipped_filters: bit k is filter k.
void write_chunk(Id dataset, const Dims& dims, std::size_t first, std::uint32_t skipped_filters,
                 const void* bytes, std::size_t size);

// Dimension scales.
void make_scale(Id dataset, const std::string& name);
bool is_scale(Id dataset);
void attach_scale(Id dataset, std::size_t axis, Id scale);
std::vector<std::string> axis_names(Id dataset);  // "" where no scale is attached

// Attributes.
bool has_attribute(Id object, const std::string& name);
void write_attribute(Id object, const std::string& name, const AttributeValue& value);
AttributeValue read_attribute(Id object, const std::string& name);
std::vector<std::string> attribute_names(Id object);  // without those of dimension scales

}  // namespace memprop::traces::h5
