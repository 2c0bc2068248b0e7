// What a model in Verilog saw and answered, as plain memory files, and a test bench in Verilog-2005
// that replays them in any simulator:
//     stimulus.mem   inputs at each rising edge, one hexadecimal word a line
//     response.mem   outputs after it
//     replay.v       module replay: drives the first, compares with the second, names differences
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "hw_models/rtl/rtl_model.hpp"

namespace memprop::bench::cosim {

class PinTrace {
 public:
  // At most `edges` edges, written into `folder`, which is made. A trace that does not begin with
  // the model's first edge cannot be replayed. Throws UserError if the folder cannot be written.
  PinTrace(hw::rtl::RtlModel& model, std::string folder, std::uint64_t edges);
  ~PinTrace();
  PinTrace(const PinTrace&) = delete;
  PinTrace& operator=(const PinTrace&) = delete;

  // Before (false) and after (true) a rising edge of the model. Throws std::runtime_error, naming
  // file and cause, if the file system takes no more.
  void edge(bool after);
  std::uint64_t recorded() const;

 private:
  struct Files;
  std::unique_ptr<Files> files_;
};

// For rtl_factory: a trace from the first edge of the model to its end.
std::function<void(hw::rtl::RtlModel&)> pin_trace_listener(std::string folder, std::uint64_t edges);

}  // namespace memprop::bench::cosim
