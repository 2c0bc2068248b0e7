#include "testbenches/experiment/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "hw_models/bias_code.hpp"
#include "learning/dataset/dataset.hpp"
#include "learning/dataset/weights.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/make_run.hpp"
#include "testbenches/experiment/run_weights.hpp"
#include "testbenches/experiment/sample_selection.hpp"
#include "testbenches/experiment/task_run.hpp"

namespace memprop::bench {
namespace {

learning::Dataset first_samples(const learning::Dataset& all, std::size_t count) {
  const std::size_t n = std::min(count, all.size());
  learning::Dataset some;
  some.inputs = BasicMatrix<float>(n, all.inputs.cols());
  some.targets = BasicMatrix<float>(n, all.targets.cols());
  std::copy_n(all.inputs.data(), some.inputs.size(), some.inputs.data());
  std::copy_n(all.targets.data(), some.targets.size(), some.targets.data());
  if (!all.labels.empty()) some.labels.assign(all.labels.begin(), all.labels.begin() + n);
  return some;
}

}  // namespace

void check_budget(const RunConfig& config, const TraceSize& size) {
  const auto budget = static_cast<double>(config.output.budget_bytes);
  if (budget == 0 || size.bytes <= budget) return;
  throw UserError(
      fmt::format("key 'output.budget': expected a trace of at most {} before compression, got {}",
                  bytes_text(budget), size_text(size)));
}

Estimate estimate_run(const RunConfig& config, const RunOptions& options) {
  learning::Network network = learning::build_network(config.network, config.seed);
  learning::load_initial_weights(network, read_run_weights);
  const auto data =
      learning::load_data(config.data, network.width(0), network.width(network.layer_count()));
  const std::size_t probe = config.fidelity == Fidelity::ode ? 5 : 100;
  learning::TrainTest few;
  few.train = first_samples(data.train, probe);
  few.test = first_samples(data.test, probe);
  few.classes = data.classes;
  RunConfig small = config;
  small.output.path.clear();
  small.learning.epochs = 1;
  small.tasks = {};  // the first samples need not have one of every task
  small.sleep = {};
  const RunOptions quiet;
  RunResult result;
  const auto run = make_run(small, quiet, network, few);
  const auto begin = std::chrono::steady_clock::now();
  run->run(result);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double epochs = config.learning.train ? static_cast<double>(config.learning.epochs) : 0.0;
  const std::uint64_t training = training_samples(config, data);
  double whole = static_cast<double>(training) + epochs * static_cast<double>(data.test.size());
  if (config.tasks.on()) {
    // Tested after every task and every sleep, and calibrated before one.
    const std::size_t tasks =
        config.tasks.joint ? 1 : learning::task_count(config.tasks, data.classes);
    const double each =
        static_cast<double>(data.test.size()) * (config.sleep.on ? 2.0 : 1.0) +
        (config.sleep.on ? static_cast<double>(config.sleep.calibration_samples) : 0.0);
    whole = static_cast<double>(training) + static_cast<double>(tasks) * each;
  }
  const double tried = static_cast<double>(few.train.size() + few.test.size());
  Estimate estimate;
  estimate.wall_s = seconds * (epochs > 0 ? whole / tried
                                          : static_cast<double>(data.test.size()) /
                                                static_cast<double>(few.test.size()));
  if (result.training_samples > 0) {
    estimate.cycles_per_sample =
        static_cast<double>(result.cycles) / static_cast<double>(result.training_samples);
  }
  TraceSizeInput input;
  input.training_samples = training;
  input.cycles_per_sample = estimate.cycles_per_sample;
  input.warnings = selection_warnings(config.output, input.training_samples);
  if (result.training_samples > 0) {
    const auto more = window_warnings(config.output, estimate.cycles_per_sample);
    input.warnings.insert(input.warnings.end(), more.begin(), more.end());
  }
  if (bench::has_chip(config.fidelity) && config.learning.train &&
      !learning::is_resistive(config.network)) {
    for (auto& text : hw::bias_warnings(config.chip, network, config.learning)) {
      input.warnings.push_back(std::move(text));
    }
  }
  estimate.warnings = input.warnings;
  estimate.trace = estimate_trace(config, options, network, run->chip(), input);
  check_budget(config, estimate.trace);
  return estimate;
}

}  // namespace memprop::bench
