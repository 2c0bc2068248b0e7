#include <cstdio>

#include "cli/commands.hpp"
#include "cli/info/follow.hpp"
#include "cli/info/text.hpp"
#include "cli/interrupt.hpp"

namespace memprop::cli {

int command_info(const InfoArguments& arguments) {
  if (arguments.follow) return follow(arguments.file, arguments.json, catch_interrupts());
  const TraceSummary summary = summarise(arguments.file);
  std::fputs((arguments.json ? summary_json(summary) : summary_text(summary)).c_str(), stdout);
  return 0;
}

}  // namespace memprop::cli
