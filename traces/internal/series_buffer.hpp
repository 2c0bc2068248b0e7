// The rows of one series that are not yet a whole chunk, and the way of a chunk into the file:
// shuffle, deflate level 1, one direct write. Bypassing HDF5's own filter pipeline and chunk cache
// saves reading a chunk back in order to complete it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "traces/chunk_encoder.hpp"
#include "traces/hdf5/calls.hpp"

namespace memprop::traces {

class SeriesBuffer {
 public:
  // Of an open growing data set; takes up its last rows so that they can be completed.
  SeriesBuffer(std::string path, h5::Handle dataset, ChunkEncoder& encoder);

  void append(ElementType type, const void* rows, std::size_t count);
  // Hands rows that do not fill a chunk to HDF5, too.
  void write_tail();
  void truncate(std::uint64_t rows);

  std::uint64_t rows() const { return first_row_ + held_rows_; }
  const std::string& path() const { return path_; }
  const h5::Layout& layout() const { return layout_; }
  h5::Id dataset() const { return dataset_.get(); }

 private:
  void load_tail();
  void write_chunk();

  std::string path_;
  h5::Handle dataset_;
  ChunkEncoder& encoder_;  // shared by all series of a file
  h5::Layout layout_;      // dims[0]: rows that HDF5 knows of
  std::size_t row_bytes_ = 0;
  std::size_t chunk_bytes_ = 0;
  std::size_t first_row_ = 0;  // of the chunk in memory
  std::size_t held_rows_ = 0;  // in it, fewer than a chunk has
  bool unwritten_ = false;     // some of them are unknown to HDF5
  std::vector<std::uint8_t> chunk_;
};

}  // namespace memprop::traces
