// Noise and ageing of devices against closed forms.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <vector>

#include "analog/noise/flicker.hpp"
#include "analog/noise/read_noise.hpp"
#include "analog/noise/retention.hpp"
#include "analog/noise/telegraph.hpp"
#include "analog/test/memristor_fixture.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr std::size_t kLength = 1024;

void fourier(std::vector<std::complex<double>>& a) {
  const std::size_t n = a.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1U;
    for (; j & bit; bit >>= 1U) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(a[i], a[j]);
  }
  for (std::size_t half = 1; half < n; half *= 2) {
    const std::complex<double> turn = std::polar(1.0, -kPi / static_cast<double>(half));
    for (std::size_t i = 0; i < n; i += 2 * half) {
      std::complex<double> w = 1.0;
      for (std::size_t k = 0; k < half; ++k, w *= turn) {
        const std::complex<double> b = a[i + k + half] * w;
        a[i + k + half] = a[i + k] - b;
        a[i + k] += b;
      }
    }
  }
}

// Measures the one-sided density of kLength samples of each of many cells, dt apart, averaged over
// cells (Hann window), and compares it band by band, five bands to the decade from bin 5 to 50.
struct Bands {
  double dt;
  std::vector<double> power = std::vector<double>(kLength / 2, 0.0);
  std::size_t cells = 0;

  void add(const double* samples) {
    std::vector<std::complex<double>> a(kLength);
    double mean = 0.0;
    for (std::size_t k = 0; k < kLength; ++k) mean += samples[k] / kLength;
    for (std::size_t k = 0; k < kLength; ++k) {
      const double hann = 0.5 - 0.5 * std::cos(2 * kPi * static_cast<double>(k) / kLength);
      a[k] = hann * (samples[k] - mean);
    }
    fourier(a);
    // Sum of the squares of the window: 3/8 of the length.
    for (std::size_t k = 1; k < kLength / 2; ++k) {
      power[k] += 2.0 * dt * std::norm(a[k]) / (0.375 * kLength);
    }
    ++cells;
  }
  void compare(const std::function<double(double)>& density, double tolerance) const {
    const std::size_t edges[] = {5, 8, 13, 20, 32, 51};
    for (int band = 0; band < 5; ++band) {
      double got = 0.0, want = 0.0;
      for (std::size_t k = edges[band]; k < edges[band + 1]; ++k) {
        got += power[k] / static_cast<double>(cells);
        want += density(static_cast<double>(k) / (dt * kLength));
      }
      EXPECT_NEAR(got / want, 1.0, tolerance)
          << "at " << static_cast<double>(edges[band]) / (dt * kLength) << " Hz";
    }
  }
};

// kLength samples of every cell, sample by sample in time.
template <class Noise>
void measure_into(Bands& bands, Noise& noise, std::size_t cells, double dt) {
  std::vector<double> samples(cells * kLength);
  for (std::size_t t = 0; t < kLength; ++t) {
    noise.advance(dt);
    for (std::size_t c = 0; c < cells; ++c) samples[c * kLength + t] = noise.factor()[c];
  }
  for (std::size_t c = 0; c < cells; ++c) bands.add(&samples[c * kLength]);
}

template <class Noise>
Bands measure(Noise& noise, std::size_t cells, double dt) {
  Bands bands{dt};
  measure_into(bands, noise, cells, dt);
  return bands;
}

