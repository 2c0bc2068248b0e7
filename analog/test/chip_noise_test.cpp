// Noise of the cells as a chip's tile delivers it into its neurons: power spectral densities of the
// line currents against closed forms, within 5 % over three decades, whatever the grid, and
// independent of the integrator's steps.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <functional>
#include <numeric>

#include "analog/crossbar/cell_clock.hpp"
#include "analog/crossbar/crossbar_tile.hpp"
#include "analog/crossbar/effective_pairs.hpp"
#include "analog/domain/domain.hpp"
#include "analog/noise/read_noise.hpp"

namespace memprop::analog {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr std::size_t length = 1024;
constexpr std::size_t lines = 2500;
constexpr double row_v = 0.1;

// Integrators that the columns' currents flow into.
class Sink final : public Element {
 public:
  explicit Sink(std::size_t n) : Element("sink"), capacitance_(n, 1e-12) {}
  void declare(Declarations& d) override {
    d.add_nodes("sink/v", capacitance_);
    d.add_lines("sink/r", capacitance_.size());
  }
  void add_currents(double, const double*, const double*, double*) const override {}
  bool quiet() const override { return true; }

 private:
  std::vector<double> capacitance_;
};

struct Bench {
  Bench(CrossbarTileConfig tile_config, const EffectivePairsConfig& effects, double cell_grid_s,
        double rtol, std::size_t columns = lines)
      : domain({"dopri5", rtol, rtol * 1e-3, 0.0, 0.0}),
        sink(columns),
        pairs(pairs_config(columns)) {
    if (effects.any()) cells = std::make_unique<EffectivePairs>(effects, pairs, "tile1", 5);
    tile_config.name = "tile1";
    tile_config.output_bank = "sink";
    tile_config.seed = 5;
    const LineCells* seen = &pairs;
    if (cells) seen = cells.get();
    tile = std::make_unique<CrossbarTile>(tile_config, *seen, nullptr);
    domain.add(sink);
    domain.add(*tile);
    if (cells) {
      clock = std::make_unique<CellClock>("tile1/cells", *tile,
                                          std::vector<EffectivePairs*>{cells.get()},
                                          std::llround(cell_grid_s / seconds_per_tick));
      domain.add(*clock);
    }
    domain.elaborate();
    if (cells) cells->begin_sample();
    tile->begin_sample(0);
    domain.set_origin();
    const std::vector<double> v{row_v};
    tile->set_static_rows(v);
    tile->set_driven(true);
    domain.source_changed();
  }
  static DevicePairsConfig pairs_config(std::size_t columns) {
    DevicePairsConfig c;
    c.name = "tile1";
    c.rows = 1;
    c.columns = columns;
    c.coding = PairCoding::reference;
    c.device.model = DeviceModel::ideal;
    c.device.g_min_s = 1e-6;
    c.device.g_max_s = 5e-6;
    return c;
  }
  // Currents of all columns, the middle of every interval of dt.
  std::vector<std::vector<double>> record(double dt_s, std::size_t samples) {
    const Ticks dt = std::llround(dt_s / seconds_per_tick);
    std::vector<std::vector<double>> series(pairs.columns(), std::vector<double>(samples));
    std::vector<double> current(domain.node_count());
    for (std::size_t k = 0; k < samples; ++k) {
      domain.advance_to(static_cast<Ticks>(k) * dt + dt / 2);
      std::fill(current.begin(), current.end(), 0.0);
      tile->add_currents(0.0, domain.node_voltages().data(), domain.line_voltages().data(),
                         current.data());
      for (std::size_t i = 0; i < series.size(); ++i) series[i][k] = current[i];
    }
    return series;
  }

