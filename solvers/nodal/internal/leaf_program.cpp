#include "solvers/nodal/internal/leaf_program.hpp"

#include <algorithm>
#include <array>

#include "solvers/error.hpp"

namespace memprop::nodal {
namespace {

// A pivot this small against its diagonal is what rounding leaves of zero.
constexpr double singular_ratio = 1e-14;

struct Edge {
  std::size_t a, b;  // nodes, before reordering
  std::uint8_t kind;
  std::int32_t i, j;
};

// Nodes and edges of a block before reordering: interior first.
struct Graph {
  std::vector<LeafNode> nodes;
  std::size_t interior = 0;
  std::vector<Edge> edges;

  std::size_t find(LeafNodeKind kind, std::int32_t i, std::int32_t j) const {
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      if (nodes[k].kind == kind && nodes[k].i == i && nodes[k].j == j) return k;
    }
    return nodes.size();
  }
  void join(std::size_t a, std::size_t b, std::uint8_t kind, std::int32_t i, std::int32_t j) {
    if (a >= nodes.size() || b >= nodes.size()) return;
    if (a < interior || b < interior) edges.push_back({a, b, kind, i, j});
  }
};

Graph build_graph(const LeafForm& form) {
  using Kind = LeafNodeKind;
  Graph g;
  const auto h = static_cast<std::int32_t>(form.rows), w = static_cast<std::int32_t>(form.columns);
  for (std::int32_t i = 0; i < h; ++i) {
    for (std::int32_t j = 0; j < w; ++j) {
      if (j + 1 < w || !form.right) g.nodes.push_back({Kind::upper, i, j});
      if (i + 1 < h || !form.bottom) g.nodes.push_back({Kind::lower, i, j});
    }
  }
  g.interior = g.nodes.size();
  for (std::int32_t i = 0; form.left && i < h; ++i) g.nodes.push_back({Kind::upper, i, -1});
  for (std::int32_t i = 0; form.right && i < h; ++i) g.nodes.push_back({Kind::upper, i, w - 1});
  for (std::int32_t j = 0; form.top && j < w; ++j) g.nodes.push_back({Kind::lower, -1, j});
  for (std::int32_t j = 0; form.bottom && j < w; ++j) g.nodes.push_back({Kind::lower, h - 1, j});
  const auto& ends = form.terminals;
  for (std::int32_t i = 0; (ends.left || ends.right) && i < h; ++i) {
    g.nodes.push_back({Kind::row_terminal, i, 0});
  }
  for (std::int32_t j = 0; (ends.top || ends.bottom) && j < w; ++j) {
    g.nodes.push_back({Kind::column_terminal, 0, j});
  }
  for (std::int32_t i = 0; i < h; ++i) {
    for (std::int32_t j = -1; j + 1 < w; ++j) {
      g.join(g.find(Kind::upper, i, j), g.find(Kind::upper, i, j + 1), 0, i, j);
    }
    const std::size_t terminal = g.find(Kind::row_terminal, i, 0);
    if (ends.left) g.join(g.find(Kind::upper, i, 0), terminal, 3, i, 0);
    if (ends.right) g.join(g.find(Kind::upper, i, w - 1), terminal, 4, i, 0);
  }
  for (std::int32_t j = 0; j < w; ++j) {
    for (std::int32_t i = -1; i + 1 < h; ++i) {
      g.join(g.find(Kind::lower, i, j), g.find(Kind::lower, i + 1, j), 1, i, j);
    }
    const std::size_t terminal = g.find(Kind::column_terminal, 0, j);
    if (ends.top) g.join(g.find(Kind::lower, 0, j), terminal, 5, 0, j);
    if (ends.bottom) g.join(g.find(Kind::lower, h - 1, j), terminal, 6, 0, j);
    for (std::int32_t i = 0; i < h; ++i) {
      g.join(g.find(Kind::upper, i, j), g.find(Kind::lower, i, j), 2, i, j);
    }
  }
  return g;
}

using Adjacency = std::vector<std::vector<bool>>;

std::vector<std::size_t> later_neighbours(const Adjacency& adjacent, const std::vector<bool>& gone,
                                          std::size_t node) {
  std::vector<std::size_t> result;
  for (std::size_t k = 0; k < adjacent.size(); ++k) {
    if (adjacent[node][k] && !gone[k]) result.push_back(k);
  }
  return result;
}

}  // namespace

