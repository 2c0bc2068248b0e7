// SIGINT and SIGTERM as a flag that long work looks at. A second signal ends the program at once.
#pragma once

#include <atomic>

namespace memprop::cli {

inline constexpr int exit_interrupted = 130;

// Installs the handlers; the flag is the only thing they touch.
const std::atomic<bool>& catch_interrupts();

}  // namespace memprop::cli
