// The IDX container of MNIST and its relatives: two zero bytes, element type, number of dimensions,
// the big-endian sizes, then the elements in row-major order (yann.lecun.com/exdb/mnist).
#pragma once

#include <string>

#include "learning/dataset/file_bytes.hpp"
#include "learning/dataset/numeric_array.hpp"

namespace memprop::learning {

bool looks_like_idx(const Bytes& bytes);

// Decodes an IDX file's unpacked content; path is for messages. Throws UserError for a wrong magic
// number, a truncated file and trailing bytes.
NumericArray parse_idx(const Bytes& bytes, const std::string& path);

}  // namespace memprop::learning
