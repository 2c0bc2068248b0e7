// The drive of every neuron of one sample, in double precision on the network's own weights:
//   total_l = a_l W_l r_{l-1} + b_l W_{l+1}^T r_{l+1} + links + bias_l + nudge_l
// for the fixed-point solver and the continuous-time network. Nothing is packed or copied, so the
// weights may change between samples. Include only in .cpp files (Eigen).
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "learning/network/network.hpp"
#include "solvers/span.hpp"

namespace memprop::learning::internal {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixView = Eigen::Map<const RowMajor>;
using VectorView = Eigen::Map<const Eigen::VectorXd>;

inline MatrixView view(const Matrix& m) {
  return {m.data(), static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols())};
}
inline VectorView view(Span<const double> v) {
  return {v.data(), static_cast<Eigen::Index>(v.size())};
}

class DenseMap {
 public:
  explicit DenseMap(const NetworkConfig& config);

  std::size_t layers() const { return first_.size(); }  // with a state
  std::size_t size() const { return size_; }
  // Position of layer index l (0-based) in the state vector, and its width.
  Eigen::Index first(std::size_t l) const { return first_[l]; }
  Eigen::Index width(std::size_t l) const { return width_[l]; }

  // Keeps W_1 x + bias_1.
  void set_input(const Network& network, Span<const double> x);
  // beta = 0: free.
  void set_nudge(double beta, Span<const double> y);
  double beta() const { return beta_; }

  // r = f(v), and dr/dv.
  void activity(const Network& network, const double* v, double* r) const;
  void slope(const Network& network, const double* v, const double* r, double* slope) const;
  // total from r, both of size() values.
  void total(const Network& network, const double* r, double* out);
  // Output of the network: r_L, or the class probabilities.
  void output(const Network& network, const double* r, Eigen::VectorXd& out) const;
  // out = M^T x, M the block matrix of all gains and weights inside the recurrent net (no nudge).
  void transposed(const Network& network, const Eigen::VectorXd& x, Eigen::VectorXd& out) const;
  double loss(const Eigen::VectorXd& output, Span<const double> y, Readout readout) const;

 private:
  const double* membrane(const Network& network, std::size_t l, const double* v) const;

  std::vector<Eigen::Index> first_, width_;
  std::size_t size_ = 0;
  Eigen::VectorXd drive_;
  Eigen::VectorXd target_;
  Eigen::VectorXd error_;
  mutable Eigen::VectorXd scaled_;  // gain v, of neurons with unequal leaks
  double beta_ = 0;
};

}  // namespace memprop::learning::internal
