#include "testbenches/benchmark/main_job.hpp"

#include <algorithm>

#include "analog/memristor/presets.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::bench {

hw::ChipConfig main_job_chip() {
  hw::ChipConfig c;
  c.device = analog::device_preset("gokmen-vlasov");
  c.weight_range = {0.25, 0.6};
  c.noise.read = 0.0005;
  c.noise.grid_s = 100e-9;
  c.update.circuit = hw::UpdateCircuit::stochastic;
  c.schedule.nudge_negative = 100;
  c.solver.rtol = 1e-4;
  c.solver.atol = 1e-6;
  return c;
}

learning::Network main_job_network() {
  learning::NetworkConfig n;
  n.layers = {784, 128, 10};
  n.activation = {Activation::tanh};
  n.feedback_gain = {0.1};
  n.time_constant.family = learning::TimeConstantFamily::lognormal;
  n.time_constant.cv = 0.2;
  return learning::build_network(n, 1);
}

learning::LearningConfig main_job_learning() {
  learning::LearningConfig learning;
  learning.beta = 0.5;
  learning.rate = {0.003, 0.0005};
  return learning;
}

Samples::Samples(std::size_t count) : x(count, 784), y(count, 10) {
  const RandomStream stream(1, "benchmark/samples");
  for (std::size_t s = 0; s < count; ++s) {
    const std::size_t label = s % 10;
    y(s, label) = 1.0F;
    for (std::size_t j = 0; j < 784; ++j) {
      const double pattern = stream.uniform(j, 1000 + label);
      const double value = pattern < 0.5 ? 0.0 : pattern - 0.3 + 0.2 * stream.normal(j, s);
      x(s, j) = static_cast<float>(std::clamp(value, 0.0, 1.0));
    }
  }
}

}  // namespace memprop::bench
