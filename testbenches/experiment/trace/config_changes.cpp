#include "testbenches/experiment/trace/config_changes.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

namespace memprop::bench {
namespace {

// The resolved form has one "key = value" a line, below "[section]".
std::map<std::string, std::string> values_of(const std::string& resolved) {
  std::map<std::string, std::string> values;
  std::istringstream lines(resolved);
  std::string line, section;
  while (std::getline(lines, line)) {
    const std::size_t equals = line.find(" = ");
    if (!line.empty() && line.front() == '[') {
      section = line.substr(1, line.find(']') - 1);
    } else if (equals != std::string::npos) {
      values[section + "." + line.substr(0, equals)] = line.substr(equals + 3);
    }
  }
  return values;
}

const std::set<std::string> no_content{
    "run.threads",  "output.path",   "output.mode",     "output.flush_every",
    "output.queue", "output.budget", "output.compress", "output.checkpoint_every"};

}  // namespace

std::string changed_lines(const std::string& before, const std::string& after) {
  const auto old_values = values_of(before), new_values = values_of(after);
  std::string text;
  for (const auto& [key, value] : new_values) {
    if (no_content.count(key) > 0) continue;
    const auto old_value = old_values.find(key);
    const std::string was = old_value == old_values.end() ? "(none)" : old_value->second;
    if (was != value) text += fmt::format("{}: {} -> {}\n", key, was, value);
  }
  return text;
}

}  // namespace memprop::bench
