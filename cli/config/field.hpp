// One configuration key, type-erased: what may stand there, what it means, how to get and set it.
// A single list of these drives reading, documentation, the resolved dump and the comparison.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "solvers/units.hpp"

namespace memprop::config {

using Scalar = std::variant<bool, std::int64_t, double, std::string>;
using Values = std::vector<Scalar>;  // one, or the items of a list

enum class FieldType {
  boolean,
  integer,
  number,    // dimensionless
  quantity,  // text with unit in the file, SI double here
  text,
  path,    // text; relative ones count from the folder of the config file
  choice,  // one of Field::names
};

// An interval; open ends exclude their value.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  bool contains(double value) const;
  // "above 0", "at least 0", "between 0 and 1" with the unit's symbol; empty when unbounded.
  std::string text(Unit unit = Unit::none) const;
};

inline Range any() { return {}; }
inline Range positive() { return {0, std::numeric_limits<double>::infinity(), true, false}; }
inline Range at_least(double low) {
  return {low, std::numeric_limits<double>::infinity(), false, false};
}
inline Range within(double low, double high) { return {low, high, false, false}; }
inline Range inside(double low, double high) { return {low, high, true, true}; }

struct Field {
  std::string key;  // "chip.clock"
  FieldType type = FieldType::text;
  Unit unit = Unit::none;  // of a quantity
  Range range;
  std::vector<std::string> names;  // of a choice, or known values of a text
  std::string word;                // stands for the number 0 ("ideal"), which is then not allowed
  bool list = false;               // a list, or a single value that stands for a list of one
  std::size_t count = 0;           // of items in a list; 0: any
  bool required = false;
  bool affects_results = true;  // false: only what is written, how fast, or where
  std::string meaning;          // one line
  std::function<Values()> get;
  std::function<void(const Values&)> set;  // may throw UserError without a location
};

// "a positive integer" and the like: what an error says was expected.
std::string expected(const Field& field);
// The value as TOML text, in the form the reader takes.
std::string format_value(const Field& field, const Values& values);
std::string quote(std::string_view text);
// Shortest text that reads back as the same double, always recognisable as a float.
std::string format_number(double value);

}  // namespace memprop::config
