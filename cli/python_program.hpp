// The Python side of memprop: drawing is done by its package, which this program turns into.
#pragma once

#include <string>
#include <vector>

namespace memprop::cli {

// Becomes the interpreter (MEMPROP_PYTHON, else the one found when building) that runs
// `python -m MODULE WORDS...` with the package of memprop. Comes back only with an error, whose
// message begins with `command` and ends with the Debian packages that are needed.
[[noreturn]] void become_python(const std::string& command, const std::string& module,
                                const std::vector<std::string>& words,
                                const std::string& debian_packages);

}  // namespace memprop::cli
