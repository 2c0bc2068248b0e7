// Wrong configuration files: every message names the file, the line where there is one, the key,
// what was expected and what was found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "cli/config/config.hpp"
#include "solvers/error.hpp"

namespace memprop::config {
namespace {

struct BadConfig {
  const char* name;
  std::string text;
  std::vector<std::string> parts;  // all of them stand in the message, in this order
  std::vector<std::string> overrides = {};
};

void PrintTo(const BadConfig& bad, std::ostream* out) { *out << bad.name; }

std::string message(const BadConfig& bad) {
  try {
    parse_config(bad.text, "run.toml", bad.overrides);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

// A correct [network] in two lines, so that what follows starts in line 3.
const std::string kNet = "[network]\nlayers = [4, 3, 2]\n";
const std::string kDeep = "[network]\nlayers = [4, 3, 3, 2]\n";

class BadInput : public testing::TestWithParam<BadConfig> {};

TEST_P(BadInput, IsExplained) {
  const std::string text = message(GetParam());
  std::size_t from = 0;
  for (const std::string& part : GetParam().parts) {
    const std::size_t at = text.find(part, from);
    ASSERT_NE(at, std::string::npos) << "expected to find: " << part << "\nin: " << text;
    from = at + part.size();
  }
  EXPECT_EQ(text.find('\n'), std::string::npos) << "more than one line: " << text;
}

std::vector<BadConfig> syntax() {
  return {
      {"MissingBracket", "[run\nseed = 1\n", {"run.toml:1:", "expected valid TOML, got: "}},
      {"MissingValue", "[run]\nseed =\n", {"run.toml:2:", "expected valid TOML"}},
      {"UnclosedText", "[run]\nname = \"a\nseed = 1\n", {"run.toml:2:", "expected valid TOML"}},
      {"DuplicateKey",
       kNet + "bias = true\nbias = false\n",
       {"run.toml:4:", "expected valid TOML", "bias"}},
      {"DuplicateSection", kNet + "[run]\n[run]\n", {"run.toml:4:", "expected valid TOML", "run"}},
      {"UnquotedWord", kNet + "init = glorot\n", {"run.toml:3:", "expected valid TOML"}},
  };
}

std::vector<BadConfig> unknown() {
  return {
      {"UnknownKey",
       kNet + "[chip]\nclok = \"10 ns\"\n",
       {"run.toml:4: key 'chip.clok': expected a known key", "did you mean 'chip.clock'?"}},
      {"UnknownSection",
       kNet + "[chipp]\nclock = \"10 ns\"\n",
       {"run.toml:3: key 'chipp': expected a known section", "did you mean 'chip'?"}},
      {"KeyWithoutSection",
       "seed = 3\n" + kNet,
       {"run.toml:1: key 'seed': expected a known key", "did you mean 'run.seed'?"}},
      {"KeyInWrongSection",
       kNet + "[learning]\nseed = 3\n",
       {"run.toml:4: key 'learning.seed'", "did you mean 'run.seed'?"}},
      {"MistypedRequiredKey",
       "[network]\nlayer = [4, 2]\n",
       {"run.toml:2: key 'network.layer'", "did you mean 'network.layers'?"}},
      {"SwappedLetters",
       kNet + "[run]\nfidleity = \"ode\"\n",
       {"run.toml:4: key 'run.fidleity'", "did you mean 'run.fidelity'?"}},
      {"QuotedDottedKey", kNet + "[run]\n\"a.b\" = 1\n", {"run.toml:4:", "expected a known key"}},
      {"ValueForSection",
       "chip = 3\n" + kNet,
       {"run.toml:1: key 'chip': expected a section [chip], got 3"}},
      {"SectionForValue",
       kNet + "[chip.clock]\nperiod = \"10 ns\"\n",
       {"run.toml:3: key 'chip.clock': expected a time between 0 s and 1 s, the first excluded, "
        "got a section"}},
      {"ListOfSections",
       kNet + "[[chip]]\nclock = \"10 ns\"\n",
       {"run.toml:3: key 'chip': expected a section [chip], got"}},
      {"UnknownOverride",
       kNet,
       {"--set run.sed=3: expected a known key", "did you mean 'run.seed'?"},
       {"run.sed=3"}},
      {"OverrideWithoutValue", kNet, {"--set run.seed: expected KEY=VALUE"}, {"run.seed"}},
      {"OverrideHalfAList",
       kNet,
       {"--set network.layers=[4, 2: expected a complete TOML value"},
       {"network.layers=[4, 2"}},
  };
}

std::vector<BadConfig> types() {
  return {
      {"MissingLayers",
       "[run]\nseed = 1\n",
       {"run.toml: key 'network.layers': expected a list, each item an integer", "got nothing"}},
      {"EmptyFile", "", {"run.toml: key 'network.layers': expected", "got nothing"}},
      {"TextForInteger",
       kNet + "[run]\nseed = \"1\"\n",
       {"run.toml:4: key 'run.seed': expected an integer", "got \"1\""}},
      {"NumberForInteger",
       kNet + "[learning]\nbatch = 1.5\n",
       {"run.toml:4: key 'learning.batch': expected an integer at least 1, got 1.5"}},
      {"TextForNumber",
       kNet + "[learning]\nbeta = \"0.5\"\n",
       {"run.toml:4: key 'learning.beta': expected a number above 0, got \"0.5\""}},
      {"NumberForBoolean",
       kNet + "bias = 1\n",
       {"run.toml:3: key 'network.bias': expected true or false, got 1"}},
      {"NumberForText",
       kNet + "[run]\nname = 5\n",
       {"run.toml:4: key 'run.name': expected text, got 5"}},
      {"DateForText",
       kNet + "[run]\nname = 2020-01-01\n",
       {"run.toml:4: key 'run.name': expected text, got the date or time 2020-01-01"}},
      {"ListForNumber",
       kNet + "[learning]\nbeta = [0.5]\n",
       {"run.toml:4: key 'learning.beta': expected a number", "got ["}},
      {"TextInList",
       kNet + "feedback_gain = [0.1, \"x\"]\n",
       {"run.toml:3: key 'network.feedback_gain': expected a list", "got \"x\""}},
      {"UnknownChoice",
       kNet + "[learning]\nnudging = \"centered\"\n",
       {"run.toml:4: key 'learning.nudging': expected one of \"one-sided\"", "got \"centered\"",
        "did you mean \"centred\"?"}},
      {"UnknownActivation",
       kNet + "activation = [\"tanh\", \"relu\"]\n",
       {"run.toml:3: key 'network.activation': expected", "\"hard-sigmoid\"", "got \"relu\""}},
      {"UnknownPreset",
       kNet + "[chip.device]\npreset = \"linear-63\"\n",
       {"run.toml:4: key 'chip.device.preset': expected one of", "got \"linear-63\"",
        "did you mean \"linear-64\"?"}},
      {"UnknownMethod",
       kNet + "[solver]\nmethod = \"euler\"\n",
       {"run.toml:4: key 'solver.method': expected one of", "\"dopri5\"", "got \"euler\""}},
      {"ChoiceOnCommandLine",
       kNet,
       {"--set run.fidelity=cycles: expected one of", "did you mean \"cycle\"?"},
       {"run.fidelity=cycles"}},
      {"TypeOnCommandLine",
       kNet,
       {"--set run.seed=one: expected an integer", "got \"one\""},
       {"run.seed=one"}},
  };
}

std::vector<BadConfig> quantities() {
  return {
      {"NumberWithoutUnit",
       kNet + "[chip]\nclock = 10\n",
       {"run.toml:4: key 'chip.clock': expected a time such as \"", "got", "10"}},
      {"FloatWithoutUnit",
       kNet + "[chip]\nvoltage_scale = 0.1\n",
       {"run.toml:4: key 'chip.voltage_scale': expected a voltage such as \"", "got", "0.1"}},
      {"TextWithoutUnit",
       kNet + "[chip]\nclock = \"10\"\n",
       {"run.toml:4: key 'chip.clock': expected a time such as \"", "got", "10"}},
      {"WrongUnit",
       kNet + "[chip.sample_hold]\ncapacitance = \"1 ns\"\n",
       {"run.toml:4: key 'chip.sample_hold.capacitance': expected a capacitance such as \"", "got",
        "1 ns"}},
      {"WrongPrefix",
       kNet + "[chip]\nclock = \"10 xs\"\n",
       {"run.toml:4: key 'chip.clock': expected a time such as \"", "got", "10 xs"}},
      {"NanQuantity",
       kNet + "[solver]\natol = \"nan V\"\n",
       {"run.toml:4: key 'solver.atol': expected a", "got", "nan V"}},
      {"BooleanForQuantity",
       kNet + "[chip]\nclock = true\n",
       {"run.toml:4: key 'chip.clock': expected a time", "got true"}},
      {"UnitOnCommandLine",
       kNet,
       {"--set chip.clock=5: expected a time such as \"", "5"},
       {"chip.clock=5"}},
      {"ZeroClock",
       kNet + "[chip]\nclock = \"0 s\"\n",
       {"run.toml:4: key 'chip.clock': expected a time between 0 s and 1 s, the first excluded, "
        "got \"0 s\""}},
      {"NegativeTimeConstant",
       kNet + "[network.time_constant]\nmean = \"-100 ns\"\n",
       {"run.toml:4: key 'network.time_constant.mean': expected a time above 0 s, "
        "got \"-100 ns\""}},
      {"ZeroTimeConstant",
       kNet + "[network.time_constant]\nmean = \"0 ns\"\n",
       {"run.toml:4: key 'network.time_constant.mean': expected a time above 0 s, got \"0 ns\""}},
  };
}

std::vector<BadConfig> ranges() {
  return {
      {"NanNumber",
       kNet + "[learning]\nbeta = nan\n",
       {"run.toml:4: key 'learning.beta': expected a finite number, got nan"}},
      {"InfiniteRate",
       kNet + "[learning]\nrate = [0.1, inf]\n",
       {"run.toml:4: key 'learning.rate': expected a finite number, got inf"}},
      {"NegativeSeed",
       kNet + "[run]\nseed = -1\n",
       {"run.toml:4: key 'run.seed': expected an integer at least 0, got -1"}},
      {"ZeroCycles",
       kNet + "[chip.schedule]\nfree = 0\n",
       {"run.toml:4: key 'chip.schedule.free': expected an integer between 1 and 4294967295, "
        "got 0"}},
      {"ZeroSampleCycles",
       kNet + "[chip.schedule]\nsample = 0\n",
       {"run.toml:4: key 'chip.schedule.sample': expected an integer", "got 0"}},
      {"TooManyCycles",
       kNet + "[chip.schedule]\nfree = 4294967296\n",
       {"run.toml:4: key 'chip.schedule.free'", "got 4294967296"}},
      {"ConverterOf0Bits",
       kNet + "[chip.adc]\nbits = 0\n",
       {"run.toml:4: key 'chip.adc.bits': expected an integer between 1 and 32 or \"ideal\", "
        "got 0"}},
      {"ConverterOf33Bits",
       kNet + "[chip.adc]\nbits = 33\n",
       {"run.toml:4: key 'chip.adc.bits': expected an integer between 1 and 32", "got 33"}},
      {"AverageOfThree",
       kNet + "[chip.adc]\naverage = 3\n",
       {"run.toml:4: key 'chip.adc.average': expected 1, 2, 4, 8 or 16, got 3"},
       {"run.fidelity=cycle"}},
      {"AverageOf32",
       kNet + "[chip.adc]\naverage = 32\n",
       {"run.toml:4: key 'chip.adc.average': expected an integer between 1 and 16, got 32"}},
      {"NoConverters",
       kNet + "[chip.adc]\nchannels = 0\n",
       {"run.toml:4: key 'chip.adc.channels': expected an integer between 1 and 16777216 or "
        "\"per-neuron\", got 0"}},
      {"MoreConvertersThanNeurons",
       kNet + "[chip.adc]\nchannels = 7000\n",
       {"run.toml:4: key 'chip.adc.channels': expected at most", "got 7000"},
       {"run.fidelity=cycle"}},
      {"TooShortForSeveralConversions",
       kNet + "[chip.adc]\naverage = 2\n[chip.schedule]\nconvert = 1\n",
       {"run.toml:6: key 'chip.schedule.convert': expected at least 2", "got 1"},
       {"run.fidelity=cycle"}},
      {"DacOf33Bits",
       kNet + "[chip.dac]\nbits = 33\n",
       {"run.toml:4: key 'chip.dac.bits': expected an integer", "or \"ideal\", got 33"}},
      {"DacOf0BitsBySet",
       kNet,
       {"--set chip.dac.bits=0: expected an integer", "got 0"},
       {"chip.dac.bits=0"}},
      {"LayerOfZero",
       "[network]\nlayers = [4, 0, 2]\n",
       {"run.toml:2: key 'network.layers': expected a list, each item an integer between 1",
        "got 0"}},
      {"NegativeCv",
       kNet + "[network.time_constant]\nfamily = \"gamma\"\ncv = -0.1\n",
       {"run.toml:5: key 'network.time_constant.cv': expected a number at least 0, got -0.1"}},
      {"ZeroWeightRange",
       kNet + "[chip]\nweight_range = [1.0, 0.0]\n",
       {"run.toml:4: key 'chip.weight_range': expected a list, each item a number above 0, "
        "got 0.0"}},
      {"NegativeWeightRange",
       kNet + "[chip]\nweight_range = -1\n",
       {"run.toml:4: key 'chip.weight_range': expected", "above 0, got -1"}},
      {"ProbabilityAbove1",
       kNet + "[chip]\nstuck_fraction = 1.5\n",
       {"run.toml:4: key 'chip.stuck_fraction': expected a number between 0 and 1, got 1.5"}},
      {"NegativeProbability",
       kNet + "[chip]\nstuck_fraction = -0.1\n",
       {"run.toml:4: key 'chip.stuck_fraction': expected a number between 0 and 1, got -0.1"}},
      {"ForwardShareOf1",
       kNet + "[chip]\nforward_share = 1.0\n",
       {"run.toml:4: key 'chip.forward_share': expected a number between 0 and 1, both excluded",
        "got 1.0"}},
      {"ZeroTolerance",
       kNet + "[solver]\nrtol = 0.0\n",
       {"run.toml:4: key 'solver.rtol': expected a number between 0 and 1", "got 0.0"}},
      {"ZeroGain",
       kNet + "feedback_gain = 0\n",
       {"run.toml:3: key 'network.feedback_gain': expected", "above 0, got 0"}},
      {"ZeroBatch",
       kNet + "[learning]\nbatch = 0\n",
       {"run.toml:4: key 'learning.batch': expected an integer at least 1, got 0"}},
      {"ClipOfThree",
       kNet + "[network.time_constant]\nclip = [0.1, 2, 3]\n",
       {"run.toml:4: key 'network.time_constant.clip': expected a list of 2 values, got ["}},
  };
}

std::vector<BadConfig> combinations() {
  return {
      {"OneLayer",
       "[network]\nlayers = [4]\n",
       {"run.toml:2: key 'network.layers': expected at least two widths", "got [4]"}},
      {"NoLayers",
       "[network]\nlayers = []\n",
       {"run.toml:2: key 'network.layers': expected at least two widths", "got []"}},
      {"GainsOfWrongLength",
       kDeep + "feedback_gain = [0.1, 0.1, 0.1]\n",
       {"run.toml:3: key 'network.feedback_gain': expected 1 or 2 values, got 3"}},
      {"NoGains",
       kDeep + "feedback_gain = []\n",
       {"run.toml:3: key 'network.feedback_gain': expected 1 or 2 values, got 0"}},
      {"GainsWithoutFeedback",
       "[network]\nlayers = [4, 2]\nfeedback_gain = [0.1, 0.1]\n",
       {"run.toml:3: key 'network.feedback_gain': expected no or one value", "got 2"}},
      {"ActivationsOfWrongLength",
       kDeep + "activation = [\"tanh\", \"tanh\"]\n",
       {"run.toml:3: key 'network.activation': expected 1 or 3 values, got 2"}},
      {"RatesOfWrongLength",
       kNet + "[learning]\nrate = [0.1, 0.1, 0.1]\n",
       {"run.toml:4: key 'learning.rate': expected 1 or 2 values, got 3"}},
      {"WeightRangesOfWrongLength",
       kDeep + "[chip]\nweight_range = [1, 1]\n",
       {"run.toml:4: key 'chip.weight_range': expected 1 or 3 values, got 2"}},
      {"UniformTooWide",
       kNet + "[network.time_constant]\nfamily = \"uniform\"\ncv = 0.6\n",
       {"run.toml:5: key 'network.time_constant.cv': expected less than 0.577", "got 0.6"}},
      {"SpreadWithoutFamily",
       kNet + "[network.time_constant]\ncv = 0.3\n",
       {"run.toml:4: key 'network.time_constant.cv': expected 0 with the family \"equal\"",
        "got 0.3"}},
      {"ClipUpsideDown",
       kNet + "[network.time_constant]\nfamily = \"gamma\"\ncv = 0.3\nclip = [2.5, 0.25]\n",
       {"run.toml:6: key 'network.time_constant.clip': expected a value below 1",
        "got [2.5, 0.25]"}},
      {"WindowUpsideDown",
       kNet + "[chip.device]\ng_min = \"5 uS\"\ng_max = \"1 uS\"\n",
       {"run.toml:4: key 'chip.device.g_min': expected less than chip.device.g_max = \"",
        "got \""}},
      {"EmptyWindow",
       kNet + "[chip.device]\ng_min = \"5 uS\"\ng_max = \"5 uS\"\n",
       {"run.toml:4: key 'chip.device.g_min': expected less than"}},
      {"StatesUpsideDown",
       kNet + "[chip.device]\nw_min = 1\nw_max = -1\n",
       {"run.toml:4: key 'chip.device.w_min': expected less than chip.device.w_max = -1, got 1"}},
      {"StatesWithoutZero",
       kNet + "[chip.device]\nw_min = 0.5\n",
       {"run.toml:3: key 'chip.device': device: expected w_min <= 0 <= w_max", "got w_min = 0.5"}},
      {"SoftmaxOnTheChip",
       kNet + "readout = \"softmax\"\n[run]\nfidelity = \"cycle\"\n",
       {"run.toml:3: key 'network.readout': expected \"squared-error\"",
        "not available on the chip", "got \"softmax\""}},
      {"SoftmaxWithoutHidden",
       "[network]\nlayers = [4, 2]\nreadout = \"softmax\"\n[run]\nfidelity = \"ideal\"\n",
       {"run.toml:2: key 'network.layers': expected at least three widths", "got [4, 2]"}},
      {"IdealWriteOnRealDevice",
       kNet + "[chip.update]\ncircuit = \"ideal-write\"\n",
       {"run.toml:4: key 'chip.update.circuit': expected another circuit", "got \"ideal-write\""}},
      {"SignSignWithProduct",
       kNet + "[learning]\nform = \"product\"\n[chip.update]\ncircuit = \"sign-sign\"\n",
       {"run.toml:6: key 'chip.update.circuit': expected \"pulse-count\" or \"stochastic\"",
        "got \"sign-sign\""}},
      {"ClampWithoutHardSigmoid",
       kNet + "[chip.neuron]\ncircuit = \"clamp\"\n",
       {"run.toml:4: key 'chip.neuron.circuit': expected another circuit than \"clamp\"",
        "hard-sigmoid", "got \"clamp\""}},
      {"RailsUpsideDown",
       kNet + "[chip.neuron]\nclamp_low = 2\n",
       {"run.toml:4: key 'chip.neuron.clamp_low': expected less than chip.neuron.clamp_high = 1",
        "got 2"}},
      {"BelowAbsoluteZero",
       kNet + "[chip]\ntemperature_shift = \"-300 K\"\n",
       {"run.toml:4: key 'chip.temperature_shift': expected more than -300 K", "got \"-300 K\""}},
      {"LevelsOfAnIdealConverter",
       kNet + "[chip.adc]\nbits = \"ideal\"\ninl = 1\n",
       {"run.toml:5: key 'chip.adc.inl': expected 0 with chip.adc.bits = \"ideal\"", "got 1"}},
      {"ConversionWithoutTime",
       kNet + "[chip.adc]\nbits = 10\ncycles_per_bit = 1\n",
       {"run.toml: key 'chip.schedule.convert': expected at least 10 cycles", "got 4"}},
      {"CentredTwins",
       kNet + "[chip.twin]\nmode = \"swapped\"\n[learning]\nnudging = \"centred\"\n",
       {"run.toml:6: key 'learning.nudging': expected \"one-sided\" or \"random-sign\"",
        "got \"centred\""}},
      {"RandomSignAgainstZero",
       kNet + "[chip.twin]\nmode = \"zero-nudge\"\n[learning]\nnudging = \"random-sign\"\n",
       {"run.toml:6: key 'learning.nudging': expected \"one-sided\"", "got \"random-sign\""}},
      {"VerifyInVerilog",
       kNet + "[run]\nfidelity = \"rtl\"\n[chip.update]\ncircuit = \"write-verify\"\n",
       {"run.toml:6: key 'chip.update.circuit': expected a circuit that the controller in Verilog "
        "has",
        "got \"write-verify\""}},
      {"RowSerialCounts",
       kNet + "[chip.update]\nrow_serial = true\n",
       {"run.toml:4: key 'chip.update.row_serial': expected false", "got true"}},
      {"ResetOnlyAgainstAReference",
       kNet + "[chip.update]\nreset_only = true\n",
       {"run.toml:4: key 'chip.update.reset_only': expected false unless chip.pair", "got true"}},
      {"RefreshOfNothing",
       kNet + "[chip.update]\nrefresh_every = 10\n",
       {"run.toml:4: key 'chip.update.refresh_every': expected 0 unless", "got 10"}},
      {"BatchOnTheChip",
       kNet + "[learning]\nbatch = 20\n",
       {"run.toml:4: key 'learning.batch': expected 1 (of the chips only one of run.fidelity = "
        "\"cycle\" with chip.update.circuit = \"accumulate\"",
        "got 20"}},
      {"ClockBelowAPicosecond",
       kNet + "[chip]\nclock = \"100 fs\"\n",
       {"run.toml:4: key 'chip.clock': expected a whole number of picoseconds", "got \"100 fs\""}},
      {"ClockBetweenPicoseconds",
       kNet + "[chip]\nclock = \"1.5 ps\"\n",
       {"run.toml:4: key 'chip.clock': expected a whole number of picoseconds", "got \"1.5 ps\""}},
      {"NoiseGridBelowAPicosecond",
       kNet + "[chip.noise]\ngrid = \"100 fs\"\n",
       {"run.toml:4: key 'chip.noise.grid': expected a whole number of picoseconds",
        "got \"100 fs\""}},
      {"SlotsBelowAPicosecond",
       kNet + "[chip]\nfeedback = \"shared-slots\"\nslot = \"100 fs\"\n",
       {"run.toml:5: key 'chip.slot': expected a pair of slots of at least 1 ps each",
        "got \"100 fs\""}},
      {"SlotLongerThanTau",
       kNet + "[chip]\nfeedback = \"shared-slots\"\nslot = \"200 ns\"\n",
       {"run.toml:5: key 'chip.slot': expected less than the shortest time constant", "got \""}},
      {"FixedStepMissing",
       kNet + "[solver]\nmethod = \"rk4\"\n",
       {"run.toml: key 'solver.fixed_step': expected a time above 0 s", "got 0 s"}},
      {"FilesWithoutPath",
       kNet + "[data]\nname = \"files\"\n",
       {"run.toml: key 'data.train_inputs': expected a path", "got nothing"}},
      {"PathWithoutFiles",
       kNet + "[data]\ntrain_inputs = \"x.csv\"\n",
       {"run.toml:4: key 'data.train_inputs': expected data.name = \"files\"",
        "got data.name = \"fashion-mnist\""}},
      {"TooManyClasses",
       kNet + "[data]\nclasses = 3\n",
       {"run.toml:4: key 'data.classes': expected at most 2", "got 3"}},
      {"TargetsUpsideDown",
       kNet + "[data]\ntarget_low = 1.0\n",
       {"run.toml: key 'data.target_high': expected a value above data.target_low = 1", "got 1"}},
      {"DifferenceGainsOfWrongLength",
       kDeep + "[chip.difference_amplifier]\ngain = [8, 8]\n",
       {"run.toml:4: key 'chip.difference_amplifier.gain': expected 1 or 3 values, got 2"}},
      {"NegativeDifferenceGain",
       kNet + "[chip.difference_amplifier]\ngain = -8\n",
       {"run.toml:4: key 'chip.difference_amplifier.gain': expected", "at least 0", "got -8"}},
      {"DifferenceNoiseWithoutUnit",
       kNet + "[chip.difference_amplifier]\nnoise = 1e-6\n",
       {"run.toml:4: key 'chip.difference_amplifier.noise': expected a voltage such as"}},
      {"DifferencesOfOneNudge",
       kNet + "[learning]\nnudging = \"one-sided\"\n[chip.difference_amplifier]\ngain = 8\n",
       {"run.toml:4: key 'learning.nudging': expected \"centred\" with "
        "chip.difference_amplifier.gain",
        "got \"one-sided\""}},
      {"DifferencesOfProducts",
       kNet + "[learning]\nform = \"product\"\n[chip.difference_amplifier]\ngain = 8\n",
       {"run.toml:4: key 'learning.form': expected \"simplified\" with "
        "chip.difference_amplifier.gain",
        "got \"product\""}},
      {"CombinationBySet",
       kNet,
       {"--set network.feedback_gain=[0.1,0.1]: expected 1", "got 2"},
       {"network.feedback_gain=[0.1,0.1]"}},
  };
}

std::vector<BadConfig> tiles() {
  const std::string wires = kNet + "[chip.wires]\nrow = \"1 ohm\"\n";
  return {
      {"WiresOfRowsAlone", wires, {"run.toml: key 'chip.wires.column': expected", "got \"0 ohm\""}},
      {"WiresOfColumnsAlone",
       kNet + "[chip.wires]\ncolumn = \"1 ohm\"\n",
       {"run.toml: key 'chip.wires.row': expected", "got \"0 ohm\""}},
      {"DriverWithoutWires",
       kNet + "[chip.wires]\ndriver = \"50 ohm\"\n",
       {"run.toml:4: key 'chip.wires.driver': expected \"0 ohm\" without wires", "got \"50 ohm\""}},
      {"UnknownNode",
       kNet + "[chip.wires]\ntechnology = \"5nm\"\n",
       {"run.toml:4: key 'chip.wires.technology': expected", "\"7nm\"", "got \"5nm\""}},
      {"NeverRefreshed",
       wires + "column = \"1 ohm\"\nrefresh_every = 0\n",
       {"run.toml:6: key 'chip.wires.refresh_every': expected", "got 0"}},
      {"LimitWithoutTransistor",
       wires + "column = \"1 ohm\"\ntransistor_limit = \"20 uA\"\n",
       {"run.toml:6: key 'chip.wires.transistor_limit': expected \"0 A\" without "
        "chip.wires.transistor",
        "got \"20 uA\""}},
      {"MoreFaultsThanDevices",
       kNet + "[chip.faults]\nopen = 0.7\nstuck_low = 0.6\n",
       {"key 'chip.faults': expected fractions", "at most 1", "got 1.3"}},
      {"FlickerUpsideDown",
       kNet + "[chip.noise]\nflicker_slow = \"1 ns\"\n",
       {"run.toml:4: key 'chip.noise.flicker_slow': expected a time above "
        "chip.noise.flicker_fast = \"1 us\"",
        "got \"1 ns\""}},
      {"CellGridBelowAPicosecond",
       kNet + "[chip.noise]\ncell_grid = \"100 fs\"\n",
       {"run.toml:4: key 'chip.noise.cell_grid': expected a whole number of picoseconds"}},
      {"TelegraphBeyondAll",
       kNet + "[chip.noise]\ntelegraph = 1.5\n",
       {"run.toml:4: key 'chip.noise.telegraph': expected", "got 1.5"}},
      {"DecayWithoutTime",
       kNet + "[chip.retention]\nlaw = \"decay\"\n",
       {"run.toml: key 'chip.retention.time': expected a time above 0 s", "got \"0 s\""}},
      {"ColdBelowNothing",
       kNet + "[chip]\ntemperature = \"400 K\"\n[chip.device]\ntemperature_coefficient = -0.02\n",
       {"run.toml:6: key 'chip.device.temperature_coefficient': expected", "400 K", "got -0.02"}},
      {"TableNodesThatFall",
       kNet + "[chip.device]\nmodel = \"table\"\ntable_up = [1.0, 1.0, 1.0]\ntable_down = [1.0, "
              "1.0, 1.0]\ntable_nodes = [-1.0, 1.0, 0.5]\n",
       {"chip.device", "expected table_nodes that rise"}},
      {"DisturbOfMoreThanAStep",
       kNet + "[chip.write]\ndisturb_set = 2.0\n",
       {"run.toml:4: key 'chip.write.disturb_set': expected", "got 2"}},
  };
}

const auto kName = [](const testing::TestParamInfo<BadConfig>& info) {
  return std::string(info.param.name);
};
INSTANTIATE_TEST_SUITE_P(Syntax, BadInput, testing::ValuesIn(syntax()), kName);
INSTANTIATE_TEST_SUITE_P(Unknown, BadInput, testing::ValuesIn(unknown()), kName);
INSTANTIATE_TEST_SUITE_P(Types, BadInput, testing::ValuesIn(types()), kName);
INSTANTIATE_TEST_SUITE_P(Quantities, BadInput, testing::ValuesIn(quantities()), kName);
INSTANTIATE_TEST_SUITE_P(Ranges, BadInput, testing::ValuesIn(ranges()), kName);
INSTANTIATE_TEST_SUITE_P(Tiles, BadInput, testing::ValuesIn(tiles()), kName);
INSTANTIATE_TEST_SUITE_P(Combinations, BadInput, testing::ValuesIn(combinations()), kName);

std::string load_message(const std::string& path, const std::vector<std::string>& overrides = {}) {
  try {
    load_config(path, overrides);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(BadConfigFile, MissingOrAFolder) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  EXPECT_EQ(load_message(folder + "/no_such_file.toml"),
            folder + "/no_such_file.toml: cannot open: No such file or directory");
  EXPECT_EQ(load_message(folder), folder + ": expected a file, got a folder");
}

TEST(BadConfigFile, OutputCannotBeWritten) {
  const auto folder = std::filesystem::temp_directory_path() / "memprop_bad_output";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "run.toml").string();
  std::ofstream(path) << kNet + "[output]\npath = \"" << folder.string() << "/none/run.h5\"\n";
  EXPECT_EQ(load_message(path), path +
                                    ":4: key 'output.path': expected a file in a writable "
                                    "folder, got \"" +
                                    folder.string() + "/none/run.h5\" (no such folder)");
  EXPECT_EQ(load_message(path, {"output.path=" + folder.string()}),
            "--set output.path=" + folder.string() + ": expected a file to write, got \"" +
                folder.string() + "\" (it is a folder)");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace memprop::config
