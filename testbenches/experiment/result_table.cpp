#include "testbenches/experiment/result_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace memprop::bench {
namespace {

std::string percent(double share) {
  return std::isnan(share) ? std::string("-") : fmt::format("{:.2f} %", 100.0 * share);
}

std::string figure(double value) {
  return std::isnan(value) ? std::string("-") : fmt::format("{:.3f}", value);
}

// Engineering text with four digits: "1.234 uJ".
std::string engineering(double value, const char* unit) {
  static const char* const prefixes[] = {"f", "p", "n", "u", "m", "", "k", "M", "G"};
  if (value == 0.0 || !std::isfinite(value)) return fmt::format("0 {}", unit);
  const int group =
      std::max(-5, std::min(3, static_cast<int>(std::floor(std::log10(std::abs(value)) / 3.0))));
  return fmt::format("{:.4g} {}{}", value / std::pow(1000.0, group), prefixes[group + 5], unit);
}

std::string json_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
}

// What the sleeps of a chip have cost, all together.
SleepCost all_sleeps(const RunResult& r) {
  SleepCost sum;
  for (const TaskFigures& t : r.tasks) {
    sum.set_pulses += t.cost.set_pulses;
    sum.reset_pulses += t.cost.reset_pulses;
    sum.saturated_pulses += t.cost.saturated_pulses;
    sum.cycles += t.cost.cycles;
    sum.calibration_cycles += t.cost.calibration_cycles;
    sum.energy.arrays_j += t.cost.energy.arrays_j;
    sum.energy.neurons_j += t.cost.energy.neurons_j;
    sum.energy.converters_j += t.cost.energy.converters_j;
    sum.energy.writes_j += t.cost.energy.writes_j;
    sum.energy.digital_j += t.cost.energy.digital_j;
  }
  return sum;
}

std::string sleep_table(const RunResult& r) {
  const SleepCost c = all_sleeps(r);
  if (c.cycles == 0) return {};
  return fmt::format(
      "sleep (no part of the figures of training)\n"
      "  {:<34} {} SET, {} RESET, {} ended at a bound\n"
      "  {:<34} {}, and {} of calibration\n"
      "  {:<34} {} (arrays {}, neurons {}, writes {})\n",
      "programming pulses", c.set_pulses, c.reset_pulses, c.saturated_pulses, "clock cycles",
      c.cycles, c.calibration_cycles, "energy", engineering(c.energy.total_j(), "J"),
      engineering(c.energy.arrays_j, "J"), engineering(c.energy.neurons_j, "J"),
      engineering(c.energy.writes_j, "J"));
}

// Right answers on every task, one line for each task learned.
std::string task_table(const RunResult& r) {
  if (r.tasks.empty()) return {};
  std::string out = "right answers on the tasks (rows: after training on one, and after sleep)\n";
  for (std::size_t k = 0; k < r.tasks.size(); ++k) {
    const auto row = [&](const char* when, const std::vector<double>& values) {
      if (values.empty()) return;
      out += fmt::format("  task {:<3} {:<6}", k + 1, when);
      for (const double v : values) out += fmt::format(" {:>9}", percent(v));
      out += '\n';
    };
    row("awake", r.tasks[k].awake);
    row("slept", r.tasks[k].slept);
  }
  return out + sleep_table(r);
}