// Three decades around the corner at 1/(2 pi 0.75 ms) = 212 Hz, one per sampling rate; at a
// twentieth of the rate the sampled density differs from the continuous one by 0.8 %.
TEST(TelegraphNoise, SpectrumOverThreeDecades) {
  TelegraphConfig config;
  config.amplitude = 0.1;
  constexpr std::size_t cells = 3000;
  for (const double dt : {2e-4, 2e-5, 2e-6}) {
    // Records of 2 ms see few switches: more of them.
    Bands bands{dt};
    for (std::uint64_t seed = 7; seed < (dt < 1e-5 ? 17U : 8U); ++seed) {
      TelegraphNoise noise(config, cells, seed, "test");
      measure_into(bands, noise, cells, dt);
    }
    bands.compare(
        [&](double f) {
          // What is folded down where the rate is below ten times the corner.
          double folded = 0.0;
          for (int k = -200; k <= 200; ++k) {
            folded += TelegraphNoise::density(config, 0.1, std::fabs(f + k / dt));
          }
          if (dt < 1e-4) {
            EXPECT_NEAR(folded / TelegraphNoise::density(config, 0.1, f), 1.0, 0.02);
          }
          return folded;
        },
        0.05);
  }
}

TEST(TelegraphNoise, OccupationAndCorrelationForAnyStep) {
  TelegraphConfig config;
  config.amplitude = 0.2;
  constexpr std::size_t cells = 20000;
  // 0.75 ms in one step and in 75: the same statistics.
  for (const int steps : {1, 75}) {
    TelegraphNoise noise(config, cells, 3, "test");
    double low = 0, was_low = 0, both = 0;
    const int rounds = steps > 1 ? 5 : 20;
    for (int r = 0; r < rounds; ++r) {
      std::vector<bool> before(cells);
      for (std::size_t c = 0; c < cells; ++c) before[c] = noise.low(c);
      for (int s = 0; s < steps; ++s) noise.advance(0.75e-3 / steps);
      for (std::size_t c = 0; c < cells; ++c) {
        low += noise.low(c);
        was_low += before[c];
        both += noise.low(c) && before[c];
      }
    }
    const double n = static_cast<double>(cells) * rounds;
    EXPECT_NEAR(low / n, 0.75, 0.005);
    const double correlation = (both / n - low / n * was_low / n) / (0.75 * 0.25);
    EXPECT_NEAR(correlation, std::exp(-1.0), 0.015);
  }
}

TEST(TelegraphNoise, AmplitudesSpreadAndStatesSave) {
  TelegraphConfig config;
  config.amplitude = 0.01;
  config.amplitude_spread = 0.5;
  constexpr std::size_t cells = 100000;
  TelegraphNoise noise(config, cells, 5, "test");
  noise.advance(1e-4);
  std::vector<double> logs;
  for (std::size_t c = 0; c < cells; ++c) {
    if (noise.low(c)) logs.push_back(std::log(1.0 - noise.factor()[c]));
  }
  const test::Statistics s = test::statistics(logs);
  EXPECT_NEAR(s.mean, std::log(0.01), 0.01);
  EXPECT_NEAR(s.sd, 0.5, 0.01);
  const auto saved = noise.save();
  noise.advance(1e-4);
  const auto want = noise.factor();
  TelegraphNoise other(config, cells, 5, "test");
  other.restore(saved);
  other.advance(1e-4);
  EXPECT_EQ(other.factor(), want);
  EXPECT_THROW(other.restore(std::vector<double>{1.0}), UserError);
  config.tau_c_s = 0;
  EXPECT_THROW(TelegraphNoise(config, 1, 1, "test"), UserError);
}

TEST(FlickerNoise, SumOfTrapsIsOneOverF) {
  FlickerConfig config;
  config.level = 1e-6;
  const FlickerNoise noise(config, 1, 1, "test");
  // Three decades inside 1/(2 pi tau_2) = 0.16 Hz to 1/(2 pi tau_1) = 160 kHz.
  for (double f = 5.0; f <= 5000.0; f *= 1.1) {
    EXPECT_NEAR(noise.density(f) * f / 1e-6, 1.0, 0.05) << f;
  }
}

