// Numbers as SPICE reads them.
#pragma once

#include <string>

namespace memprop::bench::spice {

// A value with the engineering suffix of SPICE and 12 significant digits: 2e5 is "200k", 1e-12 is
// "1p". Beware of the language: "m" is milli, mega is "meg".
std::string spice_value(double value);

}  // namespace memprop::bench::spice
