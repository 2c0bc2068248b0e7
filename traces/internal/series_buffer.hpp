// The rows of one series on their way into the file.
//
// The caller's half gathers them in a chunk and hands whole chunks to the writing thread. The
// writer's half, write(), shuffles, deflates and writes a chunk in one go: bypassing HDF5's own
// filters and chunk cache saves reading a chunk back in order to complete it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "traces/chunk_encoder.hpp"
#include "traces/hdf5/calls.hpp"
#include "traces/internal/chunk_writer.hpp"

namespace memprop::traces {

class SeriesBuffer {
 public:
  // Of an open growing data set; takes up its last rows so that they can be completed.
  SeriesBuffer(std::string path, h5::Handle dataset, ChunkWriter& writer);

  // The caller's half.
  void append(ElementType type, const void* rows, std::size_t count);
  // Hands on a copy of rows that do not fill a chunk.
  void push_tail();
  std::uint64_t rows() const { return first_row_ + held_rows_; }
  std::size_t row_bytes() const { return row_bytes_; }
  std::size_t memory() const { return chunk_.capacity(); }

  // The writing thread's half.
  void write(const WriteJob& job, ChunkEncoder& encoder);

  // While the writing thread has nothing to do.
  void truncate(std::uint64_t rows);
  const std::string& path() const { return path_; }
  const h5::Layout& layout() const { return layout_; }
  // What went into the file in this process since the last cut: bytes of rows, and what became of
  // them.
  std::uint64_t bytes_in() const { return whole_.in + tail_.in; }
  std::uint64_t bytes_stored() const { return whole_.stored + tail_.stored; }

 private:
  struct Bytes {
    std::uint64_t in = 0;
    std::uint64_t stored = 0;
  };

  void load_tail();

  std::string path_;
  ChunkWriter& writer_;
  std::size_t row_bytes_ = 0;
  std::size_t chunk_bytes_ = 0;
  ElementType type_;
  std::size_t chunk_rows_ = 0;
  std::size_t first_row_ = 0;  // of the chunk in memory
  std::size_t held_rows_ = 0;  // in it, fewer than a chunk has
  bool unwritten_ = false;     // some of them have not been handed on
  std::vector<std::uint8_t> chunk_;

  h5::Handle dataset_;
  h5::Layout layout_;  // dims[0]: rows that HDF5 knows of
  Bytes whole_;
  Bytes tail_;  // of the last chunk while it is not whole
};

}  // namespace memprop::traces
