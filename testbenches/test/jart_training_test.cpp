// A state equation learns: JART VCM under pulses gentle enough to move by small steps, reduced to a
// table, trains a small chip.
#include <gtest/gtest.h>

#include "analog/memristor/state_catalogue.hpp"
#include "analog/memristor/state_reduction.hpp"
#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {
namespace {

double accuracy(const analog::DeviceConfig& device, std::uint64_t epochs) {
  RunConfig config = small_run();
  config.chip.device = device;
  config.chip.device.cycle_noise = 0.3;
  config.chip.stuck_fraction = 0.0;
  config.chip.noise.read = 0.0;
  config.monitor.gradient_every = 0;
  config.learning.epochs = epochs;
  config.learning.train = epochs > 0;
  const FreshKernel kernel;
  const learning::TrainTest data{small_samples(200), small_samples(100, 5000), small_outputs};
  const RunOptions options;
  CycleRun cycle(config, options, learning::build_network(config.network, config.seed), data);
  RunResult result;
  EXPECT_TRUE(cycle.run(result));
  return result.accuracy;
}

TEST(JartOnAChip, TrainsASmallNetByItsTable) {
  analog::ReductionConfig pulses;
  pulses.set_v = -0.7;
  pulses.reset_v = 1.6;
  pulses.width_s = 1e-6;
  pulses.pulses = 200;
  pulses.tolerance = 1e-5;
  const auto reduction =
      analog::reduce_to_table(*analog::make_state_device("jart-vcm-v1b"), pulses);
  std::printf("window %.4g to %.4g S, %zu nodes, errors %.2g of a step, %.2g over the trains\n",
              reduction.device.g_min_s, reduction.device.g_max_s,
              reduction.device.table_nodes.size(), reduction.step_error, reduction.largest_error);
  EXPECT_LT(reduction.step_error, 1e-3);
  EXPECT_LT(reduction.largest_error, 1e-2);
  const double before = accuracy(reduction.device, 0);
  const double after = accuracy(reduction.device, 3);
  std::printf("accuracy before training %.2f, after %.2f\n", before, after);
  EXPECT_GT(after, 0.8);  // of four classes
  EXPECT_GT(after, before + 0.2);
}

}  // namespace
}  // namespace memprop::bench::test
