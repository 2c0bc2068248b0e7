#include "learning/dataset/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

struct FieldText {
  std::string_view text;  // without surrounding spaces
  std::size_t column;     // of its first character, from 1
};

std::vector<FieldText> split(std::string_view line) {
  std::vector<FieldText> fields;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    std::size_t first = begin;
    std::size_t last = end;
    while (first < last && (line[first] == ' ' || line[first] == '\t')) ++first;
    while (last > first && (line[last - 1] == ' ' || line[last - 1] == '\t')) --last;
    fields.push_back({line.substr(first, last - first), first + 1});
    if (end == line.size()) return fields;
    begin = end + 1;
  }
}

std::optional<double> number(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_header(const std::vector<FieldText>& fields) {
  return std::none_of(fields.begin(), fields.end(), [](const FieldText& field) {
    return field.text.empty() || number(field.text).has_value();
  });
}

}  // namespace

bool looks_like_text(const Bytes& bytes) {
  const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 4096);
  return std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(looked_at),
                     [](unsigned char c) { return c >= 32 || (c >= 9 && c <= 13); });
}

NumericArray parse_csv(const Bytes& bytes, const std::string& path) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  std::vector<double> values;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t first_line = 0;
  bool seen = false;  // anything that counts, header included
  std::size_t line_number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || line[start] == '#') continue;
    const std::vector<FieldText> fields = split(line);
    if (!seen) {
      columns = fields.size();
      first_line = line_number;
    } else if (fields.size() != columns) {
      throw UserError(fmt::format("{}:{}:{}: expected {} fields as in line {}, got {}", path,
                                  line_number, fields.back().column, columns, first_line,
                                  fields.size()));
    }
    const bool header = !seen && is_header(fields);
    seen = true;
    if (header) continue;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const std::optional<double> value = number(fields[f].text);
      if (!value || !std::isfinite(*value)) {
        throw UserError(fmt::format("{}:{}:{}: expected a finite number in field {}, got \"{}\"",
                                    path, line_number, fields[f].column, f + 1, fields[f].text));
      }
      values.push_back(*value);
    }
    ++rows;
  }
  if (rows == 0) throw UserError(path + ": expected lines of comma-separated numbers, got none");
  return make_array({rows, columns}, values);
}

}  // namespace memprop::learning