TEST(FlickerNoise, SpectrumOverThreeDecades) {
  FlickerConfig config;
  config.level = 1e-6;
  config.tau_1_s = 1e-5;
  config.tau_2_s = 1.0;
  constexpr std::size_t cells = 3000;
  for (const double dt : {1e-3, 1e-4, 1e-5}) {
    FlickerNoise noise(config, cells, 9, "test");
    measure(noise, cells, dt).compare([&](double f) { return noise.sampled_density(f, dt); }, 0.05);
  }
  FlickerNoise noise(config, 1, 9, "test");
  for (double f = 5.0; f < 5000.0; f *= 1.3) {
    EXPECT_NEAR(noise.sampled_density(f, 1e-7) / noise.density(f), 1.0, 1e-3);
  }
}

TEST(ReadNoise, ThermalSpectrumIsFlat) {
  ReadNoiseConfig config;
  config.thermal = true;
  config.bandwidth_hz = 100e6;
  const RandomStream stream(1, "thermal");
  const double sigma = read_noise_sigma_a(config, 10e-6, 0.0);
  // Independent samples at twice the bandwidth.
  Bands bands{1.0 / (2.0 * config.bandwidth_hz)};
  std::vector<double> samples(kLength);
  for (std::uint64_t c = 0; c < 3000; ++c) {
    stream.normals(0, c, samples);
    for (double& s : samples) s *= sigma;
    bands.add(samples.data());
  }
  bands.compare([](double) { return thermal_density(10e-6, 300.0); }, 0.05);
  // The decades above and below: means over bins 1 to 4 and 51 to 511.
  const auto mean = [&](std::size_t from, std::size_t to) {
    double sum = 0.0;
    for (std::size_t k = from; k < to; ++k) sum += bands.power[k] / 3000.0;
    return sum / static_cast<double>(to - from) / thermal_density(10e-6, 300.0);
  };
  EXPECT_NEAR(mean(2, 5), 1.0, 0.05);
  EXPECT_NEAR(mean(51, 512), 1.0, 0.01);
}

TEST(ReadNoise, ThermalShotAndRelativeFigures) {
  ReadNoiseConfig c;
  EXPECT_EQ(read_noise_sigma_a(c, 10e-6, 0.2), 0.0);  // off by default
  c.thermal = true;
  EXPECT_NEAR(read_noise_sigma_a(c, 10e-6, 0.2), 4.070e-9, 0.005 * 4.070e-9);
  c.thermal = false;
  c.shot = true;
  EXPECT_NEAR(read_noise_sigma_a(c, 10e-6, 0.2), 8.005e-9, 0.005 * 8.005e-9);
  c.shot = false;
  c.relative = 0.25;
  EXPECT_NEAR(read_noise_sigma_a(c, 10e-6, 0.2), 0.5e-6, 1e-15);
}

TEST(Pcm, TableOfTheSource) {
  struct Row {
    double g, mu, s, sigma_p, hour, day, read_hour, read_day;
  };
  for (const Row& r :
       {Row{1.0, 0.049, 0.008, 1.05538, 0.775129, 0.663524, 0.041930, 0.044764},
        Row{0.5, 0.049, 0.008, 0.95271, 0.775129, 0.663524, 0.065795, 0.070242},
        Row{0.1, 0.06009, 0.02288, 0.44825, 0.731705, 0.604697, 0.187294, 0.199953},
        Row{0.01, 0.09578, 0.045, 0.28301, 0.607798, 0.448521, 0.836610, 0.893158}}) {
    EXPECT_NEAR(pcm_nu_mean(r.g), r.mu, 5.1e-6);
    EXPECT_NEAR(pcm_nu_spread(r.g), r.s, 5.1e-6);
    EXPECT_NEAR(pcm_programming_sigma_s(r.g) * 1e6, r.sigma_p, 5.1e-6);
    EXPECT_NEAR(std::pow(3620.0 / 20.0, -pcm_nu_mean(r.g)), r.hour, 1e-6);
    EXPECT_NEAR(std::pow(86420.0 / 20.0, -pcm_nu_mean(r.g)), r.day, 1e-6);
    EXPECT_NEAR(pcm_read_sigma(r.g, 3620.0), r.read_hour, 2e-6);
    EXPECT_NEAR(pcm_read_sigma(r.g, 86420.0), r.read_day, 2e-6);
  }
}

