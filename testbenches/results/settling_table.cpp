// Settling of feedback-regulated networks before training, against depth and feedback gain: a table
// in Markdown. Beside iterations and simulated time stand the spectral radius and two estimates
// (ep-circuits 2.1): of the slowest mode, ln(1/eps) / (1 - rho f'), and of a cascade of equal lags.
//
//   settling_table IMAGES LABELS [SAMPLES]   files as data.test_inputs and data.test_targets
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "learning/dataset/dataset.hpp"
#include "learning/metric/dynamics.hpp"
#include "learning/network/spectral_radius.hpp"

namespace {

using namespace memprop;
using namespace memprop::learning;

constexpr double kResidual = 1e-3;

Matrix images(const std::string& file, const std::string& labels, std::size_t count) {
  DataConfig config;
  config.name = "files";
  config.train_inputs = file;
  config.train_targets = labels;
  config.test_on_train = true;
  config.train_samples = config.test_samples = count;
  const Dataset data = load_data(config, 784, 10).train;
  Matrix m(data.size(), 784);
  for (std::size_t i = 0; i < m.size(); ++i) m.values()[i] = data.inputs.values()[i];
  return m;
}

std::string figure(double value, const char* format, bool good) {
  if (!good || !std::isfinite(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

void row(std::size_t hidden, double gain, const Matrix& inputs) {
  NetworkConfig config;
  config.layers.assign(hidden + 2, 64);
  config.layers.front() = 784;
  config.layers.back() = 10;
  config.activation = {Activation::tanh};
  config.feedback_gain = {gain};
  config.readout = Readout::softmax;
  config.time_constant.mean_s = 1.0;  // times in units of tau
  const Network net = build_network(config, 1);
  const double radius = spectral_radius(net);
  SettlingCriterion criterion;
  criterion.limit = 1000;
  const Settling map = settling_iterations(net, inputs, criterion);
  const double cascade = cascade_settling_estimate(hidden, kResidual, 1.0);
  const double length = gain < 0.2 ? 6.0 * cascade + 60.0 : 400.0;
  const auto rate = settling_time(net, inputs, ContinuousForm::rate, kResidual, length, 0.1);
  const auto membrane =
      settling_time(net, inputs, ContinuousForm::membrane, kResidual, length, 0.1);
  // What still moves at the end has not settled.
  const auto settled = [](const ContinuousSettling& s) { return s.residual < 1e-6; };
  std::printf(
      "| %zu | %g | %.3f | %+.2f | %s | %.0f %% | %s | %s | %s | %.1f |\n", hidden, gain, radius,
      lyapunov_estimate(net, inputs), figure(map.mean, "%.0f", map.share > 0).c_str(),
      100 * map.share, figure(rate.time_s, "%.1f", settled(rate)).c_str(),
      figure(membrane.time_s, "%.1f", settled(membrane)).c_str(),
      figure(linear_settling_estimate(radius, 1.0, kResidual, 1.0), "%.1f", true).c_str(), cascade);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: settling_table IMAGES LABELS [SAMPLES]\n");
    return 2;
  }
  try {
    const std::size_t samples = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 100;
    const Matrix inputs = images(argv[1], argv[2], samples);
    std::printf(
        "| hidden layers | b | spectral radius | Lyapunov estimate | iterations to 1e-6 | settled "
        "| "
        "time to 1e-3, rate form [tau] | membrane form [tau] | slowest mode [tau] | cascade [tau] "
        "|\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (const std::size_t hidden : {3UL, 5UL, 10UL}) {
      for (const double gain : {0.001, 0.01, 0.05, 0.1, 0.25, 0.5}) row(hidden, gain, inputs);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "settling_table: %s\n", error.what());
    return 1;
  }
  return 0;
}
