// NumPy's .npz: a zip archive of .npy files, stored or deflated.
#pragma once

#include <string>
#include <vector>

#include "learning/dataset/file_bytes.hpp"
#include "learning/dataset/numeric_array.hpp"

namespace memprop::learning {

struct NamedArray {
  std::string name;  // without ".npy"
  NumericArray array;
};

bool looks_like_npz(const Bytes& bytes);

// All arrays, in the archive's order. Throws UserError naming file and member.
std::vector<NamedArray> parse_npz(const Bytes& bytes, const std::string& path);
std::vector<NamedArray> read_npz(const std::string& path);

// Stored members with a fixed date: equal arrays give equal files.
void write_npz(const std::string& path, const std::vector<NamedArray>& arrays);

}  // namespace memprop::learning
