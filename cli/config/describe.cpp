#include "cli/config/describe.hpp"

namespace memprop::config {
namespace {

void describe_data(Binder& b, learning::DataConfig& c) {
  using learning::TargetKind;
  b.section("data", "Which samples the run trains and tests on.");
  b.name_of("name", c.name, {"mnist", "fashion-mnist", "kmnist", "files"},
            "data set; \"files\" takes the four paths below");
  b.path("directory", c.directory,
         "folder of a named set, flat or with a sub-folder of the set's name; searched before "
         "$MEMPROP_DATA_DIR and the place of Debian's package");
  b.path("train_inputs", c.train_inputs,
         "IDX, .npy, \"FILE.npz:ARRAY\" or CSV, plain or gzip, by content; samples x features");
  b.path("train_targets", c.train_targets,
         "labels or regression targets; empty: the last columns of train_inputs");
  b.path("test_inputs", c.test_inputs, "as train_inputs");
  b.path("test_targets", c.test_targets, "as train_targets");
  b.choice("target", c.target,
           {{TargetKind::classes, "classes"}, {TargetKind::regression, "regression"}},
           "what the targets are: integer labels, or one number per output");
  b.integer("classes", c.classes, at_least(0), "number of classes; 0: one per output");
  b.integer("train_first", c.train_first, at_least(0), "first training sample used");
  b.integer("train_samples", c.train_samples, at_least(0), "training samples; 0: all from there");
  b.integer("test_first", c.test_first, at_least(0), "first test sample used");
  b.integer("test_samples", c.test_samples, at_least(0), "test samples; 0: all from there");
  b.boolean("test_on_train", c.test_on_train,
            "take the test samples from the training files (validation splits)");
  b.number("input_scale", c.input_scale, at_least(0),
           "factor on the raw inputs; 0: 1/255 for bytes, else 1");
  b.number("input_mean", c.input_mean, any(), "taken off the scaled inputs (fashion-mnist: 0.286)");
  b.number("input_deviation", c.input_deviation, positive(),
           "the inputs are divided by this then (fashion-mnist: 0.353)");
  b.number("target_low", c.target_low, any(), "target of the wrong classes");
  b.number("target_high", c.target_high, any(), "target of the right class");
}

void describe_output(Binder& b, bench::OutputConfig& c) {
  using bench::ProbePrecision;
  using bench::TraceMode;
  b.section("output", "What is written.");
  b.text("path", c.path, "HDF5 trace, relative to the working directory; empty: none",
         Affects::output);
  b.choice("mode", c.mode, {{TraceMode::live, "live"}, {TraceMode::plain, "plain"}},
           "committed every flush_every, for readers that follow the run; or with checkpoints and "
           "at the end only",
           Affects::output);
  b.quantity("flush_every", c.flush_s, Unit::second, at_least(0),
             "wall time between commits in live mode", Affects::output);
  b.bytes("queue", c.queue_bytes, false,
          "memory for rows that wait to be written; a full queue makes the run wait");
  b.boolean("compress", c.compress, "shuffle and deflate; false: larger, faster, for fast disks",
            Affects::output);
  b.bytes("budget", c.budget_bytes, true,
          "a run whose trace would be larger (uncompressed) is refused; empty: no limit");
  b.integer("checkpoint_every", c.checkpoint_every, at_least(0),
            "samples between checkpoints; 0: only on a signal", Affects::output);
  b.integer("update_every", c.update_every, at_least(0),
            "samples between rows of training/update; 0: never", Affects::output);
  b.integer("devices_every", c.devices_every, at_least(0),
            "samples between snapshots of all conductances; 0: before and after training",
            Affects::output);
  b.texts("probes", c.probes, "names or globs of recorded waveforms, e.g. \"layer1/neurons/v\"",
          Affects::output);
  b.integers("samples", c.samples, at_least(0),
             "training samples, from 0, whose probes are recorded", false, Affects::output);
  b.integer("sample_every", c.sample_every, at_least(0),
            "records every so many training samples too; 0: none", Affects::output);
  b.integer("sample_first", c.sample_first, at_least(0), "the first sample of sample_every",
            Affects::output);
  b.integer("sample_last", c.sample_last, at_least(0),
            "no sample of sample_every behind this one; 0: no limit", Affects::output);
  b.integers("window", c.window, at_least(0),
             "first and last clock cycle of a sample that are recorded; empty: all", false,
             Affects::output);
  b.integer("stride", c.stride, at_least(1), "clock cycles between recorded rows", Affects::output);
  b.integer("points_per_cycle", c.points_per_cycle, within(1, 1000),
            "recorded rows per clock cycle, from the dense output of the integrator; pins stay as "
            "after the edge",
            Affects::output);
  b.choice("precision", c.precision,
           {{ProbePrecision::float64, "float64"}, {ProbePrecision::float32, "float32"}},
           "of recorded voltages", Affects::output);
}

}  // namespace

bench::RunConfig default_config() {
  bench::RunConfig c;
  c.network.activation = {Activation::tanh};
  c.network.forward_gain = {1.0};
  c.network.feedback_gain = {1.0};
  return c;
}

void describe(Binder& b, bench::RunConfig& c) {
  using bench::Fidelity;
  b.section("run", "The run as a whole.");
  b.text("name", c.name, "name of the run in traces and reports", Affects::output);
  b.choice("fidelity", c.fidelity,
           {{Fidelity::ideal, "ideal"},
            {Fidelity::ode, "ode"},
            {Fidelity::cycle, "cycle"},
            {Fidelity::rtl, "rtl"}},
           "discrete-time software model, continuous-time model, the cycle-accurate chip, or that "
           "chip under a controller in Verilog");
  b.integer("seed", c.seed, at_least(0), "seed of every random stream");
  b.integer("threads", c.threads, within(0, 4096), "threads; 0: all; never changes a result",
            Affects::output);
  b.boolean("ideal_reference", c.ideal_reference, "train the ideal reference on the same samples");
  b.boolean("backprop_reference", c.backprop_reference,
            "train the same network by back-propagation on the same samples");
  describe_data(b, c.data);
  describe_network(b, c.network);
  describe_dendrites(b, c.network.dendrites);
  describe_resistive(b, c.network.resistive);
  describe_learning(b, c);
  describe_tasks(b, c.tasks);
  describe_sleep(b, c.sleep);
  describe_chip(b, c.chip);

  b.section("monitor", "How often the chip is compared with the ideal continuous-time network.");
  b.integer("gradient_every", c.monitor.gradient_every, at_least(0),
            "samples between comparisons of updates with the exact gradient; 0: never",
            Affects::output);
  b.integer("state_every", c.monitor.state_every, at_least(0),
            "samples between comparisons of states; 0: never", Affects::output);
  b.number("rtol_ratio", c.monitor.rtol_ratio, {0, 1, true, false},
           "tolerance of the monitor's integrator over the chip's", Affects::output);

  describe_output(b, c.output);
}

}  // namespace memprop::config
