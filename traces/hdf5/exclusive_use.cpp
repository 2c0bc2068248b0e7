#include "traces/hdf5/exclusive_use.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace memprop::traces {
namespace {

using Clock = std::chrono::steady_clock;

bool take_lease(int descriptor) {
  // Whoever opens the file meanwhile makes the kernel send a signal, by default one that ends the
  // process. This one is ignored unless somebody asks for it. Giving a lease back resets the
  // choice.
  ::fcntl(descriptor, F_SETSIG, SIGURG);
  return ::fcntl(descriptor, F_SETLEASE, F_WRLCK) == 0;
}

}  // namespace

ExclusiveUse::ExclusiveUse(int descriptor, bool leases, double wait_s)
    : descriptor_(descriptor), leases_(leases) {
  const auto end = Clock::now() + std::chrono::duration<double>(wait_s);
  while (!(granted_ = ask()) && Clock::now() < end) {
    // Gaps between two openings of a busy reader are short: ask often.
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

bool ExclusiveUse::ask() const {
  return leases_ ? take_lease(descriptor_) : ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
}

ExclusiveUse::~ExclusiveUse() {
  if (!granted_) return;
  if (leases_) {
    ::fcntl(descriptor_, F_SETLEASE, F_UNLCK);
  } else {
    ::flock(descriptor_, LOCK_UN);
  }
}

bool grants_leases(int descriptor) {
  // Another process may still be closing a descriptor that it inherited.
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (take_lease(descriptor)) {
      ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace memprop::traces