// As arrays, and what results books look at: figures of the last task.
std::string task_json(const RunResult& r) {
  std::string out;
  const auto list = [](const std::vector<double>& values) {
    std::string text = "[";
    for (std::size_t k = 0; k < values.size(); ++k) {
      text += (k > 0 ? ", " : "") + json_number(values[k]);
    }
    return text + "]";
  };
  for (std::size_t l = 0; l < r.activity.size(); ++l) {
    out += fmt::format("  \"activity_mean_layer{0}\": {1},\n  \"activity_share_layer{0}\": {2},\n",
                       l + 1, json_number(r.activity[l].mean), json_number(r.activity[l].share));
  }
  if (r.tasks.empty()) return out;
  out += "  \"tasks\": [\n";
  double stuck = 0;
  for (std::size_t k = 0; k < r.tasks.size(); ++k) {
    const TaskFigures& t = r.tasks[k];
    out += fmt::format(
        "    {{\"awake\": {}, \"slept\": {}, \"spikes\": {}, \"thresholds\": {}, "
        "\"stuck_share\": {}}}{}\n",
        list(t.awake), list(t.slept), list(t.spikes), list(t.thresholds),
        json_number(t.stuck_share), k + 1 < r.tasks.size() ? "," : "");
    if (k > 0) stuck += t.stuck_share / static_cast<double>(r.tasks.size() - 1);
  }
  out += "  ],\n";
  const SleepCost c = all_sleeps(r);
  if (c.cycles > 0) {
    out += fmt::format(
        "  \"sleep_set_pulses\": {},\n  \"sleep_reset_pulses\": {},\n"
        "  \"sleep_saturated_pulses\": {},\n  \"sleep_cycles\": {},\n"
        "  \"sleep_calibration_cycles\": {},\n  \"sleep_energy_j\": {},\n"
        "  \"sleep_energy_writes_j\": {},\n",
        c.set_pulses, c.reset_pulses, c.saturated_pulses, c.cycles, c.calibration_cycles,
        json_number(c.energy.total_j()), json_number(c.energy.writes_j));
  }
  if (r.tasks.size() < 2) return out;  // one task of everything: no newest, no earlier
  const std::vector<double>& last = r.tasks.back().last();
  double earlier = 0;
  for (std::size_t k = 0; k + 1 < last.size(); ++k) earlier = std::max(earlier, last[k]);
  out += fmt::format(
      "  \"accuracy_newest_task\": {},\n  \"accuracy_best_earlier_task\": {},\n"
      "  \"stuck_share\": {},\n",
      json_number(last.back()), json_number(earlier), json_number(stuck));
  return out;
}

}  // namespace

