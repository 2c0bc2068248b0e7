// All fields of a run's description, collected.
#pragma once

#include <string>
#include <vector>

#include "cli/config/describe.hpp"

namespace memprop::config {

struct SectionFields {
  std::string name;
  std::string meaning;
  std::vector<Field> fields;
};

// The fields refer to c, which must outlive them.
std::vector<SectionFields> list_sections(bench::RunConfig& c);
std::vector<Field> list_fields(bench::RunConfig& c);

}  // namespace memprop::config
