// A program run beside this one, its output in files.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace memprop::cli {

struct ExitState {
  int code = 0;    // exit code, if signal is 0
  int signal = 0;  // that ended it
  bool good() const { return code == 0 && signal == 0; }
  std::string text() const;  // "exit code 2", "killed by signal 9 (Killed)"
};

// In a process group of its own, so that Ctrl-C reaches only us; ends with us.
class ChildProcess {
 public:
  // arguments[0] is the program's path. UserError when it cannot be started or a file not written.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& stdout_path,
               const std::string& stderr_path);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // ends it if it still runs

  std::optional<ExitState> poll();  // empty while it runs
  void terminate();                 // asks it to end (SIGTERM) and waits; SIGKILL after a while

 private:
  pid_t pid_ = -1;
};

// This program's own file.
std::string own_program();

}  // namespace memprop::cli
