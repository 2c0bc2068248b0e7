// The state-equation devices against closed forms and the published and independently computed
// figures of their sources (docs/devices.md names them).
#include "analog/test/state_device_fixture.hpp"

namespace memprop::analog {
namespace {

using test::current;
using test::expect_relative;
using test::expect_travel;
using test::rate;
using test::run;
using test::state_after;

TEST(LinearDrift, FollowsTheExactSolutionUnderASine) {
  const auto device = make_state_device("hp-2008");
  const DeviceTrace slow = run(*device, Waveform::sine(1.0, 1.0, 1.0), 32, -1);
  ASSERT_EQ(slow.size(), 33u);
  const auto& hp = dynamic_cast<const LinearDrift&>(*device);
  struct Point {
    std::size_t sample;
    double m, x, i;
  };
  for (const Point& p :
       {Point{8, 12531.4336, 0.21814883, 79.7993296e-6}, Point{16, 10316.2763, 0.357466901, 0.0},
        Point{24, 12531.4336, 0.21814883, -79.7993296e-6}, Point{32, 14410.0, 0.1, 0.0}}) {
    expect_relative(slow.state(p.sample), p.x, 1e-6);
    expect_relative(hp.resistance(slow.state(p.sample)), p.m, 1e-6);
    EXPECT_NEAR(slow.i_a[p.sample], p.i, 1e-6 * 80e-6);
  }
  EXPECT_LT(std::fabs(slow.i_a[16]), 1e-12);  // pinched
  EXPECT_LT(std::fabs(slow.i_a[32]), 1e-12);
  const DeviceTrace fast = run(*device, Waveform::sine(1.0, 10.0, 0.1), 32, -1);
  expect_relative(fast.state(8), 0.11111289, 1e-6);
  expect_relative(fast.state(16), 0.122365482, 1e-6);
  expect_relative(fast.i_a[8], 70.2577508e-6, 1e-6);
  expect_relative(hp.resistance(fast.state(8)), 14233.3051, 1e-6);
  expect_relative(hp.resistance(fast.state(16)), 14054.3888, 1e-6);
  EXPECT_LT(std::fabs(fast.i_a[16]), 1e-12);
  // Everywhere: M(t)^2 = R_0^2 - 2 dR k phi(t), phi = (1 - cos(2 pi f t))/(2 pi f).
  const DeviceTrace fine = run(*device, Waveform::sine(1.0, 1.0, 1.0), 8000, -1);
  double largest = 0.0, at = 0.0;
  for (std::size_t k = 0; k < fine.size(); ++k) {
    const double pi = 3.14159265358979323846;
    const double phi = (1.0 - std::cos(2 * pi * fine.t_s[k])) / (2 * pi);
    const double m = std::sqrt(14410.0 * 14410.0 - 2 * 15900.0 * 1e4 * phi);
    expect_relative(fine.state(k), (16e3 - m) / 15900.0, 2e-7);
    if (fine.i_a[k] > largest) largest = fine.i_a[k], at = fine.t_s[k];
  }
  expect_relative(largest, 80.8856124e-6, 1e-6);
  EXPECT_NEAR(at, 0.27647, 0.0002);
}

TEST(LinearDrift, LoopAreaFallsWithFrequency) {
  const auto device = make_state_device("hp-2008");
  const double f[] = {1, 2, 5, 10, 100};
  const double want[] = {-8.927705e-6, -3.45083253e-6, -1.2166011e-6, -5.85208187e-7,
                         -5.65880543e-8};
  for (int k = 0; k < 5; ++k) {
    const DeviceTrace t = run(*device, Waveform::sine(1.0, f[k], 0.5 / f[k]), 4096, -1);
    // Trapezoid in v, Richardson over every second sample.
    const auto area = [&](std::size_t step) {
      double sum = 0.0;
      for (std::size_t s = step; s < t.size(); s += step) {
        sum += 0.5 * (t.i_a[s] + t.i_a[s - step]) * (t.v_v[s] - t.v_v[s - step]);
      }
      return sum;
    };
    ASSERT_EQ((t.size() - 1) % 2, 0u);
    expect_relative((4 * area(1) - area(2)) / 3, want[k], 1e-6);
  }
}

TEST(LinearDrift, WindowsAtConstantCurrent) {
  struct Case {
    DriftWindow window;
    double p, i, want;
  };
  for (const Case& c : {Case{DriftWindow::joglekar, 1, 1e-4, 0.858486449758},
                        Case{DriftWindow::joglekar, 2, 1e-4, 0.951829019707},
                        Case{DriftWindow::biolek, 1, 1e-4, 0.800619446775},
                        Case{DriftWindow::biolek, 1, -1e-4, 0.0141450652663},
                        Case{DriftWindow::biolek, 2, 1e-4, 0.899131812899},
                        Case{DriftWindow::prodromakis, 1, 1e-4, 0.231969316684},
                        Case{DriftWindow::prodromakis, 2, 1e-4, 0.409176436566}}) {
    LinearDriftParameters p;
    p.window = c.window;
    p.p = c.p;
    const DeviceTrace t = run(LinearDrift(p), Waveform::constant(c.i, 1.0), 0, 0.1, true);
    expect_relative(t.state(t.size() - 1), c.want, 1e-6);
  }
  EXPECT_EQ(drift_window(DriftWindow::joglekar, 0.0, true, 1, 1), 0.0);
  EXPECT_EQ(drift_window(DriftWindow::joglekar, 0.5, true, 1, 1), 1.0);
  EXPECT_EQ(drift_window(DriftWindow::joglekar, 0.25, true, 1, 1), 0.75);
  EXPECT_EQ(drift_window(DriftWindow::prodromakis, 0.0, true, 1, 1), 0.0);
  EXPECT_EQ(drift_window(DriftWindow::prodromakis, 0.5, true, 1, 1), 0.25);
  EXPECT_EQ(drift_window(DriftWindow::prodromakis, 0.25, true, 1, 1), 0.1875);
  EXPECT_EQ(drift_window(DriftWindow::biolek, 0.0, true, 2, 1), 1.0);
  EXPECT_EQ(drift_window(DriftWindow::biolek, 1.0, true, 2, 1), 0.0);
  EXPECT_EQ(drift_window(DriftWindow::biolek, 0.5, true, 2, 1), 0.9375);
}

TEST(Team, ConstantCurrent) {
  const auto device = make_state_device("team-default");
  const auto at = [&](double i) { return rate(*device, 0.0, i * 50.0); };
  expect_relative(at(1e-3), 3.64608071e-10, 1e-6);
  EXPECT_EQ(at(0.1e-3), 0.0);
  expect_relative(at(-0.1e-3), -8.57975918e-10, 1e-6);
  expect_relative(at(-1e-3), -1.10477133e-6, 1e-6);
  const auto travel = [&](const char* name, double from, double i, double t) {
    const DeviceTrace trace =
        run(*make_state_device(name), Waveform::constant(i, t), 0, from, true);
    return trace.state(trace.size() - 1);
  };
  // The whole way, within 1e-6 of the time on either side.
  EXPECT_LT(travel("team-default", 0.0, 1e-3, 8.22801314 * (1 - 1e-6)), 3e-9);
  EXPECT_EQ(travel("team-default", 0.0, 1e-3, 8.22801314 * (1 + 1e-6)), 3e-9);
  EXPECT_GT(travel("team-default", 3e-9, -1e-3, 2.71549407e-3 * (1 - 1e-6)), 0.0);
  EXPECT_EQ(travel("team-default", 3e-9, -1e-3, 2.71549407e-3 * (1 + 1e-6)), 0.0);
  EXPECT_NEAR(travel("team-default", 0.0, 1e-3, 8.22801314 * 0.5), 1.5e-9, 1e-6 * 3e-9);
  EXPECT_NEAR(travel("team-default", 3e-9, -1e-3, 2.71549407e-3 * 0.5), 1.5e-9, 1e-6 * 3e-9);
  EXPECT_EQ(travel("team-default", 0.0, 1e-3, 9.0), 3e-9);  // stays at the bound
  expect_relative(travel("team-window", 0.6e-9, 1e-3, 2.03128374), 1.2e-9, 1e-6);
  expect_relative(travel("team-default", 0.6e-9, 1e-3, 1.64560263), 1.2e-9, 1e-6);
}

TEST(Vteam, SwitchingTimes) {
  const auto device = make_state_device("vteam-default");
  struct Case {
    double v, rate, travel;
  };
  for (const Case& c : {Case{0.1, 0.002, 1.5e-6}, Case{0.5, 0.012, 250e-9},
                        Case{1.0, 0.0245, 122.44898e-9}, Case{-0.25, -0.15625, 19.2e-9},
                        Case{-0.5, -33.75, 88.888889e-12}, Case{-1.0, -640.0, 4.6875e-12}}) {
    expect_relative(rate(*device, 1e-9, c.v), c.rate, 1e-6);
    const double from = c.v > 0 ? 0.0 : 3e-9;
    EXPECT_NEAR(state_after(*device, from, c.v, 0.5 * c.travel), 1.5e-9, 1e-6 * 3e-9);
    expect_travel(*device, from, 3e-9 - from, c.v, c.travel, 1e-6);
    // Ten times as long: caught at the bound, not beyond it.
    EXPECT_EQ(state_after(*device, from, c.v, 10 * c.travel), 3e-9 - from);
  }
  EXPECT_EQ(rate(*device, 1e-9, 0.01), 0.0);
  EXPECT_EQ(state_after(*device, 1e-9, 0.01, 1.0), 1e-9);  // a read moves nothing
}

TEST(Vteam, SineAt50MHz) {
  const auto linear = make_state_device("vteam-default");
  const DeviceTrace t = run(*linear, Waveform::sine(1.0, 50e6, 20e-9), 32, 0.0);
  ASSERT_EQ(t.size(), 33u);
  expect_relative(t.state(8), 77.0933876e-12, 1e-6);
  expect_relative(t.state(16), 154.186775e-12, 1e-6);
  const auto& exponential_owner = make_state_device("vteam-exponential");
  const auto& exponential = dynamic_cast<const ThresholdDrift&>(*exponential_owner);
  expect_relative(dynamic_cast<const ThresholdDrift&>(*linear).resistance(t.state(16)), 98.8258121,
                  1e-6);
  expect_relative(exponential.resistance(t.state(16)), 58.3226449, 1e-6);
  EXPECT_EQ(t.state(32), 0.0);
}

TEST(Yakopcic, ChalcogenideUnderASine) {
  const auto device = make_state_device("yakopcic-chalcogenide");
  const auto& y = dynamic_cast<const Yakopcic&>(*device);
  expect_relative(y.drive(0.2), 191.567549, 1e-6);
  expect_relative(y.drive(0.45), 1579.20526, 1e-6);
  expect_relative(y.drive(-0.2), -238.274062, 1e-6);
  expect_relative(y.drive(-0.45), -1625.91177, 1e-6);
  EXPECT_EQ(y.drive(0.15), 0.0);
  expect_travel(*device, 0.11, 0.3, 0.45, 120.313682e-6, 1e-6);
  expect_relative(current(*device, 0.3, 0.45), 1.14759682e-3, 1e-6);
  const double x[] = {0.3774162, 0.8708727, 0.9629625, 0.9697371,
                      0.6621307, 0.1730645, 0.1008611, 0.09292522};
  const double i[] = {1.020835e-3,  3.331369e-3,  2.604618e-3,  0,
                      -1.790929e-3, -6.620275e-4, -2.728088e-4, 0};
  const DeviceTrace t = run(*device, Waveform::sine(0.45, 100.0, 10e-3), 32, -1);
  ASSERT_EQ(t.size(), 33u);
  for (std::size_t k = 0; k < 8; ++k) {
    expect_relative(t.state(4 * (k + 1)), x[k], 1e-5);
    EXPECT_NEAR(t.i_a[4 * (k + 1)], i[k], 1e-5 * std::fabs(i[k]) + 1e-12);
  }
}

TEST(Stanford, StaticRatesAndTimes) {
  const auto device = make_state_device("stanford-rram");
  expect_relative(current(*device, 0.2e-9, 0.1), 1.84562917e-4, 1e-6);
  expect_relative(current(*device, 0.8e-9, 0.1), 1.67431701e-5, 1e-6);
  expect_relative(current(*device, 1.7e-9, 0.1), 4.57485732e-7, 1e-6);
  expect_relative(0.1 / current(*device, 0.2e-9, 0.1), 541.820652, 1e-6);
  expect_relative(0.1 / current(*device, 1.7e-9, 0.1), 218586.052, 1e-6);
  EXPECT_EQ(rate(*device, 1.7e-9, 1.2), 0.0);
  expect_relative(rate(*device, 1.7e-9, 1.5), -8.69921344e-4, 1e-6);
  expect_relative(rate(*device, 1.7e-9, 2.0), -0.124267309, 1e-6);
  expect_relative(rate(*device, 0.2e-9, -1.2), 8.88625079e-3, 1e-6);
  expect_relative(rate(*device, 0.2e-9, -1.5), 0.681601253, 1e-6);
  const auto& s = dynamic_cast<const StanfordRram&>(*device);
  const double gap = 0.2e-9;
  expect_relative(s.temperature_k(&gap, -1.2, 298), 366.789, 2e-6);
  expect_relative(s.temperature_k(&gap, -1.5, 298), 583.502, 2e-6);
  expect_travel(*device, 1.7e-9, 0.2e-9, 1.5, 162.857e-9, 1e-4);
  expect_travel(*device, 1.7e-9, 0.2e-9, 2.0, 0.8971946e-9, 1e-4);
  expect_travel(*device, 0.2e-9, 1.2e-9, -1.2, 615.2537e-9, 1e-4);
  expect_travel(*device, 0.2e-9, 1.2e-9, -1.5, 12.75022e-9, 1e-4);
}

TEST(Jart, StaticPoints) {
  const JartVcm jart;
  expect_relative(jart.r_plug_ohm(), 159.4469, 1e-6);
  expect_relative(jart.r_disc_ohm(0.008), 61325.71, 1e-6);
  expect_relative(jart.r_disc_ohm(20), 24.53029, 1e-6);
  expect_relative(jart.r_series_ohm(0), 1369.244, 1e-6);
  struct Case {
    double n, v, i, t;
  };
  for (const Case& c :
       {Case{0.008, -0.2, -1.90934e-6, 298.924}, Case{0.008, 0.2, 3.05045e-6, 295.535},
        Case{0.1, -0.5, -67.9717e-6, 727.749}, Case{0.1, 0.5, 76.6936e-6, 421.549},
        Case{20, -0.2, -125.833e-6, 347.079}, Case{20, 0.2, 123.544e-6, 308.989}}) {
    const auto o = jart.solve(c.n, c.v, 293.0);
    expect_relative(o.i_a, c.i, 1e-4);
    expect_relative(o.t_k, c.t, 1e-4);
    // The solution closes the loop of voltages.
    const double r = jart.r_disc_ohm(c.n) + jart.r_plug_ohm() + jart.r_series_ohm(o.i_a);
    EXPECT_NEAR(o.v_schottky + o.i_a * r, c.v, 1e-9);
  }
  EXPECT_EQ(current(jart, 1.0, 0.0), 0.0);
}

TEST(Jart, RatesOverSevenDecades) {
  const JartVcm jart;
  struct Case {
    double v, n, rate;
  };
  for (const Case& c :
       {Case{-0.6, 0.008, 0.0593065}, Case{-0.8, 0.008, 89.3269}, Case{-1.0, 0.008, 44528},
        Case{-1.2, 0.008, 6.17309e6}, Case{0.8, 19.9, -6.95392}, Case{1.0, 19.9, -1408.01},
        Case{1.2, 19.9, -85678}}) {
    expect_relative(rate(jart, c.n, c.v), c.rate, 1e-4, std::to_string(c.v) + " V");
  }
}

// Several contact voltages solve the circuit where the barrier grows with them; the one that
// continues from v = 0 is taken, so that the current rises with the concentration and the voltage
// without a jump.
TEST(Jart, CurrentRisesWithConcentrationAndVoltage) {
  const JartVcm jart;
  for (const double v : {0.02, 0.05, 0.1, 0.15, 0.2, 0.4}) {
    double last = 0.0, last_n = 0.0;
    for (double n = 0.008; n <= 20.0; n *= 1.1) {
      const double i = current(jart, n, v);
      EXPECT_GT(i, last) << n << " at " << v << " V";
      if (last > 0.0) {
        EXPECT_LT(i / last, 1.2) << last_n << " to " << n << " at " << v << " V";
      }
      last = i;
      last_n = n;
    }
  }
  for (const double n : {0.008, 0.1, 3.0, 20.0}) {
    double last = 0.0;
    for (double v = 0.01; v < 0.5; v += 0.01) {
      const double i = current(jart, n, v);
      EXPECT_GT(i, last) << n << " at " << v << " V";
      last = i;
    }
  }
}

TEST(Jart, SwitchingTimes) {
  const JartVcm jart;
  expect_travel(jart, 0.00802, 0.1, -0.8, 9.87287e-6, 1e-3);
  expect_travel(jart, 0.00802, 0.1, -1.0, 20.907e-9, 1e-3);
  expect_travel(jart, 0.00802, 0.1, -1.2, 179.55e-12, 1e-3);
  expect_travel(jart, 19.9, 10, 0.8, 1.10005, 1e-3);
  expect_travel(jart, 19.9, 10, 1.0, 5.35475e-3, 1e-3);
  expect_travel(jart, 19.9, 10, 1.2, 88.58e-6, 1e-3);
}

}  // namespace
}  // namespace memprop::analog
