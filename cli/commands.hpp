// The subcommands of memprop. Each returns the exit code: 0 done, 1 failed, 2 the user's input is
// wrong, 130 interrupted after saving a checkpoint.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memprop::cli {

struct RunArguments {
  std::string config;
  std::string output;                 // -o, over output.path
  std::vector<std::string> settings;  // --set key=value
  std::string seed, threads;          // empty: as configured
  bool resume = false;
  bool ablate = false;
  bool quiet = false;
  bool json = false;
};

int command_run(const RunArguments& arguments);
int command_validate(const RunArguments& arguments);

struct InfoArguments {
  std::string file;
  bool follow = false;
  bool json = false;
};

int command_info(const InfoArguments& arguments);

struct ReportArguments {
  std::vector<std::string> traces;
  std::string output;
};

// Becomes the Python interpreter (MEMPROP_PYTHON, else the one found when building); comes back
// only with an error.
int command_report(const ReportArguments& arguments);

struct WavesArguments {
  std::string file, output;
  std::vector<std::string> samples;  // numbers; empty: all recorded
  std::vector<std::string> probes;   // globs; empty: all recorded
};

int command_waves(const WavesArguments& arguments);

struct DevicesArguments {
  std::string name;  // empty: the list
  std::string plot;  // picture to draw; empty: none
};

// With a picture: becomes the Python interpreter, as report does.
int command_devices(const DevicesArguments& arguments);

struct FitDeviceArguments {
  std::string data, output;
  std::string model;                                    // empty or "auto": by Bayes criterion
  std::string plot;                                     // picture of data and fit; empty: none
  std::string residuals;                                // CSV file; empty: none
  std::string set_voltage, reset_voltage, pulse_width;  // with unit; empty: not given
};

int command_fit_device(const FitDeviceArguments& arguments);

struct ExportSpiceArguments {
  std::string config, output;
  std::vector<std::string> settings;
  std::string seed;          // empty: as configured
  std::uint64_t sample = 0;  // of the training data
  std::string max_step;      // of ngspice, with unit; empty: by the shortest time constant
};

int command_export_spice(const ExportSpiceArguments& arguments);

// --set list with -o, --seed and --threads added.
std::vector<std::string> all_settings(const RunArguments& arguments);

}  // namespace memprop::cli