std::string result_table(const RunResult& r) {
  std::string out;
  for (const auto& warning : r.warnings) out += "warning: " + warning + '\n';
  const auto line = [&](const std::string& label, const std::string& value) {
    out += fmt::format("  {:<34} {}\n", label, value);
  };
  out += fmt::format("accuracy on {} test samples after {} training samples\n", r.test_samples,
                     r.training_samples);
  line(r.fidelity == "cycle" || r.fidelity == "rtl" ? "chip" : r.fidelity, percent(r.accuracy));
  if (r.accuracy_per_epoch.size() > 1 && !std::isnan(r.best_accuracy)) {
    line("best epoch", percent(r.best_accuracy));
  }
  if (r.fidelity != "ideal") line("ideal reference", percent(r.ideal_accuracy));
  line("back-propagation", percent(r.backprop_accuracy));
  if (!std::isnan(r.training_accuracy))
    line("while training (before learning)", percent(r.training_accuracy));
  line("test loss", figure(r.loss));
  out += task_table(r);
  if (!std::isnan(r.epoch_deviation)) {
    line("from epoch to epoch", fmt::format("deviation {}, largest drop {}",
                                            percent(r.epoch_deviation), percent(r.largest_drop)));
  }
  if (!std::isnan(r.free_residual)) {
    line("end of the free phase", fmt::format("residual {}, oscillation {}",
                                              figure(r.free_residual), figure(r.free_oscillation)));
  }
  if (r.fidelity != "cycle" && r.fidelity != "rtl") {
    out += fmt::format("wall time {:.1f} s\n", r.wall_s);
    return out;
  }
  if (r.compared_updates > 0) {
    out += fmt::format("updates against the exact EP gradient (mean of {} updates)\n",
                       r.compared_updates);
    out += fmt::format("  {:<10} {:>14} {:>14} {:>14} {:>12} {:>12}\n", "layer", "cos wanted",
                       "cos applied", "wrong label", "norm wanted", "norm applied");
    for (std::size_t l = 0; l < r.alignment.size(); ++l) {
      const auto& a = r.alignment[l];
      out +=
          fmt::format("  {:<10} {:>14} {:>14} {:>14} {:>12} {:>12}\n", l + 1,
                      figure(a.cosine_wanted), figure(a.cosine_applied), figure(a.cosine_shuffled),
                      figure(a.ratio_wanted), figure(a.ratio_applied));
    }
  }
  out += "settling\n";
  for (const auto& s : r.settling) {
    line(s.phase + " phase",
         fmt::format("mean residual {:.2e}, worst {:.2e}, {} of {} phases not settled ({})",
                     s.mean_residual, s.worst_residual, s.unsettled, s.phases,
                     percent(static_cast<double>(s.unsettled) / static_cast<double>(s.phases))));
  }
  for (double angle : r.feedback_angle_deg) {
    line("angle of feedback array to W^T", fmt::format("{:.2f} degrees", angle));
  }
  // A run without training is about its test samples.
  const bool trained = r.training_samples > 0;
  const auto samples = static_cast<double>(
      std::max<std::uint64_t>(trained ? r.training_samples : r.test_samples, 1));
  out += fmt::format("writes and limits ({})\n", trained ? "training" : "test");
  line("programming pulses",
       fmt::format("{} SET, {} RESET ({:.1f} per sample)", r.set_pulses, r.reset_pulses,
                   static_cast<double>(r.set_pulses + r.reset_pulses) / samples));
  line("pulses that ended at a bound", fmt::format("{}", r.saturated_pulses));
  line("pulse counts clipped", fmt::format("{}", r.clipped_counts));
  if (r.optimiser_memory_bits > 0) {
    line("memory of the optimiser",
         fmt::format("{:.1f} kB, {:.0f} words read or written per sample",
                     static_cast<double>(r.optimiser_memory_bits) / 8e3,
                     static_cast<double>(r.optimiser_words) / samples));
  }
  if (r.verify_cells > 0) {
    line("cells written with verification",
         fmt::format("{}, {:.1f} reads each, {} not within tolerance", r.verify_cells,
                     static_cast<double>(r.verify_reads) / static_cast<double>(r.verify_cells),
                     r.verify_unfinished));
  }
  if (r.refreshed_pairs > 0) {
    line("pairs refreshed",
         fmt::format("{}, in {} cycles beside the samples", r.refreshed_pairs, r.refresh_cycles));
  }
  line("conversions clipped", fmt::format("{} of {}", r.clipped_conversions, r.conversions));
  if (r.amplified_differences > 0) {
    line("amplified differences cut",
         fmt::format("{} of {}", r.saturated_differences, r.amplified_differences));
  }
  if (r.clipped_inputs > 0) line("inputs clipped", fmt::format("{}", r.clipped_inputs));
  if (r.clipped_targets > 0) line("targets clipped", fmt::format("{}", r.clipped_targets));
  line("weights clipped when written", fmt::format("{}", r.clipped_weights));
  if (r.stuck_cells > 0) line("stuck cells", fmt::format("{}", r.stuck_cells));
  if (r.counted_devices > 0) {
    line("pulses of a device",
         fmt::format("{:.1f} on the mean, {} at most; {} of {} worn out", r.mean_pulses,
                     r.most_pulses, r.worn_devices, r.counted_devices));
  }
  if (!r.wire_error.empty()) {
    line("wires",
         fmt::format("{} exact solutions; error in between at most {:.2e}", r.wire_reductions,
                     *std::max_element(r.wire_error.begin(), r.wire_error.end())));
  }
  out += fmt::format("cycles, time and energy ({})\n", trained ? "training" : "test");
  line("clock cycles", fmt::format("{} ({:.1f} per sample, {:.1f} in updates)", r.cycles,
                                   static_cast<double>(r.cycles) / samples,
                                   static_cast<double>(r.update_cycles) / samples));
  line("simulated time", engineering(r.simulated_s, "s"));
  const auto energy = [&](const char* label, double joule, bool keyed = false) {
    line(label, keyed && joule == 0.0
                    ? std::string("not modelled: its energy keys are zero")
                    : fmt::format("{:<12} ({} per sample)", engineering(joule, "J"),
                                  engineering(joule / samples, "J")));
  };
  energy("arrays", r.energy.arrays_j);
  energy("neurons", r.energy.neurons_j);
  energy("converters", r.energy.converters_j, true);
  energy("writes", r.energy.writes_j);
  energy("digital control", r.energy.digital_j, true);
  energy("total", r.energy.total_j());
  out +=
      fmt::format("stepper {} ({} steps, {} rejected, {} right-hand sides)\nwall time {:.1f} s\n",
                  r.stepper, r.solver_steps, r.solver_rejected, r.solver_rhs, r.wall_s);
  return out;
}

