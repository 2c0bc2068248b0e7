#include "testbenches/experiment/ablation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "learning/resistive/resistive_network.hpp"
#include "testbenches/experiment/ablation_converters.hpp"
#include "testbenches/experiment/ablation_entry.hpp"
#include "testbenches/experiment/ablation_neurons.hpp"
#include "testbenches/experiment/ablation_sleep.hpp"
#include "testbenches/experiment/ablation_tile.hpp"

namespace memprop::bench {
namespace {

using analog::DeviceModel;

// Steps by a formula of the state, which a constant step can replace.
bool steps_by_state(const RunConfig& c) {
  const DeviceModel model = c.chip.device.model;
  return model == DeviceModel::soft_bounds || model == DeviceModel::linear_step ||
         model == DeviceModel::exp_step || model == DeviceModel::power_step;
}
// Devices whose state moves by (bounded) steps, and the exponential curve: they have keys of their
// own. The ideal device has none.
bool by_steps(const RunConfig& c) {
  const DeviceModel model = c.chip.device.model;
  return model == DeviceModel::constant_step || steps_by_state(c) || model == DeviceModel::table;
}
bool exponential(const RunConfig& c) { return c.chip.device.model == DeviceModel::exponential; }

// Phases so much longer that a settling time constant leaves e^-4 of what was left before.
constexpr std::uint64_t longer_phases = 4;

std::string longer(std::uint32_t cycles) {
  return fmt::format("{}", std::min<std::uint64_t>(cycles * longer_phases, 0xffffffffU));
}

void add_devices(std::vector<Imperfection>& all) {
  const std::string d = "chip.device.";
  all.push_back(fixed("device-step-spread", "steps differ from device to device", by_steps,
                      {{d + "step_spread", "0.0"}}, {d + "step_spread_lognormal"}));
  all.push_back(
      fixed("device-cycle-noise", "steps differ from pulse to pulse", by_steps,
            {{d + "cycle_noise", "0.0"}},
            {d + "cycle_noise_additive", d + "cycle_noise_floor", d + "cycle_noise_slope"}));
  all.push_back(fixed("device-asymmetry",
                      "up and down steps differ, in the mean and from device to device", by_steps,
                      {{d + "up_down", "0.0"}, {d + "up_down_spread", "0.0"}}));
  all.push_back(fixed("device-bounds-spread", "bounds differ from device to device", by_steps,
                      {{d + "w_max_spread", "0.0"}, {d + "w_min_spread", "0.0"}}));
  all.push_back(fixed("device-write-noise",
                      "a read after a pulse sees another conductance than was written", by_steps,
                      {{d + "write_noise", "0.0"}}));
  all.push_back(fixed(
      "device-soft-bounds", "steps depend on the state, above all near the bounds", steps_by_state,
      {{d + "model", "constant-step"},
       {d + "reference_at_symmetry", "false"},
       {d + "reference_spread", "0.0"}},
      {d + "gamma_up", d + "gamma_down", d + "gamma_up_spread", d + "gamma_down_spread",
       d + "slope_of_nominal_bound", d + "exp_a", d + "exp_b", d + "exp_gamma_up",
       d + "exp_gamma_down", d + "exp_up", d + "exp_down"}));
  all.push_back(fixed("device-nonlinearity", "steps depend on the conductance (exponential)",
                      exponential,
                      {{d + "nonlinearity_up", "0.0"}, {d + "nonlinearity_down", "0.0"}}));
  all.push_back(fixed("device-nonlinearity-spread", "that dependence differs from device to device",
                      exponential, {{d + "nonlinearity_spread", "0.0"}}));
  all.push_back(fixed("device-window-noise", "steps differ from pulse to pulse (exponential)",
                      exponential, {{d + "window_cycle_noise", "0.0"}}));
  all.push_back(
      fixed("stuck-cells", "cells that no pulse moves", always, {{"chip.stuck_fraction", "0.0"}}));
  all.push_back(fixed("read-noise", "conductances fluctuate while they are read", always,
                      {{"chip.noise.read", "0.0"}}));
}

void add_resistive(std::vector<Imperfection>& all) {
  const auto resistive = [](const RunConfig& c) { return learning::is_resistive(c.network); };
  const std::string r = "chip.resistive.";
  all.push_back(fixed("diodes", "diodes clamp softly, and away from their sources", resistive,
                      {{r + "diode", "ideal"}}, {r + "diode_saturation", r + "diode_emission"}));
  all.push_back(fixed("amplifier-gains",
                      "forward and backward gains of the amplifiers differ from the nominal ones",
                      resistive,
                      {{r + "forward_mismatch", "0.0"}, {r + "backward_mismatch", "0.0"}}));
}

void add_updates(std::vector<Imperfection>& all) {
  using hw::UpdateCircuit;
  const std::string u = "chip.update.";
  // Rounded pulse counts without a limit: what is left is the device.
  const Setting counts{u + "circuit", "pulse-count"}, unlimited{u + "max_pulses", "65535"};
  all.push_back(
      fixed("pulse-limit", "more pulses wanted than an update may have",
            [](const RunConfig& c) { return c.chip.update.circuit == UpdateCircuit::pulse_count; },
            {unlimited}));
  all.push_back(
      fixed("stochastic-update", "products formed by coincidence of random pulses",
            [](const RunConfig& c) { return c.chip.update.circuit == UpdateCircuit::stochastic; },
            {counts, unlimited}, {u + "stream_length", u + "stream_error"}));
  all.push_back(
      fixed("sign-update", "only the signs of what is multiplied count",
            [](const RunConfig& c) { return c.chip.update.circuit == UpdateCircuit::sign_sign; },
            {counts, unlimited, {u + "row_serial", "false"}},
            {u + "sign_threshold_post", u + "sign_threshold_pre"}));
  all.push_back(fixed("accumulators", "changes wait in counters of few bits",
                      [](const RunConfig& c) {
                        // An optimiser needs them.
                        return c.chip.update.circuit == UpdateCircuit::accumulate &&
                               c.learning.batch == 1 &&
                               c.learning.optimiser.kind == learning::OptimiserKind::sgd;
                      },
                      {counts, unlimited}, {u + "accumulator_bits", u + "accumulator_threshold"}));
  all.push_back(
      fixed("product-sign-update", "only the signs of the products count",
            [](const RunConfig& c) { return c.chip.update.circuit == UpdateCircuit::product_sign; },
            {counts, unlimited}, {u + "product_dead_zone"}));
  all.push_back(
      fixed("verify-reads", "cells are written as far as a converter sees their change",
            [](const RunConfig& c) { return c.chip.update.circuit == UpdateCircuit::write_verify; },
            {counts, unlimited},
            {u + "verify_bits", u + "verify_noise", u + "verify_tolerance", u + "verify_rounds"}));
  all.push_back(fixed("reset-only", "weights change by RESET pulses only, pairs run low",
                      [](const RunConfig& c) { return c.chip.update.reset_only; },
                      {{u + "reset_only", "false"}, {u + "refresh_every", "0"}},
                      {u + "refresh_level"}));
  const std::string d = "chip.device.";
  const std::string asleep = "chip.sleep.write";
  all.push_back({"programming",
                 "devices and circuits that change weights by pulses, all at once",
                 {d + "model", u + "circuit", u + "row_serial", d + "step", d + "levels_up",
                  d + "levels_down", asleep, "chip.sleep.max_pulses"},
                 always,
                 [=](const RunConfig& c) {
                   Settings off{{d + "model", "ideal"},
                                {u + "circuit", "ideal-write"},
                                {u + "row_serial", "false"}};
                   if (c.sleep.on) off.push_back({asleep, "ideal-write"});
                   return off;
                 }});
}

void add_timing(std::vector<Imperfection>& all) {
  const Setting averaged{"chip.feedback", "shared-averaged"};
  all.push_back(
      fixed("slots", "forward and backward reads take turns",
            [](const RunConfig& c) { return c.chip.feedback == hw::FeedbackArray::shared_slots; },
            {averaged}, {"chip.slot"}));
  // With weights of its own the second array is the network's design, not a copy gone astray.
  all.push_back(fixed("second-array", "the feedback array strays from the transposed forward one",
                      [](const RunConfig& c) {
                        return c.chip.feedback == hw::FeedbackArray::separate_array &&
                               c.network.feedback == learning::FeedbackWeights::tied;
                      },
                      {averaged}));
  const std::string s = "chip.schedule.";
  all.push_back({"settling",
                 "phases end before the network has settled",
                 {s + "free", s + "nudge_positive", s + "nudge_negative"},
                 always,
                 [s](const RunConfig& c) {
                   const hw::ScheduleConfig& schedule = c.chip.schedule;
                   return Settings{{s + "free", longer(schedule.free)},
                                   {s + "nudge_positive", longer(schedule.nudge_positive)},
                                   {s + "nudge_negative", longer(schedule.nudge_negative)}};
                 }});
}

std::vector<Imperfection> make_imperfections() {
  std::vector<Imperfection> all;
  add_devices(all);
  add_resistive(all);
  add_updates(all);
  add_converter_imperfections(all);
  add_neuron_imperfections(all);
  add_timing(all);
  add_tile_imperfections(all);
  add_sleep_imperfections(all);
  return all;
}

}  // namespace

const std::vector<Imperfection>& imperfections() {
  static const std::vector<Imperfection> all = make_imperfections();
  return all;
}

const std::vector<std::pair<std::string, std::string>>& not_imperfections() {
  constexpr const char* scale = "sets the scale that everything else is measured in";
  constexpr const char* design = "a choice between designs, each with its imperfections";
  constexpr const char* energy = "changes the energy only";
  constexpr const char* timing = "time that the controller needs, without dynamics of its own";
  constexpr const char* bandwidth = "how the read noise is distributed in time, not how much";
  constexpr const char* controller = "who drives the chip: the same pins for the same inputs";
  constexpr const char* checks = "looks at the run, without effect on it";
  static const std::vector<std::pair<std::string, std::string>> own{
      {"chip.clock", timing},
      {"chip.temperature", "a condition; its effects have entries of their own"},
      {"chip.voltage_scale", scale},
      {"chip.resistive.capacitance", timing},
      {"chip.weight_range", "a compromise between window and step; see \"programming\""},
      {"chip.pair", design},
      {"chip.forward_share", "a compromise between forward and backward gain"},
      {"chip.digital_energy_per_cycle", energy},
      {"chip.settle_tolerance", "what is counted, not what happens"},
      {"chip.device.file", "stands for the other keys of the device"},
      {"chip.device.preset", "stands for the other keys of the device"},
      {"chip.device.g_min", scale},
      {"chip.device.g_max", scale},
      {"chip.device.w_min", scale},
      {"chip.device.w_max", scale},
      {"chip.device.table_up", "the device itself; see \"programming\""},
      {"chip.device.table_down", "the device itself; see \"programming\""},
      {"chip.device.set_voltage", energy},
      {"chip.device.reset_voltage", energy},
      {"chip.device.pulse_width", energy},
      {"chip.twin.mode", design},
      {"chip.dac.coding", design},
      {"chip.adc.cycles_per_bit", timing},
      {"chip.update.verify_cycles", timing},
      {"chip.neuron.leak", scale},
      {"chip.neuron.bias_current", energy},
      {"chip.neuron.supply", energy},
      {"chip.update.state_energy", energy},
      {"chip.dac.energy", energy},
      {"chip.nudge_dac.energy", energy},
      {"chip.adc.energy", energy},
      {"chip.adc.channels", "time that conversions need; their offsets have an entry"},
      {"chip.difference_amplifier.gain", design},
      {"chip.difference_amplifier.bias_current", energy},
      {"chip.adaptation.conductance", "what the rule calls (1 - c)^N, as a circuit"},
      {"chip.adaptation.bias_current", energy},
      {"chip.schedule.adapt", "with the conductance, what the rule calls (1 - c)^N"},
      {"chip.adc.average", "a remedy against the noise of conversions, which has an entry"},
      {"chip.noise.correlation_time", bandwidth},
      {"chip.noise.grid", bandwidth},
      {"chip.schedule.load", timing},
      {"chip.schedule.sample", timing},
      {"chip.schedule.convert", timing},
      {"chip.controller.sources", controller},
      {"chip.controller.top", controller},
      {"chip.controller.parameters", controller},
      {"chip.controller.lockstep", checks},
      {"chip.controller.monitor", checks},
      {"chip.controller.pin_trace", checks},
      {"chip.controller.pin_trace_edges", checks},
  };
  static const auto all = [] {
    auto choices = own;
    add_tile_choices(choices);
    add_sleep_choices(choices);
    return choices;
  }();
  return all;
}

}  // namespace memprop::bench
