// The catalogue of state-equation devices: every entry runs, its figures are those of its
// equations, and what has no meaning is refused.
#include "analog/test/state_device_fixture.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

using test::current;
using test::expect_relative;
using test::rate;
using test::run;

// Every entry runs through a triangle of both polarities, stays inside its bounds and gives no
// current at 0 V; the tolerance decides the result, not the steps.
TEST(StateCatalogue, EveryDeviceRunsALoop) {
  for (const StateDeviceEntry& entry : state_devices()) {
    SCOPED_TRACE(entry.name);
    const auto device = entry.make();
    const double q = 0.25 * entry.period_s;
    const Waveform loop = Waveform::points(
        {{0, 0}, {q, entry.positive_v}, {2 * q, 0}, {3 * q, -entry.negative_v}, {4 * q, 0}});
    SimulateOptions options;
    options.samples = 64;
    const DeviceTrace a = simulate_device(*device, loop, options);
    options.stepper.rtol = 1e-10;
    options.stepper.atol = 1e-12;
    const DeviceTrace b = simulate_device(*device, loop, options);
    const StateVariable& s = device->variables()[0];
    ASSERT_EQ(a.size(), 65u);
    double moved = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) {
      EXPECT_GE(a.state(k), s.low);
      EXPECT_LE(a.state(k), s.high);
      EXPECT_NEAR(a.state(k), b.state(k), 1e-5 * (s.high - s.low));
      moved = std::max(moved, std::fabs(a.state(k) - s.initial));
    }
    EXPECT_GT(moved, 1e-3 * (s.high - s.low));
    EXPECT_LT(std::fabs(a.i_a[32]), 1e-12);
    EXPECT_FALSE(entry.source.empty());
    const double x = a.state(10), i = current(*device, x, 0.1);
    EXPECT_NEAR(device->StateDevice::voltage(&x, i, device->nominal_ambient_k()), 0.1, 1e-9);
  }
}

// The published parameter sets without reference series of their own: currents and rates at one
// point of each, from the equations of their sources outside memprop.
TEST(StateCatalogue, ParameterSetsGiveTheirEquationsFigures) {
  struct Point {
    const char* name;
    double x, v, i, rate;  // i = 0: not held
  };
  for (const Point& p :
       {Point{"biolek-2009", 20.0 / 99.0, 1.0, 1.0 / 80e3, 0.80604019998},
        Point{"hp-sine-27nm", 0.1, 1.0, 1.0 / 91e3, 1.44111236963},
        Point{"hp-pulse-85nm", 0.093, 1.0, 1.0 / 9163.0, 0.169469448412},
        Point{"ferro-mimo", 0.3, 1.6, 1.6 * (0.7 * 9e-6 + 0.3 * 70e-9), 4.89884724385},
        Point{"ferro-mimo", 0.3, -2.2, -2.2 * (0.7 * 9e-6 + 0.3 * 70e-9), -844.347830386},
        Point{"yakopcic-chalcogenide-pulsed", 0.4, 0.25, 0.000485012630307, 342.849244056},
        Point{"yakopcic-chalcogenide-pulsed", 0.4, -0.25, -0.000485012630307, -237.160618729},
        Point{"yakopcic-a-si", 0.4, 4.0, 1.21240391643e-06, 0.147836266843},
        Point{"yakopcic-a-si", 0.4, -2.0, -3.31348461253e-07, -0.272162856548},
        Point{"yakopcic-taox", 0.4, 0.75, 0.0168894469882, 5.94958496956},
        Point{"yakopcic-taox", 0.4, -1.25, -0.0293256596361, -1.33275935988}}) {
    const auto device = make_state_device(p.name);
    expect_relative(current(*device, p.x, p.v), p.i, 1e-9, p.name);
    expect_relative(rate(*device, p.x, p.v), p.rate, 1e-9, p.name);
  }
  // Driven by a current, with the narrow window: 1 mA just below a_off, -20 uA just above a_on.
  const auto xyce = make_state_device("team-xyce-example");
  const auto& team = dynamic_cast<const ThresholdDrift&>(*xyce);
  const auto at = [&](double x, double i) { return rate(*xyce, x, i * team.resistance(x)); };
  expect_relative(at(1.1999e-9, 1e-3), 4.30369277991e-10, 1e-6);
  expect_relative(at(2.0005e-9, -20e-6), -2.32360689155e-21, 1e-6);
}

TEST(StateCatalogue, RefusesWhatHasNoMeaning) {
  EXPECT_THROW(make_state_device("hp-2009"), UserError);
  LinearDriftParameters p;
  p.r_off_ohm = 10.0;
  EXPECT_THROW(LinearDrift{p}, UserError);
  SimulateOptions options;
  options.initial = {2.0};
  EXPECT_THROW(simulate_device(*make_state_device("hp-2008"), Waveform::constant(1, 1), options),
               UserError);
  EXPECT_THROW(Waveform::points({{0, 0}, {2, 1}, {1, 0}}), UserError);
}

// A short pulse between long pauses is not stepped across.
TEST(SimulateDevice, SeesEveryPulseOfATrain) {
  const auto device = make_state_device("vteam-default");
  const Waveform train = Waveform::pulses(0.1, 10e-9, 1e-3, 5);
  const DeviceTrace t = run(*device, train, 0, 0.0);
  expect_relative(t.state(t.size() - 1), 5 * 0.002 * 10e-9, 1e-6);
}

}  // namespace
}  // namespace memprop::analog
