#include "solvers/nodal/internal/lattice_factor.hpp"

#include <algorithm>
#include <utility>

namespace memprop::nodal {
namespace {

// Places of blocks of different life in one buffer, worked out beforehand: first fit.
class PlaceList {
 public:
  std::size_t take(std::size_t size) {
    std::size_t at = 0;
    auto next = used_.begin();
    for (; next != used_.end() && next->first < at + size; ++next) at = next->second;
    used_.insert(next, {at, at + size});
    end_ = std::max(end_, at + size);
    return at;
  }
  void give_back(std::size_t at, std::size_t size) {
    if (size > 0) used_.erase(std::find(used_.begin(), used_.end(), std::pair{at, at + size}));
  }
  std::size_t end() const { return end_; }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> used_;
  std::size_t end_ = 0;
};

}  // namespace

LatticeFactor::LatticeFactor(const LatticeShape& shape, Use use_)
    : use(use_), plan(shape, use_ == Use::reduce), places(plan.parts.size()) {
  for (const LeafGroup& g : plan.groups) {
    leaf_place.push_back(leaf_factor_size);
    schur_place.push_back(leaf_schur_size);
    leaf_factor_size += g.batches() * g.program.factor_size() * lanes;
    leaf_schur_size += g.batches() * g.program.schur_size() * lanes;
    largest_leaf = std::max({largest_leaf, g.program.interior(), g.program.boundary()});
  }
  std::size_t size = 0;
  PlaceList list;
  for (std::size_t p = 0; p < plan.parts.size(); ++p) {
    const Part& part = plan.parts[p];
    const std::size_t k = part.count, b = part.boundary.size();
    places[p].packed = size;
    if (use == Use::solve) size += packed_size(k, b);
    front_size = std::max(front_size, padded(k * k) + padded(b) * k);
    places[p].schur = list.take(schur_size(part));
    for (const Child& child : part.children) {
      if (child.leaf) continue;
      list.give_back(places[child.part].schur, schur_size(plan.parts[child.part]));
    }
    entries += k * (k + 1) / 2 + k * b;
    widest = std::max(widest, padded(b));
    tallest = std::max(tallest, padded(k));
  }
  leaf_factor = AlignedBuffer(leaf_factor_size);
  leaf_schur = AlignedBuffer(leaf_schur_size);
  factor_values = AlignedBuffer(size);
  front = AlignedBuffer(front_size);
  inner = AlignedBuffer(2 * tallest * together);
  work = AlignedBuffer(list.end());
  if (use == Use::reduce) {
    const std::size_t terminals = shape.rows + shape.columns;
    result = Matrix(terminals, terminals);
  }
  entries += leaf_factor_size;
  x1 = AlignedBuffer(plan.size());
  boundary_values = AlignedBuffer(std::max(widest, largest_leaf * lanes) * together);
  diagonal.resize(largest_part());
}

void LatticeFactor::factor_leaves(const LatticeValues& values) {
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const LeafGroup& group = plan.groups[g];
    const LeafProgram& program = group.program;
    for (std::size_t batch = 0; batch < group.batches(); ++batch) {
      double* l = leaf_factor.data() + leaf_place[g] + batch * program.factor_size() * lanes;
      double* s = leaf_schur.data() + schur_place[g] + batch * program.schur_size() * lanes;
      for (std::size_t q = 0; q < lanes; ++q) {
        const std::size_t k = batch * lanes + q;
        if (k < group.places.size()) {
          program.assemble(values, group.places[k].row, group.places[k].column, l + q, s + q);
        } else {
          program.assemble_empty(l + q, s + q);
        }
      }
      if (!program.factor(l, s, boundary_values.data())) throw SingularLattice("singular leaf");
    }
  }
}

// Adds a leaf's Schur complement to the front above it.
void LatticeFactor::add_leaf(const Child& child, const Places& at, const Part& part) {
  const LeafGroup& group = plan.groups[child.part];
  const LeafProgram& program = group.program;
  const double* s = leaf_schur.data() + schur_place[child.part] +
                    child.number / lanes * program.schur_size() * lanes + child.number % lanes;
  const std::size_t k = part.count, ld = padded(part.boundary.size());
  double* l11 = front.data();
  double* l21 = l11 + padded(k * k);
  double* schur = work.data() + at.schur;
  for (std::size_t p = 0; p < program.boundary(); ++p) {
    for (std::size_t q = 0; q <= p; ++q, s += lanes) {
      const std::size_t r = std::max(child.map[p], child.map[q]);
      const std::size_t c = std::min(child.map[p], child.map[q]);
      double& target = c >= k   ? schur[(c - k) * ld + r - k]
                       : r >= k ? l21[c * ld + r - k]
                                : l11[c * k + r];
      target += *s;
    }
  }
}

