#include "traces/test/bare_chunks.hpp"

#include <hdf5.h>

#include <cstdio>
#include <cstdlib>

namespace memprop::traces::test {
namespace {

void check(long long result, const char* call) {
  if (result >= 0) return;
  std::fprintf(stderr, "%s failed\n", call);
  std::exit(1);
}

}  // namespace

void write_bare_chunks(const std::string& path, const std::vector<double>& block, std::size_t width,
                       std::size_t rows, std::size_t rows_per_chunk, bool filtered) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  check(file, "H5Fcreate");
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t chunk[2] = {rows_per_chunk, width};
  check(H5Pset_chunk(creation, 2, chunk), "H5Pset_chunk");
  if (filtered) {
    check(H5Pset_shuffle(creation), "H5Pset_shuffle");
    check(H5Pset_deflate(creation, 1), "H5Pset_deflate");
  }
  hsize_t size[2] = {0, width};
  const hsize_t most[2] = {H5S_UNLIMITED, width};
  const hid_t space = H5Screate_simple(2, size, most);
  const hid_t memory = H5Screate_simple(2, chunk, nullptr);
  const hid_t dataset =
      H5Dcreate2(file, "v", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  check(dataset, "H5Dcreate2");
  for (std::size_t row = 0; row + rows_per_chunk <= rows; row += rows_per_chunk) {
    size[0] = row + rows_per_chunk;
    check(H5Dset_extent(dataset, size), "H5Dset_extent");
    const hid_t target = H5Dget_space(dataset);
    const hsize_t start[2] = {row, 0};
    check(H5Sselect_hyperslab(target, H5S_SELECT_SET, start, nullptr, chunk, nullptr),
          "H5Sselect_hyperslab");
    const std::size_t first = block_row(row, block.size() / width, rows_per_chunk) * width;
    check(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, target, H5P_DEFAULT, block.data() + first),
          "H5Dwrite");
    H5Sclose(target);
  }
  H5Dclose(dataset);
  H5Sclose(memory);
  H5Sclose(space);
  H5Pclose(creation);
  check(H5Fclose(file), "H5Fclose");
}

}  // namespace memprop::traces::test
