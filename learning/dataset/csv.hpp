// Numbers in comma-separated text: one sample per line, an optional header line of names, blank
// lines and lines that start with '#' ignored.
#pragma once

#include <string>

#include "learning/dataset/file_bytes.hpp"
#include "learning/dataset/numeric_array.hpp"

namespace memprop::learning {

bool looks_like_text(const Bytes& bytes);

// A float64 array of lines x fields. Throws UserError "FILE:LINE:COLUMN: ..." for what is not a
// finite number and for lines of different length.
NumericArray parse_csv(const Bytes& bytes, const std::string& path);

}  // namespace memprop::learning