  Domain domain;
  Sink sink;
  DevicePairs pairs;
  std::unique_ptr<EffectivePairs> cells;
  std::unique_ptr<CrossbarTile> tile;
  std::unique_ptr<CellClock> clock;
};

void fourier(std::vector<std::complex<double>>& a) {
  const std::size_t n = a.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1U;
    for (; j & bit; bit >>= 1U) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(a[i], a[j]);
  }
  for (std::size_t half = 1; half < n; half *= 2) {
    const std::complex<double> turn = std::polar(1.0, -pi / static_cast<double>(half));
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

// One decade of the one-sided density, bins 5 to 50, in five bands: the mean over the lines against
// the closed form.
void expect_density(const std::vector<std::vector<double>>& series, double dt_s,
                    const std::function<double(double)>& density) {
  std::vector<double> power(length / 2, 0.0);
  for (const auto& line : series) {
    const double mean = std::accumulate(line.begin(), line.end(), 0.0) / length;
    std::vector<std::complex<double>> a(length);
    for (std::size_t k = 0; k < length; ++k) {
      const double hann = 0.5 - 0.5 * std::cos(2 * pi * static_cast<double>(k) / length);
      a[k] = hann * (line[k] - mean);
    }
    fourier(a);
    for (std::size_t k = 1; k < length / 2; ++k) {
      power[k] += 2.0 * dt_s * std::norm(a[k]) / (0.375 * length);
    }
  }
  const std::size_t edges[] = {5, 8, 13, 20, 32, 51};
  for (int band = 0; band < 5; ++band) {
    double got = 0.0, want = 0.0;
    for (std::size_t k = edges[band]; k < edges[band + 1]; ++k) {
      got += power[k] / static_cast<double>(series.size());
      // The window averages over the square of a bin's third: a curved density looks larger.
      const double bin = 1.0 / (dt_s * length), f = static_cast<double>(k) * bin;
      const double bend = density(f + bin) - 2.0 * density(f) + density(f - bin);
      want += density(f) + bend / 6.0;
    }
    EXPECT_NEAR(got / want, 1.0, 0.05)
        << "at " << static_cast<double>(edges[band]) / (dt_s * length) << " Hz";
  }
}

// Conductance of every device and of the fixed reference: 3 uS, the middle of the window.
constexpr double cell_s = 3e-6;

class Decade : public ::testing::TestWithParam<double> {};  // the grid [s]

TEST_P(Decade, ThermalNoiseOfALine) {
  const double dt = GetParam() * 1e-3;  // 0.1 ns to 10 ns
  CrossbarTileConfig config;
  config.thermal_k = 350.0;
  config.noise_correlation_s = 20e-9;
  config.noise_grid_s = dt;
  Bench bench(config, {}, dt, 1e-3);
  expect_density(bench.record(dt, length), dt, [](double f) {
    const double w = 2 * pi * f * 20e-9;
    return 2.0 * thermal_density(cell_s, 350.0) / (1.0 + w * w);  // two devices
  });
}

TEST_P(Decade, ShotNoiseOfALine) {
  const double dt = GetParam() * 1e-3;
  CrossbarTileConfig config;
  config.shot = true;
  config.noise_correlation_s = 20e-9;
  config.noise_grid_s = dt;
  Bench bench(config, {}, dt, 1e-3);
  expect_density(bench.record(dt, length), dt, [](double f) {
    const double w = 2 * pi * f * 20e-9;
    return 2.0 * shot_density(cell_s * row_v) / (1.0 + w * w);  // two devices
  });
}

TEST_P(Decade, ReadNoiseOfALine) {
  const double dt = GetParam() * 1e-3;
  CrossbarTileConfig config;
  config.read_noise = 0.02;
  config.noise_correlation_s = 20e-9;
  config.noise_grid_s = dt;
  Bench bench(config, {}, dt, 1e-3);
  expect_density(bench.record(dt, length), dt, [](double f) {
    const double w = 2 * pi * f * 20e-9, rms_a = 0.02 * cell_s * row_v;
    return 2.0 * rms_a * rms_a * 4.0 * 20e-9 / (1.0 + w * w);
  });
}

TEST_P(Decade, TelegraphNoiseOfALine) {
  const double dt = GetParam();
  EffectivePairsConfig effects;
  effects.telegraph = {0.2, 0.0, 4e-5, 6e-5};
  Bench bench({}, effects, dt, 1e-3);
  const double i = cell_s * row_v;
  expect_density(bench.record(dt, length), dt, [&](double f) {
    return i * i * TelegraphNoise::density(effects.telegraph, 0.2, f);
  });
}

TEST_P(Decade, FlickerNoiseOfALine) {
  const double dt = GetParam();
  EffectivePairsConfig effects;
  effects.flicker = {1e-4, 1e-8, 1e-1, 3};
  Bench bench({}, effects, dt, 1e-3);
  const double i = cell_s * row_v;
  const FlickerNoise noise(effects.flicker, 1, 1, "form");
  // K/f, and what sampling on the grid folds down from above it.
  expect_density(bench.record(dt, length), dt,
                 [&](double f) { return i * i * noise.sampled_density(f, dt); });
  for (double f = 5.0 / (dt * length); f < 50.0 / (dt * length); f *= 1.3) {
    EXPECT_NEAR(noise.density(f) * f / 1e-4, 1.0, 0.05) << f;
  }
}

INSTANTIATE_TEST_SUITE_P(Grids, Decade, ::testing::Values(1e-7, 1e-6, 1e-5));

// The same currents, bit for bit, from an integrator with quite other steps.
TEST(ChipNoise, DoesNotDependOnTheSolversSteps) {
  CrossbarTileConfig config;
  config.read_noise = 0.02;
  config.thermal_k = 300.0;
  config.shot = true;
  config.noise_grid_s = 30e-9;
  EffectivePairsConfig effects;
  effects.telegraph = {0.2, 0.5, 4e-6, 6e-6};
  effects.flicker = {1e-4, 1e-7, 1e-3, 3};
  Bench coarse(config, effects, 1e-6, 1e-2, 20), fine(config, effects, 1e-6, 1e-10, 20);
  EXPECT_EQ(coarse.record(0.37e-6, 400), fine.record(0.37e-6, 400));
  // Looked at more often, too.
  Bench often(config, effects, 1e-6, 1e-2, 20);
  for (Ticks t = 0; t < 100000000; t += 7777) often.domain.advance_to(t);
  coarse.domain.advance_to(148000000);
  often.domain.advance_to(148000000);
  EXPECT_EQ(coarse.cells->plus_s()[7], often.cells->plus_s()[7]);
  EXPECT_EQ(coarse.cells->forward().values(), often.cells->forward().values());
}

}  // namespace
}  // namespace memprop::analog
