// The keys of [network], [learning], [ideal] and [ode].
#include "cli/config/describe.hpp"

namespace memprop::config {

using namespace learning;

namespace {

const Names<Activation> kActivations = {{Activation::linear, "linear"},
                                        {Activation::tanh, "tanh"},
                                        {Activation::logistic, "logistic"},
                                        {Activation::shifted_logistic, "shifted-logistic"},
                                        {Activation::hard_sigmoid, "hard-sigmoid"}};

}  // namespace

void describe_network(Binder& b, learning::NetworkConfig& c) {
  b.section("network", "The network, independent of whether software or a chip runs it.");
  b.choice("style", c.style,
           {{NetworkStyle::regulated, "regulated"}, {NetworkStyle::resistive, "resistive"}},
           "weights of either sign with activations and feedback gains, or positive conductances "
           "with diodes and amplifiers ([network.resistive])");
  b.integers("layers", c.layers, within(1, 1e6),
             "widths from the input to the output layer, at least two", true);
  b.choices("activation", c.activation, kActivations,
            "of every layer behind the input, or one for all");
  b.choice("readout", c.readout,
           {{Readout::squared_error, "squared-error"}, {Readout::softmax, "softmax"}},
           "output layer inside the loop with squared error, or a softmax read-out outside it "
           "(not on the chip)");
  b.numbers("forward_gain", c.forward_gain, positive(),
            "a of every layer that receives from a hidden layer inside the loop, or one for all");
  b.numbers("feedback_gain", c.feedback_gain, positive(),
            "b of every layer that receives feedback, or one for all");
  b.choice("feedback", c.feedback,
           {{FeedbackWeights::tied, "tied"}, {FeedbackWeights::separate, "separate"}},
           "feedback through the transposed forward weights, or through own ones");
  b.number("feedback_angle", c.feedback_angle_deg, {0, 180, false, true},
           "with separate feedback: angle in degrees between it and the transposed weights when "
           "drawn; 90: drawn independently");
  b.boolean(
      "train_feedback", c.train_feedback,
      "separate feedback learns like forward weights (fidelities ideal and ode, and the chip's "
      "apical branches)");
  b.texts(
      "links", c.links,
      "connections beyond the chain, between layers 1, 2, .. inside the loop: \"1-4\" both ways, "
      "\"1>4\" one way, \"1-4@0.05\" with a gain (not with run.fidelity = \"rtl\")");
  b.integer("link_block", c.link_block, at_least(0),
            "n: links 1-(1+n), (1+n)-(1+2n), ... both ways; 0: none");
  b.number("link_probability", c.link_probability, within(0, 1),
           "of a one-way link for each ordered pair of layers that are not neighbours, drawn once "
           "(with separate feedback)");
  b.choice(
      "dynamics", c.dynamics,
      {{Dynamics::membrane, "membrane"}, {Dynamics::rate, "rate"}, {Dynamics::energy, "energy"}},
      "state x of a neuron with drive d: -x + d with activity f(x), -x + f(d) with activity x, "
      "or the gradient flow -x + f'(x) d (the chip: membrane)");
  b.boolean("bias", c.bias, "train a bias per neuron");
  b.choice("bias_init", c.bias_init,
           {{BiasInit::zero, "zero"}, {BiasInit::fan_in_uniform, "fan-in-uniform"}},
           "initial biases: 0, or +-1/sqrt(inputs of the neuron or branch)");
  b.numbers("bias_mean", c.bias_mean, {}, "initial bias of every layer, or one for all");
  b.number("bias_deviation", c.bias_deviation, at_least(0),
           "standard deviation of the initial biases about it");
  b.choice("init", c.init,
           {{WeightInit::glorot_uniform, "glorot-uniform"},
            {WeightInit::fan_in_uniform, "fan-in-uniform"},
            {WeightInit::fan_in_normal, "fan-in-normal"},
            {WeightInit::positive_uniform, "positive-uniform"}},
           "initial weights: +-sqrt(6/(n_in + n_out)), +-1/sqrt(n_in), normal over sqrt(n_in), or "
           "0 to sqrt(6/(n_in n_out))");
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
  b.choice("quantity", tau.quantity,
           {{TimeConstantQuantity::time, "time"}, {TimeConstantQuantity::rate, "rate"}},
           "what the family describes: time constants, or their inverses, which are the time steps "
           "of a discrete map");
  b.choice("source", tau.source,
           {{TimeConstantSource::capacitance, "capacitance"}, {TimeConstantSource::leak, "leak"}},
           "what of the neurons is spread: a leak also scales the drive, in the references too");
  b.quantity("mean", tau.mean_s, Unit::second, positive(),
             "mean of each layer (rate: inverse of the mean rate)");
  b.number("cv", tau.cv, at_least(0), "coefficient of variation before clipping");
  b.interval("clip", tau.clip_low, tau.clip_high, positive(),
             "smallest and largest value, in units of the mean");
  b.boolean("keep_mean", tau.keep_mean,
            "rescale after clipping until each layer has the mean; false: clip only");
  b.boolean("resample", tau.resample,
            "draw anew for every batch of training (fidelity ideal: an ablation)");
}

void describe_learning(Binder& b, bench::RunConfig& c) {
  LearningConfig& l = c.learning;
  b.section("learning", "How the network learns by equilibrium propagation.");
  b.choice(
      "rule", l.rule,
      {{RuleKind::equilibrium_propagation, "equilibrium-propagation"},
       {RuleKind::contrastive_hebbian, "contrastive-hebbian"},
       {RuleKind::backprop, "backprop"},
       {RuleKind::feedback_alignment, "feedback-alignment"},
       {RuleKind::truncated_bptt, "truncated-bptt"}},
      "what trains; contrastive-hebbian clamps the output to the target in place of a nudge; the "
      "others are baselines of fidelity ideal: the net without its feedback, "
      "feedback-alignment with separate feedback weights for the error, truncated-bptt through the "
      "last ideal.nudged_steps iterations of the running net");
  b.choice("nudging", l.nudging,
           {{Nudging::one_sided, "one-sided"},
            {Nudging::random_sign, "random-sign"},
            {Nudging::centred, "centred"}},
           "phases: free and +beta; free and +-beta by chance; free, +beta and -beta");
  b.choice(
      "form", l.form,
      {{UpdateForm::product, "product"},
       {UpdateForm::simplified, "simplified"},
       {UpdateForm::predictive, "predictive"}},
      "difference of products, or post-side difference times the pre-side activity of the free "
      "phase or, predictive, of the taught one");
  b.choice("scale", l.scale,
           {{GradientScale::exact, "exact"},
            {GradientScale::raw, "raw"},
            {GradientScale::nudge, "nudge"}},
           "divide by beta and by the feedback gains, take the plain difference, or divide by beta "
           "alone");
  b.number("beta", l.beta, positive(), "nudging strength");
  b.choice("nudge_place", l.nudge_place,
           {{NudgePlace::inside, "inside"}, {NudgePlace::outside, "outside"}},
           "where the nudge enters: the drive, or behind the activation (dynamics \"rate\")");
  b.choice("nudge_error", l.nudge_error,
           {{NudgeError::recomputed, "recomputed"},
            {NudgeError::constant, "constant"},
            {NudgeError::ramp, "ramp"}},
           "the nudging error follows the output, keeps its free value, or its free value is added "
           "anew at every iteration (fidelity ideal)");
  b.choice("readout_error", l.readout_error,
           {{ReadoutError::free, "free"}, {ReadoutError::nudged, "nudged"}},
           "phase whose error trains the softmax read-out (fidelity ideal)");
  b.integer("teacher_delay", l.teacher_delay, at_least(0),
            "contrastive-hebbian: iterations of the clamped phase before the target is there");
  b.choice("clamped_start", l.clamped_start,
           {{ClampedStart::zero, "zero"}, {ClampedStart::free, "free"}},
           "contrastive-hebbian: whether the clamped phase starts from zero or the free state");
  b.number("clamp", l.clamp, at_least(0),
           "contrastive-hebbian: strength of what holds the output at the target, as a nudge (on "
           "the chip a conductance in units of the leak); 0: held there exactly");
  b.choice("bias_batch", l.bias_batch, {{BiasBatch::mean, "mean"}, {BiasBatch::first, "first"}},
           "biases follow the mean of a batch, or its first sample over the batch");
  b.boolean("bias_plain", l.bias_plain, "biases by plain descent, whatever the optimiser");
  b.choice(
      "optimiser", l.optimiser.kind,
      {{OptimiserKind::sgd, "sgd"},
       {OptimiserKind::momentum, "momentum"},
       {OptimiserKind::adagrad, "adagrad"},
       {OptimiserKind::adam, "adam"}},
      "from wanted changes to steps (on a chip sgd, unless it has an update circuit with memory)");
  b.number("momentum", l.optimiser.momentum, {0, 1, false, true}, "of the optimiser momentum");
  b.number("first_decay", l.optimiser.decay1, {0, 1, false, true},
           "adam: decay of the first moment");
  b.number("second_decay", l.optimiser.decay2, {0, 1, false, true},
           "adam: decay of the second moment");
  b.number("epsilon", l.optimiser.epsilon, positive(), "adam, adagrad: added to the root");
  b.number("weight_decay", l.optimiser.weight_decay, at_least(0),
           "times the weight, taken from every wanted change (the chip: 0)");
  b.numbers("rate", l.rate, at_least(0), "learning rate of every weight layer, or one for all");
  b.number("rate_decay", l.rate_decay, positive(),
           "factor on the rates after every epoch (networks of style \"resistive\")");
  b.integer("batch", l.batch, at_least(1),
            "samples per update (on a chip: 1 unless it has an optimiser's memory)");
  b.integer("epochs", l.epochs, at_least(1), "passes over the training samples");
  b.boolean("shuffle", l.shuffle, "new order of the samples every epoch");
  b.choice("batch_contents", l.batch_contents,
           {{BatchContents::redrawn, "redrawn"}, {BatchContents::kept, "kept"}},
           "whether an epoch shuffles the samples, or whole batches that keep theirs");
  b.boolean("train", l.train, "false: inference only");

  b.section("learning.adaptation",
            "Drift of every neuron back to its free activity, before what is learned from.");
  b.number("c", l.adaptation.c, within(0, 1), "part of the way that a neuron goes in an iteration");
  b.integer("steps", l.adaptation.steps, at_least(0), "iterations; 0: no adaptation");
  b.choice("mode", l.adaptation.mode,
           {{AdaptationMode::interleaved, "interleaved"}, {AdaptationMode::pure, "pure"}},
           "behind every iteration of the network, or with nothing else moving");

  b.section("ideal", "The discrete-time software reference.");
  b.integer("free_steps", c.ideal.free_steps, at_least(1), "iterations of the free phase");
  b.integer("nudged_steps", c.ideal.nudged_steps, at_least(1), "iterations of each nudged phase");
  b.quantity("time_step", c.ideal.time_step_s, Unit::second, at_least(0),
             "a neuron moves by time_step/tau per iteration; \"0 s\": full replacement");
  b.choice("step_form", c.ideal.step_form, {{StepForm::euler, "euler"}, {StepForm::exact, "exact"}},
           "that step, or 1 - exp(-time_step/tau), exact for a constant drive");
  b.choice("precision", c.ideal.precision,
           {{Precision::float64, "float64"}, {Precision::float32, "float32"}},
           "floating-point type of the reference");
  b.boolean("recompute_drive", c.ideal.recompute_drive,
            "recompute the drive of the input at every iteration (slower, same result)");
  b.number("noise", c.ideal.noise, at_least(0),
           "standard deviation of white noise on every activity at every iteration");
  b.number(
      "mismatch", c.ideal.mismatch, at_least(0),
      "relative standard deviation of fixed factors on all weights, drawn apart for forward and "
      "feedback use");

  b.number("feedback_mismatch", c.ideal.feedback_mismatch, at_least(0),
           "the same of the feedback use alone");
  b.number("hold_noise", c.ideal.hold_noise, at_least(0),
           "standard deviation of the error of activities held at the end of a phase");

  b.section("ode", "The continuous-time reference.");
  b.quantity("free", c.ode.free_s, Unit::second, positive(), "length of the free phase");
  b.quantity("nudged", c.ode.nudged_s, Unit::second, positive(), "length of each nudged phase");
  b.quantity(
      "slow_adaptation", c.ode.slow_adaptation_s, Unit::second, at_least(0),
      "adaptation goes to a copy of the state that follows it with this time constant; \"0 s\": "
      "to the free state, held");
}

}  // namespace memprop::config
