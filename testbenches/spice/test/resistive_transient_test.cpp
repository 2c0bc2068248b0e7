// Exported netlists of resistive chips (bidirectional amplifiers, diodes, one device per synapse)
// in ngspice: every node over the whole transient of a sample, free and both nudged phases.
#include "hw_models/resistive/resistive_setup.hpp"
#include "testbenches/spice/test/transient_fixture.hpp"

namespace memprop::bench::spice::test {
namespace {

// Ideal clamps bend a waveform within no time: the grid on which ours is linear is finer here.
constexpr std::size_t points = 500;

struct ResistiveCase {
  const char* name;
  learning::NodeElement element;
  hw::DiodeModel diode = hw::DiodeModel::ideal;
  bool pairs = false;
  bool spread = false;
};

void PrintTo(const ResistiveCase& c, std::ostream* out) { *out << c.name; }

RunConfig run_of(const ResistiveCase& c) {
  RunConfig run;
  run.name = c.name;
  run.seed = 7;
  auto& n = run.network;
  n.style = learning::NetworkStyle::resistive;
  n.layers = {6, 8, 5, 3};
  n.init = learning::WeightInit::fan_in_uniform;
  n.resistive.amplifier_gain = {2.0, 1.5};
  n.resistive.element = c.element;
  n.resistive.clamp_low = -0.7;
  n.resistive.clamp_high = 0.7;
  n.resistive.output_pairs = c.pairs;
  n.resistive.input_gain = 8.0;
  n.resistive.bias_input = 0.5;
  n.resistive.conductance_min = 0.05;
  run.learning.beta = 0.05;
  run.learning.rate = {0.01};
  auto& chip = run.chip;
  chip.voltage_scale_v = 1.0;
  chip.resistive.capacitance_f = 10e-12;
  chip.resistive.diode = c.diode;
  chip.resistive.diode_emission = 1.3;
  chip.device.g_min_s = 1e-7;
  chip.device.g_max_s = 100e-6;
  chip.weight_range = {1.0};
  chip.update.circuit = hw::UpdateCircuit::pulse_count;
  chip.solver.rtol = 1e-8;
  chip.solver.atol = 1e-11;
  if (c.spread) {
    n.time_constant = {learning::TimeConstantFamily::lognormal,
                       learning::TimeConstantQuantity::time,
                       100e-9,
                       0.5,
                       0.3,
                       3.0};
    chip.neuron.capacitor_mismatch = 0.1;
    chip.resistive.forward_mismatch = chip.resistive.backward_mismatch = 0.05;
    chip.dac.offset_v = chip.dac.noise_v = chip.nudge_dac.offset_v = 2e-3;
    chip.stuck_fraction = 0.1;
    chip.nudge.strength_error = 0.1;
    chip.nudge.sign_mismatch = -0.2;
  }
  return run;
}

Exported export_case(const RunConfig& config) {
  const learning::Network network = learning::build_network(config.network, config.seed);
  std::vector<float> x(network.width(0)), y(network.width(network.layer_count()), 0.0F);
  const RandomStream stream(5, "test/inputs");
  for (std::size_t j = 0; j < x.size(); ++j) x[j] = static_cast<float>(stream.uniform(j, 0));
  y[0] = 1.0F;
  hw::ResistiveRunner runner("runner", exportable_chip(config.chip), network, config.learning,
                             config.seed);
  GridRecorder waves = resistive_recorder(runner, points);
  Exported out;
  out.subject = examine_resistive(runner, config, 0, {x.data(), x.size()}, {y.data(), y.size()},
                                  waves, points);
  NetlistOptions options;
  options.data_file = "chip.data";
  out.netlist = spice_netlist(out.subject, options);
  std::vector<double> lines(waves.line_count());
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const auto range = runner.analog().bank(l).lines();
    Matrix v(waves.points(), range.count);
    for (std::size_t k = 0; k < waves.points(); ++k) {
      waves.lines(k, lines.data());
      std::copy_n(lines.data() + range.first, range.count, v.row(k).begin());
    }
    out.membrane.push_back(std::move(v));
  }
  out.step_s = config.chip.clock_s / static_cast<double>(points);
  return out;
}

class ResistiveTransient : public ::testing::TestWithParam<ResistiveCase> {
 protected:
  void SetUp() override {
    if (ngspice_program().empty()) GTEST_SKIP() << "not run: ngspice is not installed";
  }
};

TEST_P(ResistiveTransient, EveryNodeAgrees) {
  const RunConfig config = run_of(GetParam());
  const Exported ours = export_case(config);
  expect_agreement(config, ours);
  // The three phases end differently, and somewhere a diode conducts.
  ASSERT_EQ(ours.subject.ends.size(), 3u);
  double nudged = 0.0, most = 0.0;
  for (std::size_t l = 0; l < ours.membrane.size(); ++l) {
    for (std::size_t i = 0; i < ours.membrane[l].cols(); ++i) {
      const auto at = [&](std::size_t end) { return ours.subject.ends[end].membrane_v[l][i]; };
      nudged = std::max(nudged, std::abs(at(1) - at(2)));
      if (l + 1 < ours.membrane.size()) most = std::max(most, std::abs(at(0)));
    }
  }
  EXPECT_GT(nudged, 1e-3);
  if (GetParam().element == learning::NodeElement::clamp) {
    EXPECT_GE(most, 0.7) << "no clamp is reached";
  }
}

using learning::NodeElement;

INSTANTIATE_TEST_SUITE_P(Netlists, ResistiveTransient,
                         ::testing::Values(ResistiveCase{"linear", NodeElement::none},
                                           ResistiveCase{"ideal-diodes", NodeElement::one_sided,
                                                         hw::DiodeModel::ideal, true},
                                           ResistiveCase{"ideal-clamps-spread", NodeElement::clamp,
                                                         hw::DiodeModel::ideal, false, true},
                                           ResistiveCase{"silicon-diodes", NodeElement::one_sided,
                                                         hw::DiodeModel::exponential},
                                           ResistiveCase{"silicon-clamps-spread",
                                                         NodeElement::clamp,
                                                         hw::DiodeModel::exponential, true, true}),
                         [](const ::testing::TestParamInfo<ResistiveCase>& instance) {
                           std::string name = instance.param.name;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace memprop::bench::spice::test
