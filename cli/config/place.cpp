#include "cli/config/place.hpp"

#include <fmt/format.h>

namespace memprop::config {

std::string locate_nowhere(std::string_view key) { return fmt::format("key '{}'", key); }

std::string placed(const std::string& sentence, const Locate& locate) {
  const std::string start = "key '";
  if (sentence.compare(0, start.size(), start) != 0) return sentence;
  const std::size_t close = sentence.find("'", start.size());
  if (close == std::string::npos) return sentence;
  return locate(sentence.substr(start.size(), close - start.size())) + sentence.substr(close + 1);
}

}  // namespace memprop::config
