// The run-time library of Verilator with the ends of a simulation turned into exceptions, which the
// generated model reports; compiled beside a model, never into the libraries of memprop.
#define VL_USER_FATAL 1
#define VL_USER_STOP 1
#include "verilated.cpp"
#include "verilated_save.cpp"
#include "verilated_threads.cpp"

#include <stdexcept>
#include <string>

namespace {

[[noreturn]] void end(const char* what, const char* file, int line) {
  throw std::runtime_error(std::string(what) + " at " + (file != nullptr ? file : "?") + ":" +
                           std::to_string(line));
}

}  // namespace

void vl_fatal(const char* file, int line, const char*, const char* message) {
  end(message != nullptr && message[0] != '\0' ? message : "a fatal error", file, line);
}

void vl_stop(const char* file, int line, const char*) { end("$stop", file, line); }
