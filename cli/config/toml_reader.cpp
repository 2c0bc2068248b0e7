#include "cli/config/toml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/config/nearest.hpp"
#include "solvers/error.hpp"

namespace memprop::config {
namespace {

[[noreturn]] void fail(const std::string& place, const std::string& expected,
                       const std::string& got) {
  throw UserError(fmt::format("{}: expected {}, got {}", place, expected, got));
}

bool is_text(FieldType type) {
  return type == FieldType::text || type == FieldType::path || type == FieldType::choice ||
         type == FieldType::quantity;
}

// What is wrong with a number where a text with unit belongs, in the words of the parser.
std::string missing_unit(const std::string& number, Unit unit) {
  try {
    parse_quantity(number, unit);
  } catch (const UserError& error) {
    return error.what();
  }
  return fmt::format("expected a value with a unit such as \"1 {}\", got {}", symbol(unit), number);
}

}  // namespace

TomlReader::TomlReader(std::string_view text, std::string source_name,
                       const std::vector<std::string>& overrides, std::string base_directory)
    : source_name_(std::move(source_name)), base_directory_(std::move(base_directory)) {
  for (TomlEntry& entry : parse_toml(text, source_name_)) {
    const std::string place =
        fmt::format("{}:{}: key '{}'", source_name_, entry.value.line, entry.key);
    order_.push_back(entry.key);
    given_[entry.key] = {std::move(entry.value), place, "", false};
  }
  for (const std::string& assignment : overrides) add_override(assignment);
}

void TomlReader::add_override(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    fail("--set " + assignment, "KEY=VALUE such as run.seed=3", quote(assignment));
  }
  const auto trim = [](std::string text) {
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    text.erase(text.find_last_not_of(" \t") + 1);
    return text;
  };
  const std::string key = trim(assignment.substr(0, equals));
  Given given;
  given.raw = trim(assignment.substr(equals + 1));
  given.place = fmt::format("--set {}={}", key, given.raw);
  given.is_override = true;
  if (given.raw.find('\n') != std::string::npos) fail(given.place, "one line", "several");
  try {
    given.value = parse_toml_value(given.raw);
  } catch (const std::exception&) {
    fail(given.place, "a complete TOML value", given.raw);
  }
  order_.push_back(key);
  given_[key] = std::move(given);
}

void TomlReader::refuse_unknown_keys(const std::vector<Field>& known) const {
  std::vector<std::string> keys, sections;
  for (const Field& field : known) {
    keys.push_back(field.key);
    for (std::size_t dot = field.key.find('.'); dot != std::string::npos;
         dot = field.key.find('.', dot + 1)) {
      sections.push_back(field.key.substr(0, dot));
    }
  }
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string& key : order_) {
    const Given& given = given_.at(key);
    if (among(keys, key)) continue;
    // Below a known key there is nothing to name: reading that key reports the section in its
    // place.
    const auto below = [&](const std::string& k) { return key.rfind(k + ".", 0) == 0; };
    if (std::any_of(keys.begin(), keys.end(), below)) continue;
    const bool is_table = given.value.kind == TomlValue::Kind::table;
    if (among(sections, key)) {
      if (is_table) continue;
      fail(given.place, fmt::format("a section [{}]", key), given.value.text);
    }
    const std::vector<std::string>& candidates = is_table ? sections : keys;
    fail(given.place, is_table ? "a known section" : "a known key",
         fmt::format("'{}' (did you mean '{}'?)", key, nearest(key, candidates)));
  }
}

Locate TomlReader::locate() const {
  std::map<std::string, std::string> places;
  for (const auto& entry : given_) places[entry.first] = entry.second.place;
  return [places, source = source_name_](std::string_view key) {
    const auto found = places.find(std::string(key));
    return found != places.end() ? found->second : fmt::format("{}: key '{}'", source, key);
  };
}

void TomlReader::on_field(const Field& field) {
  const auto found = given_.find(field.key);
  if (found == given_.end()) {
    if (field.required) {
      fail(fmt::format("{}: key '{}'", source_name_, field.key), expected(field), "nothing");
    }
    return;
  }
  const Given& given = found->second;
  const Values values = read(field, given);
  try {
    field.set(values);
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: {}", given.place, error.what()));
  }
}

Values TomlReader::read(const Field& field, const Given& given) const {
  const TomlValue& value = given.value;
  if (!field.list) return {read_scalar(field, value, given)};
  Values out;
  if (value.kind == TomlValue::Kind::array) {
    for (const TomlValue& item : value.items) out.push_back(read_scalar(field, item, given));
  } else {
    out.push_back(read_scalar(field, value, given));
  }
  if (field.count > 0 && out.size() != field.count) {
    fail(given.place, fmt::format("a list of {} values", field.count), value.text);
  }
  return out;
}

Scalar TomlReader::read_scalar(const Field& field, const TomlValue& value,
                               const Given& given) const {
  const auto wrong = [&](const std::string& got) { fail(given.place, expected(field), got); };
  if (value.kind != TomlValue::Kind::scalar && !(given.is_override && is_text(field.type))) {
    wrong(value.text);
  }
  const auto* integer = std::get_if<std::int64_t>(&value.scalar);
  const auto* number = std::get_if<double>(&value.scalar);
  const auto* text = std::get_if<std::string>(&value.scalar);
  // On a command line text needs no quotes, even where it looks like a number or a date.
  const bool bare = given.is_override && is_text(field.type) && text == nullptr;
  const std::string words = text != nullptr ? *text : bare ? given.raw : "";
  const bool has_text = text != nullptr || bare;

  switch (field.type) {
    case FieldType::boolean:
      if (!std::holds_alternative<bool>(value.scalar)) wrong(value.text);
      return value.scalar;
    case FieldType::integer:
      if (!field.word.empty() && text != nullptr && *text == field.word) return std::int64_t{0};
      if (integer == nullptr) wrong(value.text);
      if (!field.range.contains(static_cast<double>(*integer))) wrong(value.text);
      return *integer;
    case FieldType::number: {
      if (integer == nullptr && number == nullptr) wrong(value.text);
      const double x = number != nullptr ? *number : static_cast<double>(*integer);
      if (!std::isfinite(x)) fail(given.place, "a finite number", value.text);
      if (!field.range.contains(x)) wrong(value.text);
      return x;
    }
    case FieldType::quantity: {
      if (!has_text) {
        if (integer != nullptr || number != nullptr) {
          throw UserError(fmt::format("{}: {} (a number without unit)", given.place,
                                      missing_unit(value.text, field.unit)));
        }
        wrong(value.text);
      }
      double x = 0;
      try {
        x = parse_quantity(words, field.unit);
      } catch (const UserError& error) {
        throw UserError(fmt::format("{}: {}", given.place, error.what()));
      }
      if (!field.range.contains(x)) wrong(quote(words));
      return x;
    }
    case FieldType::choice:
      if (!has_text) wrong(value.text);
      if (std::find(field.names.begin(), field.names.end(), words) == field.names.end()) {
        fail(given.place, expected(field),
             fmt::format("{} (did you mean \"{}\"?)", quote(words), nearest(words, field.names)));
      }
      return words;
    case FieldType::text:
      if (!has_text) wrong(value.text);
      return words;
    case FieldType::path:
      if (!has_text) wrong(value.text);
      if (given.is_override || words.empty() || base_directory_.empty()) return words;
      return (std::filesystem::path(base_directory_) / words).lexically_normal().string();
  }
  throw InternalError("unknown field type");
}

}  // namespace memprop::config
