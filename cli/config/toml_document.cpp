#include "cli/config/toml_document.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "solvers/error.hpp"

namespace memprop::config {
namespace {

std::string printed(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& value) { out << value; });
  std::string text = out.str();
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() > 80) {
    text.resize(77);
    // Not in the middle of a UTF-8 character.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) {
      text.pop_back();
    }
    if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.pop_back();
    text += "...";
  }
  return text;
}

TomlValue convert(const toml::node& node) {
  TomlValue out;
  out.line = node.source().begin.line;
  if (const auto* array = node.as_array()) {
    out.kind = TomlValue::Kind::array;
    out.text = printed(node);
    for (const toml::node& item : *array) out.items.push_back(convert(item));
  } else if (node.is_table()) {
    out.kind = TomlValue::Kind::table;
    out.text = "a section";
  } else if (const auto* boolean = node.as_boolean()) {
    out.scalar = boolean->get();
    out.text = boolean->get() ? "true" : "false";
  } else if (const auto* integer = node.as_integer()) {
    out.scalar = integer->get();
    out.text = std::to_string(integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    out.scalar = number->get();
    out.text = format_number(number->get());
  } else if (const auto* text = node.as_string()) {
    out.scalar = text->get();
    out.text = quote(text->get());
  } else {
    out.kind = TomlValue::Kind::other;
    out.text = fmt::format("the date or time {}", printed(node));
  }
  return out;
}

bool is_bare(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<TomlEntry>& out) {
  for (const auto& [key, node] : table) {
    const std::string part = is_bare(key.str()) ? std::string(key.str()) : quote(key.str());
    out.push_back({prefix + part, convert(node)});
    // The place of the key, where the value of a section would have its first key's.
    if (const auto line = key.source().begin.line; line > 0) out.back().value.line = line;
    if (const auto* section = node.as_table()) flatten(*section, prefix + part + ".", out);
  }
}

}  // namespace

std::vector<TomlEntry> parse_toml(std::string_view text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text);
    std::vector<TomlEntry> entries;
    flatten(table, "", entries);
    std::stable_sort(entries.begin(), entries.end(), [](const TomlEntry& a, const TomlEntry& b) {
      return a.value.line < b.value.line;
    });
    return entries;
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    std::string what(error.description());
    std::replace(what.begin(), what.end(), '\n', ' ');
    throw UserError(
        fmt::format("{}:{}:{}: expected valid TOML, got: {}", name, at.line, at.column, what));
  }
}

TomlValue parse_toml_value(const std::string& text) {
  try {
    const toml::table table = toml::parse("value = " + text);
    if (table.size() == 1) return convert(*table.get("value"));
  } catch (const toml::parse_error&) {
    // Not TOML: a bare word, unless it was plainly meant as TOML.
    if (!text.empty() && (text[0] == '[' || text[0] == '{' || text[0] == '"')) throw;
  }
  TomlValue word;
  word.scalar = text;
  word.text = quote(text);
  return word;
}

}  // namespace memprop::config
