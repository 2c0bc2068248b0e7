// NumPy's array format: a magic string, a Python dictionary literal that describes the array, its
// bytes (numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3).
#pragma once

#include <string>

#include "learning/dataset/file_bytes.hpp"
#include "learning/dataset/numeric_array.hpp"

namespace memprop::learning {

bool looks_like_npy(const Bytes& bytes);

// Integers, floats of 32 and 64 bits, booleans; either byte order; C or Fortran order (turned into
// C order). `what` names the array in errors.
NumericArray parse_npy(const Bytes& bytes, const std::string& what);

// Version 1.0, little-endian, C order.
Bytes format_npy(const NumericArray& array);

}  // namespace memprop::learning
