#include "cli/interrupt.hpp"

#include <csignal>

namespace memprop::cli {
namespace {

std::atomic<bool> interrupt_requested{false};

extern "C" void on_signal(int number) {
  if (interrupt_requested.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

const std::atomic<bool>& catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  return interrupt_requested;
}

}  // namespace memprop::cli
