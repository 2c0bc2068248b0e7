#include "analog/memristor/presets.hpp"
#include "cli/config/describe.hpp"
#include "cli/config/device_file.hpp"

namespace memprop::config {
void describe_device(Binder& b, analog::DeviceConfig& c) {
  using analog::DeviceModel;
  b.section("chip.device",
            "The memristor. A preset fills all keys of this section; keys beside it override.");
  Field preset;
  preset.type = FieldType::choice;
  preset.names.emplace_back("");
  for (const auto& known : analog::device_presets()) preset.names.emplace_back(known.name);
  preset.meaning =
      "named device of the library (analog/memristor/presets.cpp has their sources); empty: none";
  preset.get = [&c] { return Values{Scalar{c.preset}}; };
  preset.set = [&c](const Values& v) {
    const auto& name = std::get<std::string>(v.at(0));
    c = name.empty() ? analog::DeviceConfig{} : analog::device_preset(name);
    c.preset = name;
  };
  b.custom("preset", preset);
  Field file;
  file.type = FieldType::path;
  file.meaning =
      "TOML file with a section [chip.device] and nothing else, as memprop fit-device writes it; "
      "goes over the preset";
  // The values themselves stand in what is resolved: a trace does not depend on the file.
  file.get = [] { return Values{Scalar{std::string()}}; };
  file.set = [&c](const Values& v) {
    const auto& path = std::get<std::string>(v.at(0));
    if (!path.empty()) read_device_file(path, c);
  };
  b.custom("file", file);
  b.choice("model", c.model,
           {{DeviceModel::ideal, "ideal"},
            {DeviceModel::constant_step, "constant-step"},
            {DeviceModel::soft_bounds, "soft-bounds"},
            {DeviceModel::exponential, "exponential"},
            {DeviceModel::linear_step, "linear-step"},
            {DeviceModel::exp_step, "exp-step"},
            {DeviceModel::power_step, "power-step"},
            {DeviceModel::table, "table"}},
           "how a programming pulse changes the device");
  b.quantity("g_min", c.g_min_s, Unit::siemens, at_least(0), "window of conductance");
  b.quantity("g_max", c.g_max_s, Unit::siemens, positive(), "window of conductance");
  b.number("w_min", c.w_min, any(), "state at g_min (all but exponential)");
  b.number("w_max", c.w_max, any(), "state at g_max (all but exponential)");
  b.number("step", c.step, positive(), "change of state per pulse");
  b.number("step_spread", c.step_spread, at_least(0), "of the step, device to device, relative");
  b.boolean("step_spread_lognormal", c.step_spread_lognormal,
            "log-normal instead of normal spread of the step");
  b.number("cycle_noise", c.cycle_noise, at_least(0), "cycle to cycle, relative to the step");
  b.boolean("cycle_noise_additive", c.cycle_noise_additive,
            "relative to the step at 0 instead of to the change (soft-bounds, linear-step)");
  b.number("cycle_noise_floor", c.cycle_noise_floor, at_least(0),
           "added to the change that the cycle noise refers to (exp-step, power-step, table)");
  b.number("cycle_noise_slope", c.cycle_noise_slope, at_least(0),
           "the same, times the size of the state (exp-step, power-step, table)");
  b.number("up_down", c.up_down, within(-1, 1), "systematic asymmetry of up and down steps");
  b.number("up_down_spread", c.up_down_spread, at_least(0), "of the asymmetry, device to device");
  b.number("w_max_spread", c.w_max_spread, at_least(0), "of the upper bound, device to device");
  b.number("w_min_spread", c.w_min_spread, at_least(0), "of the lower bound, device to device");
  b.number("write_noise", c.write_noise, at_least(0),
           "of the conductance a read sees after a pulse, in steps");
  b.number("gamma_up", c.gamma_up, at_least(0),
           "part of the step lost at the bound (linear-step), exponent (power-step)");
  b.number("gamma_down", c.gamma_down, at_least(0), "the same for steps down");
  b.number("gamma_up_spread", c.gamma_up_spread, at_least(0),
           "of gamma_up, device to device, relative");
  b.number("gamma_down_spread", c.gamma_down_spread, at_least(0),
           "of gamma_down, device to device, relative");
  b.boolean("slope_of_nominal_bound", c.slope_of_nominal_bound,
            "steps fall towards the nominal bound instead of the device's own (linear-step)");
  b.number("exp_a", c.exp_a, any(), "a in z = 2 a w/(b_max - b_min) + b (exp-step)");
  b.number("exp_b", c.exp_b, any(), "b of the same (exp-step)");
  b.number("exp_gamma_up", c.exp_gamma_up, any(), "g in 1 - A exp(g z) (exp-step)");
  b.number("exp_gamma_down", c.exp_gamma_down, any(), "g in 1 - A exp(-g z) (exp-step)");
  b.number("exp_up", c.exp_up, any(), "A of steps up (exp-step)");
  b.number("exp_down", c.exp_down, any(), "A of steps down (exp-step)");
  b.boolean("reference_at_symmetry", c.reference_at_symmetry,
            "reads show the state less that of a reference at the symmetry point (soft-bounds)");
  b.number("reference_spread", c.reference_spread, at_least(0),
           "of that reference, device to device, absolute (soft-bounds)");
  b.numbers("table_up", c.table_up, any(),
            "change of state by a pulse up, in steps, at equal distances from w_min to w_max "
            "(table)");
  b.numbers("table_down", c.table_down, any(), "the same for a pulse down (table)");
  b.numbers("table_nodes", c.table_nodes, any(),
            "states of these entries, rising from w_min to w_max; empty: equal distances (table)");
  b.number("levels_up", c.levels_up, at_least(1), "pulses over the window (exponential)");
  b.number("levels_down", c.levels_down, at_least(1), "pulses over the window (exponential)");
  b.number("nonlinearity_up", c.nonlinearity_up, within(0, 9), "label, 0: linear (exponential)");
  b.number("nonlinearity_down", c.nonlinearity_down, within(0, 9),
           "label, given as a positive number (exponential)");
  b.number("nonlinearity_spread", c.nonlinearity_spread, at_least(0),
           "of the labels, device to device, absolute (exponential)");
  b.number("window_cycle_noise", c.window_cycle_noise, at_least(0),
           "cycle to cycle, relative to g_max - g_min (exponential)");
  b.quantity("nonlinear_voltage", c.nonlinear_v, Unit::volt, at_least(0),
             "V0 of reads with i = G V0 sinh(v/V0); \"0 V\": linear");
  b.number("temperature_coefficient", c.temperature_coefficient, any(),
           "relative change of the conductance per kelvin, from 300 K");
  b.quantity("set_voltage", c.set_voltage_v, Unit::volt, positive(), "of a SET pulse");
  b.quantity("reset_voltage", c.reset_voltage_v, Unit::volt, positive(), "of a RESET pulse");
  b.quantity("pulse_width", c.pulse_width_s, Unit::second, positive(), "of a programming pulse");
}

namespace {

void describe_schedule(Binder& b, hw::ScheduleConfig& c) {
  b.section("chip.schedule", "Clock cycles of each state of the sequencer.");
  b.integer("load", c.load, at_least(1), "input DACs settle");
  b.integer("free", c.free, at_least(1), "free phase");
  b.integer("sample", c.sample, at_least(1), "track time of each sample-and-hold");
  b.integer("convert", c.convert, at_least(1),
            "one conversion; a sample is followed by all that channels and average ask for");
  b.integer("nudge_positive", c.nudge_positive, at_least(1), "positive nudged phase");
  b.integer("nudge_negative", c.nudge_negative, at_least(1),
            "negative nudged phase (centred nudging)");
  b.integer("adapt", c.adapt, at_least(2),
            "window of chip.adaptation behind each nudged phase, the last cycles of which track "
            "its sample");
}

void describe_update(Binder& b, hw::UpdateConfig& c) {
  using hw::UpdateCircuit;
  b.section("chip.update", "How wanted changes become programming pulses.");
  b.choice(
      "circuit", c.circuit,
      {{UpdateCircuit::pulse_count, "pulse-count"},
       {UpdateCircuit::stochastic, "stochastic"},
       {UpdateCircuit::sign_sign, "sign-sign"},
       {UpdateCircuit::ideal_write, "ideal-write"},
       {UpdateCircuit::accumulate, "accumulate"},
       {UpdateCircuit::product_sign, "product-sign"},
       {UpdateCircuit::write_verify, "write-verify"}},
      "rounded pulse counts row by row (U1), stochastic coincidence (U2), signs (U3), one pulse "
      "in the direction of the product (U4), reads and pulses until the change is there (U5), "
      "changes accumulated in a counter per cell and written from a threshold on (U7), or the "
      "change stored directly (device model \"ideal\" only); U4, U5 and U3 row by row have no "
      "controller in Verilog");
  b.integer("max_pulses", c.max_pulses, within(1, 65535),
            "most pulses per cell and update (U1, U7), and most steps wanted of it (U5)");
  b.integer("stream_length", c.stream_length, within(1, 65535), "slots of a stream (U2)");
  b.number("stream_error", c.stream_error, positive(),
           "U2: error dC/dr of a neuron at which its column fires in every slot");
  b.number("sign_threshold_post", c.sign_threshold_post, at_least(0),
           "differences below cause no pulse, in units of activity (U3)");
  b.number("sign_threshold_pre", c.sign_threshold_pre, at_least(0),
           "pre-side activities below cause no pulse (U3)");
  b.integer("accumulator_bits", c.accumulator_bits, within(2, 24),
            "bits of a cell's counter, with its sign (U7)");
  b.integer(
      "accumulator_threshold", c.accumulator_threshold, within(1, 8388607),
      "counted units that make a pulse: 1/threshold of a pulse is what a counter resolves (U7)");
  b.quantity("state_energy", c.state_energy_j, Unit::joule, at_least(0),
             "energy of a 32-bit word that an optimiser reads or writes (U7)");
  b.boolean("row_serial", c.row_serial, "one row after the other instead of all at once (U3)");
  b.number("product_dead_zone", c.product_dead_zone, at_least(0),
           "products up to this size cause no pulse, in units of activity squared (U4)");
  b.integer("verify_bits", c.verify_bits, within(2, 24), "of the converter that reads cells (U5)");
  b.number("verify_noise", c.verify_noise, at_least(0), "rms of such a read, in its codes (U5)");
  b.number("verify_tolerance", c.verify_tolerance, within(0, 1000000),
           "a cell this near to its target is left alone, in steps of a pulse (U5)");
  b.integer("verify_rounds", c.verify_rounds, within(1, 65535), "most pulses of a cell (U5)");
  b.integer("verify_cycles", c.verify_cycles, within(1, 65535), "clock cycles of a read (U5)");
  b.boolean("reset_only", c.reset_only,
            "weights change by RESET pulses on one device of the pair or the other "
            "(chip.pair = \"differential\")");
  b.integer("refresh_every", c.refresh_every, at_least(0),
            "training samples between refreshes of such pairs; 0: never");
  b.number("refresh_level", c.refresh_level, within(0, 0.5),
           "pairs whose mean conductance is below are refreshed, as part of the window");
}

void describe_solver(Binder& b, ode::StepperConfig& c) {
  b.section("solver", "Integration of the analog part between the clock edges.");
  b.name_of("method", c.method, ode::stepper_names(), "integration method");
  b.number("rtol", c.rtol, {0, 1, true, true}, "relative tolerance per step");
  b.quantity("atol", c.atol, Unit::volt, positive(), "absolute tolerance per step");
  b.quantity("initial_step", c.initial_step_s, Unit::second, at_least(0),
             "first step tried; \"0 s\": a hundredth of the first interval");
  b.quantity("fixed_step", c.fixed_step_s, Unit::second, at_least(0),
             "step of the fixed-step methods");
}

}  // namespace

void describe_chip(Binder& b, hw::ChipConfig& c) {
  using hw::FeedbackArray;
  using hw::PairCoding;
  b.section("chip", "The chip (fidelity \"cycle\" and \"rtl\").");
  b.quantity("clock", c.clock_s, Unit::second, Range{0, 1.0, true, false}, "clock period");
  b.quantity("temperature", c.temperature_k, Unit::kelvin, positive(),
             "of the whole chip, for which it was designed");
  b.quantity("temperature_shift", c.temperature_shift_k, Unit::kelvin, any(),
             "of the neurons, from that temperature");
  b.quantity("voltage_scale", c.voltage_scale_v, Unit::volt, positive(),
             "voltage of a state or activity of 1");
  b.numbers("weight_range", c.weight_range, positive(),
            "largest weight of each tile, or one for all");
  b.choice("pair", c.pair,
           {{PairCoding::reference, "reference"}, {PairCoding::differential, "differential"}},
           "a device against a fixed reference, or two programmed devices");
  b.choice("feedback", c.feedback,
           {{FeedbackArray::shared_averaged, "shared-averaged"},
            {FeedbackArray::shared_slots, "shared-slots"},
            {FeedbackArray::separate_array, "separate-array"}},
           "one array read both ways as its average or slot by slot (A1), or a second array (A2)");
  b.quantity("slot", c.slot_s, Unit::second, positive(), "length of a pair of slots (A1)");
  b.number("forward_share", c.forward_share, inside(0, 1), "share of the forward slot (A1)");
  b.number("stuck_fraction", c.stuck_fraction, within(0, 1),
           "cells stuck at a random conductance of the window");
  b.quantity("digital_energy_per_cycle", c.digital_energy_per_cycle_j, Unit::joule, at_least(0),
             "of the controller");
  b.number("settle_tolerance", c.settle_tolerance, positive(),
           "a phase has settled below this residual |tau dv/dt|, in units of voltage_scale");
  describe_device(b, c.device);
  describe_circuits(b, c);
  describe_branches(b, c.branch);
  describe_tile(b, c);
  describe_schedule(b, c.schedule);
  describe_update(b, c.update);
  describe_sleep_mode(b, c.sleep);
  describe_resistive_chip(b, c.resistive);
  b.section("chip.controller", "Who drives the chip at fidelity \"rtl\" (docs/cosimulation.md).");
  b.paths("sources", c.controller.sources,
          "files in Verilog or SystemVerilog; none: memprop's own controller");
  b.text("top", c.controller.top, "module; empty: the name of the first file");
  b.texts("parameters", c.controller.parameters,
          "\"NAME=VALUE\", besides those that follow from the network");
  b.boolean(
      "lockstep", c.controller.lockstep,
      "beside it the controller in C++ with the same inputs; stop at the first different pin");
  b.boolean("monitor", c.controller.monitor,
            "check the protocol of the digital/analog border and report what breaks it",
            Affects::output);
  b.text("pin_trace", c.controller.pin_trace,
         "folder for the controller's pins as memory files with a bench that replays them; empty: "
         "none",
         Affects::output);
  b.integer("pin_trace_edges", c.controller.pin_trace_edges, at_least(1),
            "clock edges in them, from the power-up on", Affects::output);
  describe_solver(b, c.solver);
}

}  // namespace memprop::config
