// The keys of [tasks] and [sleep].
#include "cli/config/describe.hpp"

namespace memprop::config {

void describe_tasks(Binder& b, learning::TaskConfig& c) {
  using learning::Consolidation;
  b.section("tasks",
            "Classes that are learned one task after the other, with one output layer and no hint "
            "of the task (docs/continual.md).");
  b.integer("classes", c.classes_per_task, at_least(0),
            "classes of each task; 0: no tasks, all samples at once");
  b.integers("order", c.order, at_least(0), "order of the classes; empty: 0, 1, 2, ..");
  b.integer("samples", c.samples, at_least(0),
            "training samples of each task, the first ones; 0: all");
  b.boolean("joint", c.joint, "the samples of all tasks as one: the upper bound");
  b.number("rehearsal", c.rehearsal, within(0, 1),
           "share of all samples of earlier tasks that join a task");
  b.choice("consolidation", c.consolidation,
           {{Consolidation::none, "none"},
            {Consolidation::ewc, "ewc"},
            {Consolidation::si, "si"},
            {Consolidation::lwf, "lwf"}},
           "what protects earlier tasks in baselines of learning.rule = \"backprop\": elastic "
           "weight consolidation, synaptic intelligence, learning without forgetting");
  b.number("strength", c.strength, at_least(0), "factor of its penalty");
  b.number("damping", c.damping, positive(), "si: added to the squared way of a weight");
  b.number("temperature", c.temperature, positive(), "lwf: of the distilled softmax");
  b.integer("fisher_samples", c.fisher_samples, at_least(1),
            "ewc: samples of a task that its Fisher information is averaged over");
}

void describe_sleep(Binder& b, learning::SleepConfig& c) {
  using learning::SleepGate;
  using learning::SleepInput;
  using learning::SleepRandom;
  b.section("sleep",
            "Sleep replay after every task: the network spikes on noise with the statistics of the "
            "inputs, and what fires together is spared (docs/continual.md).");
  b.boolean("enabled", c.on, "sleep after every task of [tasks]");
  b.integer("steps", c.steps, within(1, 1e9), "steps of the first sleep");
  b.number("growth", c.growth, at_least(0), "sleep k has steps (1 + (k - 1) growth)");
  b.choice("input", c.input, {{SleepInput::mean, "mean"}, {SleepInput::uniform, "uniform"}},
           "inputs spike at rates like the mean input of all tasks so far, or all alike (a "
           "control)");
  b.choice("random", c.random,
           {{SleepRandom::stream, "stream"}, {SleepRandom::shift_register, "shift-register"}},
           "where the spikes of the inputs come from: streams of run.seed, or the shift registers "
           "of a chip, which a sleep at \"cycle\" needs");
  b.number("input_gain", c.input_gain, at_least(0), "probability of a spike over the mean input");
  b.integer("window", c.window, at_least(0),
            "side of the square of inputs that may spike in a step; 0: all inputs");
  b.integer("mean_bits", c.mean_bits, within(0, 32), "bits of the kept mean; 0: exact");
  b.number("leak", c.leak, within(0, 1), "factor on every membrane in a step");
  b.numbers("threshold", c.threshold, any(),
            "of every layer behind the input, in units of its largest drive when awake");
  b.number("increase", c.increase, at_least(0), "of a weight whose two neurons spike");
  b.number("decrease_ratio", c.decrease_ratio, at_least(0),
           "decrease where only the receiver spikes, over increase");
  b.numbers("layer_scale", c.layer_scale, at_least(0),
            "factor on both in every layer behind the input, or one for all; 0: no plasticity");
  b.choice("gate", c.gate,
           {{SleepGate::soft, "soft"}, {SleepGate::hard, "hard"}, {SleepGate::none, "none"}},
           "factor on a change: 2/(1 + exp(w/gate_width)), 2 for weights below 0 only, 1");
  b.number("gate_width", c.gate_width, positive(), "of the soft gate");
  b.boolean("feedback", c.feedback, "spikes travel through the feedback too");
  b.boolean("bias", c.bias, "biases act asleep");
  b.integer("calibration_samples", c.calibration_samples, at_least(1),
            "samples of the tasks so far that the largest drive is found in");
}

void describe_sleep_mode(Binder& b, hw::SleepKeys& c) {
  using hw::SleepWrite;
  b.section("chip.sleep",
            "Sleep mode of tiles and neurons, for [sleep] on the chip (docs/circuits.md).");
  b.choice("write", c.write,
           {{SleepWrite::pulses, "pulses"}, {SleepWrite::ideal_write, "ideal-write"}},
           "pulses on G-, in numbers rounded at random; or the wanted change exactly (device model "
           "\"ideal\")");
  b.integer("drive_cycles", c.drive_cycles, within(1, 1e6),
            "clock cycles of a tile's turn in a step: the leaks of its columns are on");
  b.integer("pulse_cycles", c.pulse_cycles, within(1, 1e6),
            "the last ones of them: rows that spike are driven");
  b.integer("sense_cycles", c.sense_cycles, within(1, 1e6),
            "clock cycles in which the signs of a column's pairs are read before a write");
  b.integer("max_pulses", c.max_pulses, within(1, 65535), "most pulses of a cell in a step");
  b.quantity("row_voltage", c.row_voltage_v, Unit::volt, at_least(0),
             "of a row that spikes; 0: chip.voltage_scale");
  b.quantity("rail", c.rail_v, Unit::volt, at_least(0),
             "largest voltage of a soma, of either sign; 0: unlimited");
  b.quantity("comparator_offset", c.comparator_offset_v, Unit::volt, at_least(0),
             "sigma per column");
  b.quantity("comparator_noise", c.comparator_noise_v, Unit::volt, at_least(0),
             "rms of a decision");
  b.quantity("comparator_energy", c.comparator_energy_j, Unit::joule, at_least(0), "of a decision");
  b.integer("threshold_bits", c.threshold_bits, within(0, 24),
            "of the DACs that make the thresholds; 0: exact");
  b.quantity("threshold_range", c.threshold_range_v, Unit::volt, positive(), "their full scale");
  b.quantity("sense_offset", c.sense_offset_s, Unit::siemens, at_least(0),
             "sigma per row of the sign sense, as a difference of conductances");
}

}  // namespace memprop::config
