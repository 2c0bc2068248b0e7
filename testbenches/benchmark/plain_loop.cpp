#include "testbenches/benchmark/plain_loop.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/math/activation.hpp"
#include "solvers/math/dense.hpp"

namespace memprop::bench {

PlainLoop::PlainLoop(const hw::ChipConfig& chip, const learning::Network& network)
    : tile1_(chip.device, 784 * 128, 1, "plain/1"),
      tile2_(chip.device, 128 * 10, 1, "plain/2"),
      w1_(network.weight[0]),
      w2_(network.weight[1]),
      noise_(1, "plain/noise") {}

void PlainLoop::sample(double rhs, double grid, double lists1, double pulses1, double lists2,
                       double pulses2) {
  ++event_;
  std::fill(drive_.begin(), drive_.end(), 0.0);
  noise_.normals(0, event_, row_draw_);
  add_product(w1_.data(), 128, 784, 784, row_.data(), 1.0, drive_.data());
  for (std::size_t i = 0; i < 128; ++i) {
    double sum = 0.0;
    const double* g = w1_.data() + i * 784;
#pragma omp simd reduction(+ : sum)
    for (std::size_t j = 0; j < 784; ++j) sum += (g[j] * g[j] + 1.0) * row_[j] * row_[j];
    variance_[i] = sum;
  }
  for (double k = 0; k < grid; k += 1.0) {
    noise_.normals(0, event_, {draw_.data(), 266});
    for (std::size_t i = 0; i < 128; ++i) {
      noise_a_[i] = 0.6 * noise_a_[i] + 1e-6 * std::sqrt(variance_[i]) * draw_[i];
    }
    // The fluctuating currents of the small tile, in both directions.
    for (std::size_t i = 0; i < 10; ++i) {
      const double* g = w2_.data() + i * 128;
      double sum = 0.0;
#pragma omp simd reduction(+ : sum)
      for (std::size_t j = 0; j < 128; ++j) {
        sum += (g[j] * g[j] + 1.0) * r_[j] * r_[j];
        row_variance_[j] += (g[j] * g[j] + 1.0) * r_[128 + i] * r_[128 + i];
      }
      variance_[128 + i] = sum;
    }
  }
  for (double k = 0; k < rhs; k += 1.0) right_hand_side();
  for (int bank = 0; bank < 3; ++bank) {
    noise_.normals(0, event_ + static_cast<std::uint64_t>(bank), {draw_.data(), 138});
    for (std::size_t i = 0; i < 138; ++i) {
      codes_ += static_cast<std::int64_t>(std::nearbyint((r_[i] + 1e-3 * draw_[i]) * 511.0));
    }
  }
  pulses(tile1_, lists1, pulses1);
  pulses(tile2_, lists2, pulses2);
}

void PlainLoop::right_hand_side() {
  activate(Activation::tanh, v_.data(), r_.data(), 138);
  for (std::size_t i = 0; i < 128; ++i) slope_[i] = drive_[i] + noise_a_[i] - v_[i];
  for (std::size_t i = 128; i < 138; ++i) slope_[i] = -v_[i];
  add_product(w2_.data(), 10, 128, 128, r_.data(), 1.0, slope_.data() + 128);
  add_transposed_product(w2_.data(), 10, 128, 128, r_.data() + 128, 0.1, slope_.data());
  for (std::size_t i = 0; i < 138; ++i) v_[i] += 1e-3 * slope_[i];
}

void PlainLoop::pulses(analog::PulseDeviceArray& array, double lists, double per_list) {
  const auto n = static_cast<std::size_t>(std::llround(per_list));
  const auto stride = static_cast<std::uint32_t>(array.size() / std::max<std::size_t>(n, 1));
  for (double k = 0; k < lists; k += 1.0) {
    cells_.clear();
    const auto first = static_cast<std::uint32_t>(k);
    for (std::uint32_t p = 0; p < n; ++p) {
      cells_.push_back((first + p * stride) % static_cast<std::uint32_t>(array.size()));
    }
    array.pulse(cells_, static_cast<int>(k) % 2 == 0,
                event_ * 4096 + static_cast<std::uint64_t>(k));
  }
}

}  // namespace memprop::bench
