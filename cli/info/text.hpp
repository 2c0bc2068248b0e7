// A trace's summary for people and for programs.
#pragma once

#include <string>

#include "cli/info/summary.hpp"

namespace memprop::cli {

std::string summary_text(const TraceSummary& summary);
std::string summary_json(const TraceSummary& summary);

// "1.2 MB", "3.4 min".
std::string bytes_text(double bytes);
std::string duration_text(double seconds);

}  // namespace memprop::cli
