// Training steps of the ideal reference on the common task of the field's public codes: 784-512-10,
// tanh, 30 free and 10 nudged iterations, one-sided, complete step (both phases and the update).
// One thread; CPU time; the best of five. Beside it the rate of a big matrix product on the same
// core, so that the figures mean something on another machine.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593, in Eigen's AVX-512 code
#endif
#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <vector>

#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "solvers/random_stream.hpp"

namespace {

using namespace memprop;
using namespace memprop::learning;

constexpr std::size_t kSamples = 1280;
constexpr std::size_t kInputs = 784;
constexpr std::size_t kClasses = 10;
constexpr int kRepeats = 5;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Shortest CPU time of one call.
template <class Work>
double best_time(const Work& work) {
  double best = 1e300;
  for (int k = 0; k < kRepeats; ++k) {
    const double start = cpu_seconds();
    work();
    best = std::min(best, cpu_seconds() - start);
  }
  return best;
}

template <class T>
double product_rate() {
  using Square = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  constexpr Eigen::Index n = 1536;
  const Square a = Square::Random(n, n);
  const Square b = Square::Random(n, n);
  Square c(n, n);
  const double cube = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  return 2.0 * cube / best_time([&] { c.noalias() = a * b; });
}

struct Samples {
  std::vector<float> inputs, targets;
  std::vector<std::uint32_t> order;
};

Samples make_samples() {
  const RandomStream stream(7, "benchmark");
  Samples s;
  for (std::size_t i = 0; i < kSamples * kInputs; ++i) {
    s.inputs.push_back(static_cast<float>(stream.uniform(i)));
  }
  s.targets.assign(kSamples * kClasses, 0.0F);
  for (std::size_t i = 0; i < kSamples; ++i) {
    s.targets[i * kClasses + i % kClasses] = 1.0F;
    s.order.push_back(static_cast<std::uint32_t>(i));
  }
  return s;
}

Network make_network(std::vector<std::size_t> layers) {
  NetworkConfig config;
  config.layers = std::move(layers);
  config.activation = {Activation::tanh};
  config.feedback_gain = {0.1};
  return build_network(config, 1);
}

// Multiply-adds of one training step, as two operations each.
double flop_per_image(const IdealConfig& ideal) {
  const double first = 784.0 * 512.0, second = 512.0 * 10.0;
  const double steps = static_cast<double>(ideal.free_steps + ideal.nudged_steps);
  const double drives = ideal.recompute_drive ? steps : 1.0;
  return 2.0 * (drives * first + steps * 2.0 * second + first + second);
}

void run(const Samples& samples, Precision precision, std::size_t batch, bool recompute,
         double peak) {
  IdealConfig ideal;
  ideal.free_steps = 30;
  ideal.nudged_steps = 10;
  ideal.precision = precision;
  ideal.recompute_drive = recompute;
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.beta = 0.1;
  learning.batch = batch;
  learning.rate = {1e-3};
  IdealReference reference(make_network({784, 512, 10}), learning, ideal, 1);
  const std::size_t count = recompute && batch == 1 ? kSamples / 4 : kSamples;
  const Span<const std::uint32_t> order(samples.order.data(), count);
  const double time =
      best_time([&] { reference.train(samples.inputs.data(), samples.targets.data(), order); });
  const double rate = static_cast<double>(count) / time;
  const double flop = flop_per_image(ideal);
  std::printf("%-10s %-8s %5zu %12.0f %14.2f %8.0f %%\n", recompute ? "recomputed" : "once",
              precision == Precision::float32 ? "float32" : "float64", batch, rate, flop * 1e-6,
              100.0 * rate * flop / peak);
}

void exact_gradients(const Samples& samples) {
  const Network network = make_network({784, 128, 10});
  ExactGradientSolver solver(network.config);
  std::vector<double> x(samples.inputs.begin(), samples.inputs.begin() + kInputs);
  std::vector<double> y(samples.targets.begin(), samples.targets.begin() + kClasses);
  const double time = best_time([&] {
    for (int k = 0; k < 100; ++k) solver.solve(network, x, y);
  });
  std::printf("\nexact gradient 784-128-10: %.0f us a call\n", time * 1e4);
}

}  // namespace

int main() {
  const double peak32 = product_rate<float>();
  const double peak64 = product_rate<double>();
  std::printf("matrix product of 1536: %.1f Gflop/s float32, %.1f float64\n\n", peak32 * 1e-9,
              peak64 * 1e-9);
  const Samples samples = make_samples();
  std::printf("drive      type     batch images/CPU-s  Mflop/image  share of product rate\n");
  for (const bool recompute : {false, true}) {
    for (const std::size_t batch : {1UL, 20UL, 128UL}) {
      run(samples, Precision::float32, batch, recompute, peak32);
      run(samples, Precision::float64, batch, recompute, peak64);
    }
  }
  exact_gradients(samples);
  return 0;
}
