// A TOML text as a flat list of keys with their places. The only door to the TOML library.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/field.hpp"

namespace memprop::config {

struct TomlValue {
  enum class Kind { scalar, array, table, other };  // other: dates and times
  Kind kind = Kind::scalar;
  Scalar scalar;
  std::vector<TomlValue> items;  // of an array
  std::string text;              // for messages: 5, "5 ns", [1, 2], a date
  std::size_t line = 0;          // from 1
};

struct TomlEntry {
  std::string key;  // "chip.clock"; a part with a dot in it is quoted
  TomlValue value;
};

// Every value, and every section by itself, in the order of their lines. Throws UserError
// "NAME:LINE:COLUMN: ..." when the text is not TOML.
std::vector<TomlEntry> parse_toml(std::string_view text, const std::string& name);

// One value as on a command line: TOML, and text where it is none (5 ns, centred).
TomlValue parse_toml_value(const std::string& text);

}  // namespace memprop::config
