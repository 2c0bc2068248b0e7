#include "solvers/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "solvers/error.hpp"

namespace memprop {
namespace {

struct UnitText {
  std::string_view symbol;
  std::string_view phrase;   // "expected <phrase>"
  std::string_view example;  // 'such as "<example>"'
};

const UnitText& text_of(Unit unit) {
  static constexpr std::array<UnitText, 12> kTexts{{
      {"", "a number without unit", "0.25"},
      {"s", "a time", "100 ns"},
      {"Hz", "a frequency", "100 MHz"},
      {"V", "a voltage", "50 mV"},
      {"A", "a current", "1 uA"},
      {"ohm", "a resistance", "2 ohm"},
      {"S", "a conductance", "2.5 uS"},
      {"F", "a capacitance", "1 pF"},
      {"J", "an energy", "1 pJ"},
      {"W", "a power", "1 mW"},
      {"K", "a temperature", "300 K"},
      {"V/s", "a slope", "50 MV/s"},
  }};
  return kTexts.at(static_cast<std::size_t>(unit));
}

struct Prefix {
  std::string_view text;
  int exponent;  // of ten
};
constexpr std::array<Prefix, 10> kPrefixes{{{"f", -15},
                                            {"p", -12},
                                            {"n", -9},
                                            {"u", -6},
                                            {"\u00b5", -6},  // micro sign
                                            {"\u03bc", -6},  // Greek mu
                                            {"m", -3},
                                            {"k", 3},
                                            {"M", 6},
                                            {"G", 9}}};
constexpr std::array<Prefix, 9> kEngineering{{{"f", -15},
                                              {"p", -12},
                                              {"n", -9},
                                              {"u", -6},
                                              {"m", -3},
                                              {"", 0},
                                              {"k", 3},
                                              {"M", 6},
                                              {"G", 9}}};

[[noreturn]] void refuse(std::string_view text, Unit unit) {
  const UnitText& u = text_of(unit);
  throw UserError("expected " + std::string(u.phrase) + " such as \"" + std::string(u.example) +
                  "\", got \"" + std::string(text) + "\"");
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The length of the decimal number at the start of text: sign, digits with a point, exponent. An
// "e" counts as an exponent only if digits follow. 0 if there is none.
std::size_t number_length(std::string_view text) {
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return k < text.size() ? text[k] : '\0'; };
  if (at(i) == '+' || at(i) == '-') ++i;
  std::size_t digits = 0;
  for (; is_digit(at(i)); ++i) ++digits;
  if (at(i) == '.') {
    for (++i; is_digit(at(i)); ++i) ++digits;
  }
  if (digits == 0) return 0;
  if (at(i) == 'e' || at(i) == 'E') {
    std::size_t k = i + 1;
    if (at(k) == '+' || at(k) == '-') ++k;
    if (is_digit(at(k))) {
      while (is_digit(at(k))) ++k;
      i = k;
    }
  }
  return i;
}

// The decimal number times 10^shift, correctly rounded: the shift goes into the exponent before the
// conversion, so that "100 ns" is the double nearest to 1e-7.
bool to_double(std::string_view number, int shift, double& value) {
  if (!number.empty() && number.front() == '+') number.remove_prefix(1);
  int exponent = 0;
  const std::size_t e = number.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view digits = number.substr(e + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (parsed.ec != std::errc() || exponent > 100000 || exponent < -100000) return false;
    number = number.substr(0, e);
  }
  const std::string shifted = std::string(number) + "e" + std::to_string(exponent + shift);
  const char* end = shifted.data() + shifted.size();
  const auto parsed = std::from_chars(shifted.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(value);
}

}  // namespace

std::string_view symbol(Unit unit) { return text_of(unit).symbol; }

double parse_quantity(std::string_view text, Unit unit) {
  const std::size_t length = number_length(text);
  if (length == 0) refuse(text, unit);
  std::string_view rest = text.substr(length);
  const std::string_view want = symbol(unit);
  int shift = 0;
  if (unit != Unit::none) {
    if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    for (const Prefix& prefix : kPrefixes) {
      // Only a prefix that leaves the whole symbol is one: the "m" of "m" is none.
      if (rest.size() == prefix.text.size() + want.size() &&
          rest.substr(0, prefix.text.size()) == prefix.text) {
        shift = prefix.exponent;
        rest.remove_prefix(prefix.text.size());
        break;
      }
    }
  }
  double value = 0;
  if (rest != want || !to_double(text.substr(0, length), shift, value)) refuse(text, unit);
  return value;
}

std::string format_quantity(double value, Unit unit) {
  std::array<char, 64> buffer{};
  const auto shortest = [&buffer](double x, bool scientific) {
    const auto end = scientific ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), x,
                                                std::chars_format::scientific)
                                : std::to_chars(buffer.data(), buffer.data() + buffer.size(), x);
    return std::string(buffer.data(), end.ptr);
  };
  if (unit == Unit::none) return shortest(value, false);
  const std::string unit_text(symbol(unit));
  if (value == 0 || !std::isfinite(value)) return shortest(value, false) + " " + unit_text;

  // The digits of the value itself are shortest; only the point moves, so the text parses back to
  // exactly the same value.
  const std::string scientific = shortest(value, true);
  const std::size_t e = scientific.find('e');
  const int exponent = std::stoi(scientific.substr(e + 1));
  const bool negative = scientific.front() == '-';
  std::string digits;
  for (const char c : scientific.substr(0, e)) {
    if (is_digit(c)) digits += c;
  }
  const Prefix* prefix = nullptr;
  for (const Prefix& candidate : kEngineering) {
    if (exponent >= candidate.exponent && exponent < candidate.exponent + 3) prefix = &candidate;
  }
  if (prefix == nullptr) return scientific + " " + unit_text;
  const std::size_t whole = static_cast<std::size_t>(exponent - prefix->exponent) + 1;
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  std::string text = (negative ? "-" : "") + digits.substr(0, whole);
  if (digits.size() > whole) text += "." + digits.substr(whole);
  return text + " " + std::string(prefix->text) + unit_text;
}

}  // namespace memprop
