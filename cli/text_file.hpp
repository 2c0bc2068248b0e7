// Text files that the user asked for.
#pragma once

#include <string>

namespace memprop::cli {

// All or nothing: beside the file first, then in its place. Throws UserError naming the file.
void write_text_file(const std::string& path, const std::string& text);

}  // namespace memprop::cli
