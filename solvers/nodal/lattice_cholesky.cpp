#include "solvers/nodal/lattice_cholesky.hpp"

#include <algorithm>

#include "solvers/error.hpp"
#include "solvers/nodal/internal/lattice_factor.hpp"

namespace memprop {

using nodal::AlignedBuffer;
using nodal::together;

struct LatticeCholesky::Impl : nodal::LatticeFactor {
  using LatticeFactor::LatticeFactor;
};

LatticeCholesky::LatticeCholesky(const LatticeShape& shape, Use use) {
  if (shape.rows == 0 || shape.columns == 0) throw InternalError("lattice: it has no lines");
  impl_ = std::make_unique<Impl>(shape, use);
}
LatticeCholesky::~LatticeCholesky() = default;
LatticeCholesky::LatticeCholesky(LatticeCholesky&&) noexcept = default;
LatticeCholesky& LatticeCholesky::operator=(LatticeCholesky&&) noexcept = default;

const LatticeShape& LatticeCholesky::shape() const { return impl_->plan.shape; }

void LatticeCholesky::factor(const LatticeValues& values) {
  if (values.cross.rows() != shape().rows || values.cross.cols() != shape().columns) {
    throw InternalError("lattice: values of another shape");
  }
  impl_->factor(values);
}

void LatticeCholesky::solve(Span<double> x, std::size_t count) {
  Impl& s = *impl_;
  const std::size_t nodes = shape().nodes();
  if (s.use != Use::solve || !s.factored) throw InternalError("lattice: not factored for solving");
  if (x.size() != nodes * count) throw InternalError("lattice: wrong size of right-hand sides");
  std::size_t done = 0;
  for (; count - done > 1; done += std::min(together, count - done)) {
    if (s.x8.size() == 0) s.x8 = AlignedBuffer(s.plan.size() * together);
    const std::size_t width = std::min(together, count - done);
    double* block = s.x8.data();
    if (width < together) std::fill_n(block, s.plan.size() * together, 0.0);
    s.gather<together>(x.data() + done * nodes, width, block);
    s.solve<together>(block);
    s.scatter<together>(block, width, x.data() + done * nodes);
  }
  if (done < count) {
    s.gather<1>(x.data() + done * nodes, 1, s.x1.data());
    s.solve<1>(s.x1.data());
    s.scatter<1>(s.x1.data(), 1, x.data() + done * nodes);
  }
}

const Matrix& LatticeCholesky::reduced() const {
  if (impl_->use != Use::reduce || !impl_->factored) {
    throw InternalError("lattice: not reduced");
  }
  return impl_->result;
}

std::size_t LatticeCholesky::factor_entries() const { return impl_->entries; }

std::size_t LatticeCholesky::bytes() const {
  const Impl& s = *impl_;
  const std::size_t numbers = s.leaf_factor.size() + s.leaf_schur.size() + s.factor_values.size() +
                              s.work.size() + s.front.size() + s.x1.size() + s.x8.size() +
                              s.result.size();
  std::size_t indices = s.plan.position.size() + s.plan.node_at.size();
  for (const auto& g : s.plan.groups) indices += g.boundary.size();
  for (const auto& p : s.plan.parts) {
    indices += p.node.size() + p.boundary.size();
    for (const auto& c : p.children) indices += c.map.size();
  }
  return numbers * sizeof(double) + indices * sizeof(std::uint32_t);
}

}  // namespace memprop
