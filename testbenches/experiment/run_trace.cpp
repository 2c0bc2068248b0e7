#include "testbenches/experiment/run_trace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::bench {
namespace {

using traces::ElementType;

constexpr std::size_t samples_per_block = 1000;

traces::SeriesInfo scalar(ElementType type, const std::string& unit, const std::string& name,
                          const std::string& axis) {
  traces::SeriesInfo info;
  info.type = type;
  info.unit = unit;
  info.long_name = name;
  if (!axis.empty()) info.axes = {axis};
  return info;
}

}  // namespace

bool probe_matches(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  });
}

std::vector<std::string> probe_names(std::size_t layers) {
  std::vector<std::string> names{"controller/phase", "controller/codes/free",
                                 "controller/codes/positive", "controller/codes/negative"};
  for (std::size_t l = 1; l <= layers; ++l) {
    names.push_back(fmt::format("layer{}/neurons/v", l));
    names.push_back(fmt::format("layer{}/neurons/r", l));
  }
  return names;
}

std::vector<std::string> check_output(const OutputConfig& output, std::size_t layers,
                                      std::uint64_t training_samples) {
  const auto names = probe_names(layers);
  for (const auto& pattern : output.probes) {
    if (std::any_of(names.begin(), names.end(),
                    [&](const auto& name) { return probe_matches({pattern}, name); })) {
      continue;
    }
    throw UserError(
        fmt::format("key 'output.probes': expected names or patterns of the probes {}, got \"{}\"",
                    fmt::join(names, ", "), pattern));
  }
  std::vector<std::string> warnings;
  for (const std::uint64_t sample : output.samples) {
    if (sample < training_samples) continue;
    warnings.push_back(
        fmt::format("output.samples: {} is not recorded, the run has {} training samples", sample,
                    training_samples));
  }
  return warnings;
}

RunTrace::RunTrace(const RunConfig& config, const RunOptions& options,
                   const learning::Network& network)
    : config_(config),
      file_(options.resume ? traces::TraceFile::open_for_append(config.output.path)
                           : traces::TraceFile::create(config.output.path)) {
  if (!options.resume) {
    file_.write_text("config/text", options.config_text, "configuration as given");
    file_.write_text("config/resolved", options.resolved_text, "every key with its value");
    file_.write_text("provenance/version", options.version, "version of memprop");
    file_.write_text("provenance/compiler", __VERSION__, "compiler");
    file_.write_value("provenance/seed", static_cast<std::int64_t>(config.seed), "1", "seed");
    for (std::size_t l = 1; l <= network.layer_count(); ++l) {
      const std::string group = fmt::format("network/layer{}", l);
      file_.write(group + "/time_constant", network.tau_s[l - 1], {network.width(l)},
                  {"s", "drawn time constant of each neuron", {"neuron"}});
      file_.write_text(group + "/activation", std::string(name(network.config.activation[l - 1])),
                       "activation");
    }
  }
  if (config.fidelity != Fidelity::ideal || config.learning.train) {
    block_ = file_.row_axis(
        "training/samples",
        scalar(ElementType::int64, "1", "training samples at the end of the block", ""));
    block_accuracy_ =
        file_.series("training/accuracy",
                     scalar(ElementType::float64, "1",
                            "share of right answers in the block, before learning", "samples"));
  }
  if (config.fidelity == Fidelity::cycle) {
    block_cycles_ = file_.series("training/cycles",
                                 scalar(ElementType::int64, "1", "clock cycles so far", "samples"));
    block_pulses_ = file_.series(
        "training/pulses",
        scalar(ElementType::int64, "1", "programming pulses on devices so far", "samples"));
    block_energy_ = file_.series("training/energy",
                                 scalar(ElementType::float64, "J", "energy so far", "samples"));
  }
  epoch_ =
      file_.row_axis("training/epoch", scalar(ElementType::int64, "1", "epochs completed", ""));
  epoch_accuracy_ =
      file_.series("training/test_accuracy",
                   scalar(ElementType::float64, "1", "accuracy on the test samples", "epoch"));
  epoch_training_ = file_.series(
      "training/training_accuracy",
      scalar(ElementType::float64, "1", "share of right answers during the epoch", "epoch"));
  if (config.fidelity == Fidelity::cycle && config.monitor.gradient_every > 0) {
    update_ = file_.row_axis("compare/sample",
                             scalar(ElementType::int64, "1", "training sample compared", ""));
    for (std::size_t l = 1; l <= network.layer_count(); ++l) {
      const auto series = [&](const char* what, const char* text) {
        return file_.series(fmt::format("compare/layer{}/{}", l, what),
                            scalar(ElementType::float64, "1", text, "sample"));
      };
      cosine_wanted_.push_back(
          series("cosine_wanted", "cosine of the wanted change with the exact EP descent"));
      cosine_applied_.push_back(
          series("cosine_applied", "cosine of the applied change with the exact EP descent"));
      cosine_shuffled_.push_back(series(
          "cosine_shuffled", "cosine of the applied change with the descent for a wrong label"));
      ratio_wanted_.push_back(
          series("ratio_wanted", "norm of the wanted change over rate times exact gradient"));
      ratio_applied_.push_back(
          series("ratio_applied", "norm of the applied change over rate times exact gradient"));
    }
  }
}

