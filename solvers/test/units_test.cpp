#include "solvers/units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop {
namespace {

std::string error_of(std::string_view text, Unit unit) {
  try {
    parse_quantity(text, unit);
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Units, ReadsEveryPrefixAsTheNearestDouble) {
  EXPECT_EQ(parse_quantity("3 fF", Unit::farad), 3e-15);
  EXPECT_EQ(parse_quantity("1 pF", Unit::farad), 1e-12);
  EXPECT_EQ(parse_quantity("100 ns", Unit::second), 100e-9);
  EXPECT_EQ(parse_quantity("2.5 uS", Unit::siemens), 2.5e-6);
  EXPECT_EQ(parse_quantity("2.5 \u00b5S", Unit::siemens), 2.5e-6);
  EXPECT_EQ(parse_quantity("2.5 \u03bcS", Unit::siemens), 2.5e-6);
  EXPECT_EQ(parse_quantity("50 mV", Unit::volt), 50e-3);
  EXPECT_EQ(parse_quantity("1.8V", Unit::volt), 1.8);
  EXPECT_EQ(parse_quantity("10 kohm", Unit::ohm), 10e3);
  EXPECT_EQ(parse_quantity("100 MHz", Unit::hertz), 100e6);
  EXPECT_EQ(parse_quantity("1 GHz", Unit::hertz), 1e9);
  EXPECT_EQ(parse_quantity("300 K", Unit::kelvin), 300.0);
  EXPECT_EQ(parse_quantity("0.3", Unit::none), 0.3);
  EXPECT_EQ(parse_quantity("1 mW", Unit::watt), 1e-3);
  EXPECT_EQ(parse_quantity("0.4 nJ", Unit::joule), 0.4e-9);
  EXPECT_EQ(parse_quantity("-1 uA", Unit::ampere), -1e-6);
}

TEST(Units, ReadsSignsAndExponents) {
  EXPECT_EQ(parse_quantity("+1.5e3 ns", Unit::second), 1.5e-6);
  EXPECT_EQ(parse_quantity("1E-7 s", Unit::second), 1e-7);
  EXPECT_EQ(parse_quantity("1e+2ns", Unit::second), 1e-7);
  EXPECT_EQ(parse_quantity(".5 V", Unit::volt), 0.5);
  EXPECT_EQ(parse_quantity("5. V", Unit::volt), 5.0);
  EXPECT_EQ(parse_quantity("-2e-3", Unit::none), -2e-3);
}

TEST(Units, TellsWhatItExpected) {
  EXPECT_EQ(error_of("1 ns", Unit::farad), "expected a capacitance such as \"1 pF\", got \"1 ns\"");
  EXPECT_EQ(error_of("2.5", Unit::siemens),
            "expected a conductance such as \"2.5 uS\", got \"2.5\"");
  EXPECT_EQ(error_of("1 s", Unit::none),
            "expected a number without unit such as \"0.25\", got \"1 s\"");
}

TEST(Units, RefusesWhatIsNotExactlyAQuantity) {
  for (const char* text : {"",        " ",      "V",     "mV",      "1",
                           "1 v",     "1 mmV",  "1 V ",  " 1 V",    "1  V",
                           "1\tV",    "1 V/s",  "1 Vx",  "nan V",   "inf V",
                           "NaN",     "-inf V", "1e V",  "1e999 V", "1e99999999999 V",
                           "0x1p3 V", "1,5 V",  "--1 V", "+-1 V",   "1..2 V",
                           "1 2 V",   "1 da V", "1 KV",  ". V",     "1e5e5 V",
                           "1 m",     "1 eV"}) {
    EXPECT_THROW(parse_quantity(text, Unit::volt), UserError) << "\"" << text << "\"";
  }
  for (const char* text : {"", "nan", "inf", "1 ", "1k", "1 k", "1m", "infinity", "1 %"}) {
    EXPECT_THROW(parse_quantity(text, Unit::none), UserError) << "\"" << text << "\"";
  }
}

TEST(Units, WritesEngineeringNotation) {
  EXPECT_EQ(format_quantity(100e-9, Unit::second), "100 ns");
  EXPECT_EQ(format_quantity(2.5e-6, Unit::siemens), "2.5 uS");
  EXPECT_EQ(format_quantity(1.0, Unit::volt), "1 V");
  EXPECT_EQ(format_quantity(-0.05, Unit::volt), "-50 mV");
  EXPECT_EQ(format_quantity(999e3, Unit::ohm), "999 kohm");
  EXPECT_EQ(format_quantity(0.0, Unit::second), "0 s");
  EXPECT_EQ(format_quantity(0.1, Unit::none), "0.1");
  EXPECT_EQ(format_quantity(38.462e-9, Unit::siemens), "38.462 nS");
}

TEST(Units, RoundTripIsExact) {
  const RandomStream random(7, "test/units");
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const double decades = 60.0 * random.uniform(i) - 30.0;
    const double value = (random.uniform(i, 1) < 0.5 ? -1 : 1) * std::pow(10.0, decades);
    for (const Unit unit : {Unit::none, Unit::second, Unit::siemens, Unit::ohm, Unit::kelvin}) {
      const std::string text = format_quantity(value, unit);
      EXPECT_EQ(parse_quantity(text, unit), value) << text;
    }
  }
  for (const double value : {std::numeric_limits<double>::max(), -5e-324, 1e-15, 9.999999e11}) {
    EXPECT_EQ(parse_quantity(format_quantity(value, Unit::volt), Unit::volt), value);
  }
}

TEST(Units, SymbolsAreThoseOfTheHeader) {
  EXPECT_EQ(symbol(Unit::none), "");
  EXPECT_EQ(symbol(Unit::second), "s");
  EXPECT_EQ(symbol(Unit::ohm), "ohm");
  EXPECT_EQ(symbol(Unit::kelvin), "K");
}

}  // namespace
}  // namespace memprop
