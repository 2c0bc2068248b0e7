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
const std::string kChip = "[network]\nlayers = [9, 8, 7, 6, 5, 4]\n";

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
    {kChip + "links = [\"1-3\"]\n",
     {"run.toml:3: key 'network.links'", "no links with run.fidelity", "1-3"}},
    {kChip + "link_block = 2\n", {"run.toml:3: key 'network.link_block'", "got 2"}},
    {kChip + "feedback = \"separate\"\nlink_probability = 0.5\n",
     {"run.toml:4: key 'network.link_probability'", "got 0.5"}},
    {kChip + "[learning]\noptimiser = \"adam\"\n",
     {"run.toml:4: key 'learning.optimiser'", "\"sgd\"", "per weight"}},
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
}

}  // namespace
}  // namespace memprop::config
