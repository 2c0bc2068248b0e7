#include "testbenches/experiment/run_trace.hpp"

#include <fmt/format.h>

#include "testbenches/experiment/trace/config_changes.hpp"

namespace memprop::bench {
namespace {

traces::TraceFile open(const RunConfig& config, const RunOptions& options) {
  traces::TraceOptions how;
  how.queue_bytes = config.output.queue_bytes;
  how.raw = !config.output.compress;
  return options.resume
             ? traces::TraceFile::open_for_append(config.output.path, how)
             : traces::TraceFile::create(config.output.path, traces::ExistingTrace::replace, how);
}

// Of weight matrices: branches have rows of their own.
const char* row_axis(const learning::Network& network) {
  return network.config.dendrites.on() ? "branch" : "neuron";
}

}  // namespace

RunTrace::RunTrace(const RunConfig& config, const RunOptions& options,
                   const learning::Network& network, const hw::ChipRunner* runner)
    : config_(config),
      options_(options),
      file_(open(config, options)),
      last_flush_(std::chrono::steady_clock::now()) {
  if (!options.resume) describe(network);
  training_ = std::make_unique<TrainingTrace>(file_, config);
  compare_ = std::make_unique<CompareTrace>(file_, config);
  if (runner == nullptr) return;
  probes_ = std::make_unique<ProbeTrace>(file_, config, *runner);
  devices_ = std::make_unique<DeviceTrace>(file_, *runner);
  events_ = std::make_unique<EventTrace>(file_);
}

void RunTrace::describe(const learning::Network& network) {
  file_.write_text("config/text", options_.config_text, "configuration as given");
  file_.write_text("config/resolved", options_.resolved_text, "every key with its value");
  file_.write_text("provenance/version", options_.version, "version of memprop");
  file_.write_text("provenance/compiler", __VERSION__, "compiler");
  file_.write_value("provenance/seed", static_cast<std::int64_t>(config_.seed), "1", "seed");
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const std::string group = fmt::format("network/layer{}", l);
    file_.write(group + "/time_constant", network.tau_s[l - 1], {network.tau_s[l - 1].size()},
                {"s", "drawn time constant of each neuron", {"neuron"}});
    if (!network.gain.empty()) {
      file_.write(group + "/gain", network.gain[l - 1], {network.gain[l - 1].size()},
                  {"1", "what the leak of each neuron makes of its drive", {"neuron"}});
    }
    file_.write_text(group + "/activation", std::string(name(network.config.activation[l - 1])),
                     "activation");
  }
}

void RunTrace::initial_weights(const learning::Network& network) {
  const char* const rows = row_axis(network);
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const auto& w = network.weight[l - 1];
    file_.write(fmt::format("network/layer{}/weight_initial", l), w.values(), {w.rows(), w.cols()},
                {"1", "weight before training", {rows, "input"}});
  }
  write_links(network, "initial", "weight of the link before training");
}

void RunTrace::expect(const TraceSize& size) {
  expected_.emplace(size);
  // What was told before the run, not before its resume.
  if (options_.resume) return;
  file_.set_attribute("provenance/writer", "estimated_bytes",
                      static_cast<std::int64_t>(size.bytes));
}

void RunTrace::tick() {
  if (config_.output.mode != TraceMode::live) return;
  const auto now = std::chrono::steady_clock::now();
  if (std::chrono::duration<double>(now - last_flush_).count() < config_.output.flush_s) return;
  last_flush_ = now;
  if (probes_) probes_->align(false);
  file_.flush_soon();
  estimate_stored();
}

void RunTrace::flush(bool to_disk) {
  if (probes_) probes_->align(false);
  file_.flush(to_disk);
  last_flush_ = std::chrono::steady_clock::now();
  estimate_stored();
}

void RunTrace::close() {
  flush();
  file_.close();
}

// Once, as soon as every series that matters has stored something.
void RunTrace::estimate_stored() {
  if (!expected_ || expected_stored_) return;
  std::map<std::string, StoredEstimate::Stored> stored;
  for (const auto& [path, s] : file_.series_statistics()) stored[path] = {s.bytes, s.stored_bytes};
  double bytes = 0;
  if (!expected_->estimate(stored, bytes)) return;
  expected_stored_ = bytes;
  file_.set_attribute("provenance/writer", "estimated_stored_bytes",
                      static_cast<std::int64_t>(bytes));
  if (options_.notice) {
    options_.notice(fmt::format("trace {}, about {} on disk, if the rest compresses as the start",
                                config_.output.path, bytes_text(bytes)));
  }
}

void RunTrace::truncate_to(const traces::RowCounts& counts, const std::string& resolved_before) {
  file_.truncate_to(counts);
  if (probes_) probes_->align(true);
  // Only what is written can have changed: the rest was refused. How and how fast (threads,
  // commits) leaves no trace.
  const std::string changes = changed_lines(resolved_before, options_.resolved_text);
  if (changes.empty()) return;
  file_.write_text("config/text", options_.config_text, "configuration as given");
  file_.write_text("config/resolved", options_.resolved_text, "every key with its value");
  file_.write_text("config/changes", changes,
                   "what the last resume with another configuration has changed");
}