std::string result_json(const RunResult& r) {
  std::string out = "{\n";
  const auto number = [&](const char* key, double value) {
    out += fmt::format("  \"{}\": {},\n", key, json_number(value));
  };
  const auto count = [&](const char* key, std::uint64_t value) {
    out += fmt::format("  \"{}\": {},\n", key, value);
  };
  out += fmt::format("  \"fidelity\": \"{}\",\n", r.fidelity);
  number("accuracy", r.accuracy);
  number("accuracy_best_epoch", r.best_accuracy);
  number("accuracy_ideal", r.ideal_accuracy);
  number("accuracy_backprop", r.backprop_accuracy);
  if (!r.backprop_per_epoch.empty()) {
    number("accuracy_backprop_best_epoch",
           *std::max_element(r.backprop_per_epoch.begin(), r.backprop_per_epoch.end()));
  }
  if (!r.accuracy_per_epoch.empty()) {
    out += "  \"accuracy_per_epoch\": [";
    for (std::size_t k = 0; k < r.accuracy_per_epoch.size(); ++k) {
      out += (k > 0 ? ", " : "") + json_number(r.accuracy_per_epoch[k]);
    }
    out += "],\n";
  }
  number("accuracy_training", r.training_accuracy);
  out += task_json(r);
  number("accuracy_last_epochs", r.late_accuracy);
  number("epoch_deviation", r.epoch_deviation);
  number("largest_drop", r.largest_drop);
  number("free_residual", r.free_residual);
  number("free_oscillation", r.free_oscillation);
  number("nudged_oscillating", r.nudged_oscillating);
  count("training_samples", r.training_samples);
  count("test_samples", r.test_samples);
  count("compared_updates", r.compared_updates);
  for (std::size_t l = 0; l < r.alignment.size(); ++l) {
    const auto& a = r.alignment[l];
    const auto prefix = fmt::format("layer{}_", l + 1);
    number((prefix + "cosine_wanted").c_str(), a.cosine_wanted);
    number((prefix + "cosine_applied").c_str(), a.cosine_applied);
    number((prefix + "cosine_shuffled").c_str(), a.cosine_shuffled);
    number((prefix + "ratio_wanted").c_str(), a.ratio_wanted);
    number((prefix + "ratio_applied").c_str(), a.ratio_applied);
  }
  for (const auto& s : r.settling) {
    count(("phases_" + s.phase).c_str(), s.phases);
    count(("unsettled_" + s.phase).c_str(), s.unsettled);
    number(("residual_" + s.phase).c_str(), s.mean_residual);
  }
  count("set_pulses", r.set_pulses);
  count("reset_pulses", r.reset_pulses);
  count("saturated_pulses", r.saturated_pulses);
  count("clipped_counts", r.clipped_counts);
  count("optimiser_memory_bits", r.optimiser_memory_bits);
  count("optimiser_words", r.optimiser_words);
  count("verify_cells", r.verify_cells);
  count("verify_reads", r.verify_reads);
  count("verify_unfinished", r.verify_unfinished);
  count("refreshed_pairs", r.refreshed_pairs);
  count("refresh_cycles", r.refresh_cycles);
  count("clipped_conversions", r.clipped_conversions);
  if (r.amplified_differences > 0) {
    count("amplified_differences", r.amplified_differences);
    count("saturated_differences", r.saturated_differences);
  }
  count("clipped_inputs", r.clipped_inputs);
  count("clipped_targets", r.clipped_targets);
  number("loss", r.loss);
  count("clipped_weights", r.clipped_weights);
  if (r.counted_devices > 0) {
    count("counted_devices", r.counted_devices);
    count("most_pulses", r.most_pulses);
    count("worn_devices", r.worn_devices);
    number("mean_pulses", r.mean_pulses);
  }
  if (!r.wire_error.empty()) {
    count("wire_reductions", r.wire_reductions);
    number("wire_error", *std::max_element(r.wire_error.begin(), r.wire_error.end()));
  }
  count("cycles", r.cycles);
  number("simulated_s", r.simulated_s);
  number("energy_arrays_j", r.energy.arrays_j);
  number("energy_neurons_j", r.energy.neurons_j);
  number("energy_converters_j", r.energy.converters_j);
  number("energy_writes_j", r.energy.writes_j);
  number("energy_digital_j", r.energy.digital_j);
  count("solver_rhs", r.solver_rhs);
  out += fmt::format("  \"stepper\": \"{}\",\n  \"interrupted\": {},\n  \"wall_s\": {}\n}}\n",
                     r.stepper, r.interrupted, json_number(r.wall_s));
  return out;
}

}  // namespace memprop::bench