bool LeafForm::operator==(const LeafForm& o) const {
  return rows == o.rows && columns == o.columns && left == o.left && right == o.right &&
         top == o.top && bottom == o.bottom;
}

LeafProgram::LeafProgram(const LeafForm& form) {
  const Graph graph = build_graph(form);
  interior_ = graph.interior;
  const std::size_t n = graph.nodes.size();
  Adjacency adjacent(n, std::vector<bool>(n, false));
  for (const Edge& e : graph.edges) adjacent[e.a][e.b] = adjacent[e.b][e.a] = true;

  // Eliminate the interior, always the node of least degree next.
  std::vector<bool> gone(n, false);
  std::vector<std::size_t> place(n);
  std::vector<std::vector<std::size_t>> column;
  for (std::size_t step = 0; step < interior_; ++step) {
    std::size_t best = n, degree = n + 1;
    for (std::size_t k = 0; k < interior_; ++k) {
      if (gone[k]) continue;
      const std::size_t d = later_neighbours(adjacent, gone, k).size();
      if (d < degree) best = k, degree = d;
    }
    gone[best] = true;
    column.push_back(later_neighbours(adjacent, gone, best));
    for (std::size_t a : column.back()) {
      for (std::size_t b : column.back()) {
        if (a != b) adjacent[a][b] = true;
      }
    }
    place[best] = step;
    nodes_.push_back(graph.nodes[best]);
  }
  for (std::size_t k = interior_; k < n; ++k) {
    place[k] = k;
    nodes_.push_back(graph.nodes[k]);
  }

  for (auto& rows : column) {
    for (std::size_t& r : rows) r = place[r];
    std::sort(rows.begin(), rows.end());
    first_.push_back(static_cast<std::uint32_t>(row_.size()));
    for (std::size_t r : rows) row_.push_back(static_cast<std::uint32_t>(r));
  }
  first_.push_back(static_cast<std::uint32_t>(row_.size()));
  const auto index_of = [&](std::size_t r, std::size_t c) -> std::size_t {  // r >= c
    if (c >= interior_) return factor_size() + schur_index(r - interior_, c - interior_);
    if (r == c) return c;
    const auto begin = row_.begin() + first_[c], end = row_.begin() + first_[c + 1];
    const auto at = std::lower_bound(begin, end, static_cast<std::uint32_t>(r));
    if (at == end || *at != r) throw InternalError("leaf program: entry outside the pattern");
    return interior_ + static_cast<std::size_t>(at - row_.begin());
  };
  for (std::size_t c = 0; c < interior_; ++c) {
    for (std::uint32_t a = first_[c]; a < first_[c + 1]; ++a) {
      for (std::uint32_t b = first_[c]; b <= a; ++b) {
        target_.push_back(static_cast<std::uint32_t>(index_of(row_[a], row_[b])));
      }
    }
  }
  for (const Edge& e : graph.edges) {
    const std::size_t a = place[e.a], b = place[e.b];
    entry_.push_back(
        {static_cast<std::uint32_t>(index_of(std::max(a, b), std::min(a, b))), e.kind, e.i, e.j});
  }
}

void LeafProgram::assemble(const LatticeValues& values, std::size_t row, std::size_t column,
                           double* factor_lane, double* schur_lane) const {
  for (std::size_t k = 0; k < factor_size(); ++k) factor_lane[k * lanes] = 0.0;
  for (std::size_t k = 0; k < schur_size(); ++k) schur_lane[k * lanes] = 0.0;
  for (std::size_t k = 0; k < interior_; ++k) {
    const std::size_t i = row + static_cast<std::size_t>(nodes_[k].i);
    const std::size_t j = column + static_cast<std::size_t>(nodes_[k].j);
    factor_lane[k * lanes] = nodes_[k].kind == LeafNodeKind::upper ? values.upper_diagonal(i, j)
                                                                   : values.lower_diagonal(i, j);
  }
  for (const Entry& e : entry_) {
    // Only edges of kinds 0 and 1 begin in the block before, and their place is not read.
    const std::size_t i = row + static_cast<std::size_t>(e.i);
    const std::size_t j = column + static_cast<std::size_t>(e.j);
    double value = 0.0;
    switch (e.kind) {
      case 0:
        value = values.horizontal;
        break;
      case 1:
        value = values.vertical;
        break;
      case 2:
        value = values.cross(i, j);
        break;
      case 3:
        value = values.left[i];
        break;
      case 4:
        value = values.right[i];
        break;
      case 5:
        value = values.top[j];
        break;
      default:
        value = values.bottom[j];
        break;
    }
    factor_lane[e.index * lanes] -= value;
  }
}

