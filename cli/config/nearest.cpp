#include "cli/config/nearest.hpp"

#include <algorithm>

namespace memprop::config {
namespace {

std::string_view last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = above;
    above = row;
  }
  return above[b.size()];
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    std::size_t distance = 2 * edit_distance(name, candidate);
    // The right key in the wrong section beats another key of similar spelling.
    const std::size_t parts = 2 * edit_distance(last_part(name), last_part(candidate)) + 1;
    distance = std::min(distance, parts);
    const bool nearer =
        best.empty() || distance < best_distance ||
        (distance == best_distance && edit_distance(name, candidate) < edit_distance(name, best));
    if (nearer) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace memprop::config