void RunTrace::initial_weights(const learning::Network& network) {
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const auto& w = network.weight[l - 1];
    file_.write(fmt::format("network/layer{}/weight_initial", l), w.values(), {w.rows(), w.cols()},
                {"1", "weight before training", {"neuron", "input"}});
  }
}

void RunTrace::training_block(std::uint64_t samples_done, double accuracy, std::uint64_t cycles,
                              std::uint64_t pulses, double energy_j) {
  block_.append_value(static_cast<std::int64_t>(samples_done));
  block_accuracy_.append_value(accuracy);
  if (!block_cycles_) return;
  block_cycles_.append_value(static_cast<std::int64_t>(cycles));
  block_pulses_.append_value(static_cast<std::int64_t>(pulses));
  block_energy_.append_value(energy_j);
}

void RunTrace::update(std::uint64_t sample, const std::vector<LayerAlignment>& row) {
  update_.append_value(static_cast<std::int64_t>(sample));
  for (std::size_t l = 0; l < row.size(); ++l) {
    cosine_wanted_[l].append_value(row[l].cosine_wanted);
    cosine_applied_[l].append_value(row[l].cosine_applied);
    cosine_shuffled_[l].append_value(row[l].cosine_shuffled);
    ratio_wanted_[l].append_value(row[l].ratio_wanted);
    ratio_applied_[l].append_value(row[l].ratio_applied);
  }
}

void RunTrace::states(std::uint64_t sample, const Matrix& error) {
  const std::string group = fmt::format("compare/states/sample{}", sample);
  std::vector<std::int64_t> layer(error.cols());
  for (std::size_t l = 0; l < layer.size(); ++l) layer[l] = static_cast<std::int64_t>(l) + 1;
  file_.axis(group + "/layer", layer, "1", "layer");
  file_.write(group + "/state_error", error.values(), {error.rows(), error.cols()},
              {"1",
               "largest deviation of membranes and activity lines of the layer from the ideal "
               "continuous-time network at each clock cycle, in units of V_s",
               {"cycle", "layer"}});
}

void RunTrace::waveforms(std::uint64_t sample, const WaveformRecorder& recorder,
                         hw::ChipRunner& runner) {
  const std::string group = fmt::format("probes/sample{}", sample);
  const auto& chip = runner.chip();
  std::vector<double> time(recorder.cycles());
  for (std::size_t k = 0; k < time.size(); ++k) {
    time[k] = static_cast<double>(k) * chip.config().clock_s;
  }
  file_.axis(group + "/time", time, "s", "time since the clock edge that entered LOAD");
  const auto& patterns = config_.output.probes;
  if (probe_matches(patterns, "controller/phase")) {
    file_.write(group + "/controller/phase", recorder.phase(), {time.size()},
                {"1", "phase of the sequencer after each edge (digital::Phase)", {"time"}});
  }
  for (std::size_t l = 1; l <= chip.analog().layer_count(); ++l) {
    const auto write = [&](const std::string& probe, const Matrix& values, const char* text) {
      if (!probe_matches(patterns, probe)) return;
      file_.write(group + "/" + probe, values.values(), {values.rows(), values.cols()},
                  {"V", text, {"time", "neuron"}});
    };
    const std::string layer = fmt::format("layer{}/neurons", l);
    write(layer + "/v", recorder.membrane(l), "membrane voltage relative to V_ref");
    write(layer + "/r", recorder.activity(l), "activity line relative to V_ref");
  }
  // What the converters made of it: codes per sample-and-hold, all layers one after another.
  const char* const banks[] = {"free", "positive", "negative"};
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    const std::string probe = fmt::format("controller/codes/{}", banks[k]);
    if (!probe_matches(patterns, probe)) continue;
    const auto codes = chip.controller().core().latched(k);
    file_.write(group + "/" + probe, codes, {codes.size()},
                {"1", "converter codes of layers 1..L latched by the controller", {"line"}});
    const auto held = chip.analog().sample_hold().held(k);
    file_.write(group + "/sample_hold/" + banks[k], held, {held.size()},
                {"V", "held voltages of layers 1..L", {"line"}});
  }
  file_.set_attribute(group, "adc_lsb_v", chip.analog().adc().scale().lsb_v());
  file_.set_attribute(group, "voltage_scale_v", chip.analog().voltage_scale_v());
  file_.set_attribute(group, "clock_s", chip.config().clock_s);
}