std::map<std::string, std::size_t> RunTrace::row_bytes() const {
  std::map<std::string, std::size_t> bytes;
  for (const auto& [path, s] : file_.series_statistics()) bytes[path] = s.bytes_per_row;
  return bytes;
}

void RunTrace::finish(const RunResult& result, const learning::Network& network) {
  write_final_weights(network);
  write_figures(result);
  if (has_chip(config_.fidelity)) write_chip_figures(result);
  file_.write_strings("events/warnings", result.warnings,
                      {"", "what to know before trusting the figures", {"warning"}});
  file_.set_attribute("provenance", "wall_s", result.wall_s);
  write_statistics();
}

void RunTrace::write_statistics() {
  const auto s = file_.statistics();
  const auto set = [&](const char* name, const traces::AttributeValue& value) {
    file_.set_attribute("provenance/writer", name, value);
  };
  set("queue_bytes_limit", static_cast<std::int64_t>(s.queue_bytes_limit));
  set("queue_bytes_peak", static_cast<std::int64_t>(s.queue_bytes_peak));
  set("memory_bytes_peak", static_cast<std::int64_t>(s.memory_bytes_peak));
  set("stalls", static_cast<std::int64_t>(s.stalls));
  set("stall_s", s.stall_s);
}

void RunTrace::write_final_weights(const learning::Network& network) {
  const char* const rows = row_axis(network);
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const auto& w = network.weight[l - 1];
    const std::string group = fmt::format("network/layer{}", l);
    file_.write(group + "/weight_final", w.values(), {w.rows(), w.cols()},
                {"1", "weight after training", {rows, "input"}});
    if (!network.bias.empty()) {
      file_.write(group + "/bias_final", network.bias[l - 1], {w.rows()},
                  {"1", "bias after training", {rows}});
    }
    if (l > 1 && !network.feedback.empty()) {
      const auto& b = network.feedback[l - 2];
      file_.write(fmt::format("network/layer{}/feedback_final", l - 1), b.values(),
                  {b.rows(), b.cols()},
                  {"1",
                   "feedback weight after training",
                   {network.config.dendrites.on() ? "apical" : "neuron", "above"}});
    }
  }
  write_links(network, "final", "weight of the link after training");
}

// Links that use the transpose of another's weights have none of their own.
void RunTrace::write_links(const learning::Network& network, const char* when, const char* text) {
  for (const learning::Link& link : network.links) {
    if (link.tied_to != learning::Link::not_tied) continue;
    file_.write(fmt::format("network/link{}to{}/weight_{}", link.from, link.to, when),
                link.weight.values(), {link.weight.rows(), link.weight.cols()},
                {"1", text, {"neuron", "sender"}});
  }
}

void RunTrace::write_figures(const RunResult& result) {
  const auto value = [&](const char* path, double v, const char* unit, const char* text) {
    file_.write_value(path, v, unit, text);
  };
  file_.write_value("compare/test_samples", static_cast<std::int64_t>(result.test_samples), "1",
                    "test samples of every accuracy below /compare");
  value("compare/accuracy", result.accuracy, "1", "test accuracy at the end of the run");
  value("compare/loss", result.loss, "1", "mean cost of the test samples at the end of the run");
  value("compare/accuracy_ideal", result.ideal_accuracy, "1",
        "test accuracy of the ideal reference trained on the same samples in the same order");
  value("compare/accuracy_backprop", result.backprop_accuracy, "1",
        "test accuracy of back-propagation on the same samples in the same order");
  const auto per_epoch = [&](const char* path, const std::vector<double>& values,
                             const char* text) {
    if (!values.empty()) file_.write(path, values, {values.size()}, {"1", text, {"epoch"}});
  };
  write_tasks(result);
  per_epoch("compare/accuracy_ideal_per_epoch", result.ideal_per_epoch,
            "test accuracy of the ideal reference after each epoch");
  per_epoch("compare/accuracy_backprop_per_epoch", result.backprop_per_epoch,
            "test accuracy of back-propagation after each epoch");
}

