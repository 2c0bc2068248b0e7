// Follows a run through its trace: a line per new block of training samples, per epoch, and at the
// end. The trace is opened anew for each look, so that the writer never waits for long.
#pragma once

#include <atomic>
#include <string>

namespace memprop::cli {

// Exit code: 0 when the run has finished or `interrupt` was set, 1 when it was found to have
// stopped before its end. UserError if the trace cannot be read.
int follow(const std::string& path, bool json, const std::atomic<bool>& interrupt);

}  // namespace memprop::cli
