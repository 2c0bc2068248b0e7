// The likeliest meaning of a mistyped name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace memprop::config {

// Damerau-Levenshtein distance (neighbours swapped count once).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate with the smallest distance; a candidate whose last part equals that of a dotted
// name ("seed" and "run.seed") is nearer than any other. Empty without candidates.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace memprop::config