// The same for a separator, whose boundary stands in the order of the front.
void LatticeFactor::add_part(const Child& child, const Places& at, const Part& part) {
  const std::size_t count = child.map.size(), stride = padded(count);
  const double* s = work.data() + places[child.part].schur;
  const std::size_t k = part.count, ld = padded(part.boundary.size());
  const std::uint32_t* map = child.map.data();
  const auto inside = static_cast<std::size_t>(
      std::lower_bound(map, map + count, static_cast<std::uint32_t>(k)) - map);
  for (std::size_t q = 0; q < count; ++q) {
    const double* column = s + q * stride;
    if (q < inside) {
      double* top = front.data() + map[q] * k;
      double* low = front.data() + padded(k * k) + map[q] * ld;
      for (std::size_t p = q; p < inside; ++p) top[map[p]] += column[p];
      for (std::size_t p = inside; p < count; ++p) low[map[p] - k] += column[p];
    } else {
      double* target = work.data() + at.schur + (map[q] - k) * ld;
      for (std::size_t p = q; p < count; ++p) target[map[p] - k] += column[p];
    }
  }
}

void LatticeFactor::factor(const LatticeValues& values) {
  factored = false;
  factor_leaves(values);
  const std::size_t cells = plan.shape.rows * plan.shape.columns;
  for (std::size_t p = 0; p < plan.parts.size(); ++p) {
    const Part& part = plan.parts[p];
    const std::size_t k = part.count, b = part.boundary.size();
    double* l11 = front.data();
    double* l21 = l11 + padded(k * k);
    double* schur = work.data() + places[p].schur;
    std::fill_n(l11, k * k, 0.0);
    std::fill_n(l21, padded(b) * k, 0.0);
    std::fill_n(schur, padded(b) * b, 0.0);
    for (std::size_t c = 0; c < k; ++c) {
      const std::size_t cell = part.node[c] % cells;
      const std::size_t i = cell / plan.shape.columns, j = cell % plan.shape.columns;
      diagonal[c] =
          part.node[c] < cells ? values.upper_diagonal(i, j) : values.lower_diagonal(i, j);
      l11[c * k + c] = diagonal[c];
    }
    for (const auto& cross : part.crosses) {
      double& target =
          cross.r < k ? l11[cross.c * k + cross.r] : l21[cross.c * padded(b) + cross.r - k];
      target -= values.cross(cross.i, cross.j);
    }
    for (const Child& child : part.children) {
      if (child.leaf) {
        add_leaf(child, places[p], part);
      } else {
        add_part(child, places[p], part);
      }
    }
    if (!factor_front(l11, k, l21, b, schur, diagonal.data())) {
      throw SingularLattice("singular separator");
    }
    if (use == Use::solve) pack_front(l11, k, l21, b, factor_values.data() + places[p].packed);
  }
  if (use == Use::reduce) finish_reduction(values);
  factored = true;
}

void LatticeFactor::finish_reduction(const LatticeValues& values) {
  const std::size_t m = plan.shape.rows, n = plan.shape.columns;
  std::fill(result.values().begin(), result.values().end(), 0.0);
  const std::size_t first = plan.idle - (m + n);  // position of terminal 0
  const auto add = [&](std::size_t a, std::size_t b, double value) {
    result(a, b) += value;
    if (a != b) result(b, a) += value;
  };
  if (plan.single_leaf()) {
    const LeafGroup& group = plan.groups.front();
    const std::size_t count = group.program.boundary();
    for (std::size_t p = 0; p < count; ++p) {
      for (std::size_t q = 0; q <= p; ++q) {
        add(group.boundary[p * lanes] - first, group.boundary[q * lanes] - first,
            leaf_schur.data()[group.program.schur_index(p, q) * lanes]);
      }
    }
  } else {
    const Part& root = plan.parts.back();
    const double* schur = work.data() + places.back().schur;
    const std::size_t count = root.boundary.size();
    for (std::size_t q = 0; q < count; ++q) {
      for (std::size_t p = q; p < count; ++p) {
        add(root.boundary[p] - first, root.boundary[q] - first, schur[q * padded(count) + p]);
      }
    }
  }
  for (std::size_t i = 0; i < m; ++i) result(i, i) += values.left[i] + values.right[i];
  for (std::size_t j = 0; j < n; ++j) result(m + j, m + j) += values.top[j] + values.bottom[j];
}

}  // namespace memprop::nodal