// A row for every task learned, a column for every task tested.
void RunTrace::write_tasks(const RunResult& result) {
  if (result.tasks.empty()) return;
  const auto table = [&](const char* path, const std::vector<double> TaskFigures::*figure,
                         const char* column, const char* text) {
    std::vector<double> values;
    const std::size_t columns = (result.tasks.front().*figure).size();
    for (const TaskFigures& task : result.tasks) {
      const auto& row = task.*figure;
      values.insert(values.end(), row.begin(), row.end());
    }
    if (columns == 0) return;
    file_.write(path, values, {result.tasks.size(), columns}, {"1", text, {"task", column}});
  };
  table("tasks/accuracy_awake", &TaskFigures::awake, "tested",
        "share of right answers on every task after training on one");
  table("tasks/accuracy_slept", &TaskFigures::slept, "tested",
        "share of right answers on every task after the sleep that followed");
  table("tasks/spikes", &TaskFigures::spikes, "layer", "spikes in a step of the sleep, by layer");
  table("tasks/thresholds", &TaskFigures::thresholds, "tile",
        "thresholds of the sleep, by layer behind the input");
  std::vector<double> stuck, energy;
  std::vector<std::int64_t> pulses, cycles;
  bool on_chip = false;
  for (const TaskFigures& task : result.tasks) {
    stuck.push_back(task.stuck_share);
    const SleepCost& c = task.cost;
    on_chip = on_chip || c.cycles > 0;
    const Energy& e = c.energy;
    energy.insert(energy.end(), {e.arrays_j, e.neurons_j, e.converters_j, e.writes_j, e.digital_j});
    for (const std::uint64_t n : {c.set_pulses, c.reset_pulses, c.saturated_pulses}) {
      pulses.push_back(static_cast<std::int64_t>(n));
    }
    for (const std::uint64_t n : {c.cycles, c.calibration_cycles}) {
      cycles.push_back(static_cast<std::int64_t>(n));
    }
  }
  if (on_chip) {
    const std::size_t n = result.tasks.size();
    file_.write("tasks/sleep_energy", energy, {n, 5},
                {"J",
                 "of the sleep and its calibration: arrays, neurons, converters, writes, digital",
                 {"task", "part"}});
    file_.write("tasks/sleep_pulses", pulses, {n, 3},
                {"1",
                 "pulses of the sleep: SET, RESET, and those of both that ended at a bound",
                 {"task", "kind"}});
    file_.write(
        "tasks/sleep_cycles", cycles, {n, 2},
        {"1", "clock cycles of the sleep, and of its calibration before it", {"task", "stage"}});
  }
  file_.write("tasks/stuck_share", stuck, {stuck.size()},
              {"1", "samples whose own output could not move before training on them", {"task"}});
}

void RunTrace::write_chip_figures(const RunResult& result) {
  const auto value = [&](const std::string& path, double v, const char* unit, const char* text) {
    file_.write_value(path, v, unit, text);
  };
  const auto count = [&](const std::string& path, std::uint64_t v, const char* text) {
    file_.write_value(path, static_cast<std::int64_t>(v), "1", text);
  };
  value("energy/arrays", result.energy.arrays_j, "J", "arrays while driven, training only");
  value("energy/neurons", result.energy.neurons_j, "J", "neurons, training only");
  value("energy/converters", result.energy.converters_j, "J", "converters, training only");
  value("energy/writes", result.energy.writes_j, "J", "programming pulses");
  value("energy/digital", result.energy.digital_j, "J", "controller, training only");
  count("events/cycles", result.cycles, "clock cycles of training");
  count("events/set_pulses", result.set_pulses, "SET pulses on devices");
  count("events/reset_pulses", result.reset_pulses, "RESET pulses on devices");
  count("events/saturated_pulses", result.saturated_pulses, "pulses that ended at a bound");
  count("events/clipped_counts", result.clipped_counts, "pulse counts cut to the most allowed");
  count("events/clipped_conversions", result.clipped_conversions, "ADC results outside the range");
  if (result.amplified_differences > 0) {
    count("events/saturated_differences", result.saturated_differences,
          "differences that their amplifiers cut");
  }
  count("events/clipped_inputs", result.clipped_inputs, "inputs outside the range of the DAC");
  count("events/clipped_targets", result.clipped_targets,
        "targets outside the range of the nudging DAC");
  count("events/clipped_weights", result.clipped_weights,
        "written weights outside what a device can hold");
  count("events/stuck_cells", result.stuck_cells, "cells that no pulse moves");
  if (result.counted_devices > 0) {
    count("events/most_pulses", result.most_pulses, "pulses on the device that has had most");
    count("events/worn_devices", result.worn_devices, "devices that pulses have worn out");
    value("events/mean_pulses", result.mean_pulses, "1", "pulses on a device, mean");
  }
  if (!result.wire_error.empty()) {
    file_.write("compare/wire_error", result.wire_error, {result.wire_error.size()},
                {"1",
                 "largest error of a tile's matrix followed between exact solutions, of its "
                 "largest entry",
                 {"array"}});
    count("events/wire_reductions", result.wire_reductions, "exact solutions of tiles with wires");
  }
  if (!result.feedback_angle_deg.empty()) {
    file_.write("compare/feedback_angle", result.feedback_angle_deg,
                {result.feedback_angle_deg.size()},
                {"degree", "angle between the feedback array and W^T", {"path"}});
  }
  for (const auto& s : result.settling) {
    count("events/unsettled_" + s.phase, s.unsettled, "phases that had not settled at their end");
    count("events/phases_" + s.phase, s.phases, "phases run");
    value("compare/settling_residual_" + s.phase, s.mean_residual, "1",
          "mean over phases of max |tau dv/dt| / V_s at the end");
  }
  file_.write_text("provenance/stepper", result.stepper, "integrator of the analog domain");
}

}  // namespace memprop::bench
