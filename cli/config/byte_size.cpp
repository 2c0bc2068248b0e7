#include "cli/config/byte_size.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "solvers/error.hpp"

namespace memprop::config {
namespace {

constexpr std::pair<std::string_view, double> units[] = {{"B", 1.0},
                                                         {"kB", 1e3},
                                                         {"MB", 1e6},
                                                         {"GB", 1e9},
                                                         {"TB", 1e12},
                                                         {"KiB", 1024.0},
                                                         {"MiB", 1024.0 * 1024.0},
                                                         {"GiB", 1073741824.0},
                                                         {"TiB", 1099511627776.0}};

// Beyond this a double no longer counts single bytes.
constexpr double most = 9007199254740992.0;

}  // namespace

std::uint64_t parse_bytes(std::string_view text) {
  const auto fail = [&] {
    throw UserError(
        fmt::format("expected a size such as \"2 GB\" (B, kB, MB, GB, TB, KiB, MiB, GiB or TiB), "
                    "got \"{}\"",
                    text));
  };
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) fail();
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    if (number * factor > most) fail();
    return static_cast<std::uint64_t>(std::nearbyint(number * factor));
  }
  fail();
  return 0;
}

std::string format_bytes(std::uint64_t bytes) {
  std::size_t unit = 0;
  while (unit < 4 && bytes >= 1000 && static_cast<double>(bytes) >= units[unit + 1].second) ++unit;
  const std::string text =
      fmt::format("{} {}", static_cast<double>(bytes) / units[unit].second, units[unit].first);
  // Where the division has rounded, the bare number is the one that comes back.
  return parse_bytes(text) == bytes ? text : fmt::format("{} B", bytes);
}

}  // namespace memprop::config
