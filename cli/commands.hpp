// The subcommands of memprop. Each returns the exit code: 0 done, 1 failed, 2 the user's input is
// wrong, 130 interrupted after saving a checkpoint.
#pragma once

#include <string>
#include <vector>

namespace memprop::cli {

struct RunArguments {
  std::string config;
  std::string output;                 // -o, over output.path
  std::vector<std::string> settings;  // --set key=value
  std::string seed, threads;          // empty: as configured
  bool resume = false;
  bool quiet = false;
  bool json = false;
};

int command_run(const RunArguments& arguments);
int command_validate(const RunArguments& arguments);

struct InfoArguments {
  std::string file;
  bool json = false;
};

int command_info(const InfoArguments& arguments);

// --set list with -o, --seed and --threads added.
std::vector<std::string> all_settings(const RunArguments& arguments);

}  // namespace memprop::cli
