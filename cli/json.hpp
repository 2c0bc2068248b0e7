// Values as JSON.
#pragma once

#include <string>

namespace memprop::cli {

std::string json_number(double value);           // null for what is not finite
std::string json_text(const std::string& text);  // with quotes and escapes

}  // namespace memprop::cli
