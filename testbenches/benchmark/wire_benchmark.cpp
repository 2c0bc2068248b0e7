// Speed of arrays with wire resistance, as ratios to a general sparse LU (Eigen::SparseLU, factored
// once) of the same equations, measured in turns in one run; one thread, CPU time, the best of
// each.
//   - factorisation, one further input, and 64 inputs at 128 x 128 and 256 x 256;
//   - reduction to the terminals, as training uses it;
//   - 1024 x 1024: one vector, with time and memory.
//
//     wire_benchmark [--no-large] [--gate [FACTOR]]      --gate: exit code 1 when a
//     ratio is over its limit (gate.hpp)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593, in Eigen's AVX-512 code
#endif
#include <fmt/format.h>
#include <sys/resource.h>

#include <Eigen/Sparse>
#include <Eigen/SparseLU>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <vector>

#include "analog/crossbar/wired_tile.hpp"
#include "solvers/nodal/lattice_cholesky.hpp"
#include "solvers/random_stream.hpp"
#include "testbenches/benchmark/gate.hpp"

namespace {

using namespace memprop;

constexpr double largest_solve_ratio = 0.4;
constexpr double largest_factor_ratio = 2.0;
constexpr std::size_t many = 64;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Keeps the shortest of several measurements.
struct Best {
  double seconds = 1e300;
  template <class Work>
  void run(const Work& work) {
    const double start = cpu_seconds();
    work();
    seconds = std::min(seconds, cpu_seconds() - start);
  }
};

LatticeShape square(std::size_t n) {
  LatticeShape shape;
  shape.rows = shape.columns = n;
  return shape;
}

// 1 to 100 uS behind wires of 2 ohm a cell.
LatticeValues array_values(const LatticeShape& shape) {
  const RandomStream random(1, "benchmark/cells");
  LatticeValues v(shape);
  v.horizontal = v.vertical = 0.5;
  std::fill(v.left.begin(), v.left.end(), 0.5);
  std::fill(v.bottom.begin(), v.bottom.end(), 0.5);
  for (std::size_t k = 0; k < v.cross.size(); ++k) {
    v.cross.data()[k] = 1e-6 * std::pow(100.0, random.uniform(k));
  }
  return v;
}

Eigen::SparseMatrix<double> general_matrix(const LatticeShape& s, const LatticeValues& v) {
  std::vector<Eigen::Triplet<double>> entries;
  const auto add = [&](std::size_t a, std::size_t b, double value) {
    entries.emplace_back(static_cast<int>(a), static_cast<int>(b), value);
  };
  for (std::size_t i = 0; i < s.rows; ++i) {
    for (std::size_t j = 0; j < s.columns; ++j) {
      const std::size_t u = s.upper(i, j), d = s.lower(i, j);
      add(u, u, v.upper_diagonal(i, j));
      add(d, d, v.lower_diagonal(i, j));
      add(u, d, -v.cross(i, j)), add(d, u, -v.cross(i, j));
      if (j + 1 < s.columns) add(u, u + 1, -v.horizontal), add(u + 1, u, -v.horizontal);
      if (i + 1 < s.rows) {
        add(d, d + s.columns, -v.vertical), add(d + s.columns, d, -v.vertical);
      }
    }
  }
  Eigen::SparseMatrix<double> a(static_cast<int>(s.nodes()), static_cast<int>(s.nodes()));
  a.setFromTriplets(entries.begin(), entries.end());
  return a;
}

bool compare(std::size_t n, double room) {
  const LatticeShape shape = square(n);
  const LatticeValues values = array_values(shape);
  const Eigen::SparseMatrix<double> matrix = general_matrix(shape, values);
  const auto size = static_cast<Eigen::Index>(shape.nodes());

  std::vector<double> input(shape.nodes() * many, 0.0);
  const RandomStream random(2, "benchmark/volts");
  for (std::size_t k = 0; k < many; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      input[k * shape.nodes() + shape.upper(i, 0)] = 0.1 * random.uniform(i, k);
    }
  }
  const Eigen::Map<const Eigen::MatrixXd> b(input.data(), size, many);

