// Wrong dendrites, tasks and sleeps (bad_dendrites_test.cpp has the chip's): every message names
// line, key, what was expected and what was found.
#include <string>
#include <vector>

#include "cli/test/refusals.hpp"

namespace memprop::config {
namespace {

const std::string kIdeal = "run.fidelity = \"ideal\"\n[network]\nlayers = [16, 8, 4]\n";
const std::string kOde = "run.fidelity = \"ode\"\n[network]\nlayers = [16, 8, 4]\n";
const std::string kChip = "[network]\nlayers = [16, 8, 4]\n";
// Line 7 is the first of what follows.
const std::string kDendrites =
    kIdeal + "feedback = \"separate\"\n[network.dendrites]\nbasal_branches = 4\n";
const std::string kTasks = kIdeal + "[tasks]\nclasses = 2\n";
const std::string kSleep = kTasks + "[sleep]\nenabled = true\n";

// A chip that sleeps: lines 10 to 12 are what hardware asks for.
const std::string kAsleep = kChip +
                            "[chip]\npair = \"differential\"\n[tasks]\nclasses = 2\n[sleep]\n"
                            "enabled = true\nthreshold = [0.1, 0.1]\n";
const std::string kHardware = "gate = \"hard\"\nrandom = \"shift-register\"\nmean_bits = 4\n";

const std::vector<test::Refused> kCases = {
    {kDendrites + "keep_fraction = 0.02\n",
     {"run.toml:7: key 'network.dendrites.keep_fraction'", "layer 0 has 16", "got 0.02"}},
    {kDendrites + "keep_fraction = 1.5\n",
     {"run.toml:7: key 'network.dendrites.keep_fraction'", "between 0 and 1", "1.5"}},
    {kDendrites + "keep_fraction = 0\n",
     {"run.toml:7: key 'network.dendrites.keep_fraction'", "above 0", "got 0"}},
    {kDendrites + "apical_branches = 0\n",
     {"run.toml:7: key 'network.dendrites.apical_branches'", "separate", "got 0"}},
    {kDendrites + "basal = 4\n", {"run.toml:7: key 'network.dendrites.basal'", "a known key"}},
    {kIdeal + "readout = \"softmax\"\n[network.dendrites]\nbasal_branches = 2\n",
     {"run.toml:4: key 'network.readout'", "squared-error", "softmax"}},
    {kIdeal + "feedback = \"separate\"\nfeedback_angle = 30\n[network.dendrites]\n"
              "basal_branches = 2\n",
     {"run.toml:5: key 'network.feedback_angle'", "no angle", "got 30"}},
    {kIdeal + "[network.dendrites]\napical_dense = true\n",
     {"run.toml:5: key 'network.dendrites.apical_dense'", "basal_branches", "got true"}},
    {kDendrites + "[learning]\nrule = \"backprop\"\n",
     {"run.toml:8: key 'learning.rule'", "truncated-bptt"}},
    {kIdeal + "train_feedback = true\n",
     {"run.toml:4: key 'network.train_feedback'", "separate", "got true"}},
    {kChip + "feedback = \"separate\"\ntrain_feedback = true\n",
     {"run.toml:4: key 'network.train_feedback'", "feedback array", "got true"}},
    {kIdeal + "bias_init = \"fan-in-uniform\"\n",
     {"run.toml:4: key 'network.bias_init'", "network.bias = true"}},
    {kIdeal + "[learning]\nrule = \"truncated-bptt\"\n[ideal]\ntime_step = \"10 ns\"\n",
     {"run.toml:7: key 'ideal.time_step'", "truncated-bptt", "10 ns"}},
    {kOde + "[learning]\nrule = \"truncated-bptt\"\n",
     {"run.toml:5: key 'learning.rule'", "run.fidelity = \"ideal\"", "truncated-bptt"}},
    {kIdeal + "[tasks]\nclasses = 3\n", {"run.toml:5: key 'tasks.classes'", "divisor", "got 3"}},
    {kTasks + "order = [0, 1, 2, 2]\n",
     {"run.toml:6: key 'tasks.order'", "0 to 3 once", "[0, 1, 2, 2]"}},
    {kTasks + "rehearsal = 2\n", {"run.toml:6: key 'tasks.rehearsal'", "between 0 and 1"}},
    {kTasks + "joint = true\nrehearsal = 0.1\n",
     {"run.toml:7: key 'tasks.rehearsal'", "joint", "got 0.1"}},
    {kIdeal + "[tasks]\nrehearsal = 0.1\n",
     {"run.toml:5: key 'tasks.rehearsal'", "tasks.classes", "got 0.1"}},
    {kTasks + "consolidation = \"ewc\"\nstrength = 1\n",
     {"run.toml:6: key 'tasks.consolidation'", "backprop"}},
    {kIdeal + "readout = \"softmax\"\n[tasks]\nclasses = 2\nconsolidation = \"si\"\n[learning]\n"
              "rule = \"backprop\"\n",
     {"key 'tasks.strength'", "above 0", "got 0"}},
    {kTasks + "[learning]\ntrain = false\n", {"run.toml:7: key 'learning.train'", "tasks.classes"}},
    {kAsleep + "gate = \"soft\"\nrandom = \"shift-register\"\nmean_bits = 4\n",
     {"run.toml:10: key 'sleep.gate'", "hard", "\"soft\""}},
    {kAsleep + "gate = \"hard\"\nrandom = \"stream\"\n",
     {"run.toml:11: key 'sleep.random'", "shift-register", "\"stream\""}},
    {kAsleep + "gate = \"hard\"\nrandom = \"shift-register\"\n",
     {"key 'sleep.mean_bits'", "1 to 16", "got 0"}},
    {kAsleep + kHardware + "bias = true\n",
     {"run.toml:13: key 'sleep.bias'", "not driven", "true"}},
    {kAsleep + kHardware + "feedback = true\n",
     {"run.toml:13: key 'sleep.feedback'", "off", "true"}},
    {kAsleep + kHardware + "leak = 0\n", {"run.toml:13: key 'sleep.leak'", "above 0", "got 0"}},
    {kTasks + "[sleep]\nenabled = true\nthreshold = [0.1, 0.1]\nrandom = \"shift-register\"\n"
              "mean_bits = 17\n",
     {"run.toml:10: key 'sleep.mean_bits'", "1 to 16", "got 17"}},
    {kChip + "[tasks]\nclasses = 2\n[sleep]\nenabled = true\nthreshold = [0.1, 0.1]\n" + kHardware +
         "[chip]\npair = \"reference\"\n",
     {"run.toml:12: key 'chip.pair'", "differential", "only G-", "\"reference\""}},
    {kAsleep + kHardware + "[chip.sleep]\npulse_cycles = 11\n",
     {"run.toml:14: key 'chip.sleep.pulse_cycles'", "drive_cycles = 10", "got 11"}},
    {kAsleep + kHardware + "[chip.sleep]\nwrite = \"ideal-write\"\n",
     {"run.toml:14: key 'chip.sleep.write'", "pulses", "\"ideal-write\""}},
    {kAsleep + kHardware + "[chip.sleep]\nrail = \"-1 V\"\n",
     {"run.toml:14: key 'chip.sleep.rail'", "at least 0", "-1"}},
    {kAsleep + kHardware + "[chip.update]\nreset_only = true\n",
     {"run.toml:14: key 'chip.update.reset_only'", "SET of G-", "true"}},
    {kAsleep + kHardware +
         "[chip.device]\nmodel = \"ideal\"\n[chip.update]\n"
         "circuit = \"ideal-write\"\n",
     {"key 'chip.sleep.write'", "ideal-write", "\"pulses\""}},
    {"run.fidelity = \"rtl\"\n" + kAsleep + kHardware,
     {"run.toml:9: key 'sleep.enabled'", "rtl", "C++ only", "true"}},
    {kIdeal + "[sleep]\nenabled = true\n",
     {"run.toml:5: key 'sleep.enabled'", "tasks.classes", "got true"}},
    {kSleep, {"key 'sleep.threshold'", "2 values", "with thresholds only", "got 0"}},
    {kSleep + "threshold = [0.1, -0.1]\n",
     {"run.toml:8: key 'sleep.threshold'", "above 0", "got -0.1"}},
    {kSleep + "threshold = [0.1, 0.1]\nwindow = 5\n",
     {"run.toml:9: key 'sleep.window'", "at most 4", "got 5"}},
    {kSleep + "threshold = [0.1, 0.1]\nleak = 1.5\n",
     {"run.toml:9: key 'sleep.leak'", "between 0 and 1", "1.5"}},
    {kSleep + "threshold = [0.1, 0.1]\nlayer_scale = [1, 2, 3]\n",
     {"run.toml:9: key 'sleep.layer_scale'", "1 or 2 values", "got 3"}},
    {kSleep + "threshold = [0.1, 0.1]\ngate = \"sharp\"\n",
     {"run.toml:9: key 'sleep.gate'", "\"soft\"", "\"sharp\""}},
};

TEST(BadTasks, OneSentenceSaysWhereAndWhy) { test::expect_refusals(kCases); }

}  // namespace
}  // namespace memprop::config
