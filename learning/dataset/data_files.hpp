// From what a DataConfig names to arrays: where the files of a set are, and which format each has.
#pragma once

#include <string>

#include "learning/dataset/data_config.hpp"
#include "learning/dataset/numeric_array.hpp"

namespace memprop::learning {

struct DataPaths {
  std::string train_inputs, train_targets, test_inputs, test_targets;
};

// The paths of the config, or those of a named set: searched in config.directory (flat, then in a
// sub-folder of the set's name), in $MEMPROP_DATA_DIR/<name>, and for fashion-mnist in the folder
// of Debian's package. Throws UserError that lists the folders and says where the set can be had.
DataPaths locate_data(const DataConfig& config);

// Reads IDX, .npy, .npz (as "FILE.npz:ARRAY", or alone with a single array) or CSV, plain or gzip.
NumericArray read_array(const std::string& path);

}  // namespace memprop::learning
