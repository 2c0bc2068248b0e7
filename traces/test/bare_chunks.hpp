// The least that writing chunks with HDF5 can be: for trace_benchmark to compare with.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace memprop::traces::test {

// Where in a block of `block_rows` the chunk that begins at `row` takes its rows from.
inline std::size_t block_row(std::size_t row, std::size_t block_rows, std::size_t rows_per_chunk) {
  return row % (block_rows - rows_per_chunk);
}

// H5Dwrite of whole chunks of rows of `width` doubles into one growing data set, with HDF5's own
// shuffle and deflate 1 or without. Ends the process if the library fails.
void write_bare_chunks(const std::string& path, const std::vector<double>& block, std::size_t width,
                       std::size_t rows, std::size_t rows_per_chunk, bool filtered);

}  // namespace memprop::traces::test
