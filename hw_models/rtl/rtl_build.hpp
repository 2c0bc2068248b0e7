// From Verilog sources to a model at run time: calls memprop_rtl.py, which needs Verilator and a
// C++ compiler, and keeps what it built in a cache folder (MEMPROP_CACHE_DIR).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "digital/controller.hpp"
#include "hw_models/controller_seat.hpp"
#include "hw_models/rtl/rtl_model.hpp"

namespace memprop::hw::rtl {

// A controller in Verilog.
struct RtlSources {
  std::vector<std::string> sources;     // files; empty: memprop's own controller
  std::string top;                      // module; empty: that of the first file's name
  std::vector<std::string> parameters;  // "NAME=VALUE", besides those that follow from the network
};

// Path of the shared object for the chip of `config`. Throws UserError with the script's sentences:
// tools that are missing, ports that do not fit, errors of Verilator.
std::string build_model(const RtlSources& sources, const digital::ControllerConfig& config);

// Sees a model before its first clock edge.
using ModelListener = std::function<void(RtlModel&)>;

// Builds the model and seats it.
ControllerFactory rtl_factory(const RtlSources& sources, ModelListener listener = {});
// Seats a model that is linked into the program.
ControllerFactory rtl_factory(const MempropRtlApi* (*model)(), ModelListener listener = {});

// Where the script and memprop's own controller lie: MEMPROP_RTL_DIR, beside the program's prefix
// (share/memprop/rtl), or where this library was built. Throws UserError if nowhere.
std::string rtl_directory();

}  // namespace memprop::hw::rtl
