// Writes a trace of numbered rows for the tests that watch, kill or hinder a writing process.
//
// Usage: write_numbered_rows PATH ROWS ROWS_PER_FLUSH [--disk] [--checkpoint] [--soon]
//        [--pause-us N] [--limit-bytes N] [--until-eof]
//        write_numbered_rows --look PATH: opens trace and checkpoint as a later run would, which
//        finishes an interrupted commit, and prints their numbers of rows
// --until-eof: writes more than ROWS, until standard input is closed.
// Prints "committed N" after every flush (with --soon only at the end), and at the end the number
// of rows and the statistics. Exit codes as of memprop: 0 done, 1 failed on the way, 2 the target
// is no good.
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "solvers/error.hpp"
#include "traces/checkpoint.hpp"
#include "traces/test/numbered_rows.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace {

using namespace memprop::traces;

struct Options {
  bool to_disk = false;
  bool checkpoint = false;
  bool soon = false;
  bool until_eof = false;
  unsigned pause_us = 0;
};

void say(const char* what, unsigned long long number) {
  std::printf("%s %llu\n", what, number);
  std::fflush(stdout);
}

bool input_is_closed() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char byte = 0;
  return ::poll(&input, 1, 0) > 0 && ::read(STDIN_FILENO, &byte, 1) == 0;
}

void write(const char* path, std::uint64_t rows, std::uint64_t per_flush, const Options& options) {
  TraceFile trace = TraceFile::create(path);
  test::NumberedRows numbered(trace);
  say("committed", 0);
  std::uint64_t row = 0;
  for (bool go_on = rows > 0; go_on; ++row) {
    numbered.append(row);
    go_on = row + 1 < rows;
    if ((row + 1) % per_flush != 0) continue;
    if (options.until_eof) go_on = go_on || !input_is_closed();
    // The state goes with the commit that follows; flush_soon() leaves that to come.
    if (options.soon) {
      trace.flush_soon();
    } else {
      numbered.write_state(row);
      trace.flush(options.to_disk);
      say("committed", row + 1);
    }
    if (options.checkpoint) {
      Checkpoint checkpoint;
      checkpoint.put_value("rows", row + 1);
      checkpoint.save(checkpoint_path(path));
      say("saved", row + 1);
    }
    if (options.pause_us > 0) ::usleep(options.pause_us);
  }
  if (!options.soon && row > 0) numbered.write_state(row - 1);
  trace.close();
  say("rows", row);
  const WriterStatistics all = trace.statistics();
  std::printf(
      "done: %llu commits, %llu deferred, %llu replaced, %llu forced, %llu stalls, "
      "%llu bytes in %llu\n",
      static_cast<unsigned long long>(all.commits),
      static_cast<unsigned long long>(all.deferred_commits),
      static_cast<unsigned long long>(all.replaced_commits),
      static_cast<unsigned long long>(all.forced_commits),
      static_cast<unsigned long long>(all.stalls), static_cast<unsigned long long>(all.bytes),
      static_cast<unsigned long long>(all.stored_bytes));
}

int look(const std::string& path) {
  const TraceReader trace(path);
  const bool empty = !trace.has("a/sample");
  say("rows", empty ? 0 : static_cast<unsigned long long>(trace.info("a/sample").shape[0]));
  const std::string saved = checkpoint_path(path);
  if (::access(saved.c_str(), F_OK) == 0 || ::access((saved + ".1").c_str(), F_OK) == 0) {
    say("saved", Checkpoint::load(saved).checkpoint.uint64("rows"));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--look") == 0) return look(argv[2]);
  if (argc < 4) return 64;
  Options options;
  for (int i = 4; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--disk") options.to_disk = true;
    if (argument == "--checkpoint") options.checkpoint = true;
    if (argument == "--soon") options.soon = true;
    if (argument == "--until-eof") options.until_eof = true;
    if (i + 1 == argc) continue;
    if (argument == "--pause-us") {
      options.pause_us = static_cast<unsigned>(std::atoi(argv[i + 1]));
    } else if (argument == "--limit-bytes") {
      const auto bytes = static_cast<rlim_t>(std::atoll(argv[i + 1]));
      const rlimit limit{bytes, bytes};
      std::signal(SIGXFSZ, SIG_IGN);
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
  }
  try {
    write(argv[1], std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10),
          options);
  } catch (const memprop::UserError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
