// A process of its own for work that may crash, hang or take all memory.
//
// The process is a fork of this one: it sees memory as it is at the start and one descriptor that
// it is left, speaks through a socket, and whatever happens to it happens to nobody else. It dumps
// no core, writes to no terminal, ignores Ctrl-C (its parent decides) and ends when the parent
// does.
//
// Forking beside other threads: only the calling thread goes on in the child. What it may need
// there are the heap (glibc takes its locks over a fork), the unwinder (lock-free since glibc 2.35)
// and the HDF5 library, whose lock h5::fork_process() holds at that moment. Nothing else that
// could be locked is touched. Should a lock be left shut all the same, the parent's patience ends
// (see SandboxedReader) and the child is killed: an error, never a hang.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {

class Sandbox {
 public:
  // Runs work(socket) in a new process, which ends with it. UserError if there can be no process.
  Sandbox(const std::string& path, int kept_descriptor, const std::function<void(int)>& work);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // False when the other side is gone or has not moved for a long time.
  bool send(const void* bytes, std::size_t size) const;
  bool receive(void* bytes, std::size_t size) const;

  // Ends the process, if it has not ended, and says what became of it.
  std::string end();

 private:
  Descriptor socket_;
  int process_ = -1;
  mutable bool is_stuck_ = false;
};

// In the child.
bool send_all(int socket, const void* bytes, std::size_t size);
bool receive_all(int socket, void* bytes, std::size_t size);
// From now on so much CPU time and address space more than used already; then the system ends the
// process or memory cannot be had. Address space is not limited under sanitizers, which reserve it.
void allow(double cpu_s, std::uint64_t memory_bytes);

}  // namespace memprop::traces
