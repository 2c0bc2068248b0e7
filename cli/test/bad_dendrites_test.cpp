// Wrong dendrites in continuous time and on the chip: every message names line, key, what was
// expected and what was found.
#include <string>
#include <vector>

#include "cli/test/refusals.hpp"

namespace memprop::config {
namespace {

const std::string kOde =
    "run.fidelity = \"ode\"\n[network]\nlayers = [16, 8, 4]\nfeedback = \"separate\"\n";
const std::string kChip = "[network]\nlayers = [16, 8, 4]\nfeedback = \"separate\"\n";
const std::string kBranches =
    "[network.dendrites]\nbasal_branches = 2\nbasal_tau = \"50 ns\"\napical_tau = \"50 ns\"\n";
const std::string kArray = "[chip]\nfeedback = \"separate-array\"\n";
// Line 10 is the first of what follows.
const std::string kAll = kChip + kBranches + kArray;

const std::vector<test::Refused> kCases = {
    {kOde + "[network.dendrites]\nbasal_tau = \"10 ns\"\n",
     {"run.toml:6: key 'network.dendrites.basal_tau'", "basal_branches", "10 ns"}},
    {kOde + kBranches + "[learning.adaptation]\nsteps = 3\n",
     {"run.toml:10: key 'learning.adaptation.steps'", "ideal.time_step"}},
    {"[network]\nlayers = [16, 8, 7, 4]\nfeedback = \"separate\"\nlinks = [\"1-3\"]\n" + kBranches +
         kArray,
     {"run.toml:4: key 'network.links'", "no links", "on branches"}},
    {"[network]\nlayers = [16, 8, 7, 4]\nfeedback = \"separate\"\nlink_probability = 0.5\n" +
         kBranches + kArray,
     {"run.toml:4: key 'network.link_probability'", "expected 0", "on branches"}},
    {kChip + "[network.dendrites]\nbasal_branches = 2\napical_tau = \"50 ns\"\n" + kArray,
     {"key 'network.dendrites.basal_tau'", "above 0 s", "capacitor", "got \"0 s\""}},
    {kChip + "[network.dendrites]\nbasal_branches = 2\nbasal_tau = \"50 ns\"\n" + kArray,
     {"key 'network.dendrites.apical_tau'", "above 0 s", "got \"0 s\""}},
    {kChip + kBranches, {"run.toml:3: key 'network.feedback'", "separate-array"}},
    {"[network]\nlayers = [16, 8, 4]\n" + kBranches,
     {"key 'network.feedback'", "separate", "apical arrays", "got \"tied\""}},
    {"run.fidelity = \"rtl\"\n" + kAll,
     {"run.toml:6: key 'network.dendrites.basal_branches'", "Verilog", "got 2"}},
    {kAll + "[chip.controller]\nlockstep = true\n",
     {"run.toml:11: key 'chip.controller.lockstep'", "Verilog", "got true"}},
    {kAll + "[chip.update]\ncircuit = \"write-verify\"\n",
     {"run.toml:11: key 'chip.update.circuit'", "every cell", "write-verify"}},
    {kAll + "[chip.twin]\nmode = \"free-nudged\"\n[learning]\nnudging = \"one-sided\"\n",
     {"run.toml:11: key 'chip.twin.mode'", "no second copy"}},
    {kAll + "[chip.difference_amplifier]\ngain = 8\n",
     {"run.toml:11: key 'chip.difference_amplifier.gain'", "difference to the free phase"}},
    {kAll + "[chip.neuron]\namplifier_gain = 100\n",
     {"run.toml:11: key 'chip.neuron.amplifier_gain'", "end at the branches"}},
    {kAll + "[chip.neuron]\namplifier_offset = \"1 mV\"\n",
     {"run.toml:11: key 'chip.neuron.amplifier_offset'", "end at the branches"}},
    {kAll + "[chip.branch]\nknee = \"0 V\"\n", {"run.toml:11: key 'chip.branch.knee'", "above 0"}},
    {kAll + "[chip.branch]\nrectifier = \"hard\"\n",
     {"run.toml:11: key 'chip.branch.rectifier'", "softplus", "hard"}},
    {kAll + "[chip.branch]\noffset = \"-1 mV\"\n",
     {"run.toml:11: key 'chip.branch.offset'", "at least 0"}},
    {kAll + "[chip.branch]\nmasked_cells = \"open\"\n",
     {"run.toml:11: key 'chip.branch.masked_cells'", "absent", "open"}},
    {kAll + "[chip.branch]\noff_conductance = \"5 V\"\n",
     {"run.toml:11: key 'chip.branch.off_conductance'", "S", "5 V"}},
};

TEST(BadDendrites, OneSentenceSaysWhereAndWhy) { test::expect_refusals(kCases); }

}  // namespace
}  // namespace memprop::config
