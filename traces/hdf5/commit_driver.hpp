// HDF5's view of a CommitFile: a virtual file driver. Files written through it are ordinary HDF5
// files that any program opens with the default driver.
#pragma once

#include <cstdint>
#include <memory>

#include "traces/hdf5/commit_file.hpp"

namespace memprop::traces::h5 {

// Makes the file access property list open `file`, whatever name H5Fopen or H5Fcreate is given.
// Returns HDF5's status; negative means failure.
int use_commit_driver(std::int64_t access_list, const std::shared_ptr<CommitFile>& file);

}  // namespace memprop::traces::h5
