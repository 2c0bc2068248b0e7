#include "testbenches/experiment/make_run.hpp"

#include "learning/resistive/resistive_network.hpp"
#include "testbenches/experiment/chip_task_run.hpp"
#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/experiment/resistive_run.hpp"
#include "testbenches/experiment/software_run.hpp"
#include "testbenches/experiment/software_task_run.hpp"

namespace memprop::bench {

std::unique_ptr<FidelityRun> make_run(const RunConfig& config, const RunOptions& options,
                                      const learning::Network& network,
                                      const learning::TrainTest& data) {
  if (has_chip(config.fidelity) && learning::is_resistive(config.network)) {
    return std::make_unique<ResistiveRun>(config, options, network, data);
  }
  if (has_chip(config.fidelity) && config.tasks.on()) {
    return std::make_unique<ChipTaskRun>(config, options, network, data);
  }
  if (has_chip(config.fidelity)) {
    return std::make_unique<CycleRun>(config, options, network, data);
  }
  if (config.tasks.on()) return std::make_unique<SoftwareTaskRun>(config, options, network, data);
  return std::make_unique<SoftwareRun>(config, options, network, data);
}

}  // namespace memprop::bench
