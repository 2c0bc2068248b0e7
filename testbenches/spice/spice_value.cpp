#include "testbenches/spice/spice_value.hpp"

#include <fmt/format.h>

#include <cmath>

namespace memprop::bench::spice {
namespace {

struct Suffix {
  double factor;
  const char* text;
};
constexpr Suffix suffixes[] = {{1e12, "t"}, {1e9, "g"},  {1e6, "meg"}, {1e3, "k"},   {1.0, ""},
                               {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"},  {1e-12, "p"}, {1e-15, "f"}};

}  // namespace

std::string spice_value(double value) {
  if (value == 0.0) return "0";
  for (const Suffix& s : suffixes) {
    if (std::abs(value) < s.factor) continue;
    std::string text = fmt::format("{:.12g}", value / s.factor);
    // 999.9999999999999 rounds up to the next prefix; far beyond the largest one, plain digits.
    if (text.find('e') != std::string::npos) break;
    return text + s.text;
  }
  return fmt::format("{:.12g}", value);
}

}  // namespace memprop::bench::spice
