#include "cli/config/describe.hpp"

namespace memprop::config {
namespace {

const Names<Activation> kActivations = {{Activation::linear, "linear"},
                                        {Activation::tanh, "tanh"},
                                        {Activation::logistic, "logistic"},
                                        {Activation::shifted_logistic, "shifted-logistic"},
                                        {Activation::hard_sigmoid, "hard-sigmoid"}};

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
  b.number("target_low", c.target_low, any(), "target of the wrong classes");
  b.number("target_high", c.target_high, any(), "target of the right class");
}

void describe_network(Binder& b, learning::NetworkConfig& c) {
  using namespace learning;
  b.section("network", "The network, independent of whether software or a chip runs it.");
  b.integers("layers", c.layers, within(1, 1e6),
             "widths from the input to the output layer, at least two", true);
  b.choice("style", c.style,
           {{NetworkStyle::regulated, "regulated"}, {NetworkStyle::resistive, "resistive"}},
           "weights of either sign with activations and feedback gains, or positive conductances "
           "with diodes and amplifiers ([network.resistive])");
  b.choices("activation", c.activation, kActivations,
            "of every layer behind the input, or one for all");
  b.choice("readout", c.readout,
           {{Readout::squared_error, "squared-error"}, {Readout::softmax, "softmax"}},
           "output layer inside the loop with squared error, or a softmax read-out outside it "
           "(not on the chip)");
  b.numbers("feedback_gain", c.feedback_gain, positive(),
            "b of every layer that receives feedback, or one for all");
  b.choice("feedback", c.feedback,
           {{FeedbackWeights::tied, "tied"}, {FeedbackWeights::separate, "separate"}},
           "feedback through the transposed forward weights, or through own ones");
  b.boolean("bias", c.bias, "train a bias per neuron");
  b.choice("init", c.init,
           {{WeightInit::glorot_uniform, "glorot-uniform"},
            {WeightInit::fan_in_uniform, "fan-in-uniform"}},
           "initial weights: +-sqrt(6/(n_in + n_out)) or +-1/sqrt(n_in)");
  b.number("init_gain", c.init_gain, at_least(0), "factor on the initial weights");
  b.path("init_file", c.init_file,
         "weights from a run (.h5) or a NumPy file (.npz: w1.., b1.., f1..); empty: drawn");

  b.section("network.time_constant", "Time constants of the neurons, drawn once per network.");
  TimeConstantConfig& tau = c.time_constant;
  b.choice("family", tau.family,
           {{TimeConstantFamily::equal, "equal"},
            {TimeConstantFamily::lognormal, "lognormal"},
            {TimeConstantFamily::gamma, "gamma"},
            {TimeConstantFamily::normal, "normal"},
            {TimeConstantFamily::uniform, "uniform"}},
           "distribution over the neurons of a layer");
  b.quantity("mean", tau.mean_s, Unit::second, positive(), "mean of each layer");
  b.number("cv", tau.cv, at_least(0), "coefficient of variation before clipping");
  b.interval("clip", tau.clip_low, tau.clip_high, positive(),
             "smallest and largest value, in units of the mean");
}

void describe_learning(Binder& b, bench::RunConfig& c) {
  using namespace learning;
  LearningConfig& l = c.learning;
  b.section("learning", "How the network learns by equilibrium propagation.");
  b.choice("nudging", l.nudging,
           {{Nudging::one_sided, "one-sided"},
            {Nudging::random_sign, "random-sign"},
            {Nudging::centred, "centred"}},
           "phases: free and +beta; free and +-beta by chance; free, +beta and -beta");
  b.choice("form", l.form,
           {{UpdateForm::product, "product"}, {UpdateForm::simplified, "simplified"}},
           "difference of products, or post-side difference times free pre-side activity");
  b.choice("scale", l.scale, {{GradientScale::exact, "exact"}, {GradientScale::raw, "raw"}},
           "divide by beta and by the feedback gains, or take the plain difference");
  b.number("beta", l.beta, positive(), "nudging strength");
  b.numbers("rate", l.rate, at_least(0), "learning rate of every weight layer, or one for all");
  b.number("rate_decay", l.rate_decay, positive(),
           "factor on the rates after every epoch (networks of style \"resistive\")");
  b.integer("batch", l.batch, at_least(1), "samples per update (the chip: 1)");
  b.integer("epochs", l.epochs, at_least(1), "passes over the training samples");
  b.boolean("shuffle", l.shuffle, "new order of the samples every epoch");
  b.boolean("train", l.train, "false: inference only");

  b.section("ideal", "The discrete-time software reference.");
  b.integer("free_steps", c.ideal.free_steps, at_least(1), "iterations of the free phase");
  b.integer("nudged_steps", c.ideal.nudged_steps, at_least(1), "iterations of each nudged phase");
  b.quantity("time_step", c.ideal.time_step_s, Unit::second, at_least(0),
             "a neuron moves by time_step/tau per iteration; \"0 s\": full replacement");
  b.choice("precision", c.ideal.precision,
           {{Precision::float64, "float64"}, {Precision::float32, "float32"}},
           "floating-point type of the reference");
  b.boolean("recompute_drive", c.ideal.recompute_drive,
            "recompute the drive of the input at every iteration (slower, same result)");

  b.section("ode", "The continuous-time reference.");
  b.quantity("free", c.ode.free_s, Unit::second, positive(), "length of the free phase");
  b.quantity("nudged", c.ode.nudged_s, Unit::second, positive(), "length of each nudged phase");
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
  describe_resistive(b, c.network.resistive);
  describe_learning(b, c);
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
