// Wrong networks and learning rules: links, gains, optimisers, and combinations that no fidelity or
// not this one can run. Every message names line, key, what was expected and what was found.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/config/config.hpp"
#include "solvers/error.hpp"

namespace memprop::config {
namespace {

struct Case {
  std::string text;
  std::vector<std::string> parts;  // all of them stand in the message, in this order
};

// Five layers inside the loop; line 4 is the first of what follows.
const std::string kIdeal = "run.fidelity = \"ideal\"\n[network]\nlayers = [9, 8, 7, 6, 5, 4]\n";
const std::string kOde = "run.fidelity = \"ode\"\n[network]\nlayers = [9, 8, 7, 6, 5, 4]\n";
const std::string kRtl = "run.fidelity = \"rtl\"\n[network]\nlayers = [9, 8, 7, 6, 5, 4]\n";
const std::string kChip = "[network]\nlayers = [9, 8, 7, 6, 5, 4]\n";
const std::string kClamped = kChip + "[learning]\nrule = \"contrastive-hebbian\"\nclamp = 20\n";
const std::string kAdapts = kChip + "[learning.adaptation]\nsteps = 5\n[chip.adaptation]\n";

std::string link(const std::string& text) { return kIdeal + "links = [" + text + "]\n"; }

const std::vector<Case> kCases = {
    {link("\"2-2\""), {"run.toml:4: key 'network.links'", "linked to itself", "\"2-2\""}},
    {link("\"2-3\""), {"run.toml:4: key 'network.links'", "not neighbours", "\"2-3\""}},
    {link("\"1-6\""), {"run.toml:4: key 'network.links'", "layers 1 to 5", "\"1-6\""}},
    {link("\"0>3\""), {"run.toml:4: key 'network.links'", "layers 1 to 5", "\"0>3\""}},
    {link("\"1-3\", \"1-3\""), {"run.toml:4: key 'network.links'", "every link once", "\"1-3\""}},
    {link("\"1-3\", \"3>1\""), {"run.toml:4: key 'network.links'", "every link once", "\"3>1\""}},
    {link("\"1-\""), {"run.toml:4: key 'network.links'", "such as \"1-4\"", "\"1-\""}},
    {link("\"one-three\""), {"run.toml:4: key 'network.links'", "such as", "\"one-three\""}},
    {link("\"1-3@0\""), {"run.toml:4: key 'network.links'", "a gain above 0", "\"1-3@0\""}},
    {link("\"1-3@x\""), {"run.toml:4: key 'network.links'", "such as", "\"1-3@x\""}},
    {link("1"), {"run.toml:4: key 'network.links'", "expected", "got 1"}},
    {kIdeal + "dynamics = \"rate\"\n[network.time_constant]\nsource = \"leak\"\n",
     {"run.toml:6: key 'network.time_constant.source'", "\"capacitance\" unless the dynamics",
      "got \"leak\""}},
    {kIdeal + "[learning]\nrule = \"backprop\"\n[network.time_constant]\nsource = \"leak\"\n",
     {"run.toml:7: key 'network.time_constant.source'", "software alone", "got \"leak\""}},
    {kChip + "[chip.neuron]\ncircuit = \"passive\"\namplifier_gain = 100\n",
     {"run.toml:5: key 'chip.neuron.amplifier_gain'", "no amplifier", "got 100"}},
    {kChip + "[chip.neuron]\ncircuit = \"passive\"\n[chip.wires]\nrow = \"1 ohm\"\ncolumn = \"1 "
             "ohm\"\n",
     {"run.toml:6: key 'chip.wires.row'", "no wires", "\"passive\""}},
    {kChip + "[chip]\nfeedback = \"shared-slots\"\n[chip.neuron]\ncircuit = \"passive\"\n",
     {"run.toml:4: key 'chip.feedback'", "hang on the membrane", "got \"shared-slots\""}},
    {kIdeal + "link_block = 1\n", {"run.toml:4: key 'network.link_block'", "at least 2", "got 1"}},
    {kIdeal + "link_block = 5\n",
     {"run.toml:4: key 'network.link_block'", "less than the 5 layers", "got 5"}},
    {kIdeal + "link_block = 2\nlinks = [\"1-3\"]\n",
     {"run.toml:4: key 'network.link_block'", "every link once", "1-3"}},
    {kIdeal + "link_probability = 1.5\n",
     {"run.toml:4: key 'network.link_probability'", "between 0 and 1", "1.5"}},
    {kIdeal + "link_probability = 0.2\n",
     {"run.toml:4: key 'network.link_probability'", "tied", "0.2"}},
    {kIdeal + "forward_gain = -1\n",
     {"run.toml:4: key 'network.forward_gain'", "above 0", "got -1"}},
    {kIdeal + "forward_gain = [1.0, 0.5]\n",
     {"run.toml:4: key 'network.forward_gain'", "1 or 4 values", "got 2"}},
    {"run.fidelity = \"ideal\"\n[network]\nlayers = [4, 2]\nforward_gain = [1.0, 0.5]\n",
     {"run.toml:4: key 'network.forward_gain'", "no or one value", "got 2"}},
    {kIdeal + "feedback_gain = -0.1\n",
     {"run.toml:4: key 'network.feedback_gain'", "above 0", "got -0.1"}},
    {kIdeal + "feedback = \"separate\"\nfeedback_angle = 180\n",
     {"run.toml:5: key 'network.feedback_angle'", "180", "got 180"}},
    {kIdeal + "feedback_angle = 30\n",
     {"run.toml:4: key 'network.feedback_angle'", "separate", "got 30"}},
    {kIdeal + "[learning]\noptimiser = \"rmsprop\"\n",
     {"run.toml:5: key 'learning.optimiser'", "\"adam\"", "\"rmsprop\""}},
    {kIdeal + "[learning]\nmomentum = 1.0\n", {"run.toml:5: key 'learning.momentum'", "got 1"}},
    {kIdeal + "[learning]\nsecond_decay = 1.5\n",
     {"run.toml:5: key 'learning.second_decay'", "got 1.5"}},
    {kIdeal + "[learning]\nepsilon = 0\n", {"run.toml:5: key 'learning.epsilon'", "got 0"}},
    {kIdeal + "[learning]\nepsilon = 1e-46\n",
     {"run.toml:5: key 'learning.epsilon'", "at least 1.2e-38", "got 1e-46"}},
    {kIdeal + "[learning]\nweight_decay = -0.1\n",
     {"run.toml:5: key 'learning.weight_decay'", "at least 0", "got -0.1"}},
    {kIdeal + "[learning]\nreadout_error = \"nudged\"\n",
     {"run.toml:5: key 'learning.readout_error'", "softmax", "\"nudged\""}},
    {kIdeal + "[learning]\nrule = \"feedback-alignment\"\n",
     {"run.toml:5: key 'learning.rule'", "separate", "feedback-alignment"}},
    {kIdeal + "feedback = \"separate\"\nlinks = [\"1-3\"]\n[learning]\nrule = "
              "\"feedback-alignment\"\n",
     {"run.toml:7: key 'learning.rule'", "links", "feedback-alignment"}},
    {kIdeal + "[learning]\nrule = \"backprop\"\n[ideal]\nnoise = 0.1\n",
     {"run.toml:7: key 'ideal.noise'", "equilibrium-propagation", "got 0.1"}},
    {kIdeal + "[ideal]\nnoise = -0.1\n", {"run.toml:5: key 'ideal.noise'", "got -0.1"}},
    {kIdeal + "[ideal]\nmismatch = -0.1\n", {"run.toml:5: key 'ideal.mismatch'", "got -0.1"}},
    {kOde + "[ideal]\nmismatch = 0.1\n",
     {"run.toml:5: key 'ideal.mismatch'", "run.fidelity = \"ideal\"", "got 0.1"}},
    {kOde + "[learning]\nrule = \"backprop\"\n",
     {"run.toml:5: key 'learning.rule'", "run.fidelity = \"ideal\""}},
    {kOde + "[learning]\nnudge_error = \"ramp\"\n",
     {"run.toml:5: key 'learning.nudge_error'", "recomputed"}},
    // Forms of a neuron, spread of time steps, adaptation.
    {kIdeal + "dynamics = \"spiking\"\n",
     {"run.toml:4: key 'network.dynamics'", "\"energy\"", "\"spiking\""}},
    {kIdeal + "bias_mean = -0.5\n", {"run.toml:4: key 'network.bias_mean'", "bias", "got -0.5"}},
    {kIdeal + "bias = true\nbias_mean = [0.0, 1.0]\n",
     {"run.toml:5: key 'network.bias_mean'", "1 or 5 values", "got 2"}},
    {kIdeal + "bias = true\nbias_deviation = -1\n",
     {"run.toml:5: key 'network.bias_deviation'", "at least 0", "got -1"}},
    {kIdeal + "[network.time_constant]\nquantity = \"conductance\"\n",
     {"run.toml:5: key 'network.time_constant.quantity'", "\"rate\"", "\"conductance\""}},
    {kIdeal + "[network.time_constant]\nfamily = \"uniform\"\ncv = 0.6\n",
     {"run.toml:6: key 'network.time_constant.cv'", "less than 0.577", "got 0.6"}},
    {kIdeal + "[network.time_constant]\nfamily = \"gamma\"\ncv = 0.5\nclip = [1.5, 2.0]\n",
     {"run.toml:7: key 'network.time_constant.clip'", "below 1 and one above 1", "[1.5, 2]"}},
    {kIdeal + "[network.time_constant]\nfamily = \"gamma\"\ncv = 0.5\nresample = true\n",
     {"run.toml:7: key 'network.time_constant.resample'", "ideal.time_step", "got true"}},
    {kIdeal + "[network.time_constant]\nresample = true\n[ideal]\ntime_step = \"10 ns\"\n",
     {"run.toml:5: key 'network.time_constant.resample'", "nothing is drawn", "got true"}},
    {kOde + "[network.time_constant]\nfamily = \"gamma\"\ncv = 0.5\nresample = true\n",
     {"run.toml:7: key 'network.time_constant.resample'", "run.fidelity", "got true"}},
    {kOde + "dynamics = \"energy\"\nactivation = \"hard-sigmoid\"\n",
     {"run.toml:4: key 'network.dynamics'", "hard sigmoid", "\"energy\""}},
    {kIdeal + "dynamics = \"energy\"\n[learning]\nrule = \"backprop\"\n",
     {"run.toml:4: key 'network.dynamics'", "no forward pass", "\"energy\""}},
    {kIdeal + "[learning]\nnudge_place = \"outside\"\n",
     {"run.toml:5: key 'learning.nudge_place'", "network.dynamics = \"rate\"", "\"outside\""}},
    {kIdeal + "dynamics = \"rate\"\n[learning]\nnudge_place = \"outside\"\n"
              "nudge_error = \"ramp\"\n",
     {"run.toml:6: key 'learning.nudge_place'", "recomputed", "\"outside\""}},
    {kIdeal + "[learning]\nform = \"predictive\"\n",
     {"run.toml:5: key 'learning.form'", "centred", "\"predictive\""}},
    {kIdeal + "[learning]\nrule = \"contrastive-hebbian\"\n",
     {"run.toml:5: key 'learning.rule'", "network.dynamics = \"rate\"", "contrastive-hebbian"}},
    {kIdeal + "dynamics = \"rate\"\nreadout = \"softmax\"\n[learning]\nrule = "
              "\"contrastive-hebbian\"\n",
     {"run.toml:7: key 'learning.rule'", "softmax", "contrastive-hebbian"}},
    {kIdeal + "dynamics = \"rate\"\n[learning]\nrule = \"contrastive-hebbian\"\n"
              "teacher_delay = 10\n[ideal]\nnudged_steps = 10\n",
     {"run.toml:7: key 'learning.teacher_delay'", "less than the 10 steps", "got 10"}},
    {kIdeal + "[learning.adaptation]\nc = 1.5\n",
     {"run.toml:5: key 'learning.adaptation.c'", "between 0 and 1", "got 1.5"}},
    {kIdeal + "[learning.adaptation]\nsteps = -1\n",
     {"run.toml:5: key 'learning.adaptation.steps'", "got -1"}},
    {kIdeal + "[learning.adaptation]\nmode = \"slow\"\n",
     {"run.toml:5: key 'learning.adaptation.mode'", "\"pure\"", "\"slow\""}},
    {kIdeal + "[learning]\nrule = \"backprop\"\n[learning.adaptation]\nsteps = 5\n",
     {"run.toml:7: key 'learning.adaptation.steps'", "no phases", "got 5"}},
    {kIdeal + "readout = \"softmax\"\n[learning.adaptation]\nsteps = 5\n",
     {"run.toml:6: key 'learning.adaptation.steps'", "softmax", "got 5"}},
    {kIdeal + "[learning]\nnudge_error = \"constant\"\n[learning.adaptation]\nsteps = 5\n",
     {"run.toml:7: key 'learning.adaptation.steps'", "recomputed", "got 5"}},
    {kIdeal + "[learning]\nrule = \"truncated-bptt\"\n[learning.adaptation]\nsteps = 5\n",
     {"run.toml:7: key 'learning.adaptation.steps'", "\"truncated-bptt\"", "got 5"}},
    {kOde + "[learning.adaptation]\nsteps = 5\n",
     {"run.toml:5: key 'learning.adaptation.steps'", "ideal.time_step", "got 5"}},
    {kOde + "[ode]\nslow_adaptation = \"1 us\"\n",
     {"run.toml:5: key 'ode.slow_adaptation'", "without adaptation", "\"1 us\""}},
    {kIdeal + "[learning]\nbias_batch = \"first\"\nrule = \"backprop\"\n",
     {"run.toml:5: key 'learning.bias_batch'", "\"contrastive-hebbian\"", "\"first\""}},
    {kIdeal + "[learning]\nrule = \"truncated-bptt\"\nbias_plain = true\n",
     {"run.toml:6: key 'learning.bias_plain'", "\"equilibrium-propagation\"", "got true"}},
    {kIdeal + "style = \"resistive\"\n[learning]\nbias_plain = true\n",
     {"run.toml:6: key 'learning.bias_plain'", "in nets of neurons", "got true"}},
    {kOde + "[learning]\nbias_batch = \"first\"\n",
     {"run.toml:5: key 'learning.bias_batch'", "\"mean\"", "\"first\""}},
    {kIdeal + "[ideal]\nfeedback_mismatch = -0.2\n",
     {"run.toml:5: key 'ideal.feedback_mismatch'", "got -0.2"}},
    {kOde + "[ideal]\nhold_noise = 0.01\n",
     {"run.toml:5: key 'ideal.hold_noise'", "run.fidelity = \"ideal\"", "got 0.01"}},
    {kChip + "dynamics = \"rate\"\n",
     {"run.toml:3: key 'network.dynamics'", "before the activation", "\"rate\""}},
    {kChip + "[learning.adaptation]\nsteps = 20\n",
     {"run.toml:4: key 'learning.adaptation.steps'", "chip.adaptation.circuit", "got 20"}},
    {kChip + "[learning]\nrule = \"contrastive-hebbian\"\n",
     {"run.toml:4: key 'learning.rule'", "learning.clamp", "contrastive-hebbian"}},
    {kChip + "[learning]\nclamp = -1\n", {"run.toml:4: key 'learning.clamp'", "got -1"}},
    {kClamped + "clamped_start = \"free\"\nteacher_delay = 5\n",
     {"run.toml:7: key 'learning.teacher_delay'", "expected 0 on the chip", "got 5"}},
    {kClamped + "teacher_delay = 0\n",
     {"run.toml: key 'learning.clamped_start'", "expected \"free\" on the chip", "\"zero\""}},
    {kClamped + "teacher_delay = 0\nclamped_start = \"free\"\n[chip.difference_amplifier]\n"
                "gain = 8\n",
     {"run.toml:9: key 'chip.difference_amplifier.gain'", "contrastive-hebbian"}},
    {kChip + "[chip.adaptation]\ncircuit = \"track-hold\"\n",
     {"run.toml:4: key 'chip.adaptation.circuit'", "learning.adaptation.steps = 0",
      "\"track-hold\""}},
    {kAdapts + "circuit = \"sample-hold\"\n",
     {"run.toml:6: key 'chip.adaptation.circuit'", "\"track-hold\"", "\"sample-hold\""}},
    {kAdapts + "circuit = \"track-hold\"\n[chip.schedule]\nadapt = 4\n",
     {"run.toml:8: key 'chip.schedule.adapt'", "more cycles than the 4", "got 4"}},
    {kAdapts + "circuit = \"track-hold\"\nconductance = -1\n",
     {"run.toml:7: key 'chip.adaptation.conductance'", "expected a conductance such as"}},
    {kAdapts + "circuit = \"track-hold\"\nconductance = \"-1 uS\"\n",
     {"run.toml:7: key 'chip.adaptation.conductance'", "at least"}},
    {kAdapts + "circuit = \"slow-variable\"\ntime_constant = \"0 s\"\n",
     {"run.toml:7: key 'chip.adaptation.time_constant'", "above"}},
    {kAdapts + "circuit = \"track-hold\"\nconductance = \"10 uS\"\n[monitor]\nstate_every = 1\n",
     {"run.toml:9: key 'monitor.state_every'", "chip.adaptation.conductance", "got 1"}},
    {kAdapts + "circuit = \"track-hold\"\n[learning]\nnudging = \"one-sided\"\n[chip.twin]\n"
               "mode = \"free-nudged\"\n",
     {"run.toml:10: key 'chip.twin.mode'", "chip.adaptation.circuit"}},
    {kChip + "[learning.adaptation]\nsteps = 5\nc = 1.0\n[chip.adaptation]\ncircuit = "
             "\"track-hold\"\n",
     {"run.toml:5: key 'learning.adaptation.c'", "less than 1 on the chip", "got 1"}},
    {kChip + "[learning.adaptation]\nsteps = 5\nc = 0.0\n[chip.adaptation]\ncircuit = "
             "\"track-hold\"\n",
     {"run.toml: key 'chip.adaptation.conductance'", "learning.adaptation.c = 0", "0 S"}},
    {kRtl + "links = [\"1-3\"]\n",
     {"run.toml:4: key 'network.links'", "no links with run.fidelity", "1-3"}},
    {kRtl + "link_block = 2\n", {"run.toml:4: key 'network.link_block'", "got 2"}},
    {kRtl + "feedback = \"separate\"\nlink_probability = 0.5\n",
     {"run.toml:5: key 'network.link_probability'", "got 0.5"}},
    {kChip + "[learning]\noptimiser = \"adam\"\n",
     {"run.toml:4: key 'learning.optimiser'", "\"sgd\"", "per weight"}},
    {kChip + "[learning]\nbatch = 4\n", {"run.toml:4: key 'learning.batch'", "1 (of the chips"}},
    {kChip + "[learning]\noptimiser = \"adam\"\nbatch = 7\n[chip.update]\ncircuit = "
             "\"accumulate\"\n[data]\ntrain_samples = 100\n",
     {"run.toml:5: key 'learning.batch'", "divisor of data.train_samples = 100", "got 7"}},
    {kChip + "[learning]\noptimiser = \"adam\"\nbatch = 5\n[chip.update]\ncircuit = "
             "\"accumulate\"\n[tasks]\nclasses = 2\n",
     {"run.toml:5: key 'learning.batch'", "1 with tasks", "got 5"}},
    {kChip + "[chip.update]\nstate_energy = \"-1 pJ\"\n",
     {"run.toml:4: key 'chip.update.state_energy'", "at least 0"}},
    {kChip + "[learning]\nweight_decay = 0.1\n",
     {"run.toml:4: key 'learning.weight_decay'", "got 0.1"}},
};

TEST(BadNetwork, IsExplained) {
  for (const Case& bad : kCases) {
    std::string text = "accepted";
    try {
      parse_config(bad.text, "run.toml", {});
    } catch (const UserError& error) {
      text = error.what();
    }
    std::size_t from = 0;
    for (const std::string& part : bad.parts) {
      const std::size_t at = text.find(part, from);
      EXPECT_NE(at, std::string::npos)
          << "expected to find: " << part << "\nin: " << text << "\nof:\n"
          << bad.text;
      if (at != std::string::npos) from = at + part.size();
    }
    EXPECT_EQ(text.find('\n'), std::string::npos) << "more than one line: " << text;
  }
}

TEST(GoodNetwork, CombinationsThatMakeSenseAreAccepted) {
  const std::string many = kIdeal +
                           "feedback = \"separate\"\nlinks = [\"1-3@0.2\", \"5>2\"]\n"
                           "link_probability = 0.3\nforward_gain = [1.0, 0.5, 0.5, 1.0]\n"
                           "readout = \"squared-error\"\n[network.time_constant]\n"
                           "family = \"lognormal\"\ncv = 0.3\n[learning]\noptimiser = \"adam\"\n";
  EXPECT_NO_THROW(parse_config(many, "run.toml", {}));
  EXPECT_NO_THROW(parse_config(many, "run.toml", {"run.fidelity=ode"}));
  // Residual links, spread of time steps and adaptation together.
  const std::string adapted = kIdeal +
                              "dynamics = \"rate\"\nlinks = [\"1-3\"]\nbias = true\n"
                              "bias_mean = [-0.5, 0.0, 0.0, 0.0, 0.0]\nbias_deviation = 1\n"
                              "[network.time_constant]\nquantity = \"rate\"\nfamily = \"gamma\"\n"
                              "cv = 0.5\n[learning]\nrule = \"contrastive-hebbian\"\n"
                              "form = \"predictive\"\n[learning.adaptation]\nsteps = 20\n[ideal]\n"
                              "nudged_steps = 120\ntime_step = \"10 ns\"\n";
  EXPECT_NO_THROW(parse_config(adapted, "run.toml", {}));
  EXPECT_NO_THROW(parse_config(adapted, "run.toml", {"run.fidelity=ode", "ode.nudged=\"2 us\""}));
  EXPECT_NO_THROW(
      parse_config(adapted, "run.toml",
                   {"network.time_constant.resample=true", "learning.rule=equilibrium-propagation",
                    "learning.nudging=random-sign"}));
}

}  // namespace
}  // namespace memprop::config
