#include "analog/crossbar/batch_reader.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

struct BatchReader::Impl {
  Impl(const DevicePairs& p, const BatchReadConfig& c, std::uint64_t seed)
      : pairs(p), config(c), noise(seed, "batch-reader/read-noise") {}

  const DevicePairs& pairs;
  BatchReadConfig config;
  RandomStream noise;
  RowMajor<double> difference;  // columns x rows, divided by lsb_out
  // The size of the noise needs no more than single precision.
  RowMajor<float> square;           // (G+^2 + G-^2) sigma^2 / lsb_out^2
  RowMajor<double> volts, current;  // batch x rows, batch x columns
  RowMajor<float> volts2, variance;
  std::vector<double> draw;
};

BatchReader::BatchReader(const DevicePairs& pairs, const BatchReadConfig& config,
                         std::uint64_t seed)
    : impl_(std::make_unique<Impl>(pairs, config, seed)) {
  refresh();
}

BatchReader::~BatchReader() = default;

void BatchReader::refresh() {
  auto& m = *impl_;
  const auto columns = static_cast<Eigen::Index>(m.pairs.columns());
  const auto rows = static_cast<Eigen::Index>(m.pairs.rows());
  m.difference.resize(columns, rows);
  m.square.resize(columns, rows);
  const double scale = m.config.read_noise / m.config.lsb_out_a;
  for (Eigen::Index i = 0; i < columns; ++i) {
    for (Eigen::Index j = 0; j < rows; ++j) {
      const auto cell = static_cast<std::size_t>(i * rows + j);
      const double plus = m.pairs.plus().conductance()[cell];
      const double d = m.pairs.difference().data()[cell];
      const double minus = plus - d;
      m.difference(i, j) = d / m.config.lsb_out_a;
      m.square(i, j) = static_cast<float>((plus * plus + minus * minus) * scale * scale);
    }
  }
  m.draw.resize(m.pairs.columns());
}

std::uint64_t BatchReader::read(Span<const std::uint16_t> in, std::size_t batch,
                                std::uint64_t event, Span<std::int32_t> out) {
  auto& m = *impl_;
  const std::size_t rows = m.pairs.rows(), columns = m.pairs.columns();
  if (in.size() != batch * rows || out.size() != batch * columns) {
    throw InternalError("BatchReader::read: wrong size");
  }
  const auto b = static_cast<Eigen::Index>(batch);
  m.volts.resize(b, static_cast<Eigen::Index>(rows));
  m.current.resize(b, static_cast<Eigen::Index>(columns));
  double* v = m.volts.data();
#pragma omp simd
  for (std::size_t k = 0; k < in.size(); ++k) v[k] = m.config.lsb_in_v * in[k];
  m.current.noalias() = m.volts * m.difference.transpose();
  const bool noisy = m.config.read_noise > 0.0;
  if (noisy) {
    m.volts2.resize(b, static_cast<Eigen::Index>(rows));
    m.variance.resize(b, static_cast<Eigen::Index>(columns));
    float* v2 = m.volts2.data();
#pragma omp simd
    for (std::size_t k = 0; k < in.size(); ++k) v2[k] = static_cast<float>(v[k] * v[k]);
    m.variance.noalias() = m.volts2 * m.square.transpose();
  }
  const double low = -static_cast<double>(m.config.largest_code) - 1.0;
  const double high = m.config.largest_code;
  std::uint64_t clipped = 0;
  for (std::size_t k = 0; k < batch; ++k) {
    double* current = m.current.data() + k * columns;
    if (noisy) {
      m.noise.normals(0, event + k, m.draw);
      const float* variance = m.variance.data() + k * columns;
      const double* draw = m.draw.data();
#pragma omp simd
      for (std::size_t i = 0; i < columns; ++i) {
        current[i] += std::sqrt(static_cast<double>(variance[i])) * draw[i];
      }
    }
    std::int32_t* code = out.data() + k * columns;
#pragma omp simd reduction(+ : clipped)
    for (std::size_t i = 0; i < columns; ++i) {
      const double rounded = std::nearbyint(current[i]);
      const double kept = std::min(std::max(rounded, low), high);
      clipped += kept != rounded ? 1U : 0U;
      code[i] = static_cast<std::int32_t>(kept);
    }
  }
  return clipped;
}

}  // namespace memprop::analog
