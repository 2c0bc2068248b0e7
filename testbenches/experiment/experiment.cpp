#include "testbenches/experiment/experiment.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "learning/dataset/dataset.hpp"
#include "learning/dataset/weights.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "testbenches/experiment/estimate.hpp"
#include "testbenches/experiment/make_run.hpp"
#include "testbenches/experiment/reference_runs.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/run_weights.hpp"
#include "testbenches/experiment/sample_selection.hpp"
#include "testbenches/experiment/task_run.hpp"

namespace memprop::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

learning::Network initial_network(const RunConfig& config) {
  learning::Network network = learning::build_network(config.network, config.seed);
  learning::load_initial_weights(network, read_run_weights);
  return network;
}

// The ideal reference of an ideal run would be the run itself.
RunConfig reference_config(const RunConfig& config) {
  RunConfig references = config;
  if (config.fidelity == Fidelity::ideal) references.ideal_reference = false;
  // A resistive network has no forward pass to send errors back through.
  if (learning::is_resistive(config.network)) references.backprop_reference = false;
  // Nor do branches; and references train on all samples at once, not on tasks.
  if (config.network.dendrites.on()) references.backprop_reference = false;
  if (config.tasks.on()) references.ideal_reference = references.backprop_reference = false;
  return references;
}

// What the trace will take, held against the budget.
TraceSize plan_trace(const RunConfig& config, const RunOptions& options,
                     const learning::Network& network, FidelityRun& run,
                     std::uint64_t training_samples, std::vector<std::string>& warnings) {
  TraceSizeInput input;
  input.training_samples = training_samples;
  const bool by_cycle = !config.output.probes.empty() || config.monitor.state_every > 0;
  if (by_cycle && training_samples > 0) {
    input.cycles_per_sample = run.trial_cycles();
    const auto more = window_warnings(config.output, input.cycles_per_sample);
    warnings.insert(warnings.end(), more.begin(), more.end());
  }
  input.warnings = warnings;
  const TraceSize size = estimate_trace(config, options, network, run.chip(), input);
  check_budget(config, size);
  return size;
}

}  // namespace

RunResult run_experiment(const RunConfig& config, const RunOptions& options) {
  if (learning::is_resistive(config.network) && config.monitor.gradient_every != 0) {
    // Nothing compares gradients of a resistive chip yet: no empty series of them.
    RunConfig without = config;
    without.monitor.gradient_every = 0;
    return run_experiment(without, options);
  }
  const auto begin = Clock::now();
  if (options.resume) check_resume(config, options);
  const learning::Network network = initial_network(config);
  const learning::TrainTest data =
      learning::load_data(config.data, network.width(0), network.width(network.layer_count()));
  // Built before the trace: what the chip refuses leaves no file behind.
  const auto run = make_run(config, options, network, data);
  std::unique_ptr<RunTrace> trace;
  RunResult result;
  const std::uint64_t samples = training_samples(config, data);
  if (has_chip(config.fidelity)) {
    result.warnings = selection_warnings(config.output, samples);
  }
  if (!config.output.path.empty()) {
    const TraceSize size = plan_trace(config, options, network, *run, samples, result.warnings);
    trace = std::make_unique<RunTrace>(config, options, network, run->chip());
    if (!options.resume) remove_run_checkpoints(config);
    // Told before the run starts, and not of a run that cannot start.
    if (options.notice) {
      options.notice(
          fmt::format("trace {}, {} before compression", config.output.path, size_text(size)));
    }
    trace->expect(size);
    run->attach(trace.get());
  }
  const RunConfig for_references = reference_config(config);
  ReferenceRuns references(for_references, network, data);
  if (!run->run(result)) {
    result.wall_s = seconds_since(begin);
    return result;
  }
  if (options.progress) options.progress({"references", 0, 0, not_measured});
  if (!references.wait(options.interrupt)) {
    // The run itself has ended: a resume has only the references left to do.
    if (trace) run->save_checkpoint();
    result.interrupted = true;
    result.wall_s = seconds_since(begin);
    return result;
  }
  if (const auto* ideal = references.ideal()) {
    result.ideal_per_epoch = ideal->accuracy_per_epoch;
    result.ideal_accuracy = ideal->accuracy_per_epoch.back();
  }
  if (const auto* backprop = references.backprop()) {
    result.backprop_per_epoch = backprop->accuracy_per_epoch;
    result.backprop_accuracy = backprop->accuracy_per_epoch.back();
  }
  result.wall_s = seconds_since(begin);
  if (trace) {
    run->write_end();
    trace->finish(result, run->network());
    trace->flush(true);
    trace->close();
  }
  return result;
}

}  // namespace memprop::bench
