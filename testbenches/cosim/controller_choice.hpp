// Which controller a run seats in its chip.
#pragma once

#include <string>
#include <vector>

#include "hw_models/controller_seat.hpp"
#include "hw_models/monitor/protocol_monitor.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench {

// Fidelity "cycle": ours in C++; "rtl": that of chip.controller in Verilog; with
// chip.controller.lockstep the other one beside it. Building happens when the chip is built.
hw::ControllerFactory controller_factory(const RunConfig& config);

// What the protocol monitor has to say, as warnings: nothing without a monitor or a violation.
std::vector<std::string> protocol_warnings(const hw::ProtocolMonitor* monitor);

}  // namespace memprop::bench
