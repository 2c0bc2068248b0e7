// The golden network on a chip that is ideal but for what a test switches on, and an independent
// dense solution of Kirchhoff's equations for its tiles.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "learning/test/golden_network.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {

inline constexpr float golden_x[] = {1.0F, -0.5F, 0.25F};
inline constexpr float golden_y[] = {0.5F, -0.5F};

inline hw::ChipConfig ideal_chip(analog::PairCoding pair = analog::PairCoding::differential) {
  hw::ChipConfig c;
  c.pair = pair;
  c.device.model = analog::DeviceModel::ideal;
  c.dac.bits = c.nudge_dac.bits = c.adc.bits = 0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.solver.rtol = 1e-11;
  c.solver.atol = 1e-13;
  c.schedule = {2, 600, 2, 2, 600, 600};  // 60 tau
  return c;
}

inline learning::Network golden(double gain) {
  auto n = learning::test::golden_network(gain);
  for (auto& layer : n.tau_s) layer.assign(layer.size(), 100e-9);
  return n;
}

// Activities of all neurons at the end of the free and of the positively nudged phase.
struct Held {
  std::vector<double> free, nudged;
};

using Look = std::function<void(hw::ChipRunner&)>;

// Trains a chip on a kernel of its own with the one sample, over and over, and looks at it before
// the first and after the last.
inline Held golden_run(const hw::ChipConfig& config, const learning::Network& network, double beta,
                       int samples = 1, const Look& after = {}, const Look& before = {}) {
  learning::LearningConfig learning;
  learning.nudging = learning::Nudging::centred;
  learning.form = learning::UpdateForm::product;
  learning.beta = beta;
  learning.rate = {0.5};
  const FreshKernel kernel;
  hw::ChipRunner runner("runner", config, network, learning, 7);
  if (before) before(runner);
  for (int k = 0; k < samples; ++k) runner.run_sample({golden_x, 3}, {golden_y, 2}, true);
  if (after) after(runner);
  Held held;
  const auto take = [&](std::size_t bank) {
    const auto volts = runner.chip().analog().sample_hold().held(bank);
    std::vector<double> r(volts.begin(), volts.end());
    for (double& value : r) value /= runner.chip().analog().voltage_scale_v();
    return r;
  };
  held.free = take(0);
  held.nudged = take(1);
  return held;
}

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) worst = std::max(worst, std::abs(a[k] - b[k]));
  return worst;
}

// x = A^-1 b by Gaussian elimination with row pivots.
inline std::vector<double> dense_solve(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    }
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double f = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= f * a[k][j];
      b[i] -= f * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

// Currents out of the sensed lines of one array with wires, and the power of the sources added to
// source_w: g[row][column] of the cells; near ends
// are the rows' first column and the columns' last row.
inline std::vector<double> dense_read(const std::vector<std::vector<double>>& g,
                                      const hw::WiresConfig& w, bool forward,
                                      const std::vector<double>& drive_v,
                                      double* source_w = nullptr) {
  const std::size_t rows = g.size(), columns = g[0].size(), n = rows * columns;
  std::vector<std::vector<double>> a(2 * n, std::vector<double>(2 * n, 0.0));
  std::vector<double> b(2 * n, 0.0);
  const auto row_node = [&](std::size_t i, std::size_t j) { return i * columns + j; };
  const auto column_node = [&](std::size_t i, std::size_t j) { return n + i * columns + j; };
  const auto join = [&](std::size_t p, std::size_t q, double s) {
    a[p][p] += s, a[q][q] += s, a[p][q] -= s, a[q][p] -= s;
  };
  struct End {
    std::size_t node, line;
    double s;
  };
  std::vector<End> sensed, driven_ends;
  const auto end = [&](std::size_t node, std::size_t line, double ohm, bool driven) {
    const double s = 1.0 / ohm;
    a[node][node] += s;
    if (driven) {
      b[node] += s * drive_v[line];
      driven_ends.push_back({node, line, s});
    } else {
      sensed.push_back({node, line, s});
    }
  };
  const auto at_both = [&](bool driven) {
    return (driven ? w.drive : w.sense) == analog::LineEnds::both;
  };
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const double cell = g[i][j] / (1.0 + g[i][j] * w.transistor_ohm);
      join(row_node(i, j), column_node(i, j), cell);
      if (j + 1 < columns) join(row_node(i, j), row_node(i, j + 1), 1.0 / w.row_ohm);
      if (i + 1 < rows) join(column_node(i, j), column_node(i + 1, j), 1.0 / w.column_ohm);
    }
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const double ohm = w.row_ohm + (forward ? w.driver_ohm : w.sense_ohm);
    end(row_node(i, 0), i, ohm, forward);
    if (at_both(forward)) end(row_node(i, columns - 1), i, ohm, forward);
  }
  for (std::size_t j = 0; j < columns; ++j) {
    const double ohm = w.column_ohm + (forward ? w.sense_ohm : w.driver_ohm);
    end(column_node(rows - 1, j), j, ohm, !forward);
    if (at_both(!forward)) end(column_node(0, j), j, ohm, !forward);
  }
  const auto v = dense_solve(a, b);
  std::vector<double> current(forward ? columns : rows, 0.0);
  for (const End& e : sensed) current[e.line] += e.s * v[e.node];
  for (const End& e : driven_ends) {
    if (source_w != nullptr) *source_w += drive_v[e.line] * e.s * (drive_v[e.line] - v[e.node]);
  }
  return current;
}

}  // namespace memprop::bench::test
