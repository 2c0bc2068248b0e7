// Where a key of a description stands, for sentences about it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "solvers/error.hpp"

namespace memprop::config {

// The start of an error sentence about a key: "FILE:LINE: key 'a.b'", "--set a.b=...", or without a
// file "key 'a.b'".
using Locate = std::function<std::string(std::string_view key)>;
std::string locate_nowhere(std::string_view key);

// A sentence of the library, which starts with "key 'NAME': ", with the place of NAME there; any
// other as it is.
std::string placed(const std::string& sentence, const Locate& locate);

// What work() returns; its UserErrors with the places of their keys.
template <class Work>
auto with_places(const Locate& locate, const Work& work) {
  try {
    return work();
  } catch (const UserError& error) {
    throw UserError(placed(error.what(), locate));
  }
}

}  // namespace memprop::config