TEST(Retention, PowerLawWithTheStatedSpread) {
  constexpr std::size_t cells = 100000;
  for (const double g : {1.0, 0.1, 0.01}) {
    RetentionConfig config;
    config.of = DriftOf::pcm;
    Retention retention(config, cells, 2, "test");
    const std::vector<double> start(cells, g * 25e-6);
    retention.program(test::all_cells(cells), start, 100.0);
    std::vector<double> nu(cells), later(cells);
    retention.read(100.0 + 2000.0, later);
    for (std::size_t c = 0; c < cells; ++c) {
      nu[c] = retention.nu(c);
      ASSERT_NEAR(later[c], start[c] * std::pow(100.0, -nu[c]), 1e-12 * start[c]);
    }
    // Folded normal: what lies below 0 is turned over.
    const double m = pcm_nu_mean(g), s = pcm_nu_spread(g);
    const double mean = s * std::sqrt(2 / kPi) * std::exp(-0.5 * m * m / (s * s)) +
                        m * std::erf(m / (s * std::sqrt(2.0)));
    const double sd = std::sqrt(m * m + s * s - mean * mean);
    const test::Statistics got = test::statistics(nu);
    const double n = static_cast<double>(cells);
    EXPECT_NEAR(got.mean, mean, 4 * sd / std::sqrt(n));
    EXPECT_NEAR(got.sd, sd, 4 * sd / std::sqrt(2 * n));
  }
}

TEST(Retention, ClocksRestartAndHeatHastens) {
  RetentionConfig config;
  config.nu = 0.05;
  Retention cold(config, 2, 1, "test");
  const std::vector<double> both{10e-6, 20e-6}, one{10e-6};
  cold.program(test::all_cells(2), both, 0.0);
  cold.program(test::all_cells(1), one, 1000.0);
  std::vector<double> g(2);
  cold.read(1010.0, g);
  EXPECT_EQ(g[0], 10e-6);  // younger than t_0
  EXPECT_NEAR(g[1], 20e-6 * std::pow(1010.0 / 20.0, -0.05), 1e-18);
  config.activation_ev = 1.1;
  config.temperature_k = 400.0;
  Retention hot(config, 2, 1, "test");
  hot.program(test::all_cells(2), both, 0.0);
  hot.read(1000.0, g);
  const double speed = std::exp(1.1 / 8.617333262e-5 * (1 / 300.0 - 1 / 400.0));
  EXPECT_NEAR(g[0], 10e-6 * std::pow(1000.0 * speed / 20.0, -0.05), 1e-6 * 10e-6);
  config.t_0_s = 0;
  EXPECT_THROW(Retention(config, 1, 1, "test"), UserError);
}

TEST(Relaxation, OfRramBetweenTheMeasuredTimes) {
  EXPECT_NEAR(rram_relaxation_sigma_s(0.0, 1.0), 0.348e-6, 1e-15);
  EXPECT_NEAR(rram_relaxation_sigma_s(0.0, 86400.0), 0.701e-6, 1e-15);
  EXPECT_NEAR(rram_relaxation_sigma_s(0.0, 2 * 86400.0), 0.782e-6, 1e-15);
  const double half = std::sqrt(86400.0);
  EXPECT_NEAR(rram_relaxation_sigma_s(0.0, half), 0.5 * (0.348e-6 + 0.701e-6), 1e-12);
  EXPECT_NEAR(rram_relaxation_sigma_crosssim_s(0.0), 1.053e-6, 1e-15);
  // Two fits of the same data: alike within a factor of two in the middle of the range.
  const double ratio = rram_relaxation_sigma_s(0.5, 1.0) / rram_relaxation_sigma_crosssim_s(20e-6);
  EXPECT_GT(ratio, 0.5);
  EXPECT_LT(ratio, 2.0);
  EXPECT_THROW(rram_relaxation_sigma_s(0.5, 0.1), UserError);
}

}  // namespace
}  // namespace memprop::analog
