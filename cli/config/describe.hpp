// The one description of all configuration keys of a run.
#pragma once

#include "cli/config/binder.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::config {

// Defaults of every key but network.layers, which has none.
bench::RunConfig default_config();

// Names every key of c to the binder, in the order of the documentation. The binder keeps
// references into c only during the call.
void describe(Binder& b, bench::RunConfig& c);

void describe_network(Binder& b, learning::NetworkConfig& c);     // [network]
void describe_learning(Binder& b, bench::RunConfig& c);           // [learning], [ideal], [ode]
void describe_chip(Binder& b, hw::ChipConfig& c);                 // [chip] and below, [solver]
void describe_dendrites(Binder& b, learning::DendriteConfig& c);  // [network.dendrites]
void describe_branches(Binder& b, hw::BranchKeys& c);             // [chip.branch]
void describe_tasks(Binder& b, learning::TaskConfig& c);          // [tasks]
void describe_sleep(Binder& b, learning::SleepConfig& c);         // [sleep]
void describe_sleep_mode(Binder& b, hw::SleepKeys& c);            // [chip.sleep]
void describe_device(Binder& b, analog::DeviceConfig& c);         // [chip.device]
void describe_tile(Binder& b,
                   hw::ChipConfig& c);  // the cells: faults, wires, noise, ageing, writes
void describe_resistive(Binder& b, learning::ResistiveConfig& c);     // [network.resistive]
void describe_resistive_chip(Binder& b, hw::ResistiveKeys& c);        // [chip.resistive]
void describe_adaptation(Binder& b, hw::AdaptationCircuitConfig& c);  // [chip.adaptation]
void describe_circuits(Binder& b,
                       hw::ChipConfig& c);  // neurons, twins, converters, sample-and-hold

}  // namespace memprop::config
