// The equilibrium of one sample and linear systems with its Jacobian.
//
// With A = I - M D (M the block matrix of weights, D the slopes, the nudge included) Newton solves
// A delta = total - v and the adjoint of the loss solves A^T lambda = D dC/dr. A is block
// tridiagonal: diagonal blocks I (the top one plus the nudge's), lower -W_l D_{l-1}, upper
// -b_l W_{l+1}^T D_{l+1}. With links beyond the chain it is one dense matrix. Include only in .cpp
// files (Eigen).
#pragma once

#include <Eigen/LU>
#include <vector>

#include "learning/reference/internal/dense_map.hpp"

namespace memprop::learning::internal {

class Equilibrium {
 public:
  explicit Equilibrium(const NetworkConfig& config);

  void solve(const Network& network, Span<const double> x, double beta, Span<const double> y);

  const DenseMap& map() const { return map_; }
  DenseMap& map() { return map_; }
  const Eigen::VectorXd& v() const { return v_; }
  const Eigen::VectorXd& r() const { return r_; }
  const Eigen::VectorXd& slope() const { return slope_; }
  auto layer(const Eigen::VectorXd& x, std::size_t l) const {
    return x.segment(map_.first(l), map_.width(l));
  }
  auto layer(Eigen::VectorXd& x, std::size_t l) const {
    return x.segment(map_.first(l), map_.width(l));
  }

  // lambda of the free equilibrium for dC/dr of the top layer.
  const Eigen::VectorXd& adjoint(const Network& network, const Eigen::VectorXd& cost_slope);

 private:
  double refresh(const Network& network);  // r, total, residual from v; returns max |residual|
  void update_slope(const Network& network);
  bool iterate_map(const Network& network);
  void relax_damped(const Network& network, std::size_t steps, double until);
  bool newton(const Network& network);
  void factor(const Network& network);
  void solve_factored(const Network& network, Eigen::VectorXd& b) const;
  void solve_transposed(const Network& network, Eigen::VectorXd& b) const;
  void factor_dense(const Network& network);
  void add_nudge_block(const Network& network, Eigen::MatrixXd& top) const;

  DenseMap map_;
  bool fast_ = false;  // the plain map contracts fast here
  Eigen::VectorXd v_, r_, total_, slope_, residual_, saved_, lambda_, next_;
  std::vector<Eigen::PartialPivLU<Eigen::MatrixXd>> lu_;  // of the Schur complements S_l
  std::vector<Eigen::MatrixXd> upper_;                    // S_l^-1 times the upper block
  Eigen::PartialPivLU<Eigen::MatrixXd> dense_;            // of A, where there are links
};

}  // namespace memprop::learning::internal
