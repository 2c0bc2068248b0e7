#include "cli/config/dump.hpp"

#include <fmt/format.h>

#include "cli/config/field_list.hpp"
#include "solvers/error.hpp"

namespace memprop::config {

std::string resolved_toml(const bench::RunConfig& config) {
  bench::RunConfig copy = config;  // fields refer to what can also be set
  std::string out;
  for (const SectionFields& section : list_sections(copy)) {
    out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section.name);
    for (const Field& field : section.fields) {
      out += fmt::format("{} = {}\n", field.key.substr(section.name.size() + 1),
                         format_value(field, field.get()));
    }
  }
  return out;
}

std::vector<Difference> compare(const bench::RunConfig& before, const bench::RunConfig& after) {
  bench::RunConfig first = before, second = after;
  const std::vector<Field> a = list_fields(first), b = list_fields(second);
  if (a.size() != b.size()) throw InternalError("two descriptions with different keys");
  std::vector<Difference> differences;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::string x = format_value(a[i], a[i].get());
    const std::string y = format_value(b[i], b[i].get());
    if (x != y) differences.push_back({a[i].key, x, y, a[i].affects_results});
  }
  return differences;
}

}  // namespace memprop::config