  LatticeCholesky lattice(shape), terminals(shape, LatticeCholesky::Use::reduce);
  Eigen::SparseLU<Eigen::SparseMatrix<double>> lu;
  lu.analyzePattern(matrix);
  Best our_factor, lu_factor, our_solve, lu_solve, our_many, reduce;
  for (int k = 0; k < 3; ++k) {
    our_factor.run([&] { lattice.factor(values); });
    lu_factor.run([&] { lu.factorize(matrix); });
    our_factor.run([&] { lattice.factor(values); });
    reduce.run([&] { terminals.factor(values); });
  }
  std::vector<double> x, all;
  Eigen::VectorXd expected;
  for (std::size_t k = 0; k < 12; ++k) {
    lu_solve.run([&] { expected = lu.solve(b.col(0)); });
    x.assign(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(shape.nodes()));
    our_solve.run([&] { lattice.solve(x); });
  }
  for (int k = 0; k < 3; ++k) {
    all = input;
    our_many.run([&] { lattice.solve(all, many); });
  }
  double worst = 0.0;
  for (Eigen::Index k = 0; k < size; ++k) {
    worst = std::max(worst, std::abs(expected(k) - x[static_cast<std::size_t>(k)]));
  }
  const double factor_ratio = our_factor.seconds / lu_factor.seconds;
  const double solve_ratio = our_solve.seconds / lu_solve.seconds;
  const double many_ratio = our_many.seconds / many / lu_solve.seconds;
  fmt::print("{0} x {0}: {1} unknowns, largest difference {2:.1e} V\n", n, shape.nodes(), worst);
  fmt::print("  {:28} {:>9} {:>11} {:>8}\n", "", "memprop", "SparseLU", "ratio");
  const auto line = [](const char* what, double ours, double general, double ratio) {
    fmt::print("  {:28} {:6.2f} ms {:8.2f} ms {:8.3f}\n", what, ours * 1e3, general * 1e3, ratio);
  };
  line("factorisation", our_factor.seconds, lu_factor.seconds, factor_ratio);
  line("one further input", our_solve.seconds, lu_solve.seconds, solve_ratio);
  line("each of 64 inputs together", our_many.seconds / many, lu_solve.seconds, many_ratio);
  const double total = our_factor.seconds + our_many.seconds;
  fmt::print("  {:28} {:6.1f} ms   ({} s the best-known public solver, elsewhere)\n",
             "factor and 64 inputs", total * 1e3, n == 128 ? 0.26 : 1.8);
  fmt::print("  {:28} {:6.2f} ms\n", "reduction to the terminals", reduce.seconds * 1e3);
  return factor_ratio <= room * largest_factor_ratio && solve_ratio <= room * largest_solve_ratio;
}

void large() {
  analog::WiredConfig config;
  config.rows = config.columns = 1024;
  config.row_wire_ohm = config.column_wire_ohm = 2.0;
  const RandomStream random(1, "benchmark/cells");
  std::vector<double> cells(config.rows * config.columns), volts(1024), current(1024);
  for (std::size_t k = 0; k < cells.size(); ++k)
    cells[k] = 1e-6 * std::pow(100.0, random.uniform(k));
  for (std::size_t k = 0; k < volts.size(); ++k) volts[k] = 0.2 * random.uniform(k, 1);
  analog::WiredTile tile(config);
  tile.set_conductance(cells);
  Best first, further;
  first.run([&] { tile.read(analog::ReadDirection::forward, volts, current); });
  const double residual = tile.statistics().residual_a;
  further.run([&] { tile.read(analog::ReadDirection::forward, volts, current); });
  const double most = *std::max_element(current.begin(), current.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "1024 x 1024: first read {:.2f} s, further reads {:.3f} s, {} MB for the tile, {} MB for the "
      "whole\n  program, Kirchhoff residual {:.1e} of the largest column current\n",
      first.seconds, further.seconds, tile.bytes() / 1000000, usage.ru_maxrss / 1000,
      residual / most);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Gate gate;
  bool with_large = true;
  for (int k = 1; k < argc; ++k) {
    if (gate.take(argc, argv, k)) continue;
    if (std::strcmp(argv[k], "--no-large") == 0) {
      with_large = false;
    } else {
      fmt::print(stderr, "expected --gate or --no-large, got '{}'\n", argv[k]);
      return 2;
    }
  }
  bool good = compare(128, gate.room);
  good = compare(256, gate.room) && good;
  if (with_large) large();
  if (!good) {
    fmt::print("limits: {} per further input, {} for the factorisation: missed\n",
               largest_solve_ratio, largest_factor_ratio);
  }
  return gate.exit_code(good);
}
