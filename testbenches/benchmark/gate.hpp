// A benchmark's verdict as an exit code: option --gate [FACTOR].
//
// The limits are what the program promises on a machine with nothing else to do; --gate holds
// them. A machine shared with others is given a factor of room: what is looked for there is a
// slip by more than the noise.
#pragma once

#include <cstdlib>
#include <cstring>

namespace memprop::bench {

struct Gate {
  bool on = false;
  double room = 1.0;  // a ratio may be this many times worse than its limit

  // Reads argv[k] if it is the option, and moves k to the last argument used.
  bool take(int argc, char** argv, int& k) {
    if (std::strcmp(argv[k], "--gate") != 0) return false;
    on = true;
    if (k + 1 < argc && std::strncmp(argv[k + 1], "--", 2) != 0) room = std::atof(argv[++k]);
    return true;
  }
  int exit_code(bool ok) const { return on && !ok ? 1 : 0; }
};

}  // namespace memprop::bench
