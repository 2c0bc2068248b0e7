// Physical quantities as text ("100 ns", "2.5 uS", "50 mV") to SI values and back.
#pragma once

#include <string>
#include <string_view>

namespace memprop {

enum class Unit {
  none,             // dimensionless
  second,           // s
  hertz,            // Hz
  volt,             // V
  ampere,           // A
  ohm,              // ohm
  siemens,          // S
  farad,            // F
  joule,            // J
  watt,             // W
  kelvin,           // K
  volt_per_second,  // V/s
};

// The symbol of the SI unit ("S"), empty for none.
std::string_view symbol(Unit unit);

// The SI value of e.g. "2.5 uS" read as siemens. Prefixes f p n u m k M G; the space is optional.
// Throws UserError with the expected form when number, prefix or unit do not fit.
double parse_quantity(std::string_view text, Unit unit);

// The shortest text with an engineering prefix that parses back to the same value: "100 ns".
std::string format_quantity(double value, Unit unit);

}  // namespace memprop