void LeafProgram::assemble_empty(double* factor_lane, double* schur_lane) const {
  for (std::size_t k = 0; k < factor_size(); ++k) factor_lane[k * lanes] = k < interior_;
  for (std::size_t k = 0; k < schur_size(); ++k) schur_lane[k * lanes] = 0.0;
}

bool LeafProgram::factor(double* factor, double* schur, double* scratch) const {
  const std::size_t size = factor_size();
  const auto at = [&](std::size_t index) {
    return index < size ? factor + index * lanes : schur + (index - size) * lanes;
  };
  for (std::size_t k = 0; k < interior_ * lanes; ++k) scratch[k] = singular_ratio * factor[k];
  double bad = 0.0;
  const std::uint32_t* target = target_.data();
  std::array<double, lanes> scaled;
  for (std::size_t c = 0; c < interior_; ++c) {
    double* diagonal = factor + c * lanes;
    const double* least = scratch + c * lanes;
    for (std::size_t q = 0; q < lanes; ++q) {
      bad += diagonal[q] > least[q] ? 0.0 : 1.0;
      diagonal[q] = 1.0 / diagonal[q];
    }
    double* column = factor + (interior_ + first_[c]) * lanes;
    const std::size_t count = first_[c + 1] - first_[c];
    for (std::size_t a = 0; a < count; ++a) {
      const double* value = column + a * lanes;
#pragma omp simd
      for (std::size_t q = 0; q < lanes; ++q) scaled[q] = value[q] * diagonal[q];
      for (std::size_t b = 0; b <= a; ++b) {
        double* goal = at(*target++);
        const double* other = column + b * lanes;
#pragma omp simd
        for (std::size_t q = 0; q < lanes; ++q) goal[q] -= scaled[q] * other[q];
      }
    }
    for (std::size_t a = 0; a < count; ++a) {
      double* value = column + a * lanes;
#pragma omp simd
      for (std::size_t q = 0; q < lanes; ++q) value[q] *= diagonal[q];
    }
  }
  return bad == 0.0;
}

template <std::size_t K>
void LeafProgram::forward(const double* factor, double* x, double* t) const {
  constexpr std::size_t width = K * lanes;
  const double* l = factor + interior_ * lanes;
  for (std::size_t c = 0; c < interior_; ++c) {
    const double* xc = x + c * width;
    for (std::uint32_t a = first_[c]; a < first_[c + 1]; ++a, l += lanes) {
      const std::size_t r = row_[a];
      double* xr = r < interior_ ? x + r * width : t + (r - interior_) * width;
      for (std::size_t k = 0; k < width; k += lanes) {
#pragma omp simd
        for (std::size_t q = 0; q < lanes; ++q) xr[k + q] -= l[q] * xc[k + q];
      }
    }
  }
}

template <std::size_t K>
void LeafProgram::backward(const double* factor, double* x, const double* t) const {
  constexpr std::size_t width = K * lanes;
  for (std::size_t c = interior_; c-- > 0;) {
    double sum[width];
    const double* inverse = factor + c * lanes;
    double* xc = x + c * width;
    for (std::size_t k = 0; k < width; k += lanes) {
#pragma omp simd
      for (std::size_t q = 0; q < lanes; ++q) sum[k + q] = xc[k + q] * inverse[q];
    }
    const double* l = factor + (interior_ + first_[c]) * lanes;
    for (std::uint32_t a = first_[c]; a < first_[c + 1]; ++a, l += lanes) {
      const std::size_t r = row_[a];
      const double* xr = r < interior_ ? x + r * width : t + (r - interior_) * width;
      for (std::size_t k = 0; k < width; k += lanes) {
#pragma omp simd
        for (std::size_t q = 0; q < lanes; ++q) sum[k + q] -= l[q] * xr[k + q];
      }
    }
#pragma omp simd
    for (std::size_t k = 0; k < width; ++k) xc[k] = sum[k];
  }
}

template void LeafProgram::forward<1>(const double*, double*, double*) const;
template void LeafProgram::forward<8>(const double*, double*, double*) const;
template void LeafProgram::backward<1>(const double*, double*, const double*) const;
template void LeafProgram::backward<8>(const double*, double*, const double*) const;

}  // namespace memprop::nodal
