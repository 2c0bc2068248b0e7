// Training steps of the 2HL Adam row of Liu and Chen (arXiv:2508.11659, Table 1): 784-512-512-10,
// tanh, softmax readout, batch 500, 10 free and 10 nudged iterations, float32. CPU time of this
// process over all threads, the best of five; beside it a big matrix product on the same threads in
// the same run, the time of 50 epochs, and where the operations go.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593, in Eigen's AVX-512 code
#endif
#include <Eigen/Core>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

#include "learning/reference/ideal_reference.hpp"
#include "solvers/random_stream.hpp"

namespace {

using namespace memprop;
using namespace memprop::learning;

constexpr std::size_t kBatch = 500, kBatches = 4;
constexpr int kRepeats = 5;
const std::vector<std::size_t> kLayers = {784, 512, 512, 10};

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Time {
  double cpu_s = 1e300, wall_s = 1e300;
};

template <class Work>
Time best_time(const Work& work) {
  Time best;
  for (int k = 0; k < kRepeats; ++k) {
    const double cpu = cpu_seconds();
    const auto wall = std::chrono::steady_clock::now();
    work();
    best.cpu_s = std::min(best.cpu_s, cpu_seconds() - cpu);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - wall;
    best.wall_s = std::min(best.wall_s, passed.count());
  }
  return best;
}

// Operations per CPU second of one product of 1536 on each thread at once.
double product_rate(unsigned threads) {
  using Square = Eigen::MatrixXf;
  constexpr Eigen::Index n = 1536;
  const Square a = Square::Random(n, n), b = Square::Random(n, n);
  std::vector<Square> c(threads, Square(n, n));
  const Time time = best_time([&] {
    std::vector<std::thread> all;
    for (Square& out : c) all.emplace_back([&] { out.noalias() = a * b; });
    for (std::thread& t : all) t.join();
  });
  const double cube = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  return 2.0 * cube * threads / time.cpu_s;
}

struct Operations {
  double drive = 0, loop = 0, readout = 0, update = 0;
  double total() const { return drive + loop + readout + update; }
};

// Multiply-adds of the complete step of one image, as two operations each.
Operations operations(const IdealConfig& ideal) {
  const double w1 = 784.0 * 512, w2 = 512.0 * 512, w3 = 512.0 * 10;
  const auto free = static_cast<double>(ideal.free_steps);
  const auto nudged = static_cast<double>(ideal.nudged_steps);
  Operations o;
  o.drive = 2 * w1;
  o.loop = 2 * (free + nudged) * 2 * w2;
  o.readout = 2 * (nudged * 2 + 1) * w3;
  o.update = 2 * (w1 + w2 + w3);
  return o;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned threads = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 1U;
  NetworkConfig config;
  config.layers = kLayers;
  config.activation = {Activation::tanh};
  config.feedback_gain = {0.01};
  config.readout = Readout::softmax;
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.scale = GradientScale::raw;
  learning.beta = 0.1;
  learning.batch = kBatch;
  learning.rate = {1e-3};
  learning.optimiser.kind = OptimiserKind::adam;
  IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = 10;
  ideal.precision = Precision::float32;

  const RandomStream stream(7, "benchmark");
  constexpr std::size_t count = kBatch * kBatches;
  std::vector<float> inputs(count * 784), targets(count * 10, 0.0F);
  std::vector<std::uint32_t> order(count);
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = static_cast<float>(stream.uniform(i));
  for (std::size_t i = 0; i < count; ++i) {
    targets[i * 10 + i % 10] = 1.0F;
    order[i] = static_cast<std::uint32_t>(i);
  }

  const double before = product_rate(threads);
  IdealReference reference(build_network(config, 1), learning, ideal, threads);
  const Time time = best_time([&] { reference.train(inputs.data(), targets.data(), order); });
  const double peak = std::max(before, product_rate(threads));
  const Operations o = operations(ideal);
  const double rate = count / time.cpu_s;
  std::printf("%u threads, matrix product of 1536: %.1f Gflop per CPU second\n", threads,
              peak * 1e-9);
  std::printf(
      "%.0f images per CPU second, %.0f per second; %.2f Mflop an image (drive %.1f %%, "
      "loop %.1f %%, readout %.1f %%, update %.1f %%)\n",
      rate, count / time.wall_s, o.total() * 1e-6, 100 * o.drive / o.total(),
      100 * o.loop / o.total(), 100 * o.readout / o.total(), 100 * o.update / o.total());
  std::printf("share of the product rate %.0f %%\n", 100 * rate * o.total() / peak);
  std::printf("50 epochs of 60000: %.1f CPU minutes, %.1f minutes as measured\n",
              50 * 60000 / rate / 60, 50 * 60000 / (count / time.wall_s) / 60);
  return 0;
}
