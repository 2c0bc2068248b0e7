// What differs between two resolved configurations.
#pragma once

#include <string>

namespace memprop::bench {

// One line "section.key: before -> after" per key that differs and decides what a trace contains;
// those that say where, how fast and how safely it is written do not.
std::string changed_lines(const std::string& before, const std::string& after);

}  // namespace memprop::bench
