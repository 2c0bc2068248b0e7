#include "solvers/nodal/internal/lattice_plan.hpp"

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::nodal {
namespace {

constexpr std::size_t leaf_cells = 4;  // along each side of a leaf

}  // namespace

std::size_t LatticePlan::row_blocks() const { return (shape.rows + leaf_cells - 1) / leaf_cells; }
std::size_t LatticePlan::column_blocks() const {
  return (shape.columns + leaf_cells - 1) / leaf_cells;
}
std::size_t LatticePlan::row_begin(std::size_t block) const {
  return std::min(block * leaf_cells, shape.rows);
}
std::size_t LatticePlan::column_begin(std::size_t block) const {
  return std::min(block * leaf_cells, shape.columns);
}

LatticePlan::LatticePlan(const LatticeShape& lattice, bool keep)
    : shape(lattice), keep_terminals(keep) {
  const std::size_t terminals = keep ? shape.rows + shape.columns : 0;
  if (shape.nodes() + terminals >= UINT32_MAX / 2) {
    throw InternalError("lattice plan: too many nodes");
  }
  position.assign(shape.nodes() + terminals, 0);
  std::vector<Pending> pending;
  divide({0, row_blocks(), 0, column_blocks()}, pending);

  std::uint32_t next = 0;
  for (LeafGroup& group : groups) {
    group.position = next;
    next += static_cast<std::uint32_t>(group.batches() * group.program.interior() * lanes);
    for (std::size_t k = 0; k < group.places.size(); ++k) {
      const std::size_t base = group.position + k / lanes * group.program.interior() * lanes;
      for (std::size_t l = 0; l < group.program.interior(); ++l) {
        const LeafNode& node = group.program.nodes()[l];
        const std::size_t i = group.places[k].row + static_cast<std::size_t>(node.i);
        const std::size_t j = group.places[k].column + static_cast<std::size_t>(node.j);
        const std::size_t number =
            node.kind == LeafNodeKind::upper ? shape.upper(i, j) : shape.lower(i, j);
        position[number] = static_cast<std::uint32_t>(base + l * lanes + k % lanes);
      }
    }
  }
  leaf_end = next;
  for (const Pending& p : pending) {
    Part part;
    part.position = next;
    if (p.vertical) {
      for (std::size_t i = row_begin(p.region.i0); i < row_begin(p.region.i1); ++i) {
        part.node.push_back(static_cast<std::uint32_t>(shape.upper(i, p.line)));
      }
    } else {
      for (std::size_t j = column_begin(p.region.j0); j < column_begin(p.region.j1); ++j) {
        part.node.push_back(static_cast<std::uint32_t>(shape.lower(p.line, j)));
      }
    }
    part.count = static_cast<std::uint32_t>(part.node.size());
    for (std::uint32_t node : part.node) position[node] = next++;
    parts.push_back(std::move(part));
  }
  for (std::size_t t = 0; t < terminals; ++t) position[shape.nodes() + t] = next++;
  idle = next;
  node_at.assign(size(), nowhere);
  for (std::size_t k = 0; k < shape.nodes(); ++k)
    node_at[position[k]] = static_cast<std::uint32_t>(k);
  finish_leaves();
  finish_parts(pending);
}

std::uint32_t LatticePlan::add_leaf(std::size_t bi, std::size_t bj, std::uint32_t& number) {
  LeafForm form{};
  form.rows = static_cast<std::uint32_t>(row_begin(bi + 1) - row_begin(bi));
  form.columns = static_cast<std::uint32_t>(column_begin(bj + 1) - column_begin(bj));
  form.left = bj > 0, form.right = bj + 1 < column_blocks();
  form.top = bi > 0, form.bottom = bi + 1 < row_blocks();
  form.terminals.left = keep_terminals && shape.ends.left && !form.left;
  form.terminals.right = keep_terminals && shape.ends.right && !form.right;
  form.terminals.top = keep_terminals && shape.ends.top && !form.top;
  form.terminals.bottom = keep_terminals && shape.ends.bottom && !form.bottom;
  auto group = std::find_if(groups.begin(), groups.end(),
                            [&](const LeafGroup& g) { return g.form == form; });
  if (group == groups.end()) group = groups.insert(groups.end(), LeafGroup(form));
  number = static_cast<std::uint32_t>(group->places.size());
  group->places.push_back(
      {static_cast<std::uint32_t>(row_begin(bi)), static_cast<std::uint32_t>(column_begin(bj))});
  return static_cast<std::uint32_t>(group - groups.begin());
}

Child LatticePlan::divide(const Region& region, std::vector<Pending>& pending) {
  const std::size_t high = region.i1 - region.i0, wide = region.j1 - region.j0;
  Child result;
  if (high == 1 && wide == 1) {
    result.leaf = true;
    result.part = add_leaf(region.i0, region.j0, result.number);
    return result;
  }
  Pending p{region, {}, wide >= high, 0};
  Region first = region, second = region;
  if (p.vertical) {
    first.j1 = second.j0 = region.j0 + wide / 2;
    p.line = column_begin(first.j1) - 1;
  } else {
    first.i1 = second.i0 = region.i0 + high / 2;
    p.line = row_begin(first.i1) - 1;
  }
  p.children.push_back(divide(first, pending));
  p.children.push_back(divide(second, pending));
  result.part = static_cast<std::uint32_t>(pending.size());
  pending.push_back(std::move(p));
  return result;
}

std::vector<std::uint32_t> LatticePlan::boundary_of(const Region& r) const {
  std::vector<std::uint32_t> result;
  const std::size_t top = row_begin(r.i0), end = row_begin(r.i1);
  const std::size_t left = column_begin(r.j0), right = column_begin(r.j1);
  const bool at_left = r.j0 == 0, at_right = r.j1 == column_blocks();
  const bool at_top = r.i0 == 0, at_bottom = r.i1 == row_blocks();
  for (std::size_t i = top; i < end; ++i) {
    if (!at_left) result.push_back(position[shape.upper(i, left - 1)]);
    if (!at_right) result.push_back(position[shape.upper(i, right - 1)]);
    if (keep_terminals && ((at_left && shape.ends.left) || (at_right && shape.ends.right))) {
      result.push_back(position[shape.nodes() + i]);
    }
  }
  for (std::size_t j = left; j < right; ++j) {
    if (!at_top) result.push_back(position[shape.lower(top - 1, j)]);
    if (!at_bottom) result.push_back(position[shape.lower(end - 1, j)]);
    if (keep_terminals && ((at_top && shape.ends.top) || (at_bottom && shape.ends.bottom))) {
      result.push_back(position[shape.nodes() + shape.rows + j]);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

void LatticePlan::finish_leaves() {
  for (LeafGroup& group : groups) {
    const LeafProgram& program = group.program;
    group.boundary.assign(group.batches() * program.boundary() * lanes, idle);
    for (std::size_t k = 0; k < group.places.size(); ++k) {
      const LeafPlace& place = group.places[k];
      std::uint32_t* out =
          group.boundary.data() + k / lanes * program.boundary() * lanes + k % lanes;
      for (std::size_t b = 0; b < program.boundary(); ++b) {
        const LeafNode& node = program.nodes()[program.interior() + b];
        // -1 is the cell before the block, which exists where such a node does.
        const std::size_t i = place.row + static_cast<std::size_t>(node.i);
        const std::size_t j = place.column + static_cast<std::size_t>(node.j);
        std::size_t number = 0;
        switch (node.kind) {
          case LeafNodeKind::upper:
            number = shape.upper(i, j);
            break;
          case LeafNodeKind::lower:
            number = shape.lower(i, j);
            break;
          case LeafNodeKind::row_terminal:
            number = shape.nodes() + i;
            break;
          case LeafNodeKind::column_terminal:
            number = shape.nodes() + shape.rows + j;
            break;
        }
        out[b * lanes] = position[number];
      }
    }
  }
}

void LatticePlan::finish_parts(std::vector<Pending>& pending) {
  for (std::size_t p = 0; p < parts.size(); ++p) {
    Part& part = parts[p];
    part.boundary = boundary_of(pending[p].region);
    const auto place_of = [&](std::uint32_t at) -> std::uint32_t {
      if (at >= part.position && at < part.position + part.count) return at - part.position;
      const auto found = std::lower_bound(part.boundary.begin(), part.boundary.end(), at);
      if (found == part.boundary.end() || *found != at) return UINT32_MAX;
      return part.count + static_cast<std::uint32_t>(found - part.boundary.begin());
    };
    for (Child& child : pending[p].children) {
      if (child.leaf) {
        const LeafGroup& group = groups[child.part];
        const std::size_t boundary = group.program.boundary();
        const std::uint32_t* at =
            group.boundary.data() + child.number / lanes * boundary * lanes + child.number % lanes;
        for (std::size_t b = 0; b < boundary; ++b) child.map.push_back(place_of(at[b * lanes]));
      } else {
        for (std::uint32_t at : parts[child.part].boundary) child.map.push_back(place_of(at));
      }
      if (std::find(child.map.begin(), child.map.end(), UINT32_MAX) != child.map.end()) {
        throw InternalError("lattice plan: a boundary node is missing in the front above");
      }
      part.children.push_back(std::move(child));
    }
    // Where two separators cross, both nodes of a cell are separators; the one eliminated first
    // brings their cross admittance in.
    const std::size_t cells = shape.rows * shape.columns;
    for (std::uint32_t c = 0; c < part.count; ++c) {
      const std::size_t cell = part.node[c] % cells;
      const std::size_t other = part.node[c] < cells ? part.node[c] + cells : part.node[c] - cells;
      const std::uint32_t at = position[other];
      if (at < leaf_end || at < part.position) continue;
      const std::uint32_t r = place_of(at);
      if (r == UINT32_MAX) throw InternalError("lattice plan: a crossing lies outside its front");
      part.crosses.push_back({r, c, static_cast<std::uint32_t>(cell / shape.columns),
                              static_cast<std::uint32_t>(cell % shape.columns)});
    }
  }
}

}  // namespace memprop::nodal
