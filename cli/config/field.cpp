#include "cli/config/field.hpp"

#include <fmt/format.h>

#include <cmath>

#include "solvers/error.hpp"

namespace memprop::config {
namespace {

std::string bound(double value, Unit unit) {
  return unit == Unit::none ? fmt::format("{}", value) : format_quantity(value, unit);
}

std::string_view quantity_name(Unit unit) {
  switch (unit) {
    case Unit::second:
      return "a time";
    case Unit::hertz:
      return "a frequency";
    case Unit::volt:
      return "a voltage";
    case Unit::ampere:
      return "a current";
    case Unit::ohm:
      return "a resistance";
    case Unit::siemens:
      return "a conductance";
    case Unit::farad:
      return "a capacitance";
    case Unit::joule:
      return "an energy";
    case Unit::watt:
      return "a power";
    case Unit::kelvin:
      return "a temperature";
    case Unit::volt_per_second:
      return "a slope";
    case Unit::none:
      break;
  }
  return "a number";
}

std::string one_of(const std::vector<std::string>& names) {
  std::string text = "one of ";
  for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? ", " : "") + quote(names[i]);
  return text;
}

std::string format_scalar(const Field& field, const Scalar& value) {
  switch (field.type) {
    case FieldType::boolean:
      return std::get<bool>(value) ? "true" : "false";
    case FieldType::integer:
      if (!field.word.empty() && std::get<std::int64_t>(value) == 0) return quote(field.word);
      return std::to_string(std::get<std::int64_t>(value));
    case FieldType::number:
      return format_number(std::get<double>(value));
    case FieldType::quantity:
      return quote(format_quantity(std::get<double>(value), field.unit));
    default:
      return quote(std::get<std::string>(value));
  }
}

}  // namespace

bool Range::contains(double value) const {
  return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
}

std::string Range::text(Unit unit) const {
  const bool has_low = !std::isinf(low);
  const bool has_high = !std::isinf(high);
  if (has_low && has_high) {
    const char* note = low_open && high_open ? ", both excluded"
                       : low_open            ? ", the first excluded"
                       : high_open           ? ", the last excluded"
                                             : "";
    return fmt::format("between {} and {}{}", bound(low, unit), bound(high, unit), note);
  }
  if (has_low) return fmt::format("{} {}", low_open ? "above" : "at least", bound(low, unit));
  if (has_high) return fmt::format("{} {}", high_open ? "below" : "at most", bound(high, unit));
  return "";
}

std::string expected(const Field& field) {
  const std::string range = field.range.text(field.unit);
  const auto ranged = [&](std::string_view noun) {
    return range.empty() ? std::string(noun) : fmt::format("{} {}", noun, range);
  };
  std::string text;
  switch (field.type) {
    case FieldType::boolean:
      text = "true or false";
      break;
    case FieldType::integer:
      text = ranged("an integer");
      break;
    case FieldType::number:
      text = ranged("a number");
      break;
    case FieldType::quantity:
      text = ranged(quantity_name(field.unit));
      break;
    case FieldType::text:
      text = field.names.empty() ? "text" : one_of(field.names);
      break;
    case FieldType::path:
      text = "a path as text";
      break;
    case FieldType::choice:
      text = one_of(field.names);
      break;
  }
  if (!field.word.empty()) text += fmt::format(" or {}", quote(field.word));
  if (field.list && field.count > 0) return fmt::format("a list of {}, each {}", field.count, text);
  return field.list ? fmt::format("a list, each item {}", text) : text;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string format_number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string format_value(const Field& field, const Values& values) {
  if (!field.list) {
    if (values.size() != 1) throw InternalError("key " + field.key + " holds no single value");
    return format_scalar(field, values.front());
  }
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += (i > 0 ? ", " : "") + format_scalar(field, values[i]);
  }
  return text + "]";
}

}  // namespace memprop::config
