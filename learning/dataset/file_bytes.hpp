// Whole files in memory, unpacked when their content is gzip; errors name the file.
#pragma once

#include <string>
#include <vector>

namespace memprop::learning {

using Bytes = std::vector<unsigned char>;

// Throws UserError when the file is missing, a folder, or unreadable.
Bytes read_file(const std::string& path);

// read_file, and the unpacked content when the file starts with gzip's signature. Throws UserError
// when the compressed data is damaged, ends early or is followed by something else.
Bytes read_unpacked(const std::string& path);

// The raw deflate stream of a zip member of known unpacked size; `what` names it in errors.
Bytes inflate_raw(const unsigned char* data, std::size_t size, std::size_t unpacked,
                  const std::string& what);

// Writes beside the target and renames, so that no half-written file stays behind.
void write_file(const std::string& path, const Bytes& bytes);

}  // namespace memprop::learning
