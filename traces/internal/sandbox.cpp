#include "traces/internal/sandbox.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "traces/hdf5/calls.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMPROP_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define MEMPROP_SANITIZED 1
#endif
#endif

namespace memprop::traces {
namespace {

constexpr int patience_s =
    120;  // without a single byte; a piece of values takes far below a second

void close_between(int first, int last) {  // both included
  if (first > last) return;
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), static_cast<unsigned>(last), 0U) ==
      0) {
    return;
  }
#endif
  const int most = static_cast<int>(std::min<long>(::sysconf(_SC_OPEN_MAX), 65536));
  for (int number = first; number <= std::min(last, most); ++number) ::close(number);
}

// Locks and leases of the parent's other files live as long as one of their descriptors does.
void keep_only(int socket, int kept) {
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int standard = 0; standard <= 2; ++standard) {
    if (standard != socket && standard != kept) ::dup2(nowhere, standard);
  }
  const int lower = std::max(2, std::min(socket, kept));
  const int upper = std::max(2, std::max(socket, kept));
  close_between(3, lower - 1);
  close_between(lower + 1, upper - 1);
  close_between(upper + 1, 0x7fffffff);
}

// The parent's handlers speak for the parent.
void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  for (const int number : {SIGINT, SIGQUIT, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void set_soft_limit(int resource, rlim_t wanted) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

[[noreturn]] void be_the_child(int socket, int kept, const std::function<void(int)>& work) {
  reset_signals();
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);  // cores that go to a program are not bound by the limit
  keep_only(socket, kept);
  try {
    work(socket);
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace

Sandbox::Sandbox(const std::string& path, int kept_descriptor,
                 const std::function<void(int)>& work) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    at_the_start([&] { throw_system_error(path, "start a process to read it"); });
  }
  socket_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);
  // No handler of the parent's may run in the child.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  process_ = h5::fork_process();
  const int reason = errno;
  if (process_ == 0) be_the_child(theirs.get(), kept_descriptor, work);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (process_ < 0) {
    errno = reason;
    at_the_start([&] { throw_system_error(path, "start a process to read it"); });
  }
}

Sandbox::~Sandbox() { end(); }

bool Sandbox::send(const void* bytes, std::size_t size) const {
  return send_all(socket_.get(), bytes, size);
}

bool Sandbox::receive(void* bytes, std::size_t size) const {
  auto* to = static_cast<char*>(bytes);
  // Counted in short waits: a process that was stopped (Ctrl-Z) has lost one of them, not all.
  for (int waited_s = 0; size > 0;) {
    pollfd ready{socket_.get(), POLLIN, 0};
    const int got = ::poll(&ready, 1, 1000);
    if (got < 0 && errno != EINTR) return false;
    if (got == 0 && ++waited_s >= patience_s) {
      is_stuck_ = true;
      return false;
    }
    if (got <= 0) continue;
    const ssize_t done = ::recv(socket_.get(), to, size, 0);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    to += done;
    size -= static_cast<std::size_t>(done);
    waited_s = 0;
  }
  return true;
}

std::string Sandbox::end() {
  if (process_ < 0) return "";
  // Either it has ended by itself, which is to be told from the killing, or nobody needs it.
  ::shutdown(socket_.get(), SHUT_RDWR);
  siginfo_t found{};
  int status = 0;
  // Where the program has its children reaped by the system, the number may be another's by now.
  const bool is_ours =
      ::waitid(P_PID, static_cast<id_t>(process_), &found, WEXITED | WNOHANG | WNOWAIT) == 0;
  if (is_ours && is_stuck_) ::kill(process_, SIGKILL);
  pid_t ended = -1;
  if (is_ours) {
    do {
      ended = ::waitpid(process_, &status, 0);
    } while (ended < 0 && errno == EINTR);
  }
  process_ = -1;
  socket_ = Descriptor();
  if (is_stuck_) return "reading it comes to no end";
  if (ended > 0 && WIFSIGNALED(status)) {
    switch (WTERMSIG(status)) {
      case SIGXCPU:
        return "reading it comes to no end";
      case SIGKILL:
      case SIGTERM:
        return "the process that reads it was ended from outside";
      default:
        return fmt::format("it is damaged; the HDF5 library fails on it ({})",
                           ::strsignal(WTERMSIG(status)));
    }
  }
  return "it is damaged; the HDF5 library fails on it";
}

bool send_all(int socket, const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t done = ::send(socket, from, size, MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    from += done;
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

bool receive_all(int socket, void* bytes, std::size_t size) {
  auto* to = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t done = ::recv(socket, to, size, 0);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    to += done;
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

void allow(double cpu_s, std::uint64_t memory_bytes) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto spent = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  set_soft_limit(RLIMIT_CPU, static_cast<rlim_t>(std::ceil(spent + 1 + cpu_s)));
#ifdef MEMPROP_SANITIZED
  static_cast<void>(memory_bytes);
#else
  char text[64] = {};
  const Descriptor file(open_file_at("/proc/self/statm", O_RDONLY));
  unsigned long long pages = 0;
  if (!file || ::read(file.get(), text, sizeof text - 1) <= 0 ||
      std::sscanf(text, "%llu", &pages) != 1) {
    return;
  }
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  set_soft_limit(RLIMIT_AS, pages * page + memory_bytes);
#endif
}

}  // namespace memprop::traces
