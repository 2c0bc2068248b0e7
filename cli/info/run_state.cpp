#include "cli/info/run_state.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace memprop::cli {

const char* name(RunState state) {
  switch (state) {
    case RunState::writing:
      return "writing";
    case RunState::finished:
      return "finished";
    case RunState::stopped:
      break;
  }
  return "stopped";
}

bool is_being_written(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  // Refused without waiting: at this moment a commit enters the file, under the writer's lease.
  if (file < 0) return errno == EWOULDBLOCK;  // opening it as a trace will say why
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  const bool asked = ::fcntl(file, F_OFD_GETLK, &range) == 0;
  ::close(file);
  return asked && range.l_type != F_UNLCK;
}

RunState run_state(const traces::TraceReader& trace, bool being_written) {
  if (being_written) return RunState::writing;
  // The last that a run writes.
  return trace.has("compare/accuracy") ? RunState::finished : RunState::stopped;
}

}  // namespace memprop::cli