void RunTrace::epoch(std::uint64_t epoch, double accuracy, double training_accuracy) {
  epoch_.append_value(static_cast<std::int64_t>(epoch));
  epoch_accuracy_.append_value(accuracy);
  epoch_training_.append_value(training_accuracy);
}

void RunTrace::devices(const std::string& when, const hw::ChipRunner& runner) {
  const auto& analog = runner.chip().analog();
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    const auto& pairs = analog.tile(l).pairs();
    file_.write(fmt::format("devices/tile{}/conductance_difference_{}", l, when),
                pairs.difference().values(), {pairs.columns(), pairs.rows()},
                {"S", "G+ - G- of each pair, " + when, {"column", "row"}});
  }
}

void RunTrace::finish(const RunResult& result, const learning::Network& network) {
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const auto& w = network.weight[l - 1];
    const std::string group = fmt::format("network/layer{}", l);
    file_.write(group + "/weight_final", w.values(), {w.rows(), w.cols()},
                {"1", "weight after training", {"neuron", "input"}});
    if (!network.bias.empty()) {
      file_.write(group + "/bias_final", network.bias[l - 1], {w.rows()},
                  {"1", "bias after training", {"neuron"}});
    }
    if (l > 1 && !network.feedback.empty()) {
      const auto& b = network.feedback[l - 2];
      file_.write(fmt::format("network/layer{}/feedback_final", l - 1), b.values(),
                  {b.rows(), b.cols()},
                  {"1", "feedback weight after training", {"neuron", "above"}});
    }
  }
  const auto value = [&](const char* path, double v, const char* unit, const char* text) {
    file_.write_value(path, v, unit, text);
  };
  const auto count = [&](const char* path, std::uint64_t v, const char* text) {
    file_.write_value(path, static_cast<std::int64_t>(v), "1", text);
  };
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
  per_epoch("compare/accuracy_ideal_per_epoch", result.ideal_per_epoch,
            "test accuracy of the ideal reference after each epoch");
  per_epoch("compare/accuracy_backprop_per_epoch", result.backprop_per_epoch,
            "test accuracy of back-propagation after each epoch");
  if (config_.fidelity != Fidelity::cycle) return;
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
  count("events/clipped_inputs", result.clipped_inputs, "inputs outside the range of the DAC");
  count("events/clipped_targets", result.clipped_targets,
        "targets outside the range of the nudging DAC");
  count("events/clipped_weights", result.clipped_weights,
        "written weights outside what a device can hold");
  count("events/stuck_cells", result.stuck_cells, "cells that no pulse moves");
  if (!result.feedback_angle_deg.empty()) {
    file_.write("compare/feedback_angle", result.feedback_angle_deg,
                {result.feedback_angle_deg.size()},
                {"degree", "angle between the feedback array and W^T", {"path"}});
  }
  for (const auto& s : result.settling) {
    count(("events/unsettled_" + s.phase).c_str(), s.unsettled,
          "phases that had not settled at their end");
    count(("events/phases_" + s.phase).c_str(), s.phases, "phases run");
    value(("compare/settling_residual_" + s.phase).c_str(), s.mean_residual, "1",
          "mean over phases of max |tau dv/dt| / V_s at the end");
  }
  file_.write_text("provenance/stepper", result.stepper, "integrator of the analog domain");
  file_.set_attribute("provenance", "wall_s", result.wall_s);
}

double trace_bytes(const RunConfig& config, const learning::Network& network,
                   std::uint64_t training_samples, double cycles_per_sample) {
  double neurons = 0, weights = 0;
  const double layers = static_cast<double>(network.layer_count());
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    neurons += static_cast<double>(network.width(l));
    weights += static_cast<double>(network.weight[l - 1].size());
  }
  const auto samples = static_cast<double>(training_samples);
  double bytes = 8.0 * (2.0 * weights + 2.0 * neurons);
  bytes += 8.0 * 5.0 * samples / static_cast<double>(samples_per_block);
  if (config.fidelity != Fidelity::cycle) return bytes;
  bytes += 8.0 * 2.0 * weights;
  const auto every = static_cast<double>(config.monitor.gradient_every);
  if (every > 0) bytes += 8.0 * (1.0 + 5.0 * layers) * samples / every;
  const auto states = static_cast<double>(config.monitor.state_every);
  if (states > 0) bytes += 8.0 * layers * cycles_per_sample * samples / states;
  double per_cycle = 8.0;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    for (const char* what : {"v", "r"}) {
      if (probe_matches(config.output.probes, fmt::format("layer{}/neurons/{}", l, what))) {
        per_cycle += 8.0 * static_cast<double>(network.width(l));
      }
    }
  }
  return bytes + static_cast<double>(config.output.samples.size()) * per_cycle * cycles_per_sample;
}

}  // namespace memprop::bench
