// A user's own program around a whole chip: trains it on one sample until the answer is right, with
// the analog side, converters and devices of the installed package.
#include <cstdint>
#include <cstdio>
#include <systemc>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "hw_models/chip_runner.hpp"
#include "learning/network/network.hpp"

int sc_main(int, char**) {
  memprop::learning::NetworkConfig shape;
  shape.layers = {4, 3, 2};
  shape.activation = {memprop::Activation::tanh};
  shape.feedback_gain = {0.2};
  const auto network = memprop::learning::build_network(shape, 1);
  memprop::learning::LearningConfig rule;
  rule.rate = {0.1};
  memprop::hw::ChipConfig hardware;
  hardware.device = memprop::analog::device_preset("gokmen-vlasov");

  memprop::hw::ChipRunner runner("runner", hardware, network, rule, 1);
  const std::vector<float> x{1.0F, 0.5F, 0.25F, 0.0F};
  runner.run_sample(x, std::vector<float>{0.0F, 0.0F}, false);
  // An inference takes LOAD, FREE, one SAMPLE0 (tracking and conversion) and READ.
  const auto& counters = runner.chip().controller().core().counters();
  const auto& s = hardware.schedule;
  const std::uint64_t expected = s.load + s.free + s.sample + s.convert + 1;
  const std::uint64_t inference = counters.busy_cycles;

  // Teach it the opposite of what it answers now.
  const std::size_t wanted = 1 - runner.answer();
  std::vector<float> target{-0.5F, -0.5F};
  target[wanted] = 0.5F;
  int updates = 0;
  while (runner.answer() != wanted && updates < 200) {
    runner.run_sample(x, target, true);
    ++updates;
  }
  const auto before = network.weight[1](0, 0);
  const auto after = runner.chip().analog().present_network().weight[1](0, 0);
  std::printf(
      "%llu cycles for an inference (expected %llu), the answer changed after %d updates, "
      "one weight went from %.4f to %.4f\n",
      static_cast<unsigned long long>(inference), static_cast<unsigned long long>(expected),
      updates, before, after);
  const bool right =
      inference == expected && runner.answer() == wanted && updates > 0 && before != after;
  return right ? 0 : 1;
}
