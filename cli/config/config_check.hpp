// What checks of several keys at once share: the description, the place of a key, and one sentence
// for what is wrong.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>

#include "cli/config/check.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::config {

class ConfigCheck {
 public:
  ConfigCheck(const bench::RunConfig& config, const Locate& locate) : c_(config), locate_(locate) {}

 protected:
  std::size_t layers() const { return c_.network.layers.size() - 1; }

  static std::string quoted(double value, Unit unit) {
    return fmt::format("\"{}\"", format_quantity(value, unit));
  }

  // The name of an enumerator whose names are listed in its order.
  template <class Enum>
  static std::string quoted_name(std::initializer_list<const char*> names, Enum value) {
    return fmt::format("\"{}\"", *(names.begin() + static_cast<std::ptrdiff_t>(value)));
  }

  template <class Got>
  [[noreturn]] void fail(const char* key, const std::string& expected, const Got& got) const {
    throw UserError(fmt::format("{}: expected {}, got {}", locate_(key), expected, got));
  }
  template <class Got>
  void require(bool good, const char* key, const std::string& expected, const Got& got) const {
    if (!good) fail(key, expected, got);
  }
  void one_or(std::size_t got, std::size_t count, const char* key) const {
    require(got == 1 || got == count, key,
            count == 1 ? std::string("1 value") : fmt::format("1 or {} values", count),
            fmt::format("{}", got));
  }

  // Runs a check of the library, whose messages start with "key 'NAME': ", and says where NAME is.
  template <class Check>
  void relocated(const Check& library_check) const {
    with_places(locate_, library_check);
  }

  const bench::RunConfig& c_;
  const Locate& locate_;
};

// [network] and [learning], and what of them the fidelity can run.
void check_network(const bench::RunConfig& config, const Locate& locate);
void check_learning(const bench::RunConfig& config, const Locate& locate);
// Of [learning]: how phases are taught and left, and the updates made of them.
void check_phases(const bench::RunConfig& config, const Locate& locate);

}  // namespace memprop::config
