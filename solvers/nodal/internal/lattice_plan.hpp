// The order in which a lattice is eliminated: nested dissection (George, SIAM J. Numer. Anal. 10,
// 345, 1973) along its lines.
//
// Cut between two columns, only upper nodes are joined; between two rows, only lower nodes. A
// separator of a region of a x b cells is therefore one line of a (or b) nodes. Regions are halved
// down to blocks of a few cells (leaves), which are alike and are eliminated eight at a time
// (leaf_program.hpp). The separators above them are dense fronts (front.hpp).
//
// Positions: the vectors of a solve hold the leaves' nodes first (batch by batch; node, then lane),
// then the separators in the order of their elimination, then kept terminals, then one idle place
// for lanes without a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "solvers/nodal/internal/leaf_program.hpp"
#include "solvers/nodal/lattice.hpp"

namespace memprop::nodal {

struct LeafPlace {
  std::uint32_t row, column;  // its first cell
};

struct LeafGroup {  // leaves of one form
  explicit LeafGroup(const LeafForm& f) : form(f), program(f) {}
  LeafForm form;
  LeafProgram program;
  std::vector<LeafPlace> places;
  std::uint32_t position = 0;  // of its first batch
  // Positions of the boundary: batch, node, lane.
  std::vector<std::uint32_t> boundary;

  std::size_t batches() const { return (places.size() + lanes - 1) / lanes; }
};

struct Child {
  bool leaf = false;
  std::uint32_t part = 0;          // index of the part, or the group of the leaf
  std::uint32_t number = 0;        // of the leaf in its group
  std::vector<std::uint32_t> map;  // place of its boundary nodes in the parent's front
};

struct Part {                           // a separator
  std::uint32_t position = 0;           // of its first node
  std::uint32_t count = 0;              // k
  std::vector<std::uint32_t> node;      // node numbers
  std::vector<std::uint32_t> boundary;  // positions, ascending
  std::vector<Child> children;
  // Cells with both nodes in this front, joined by their cross admittance: places (r > c).
  struct Cross {
    std::uint32_t r, c, i, j;
  };
  std::vector<Cross> crosses;
};

struct LatticePlan {
  LatticePlan(const LatticeShape& shape, bool keep_terminals);

  LatticeShape shape;
  bool keep_terminals;
  std::vector<LeafGroup> groups;
  std::vector<Part> parts;              // children before parents
  std::vector<std::uint32_t> position;  // of each node, then of each kept terminal
  std::vector<std::uint32_t> node_at;   // of each position; `nowhere` where there is none
  static constexpr std::uint32_t nowhere = UINT32_MAX;
  std::uint32_t leaf_end = 0;  // end of the leaves' positions
  std::uint32_t idle = 0;      // the idle place
  std::size_t size() const { return idle + 1; }
  // Where the boundary of the single leaf of a tiny lattice stands for the root.
  bool single_leaf() const { return parts.empty(); }

 private:
  struct Region {
    std::size_t i0, i1, j0, j1;  // blocks
  };
  struct Pending {
    Region region;
    std::vector<Child> children;
    bool vertical;
    std::size_t line;
  };
  Child divide(const Region& region, std::vector<Pending>& pending);
  std::uint32_t add_leaf(std::size_t bi, std::size_t bj, std::uint32_t& number);
  std::vector<std::uint32_t> boundary_of(const Region& region) const;
  void finish_leaves();
  void finish_parts(std::vector<Pending>& pending);
  std::size_t row_begin(std::size_t block) const;
  std::size_t column_begin(std::size_t block) const;
  std::size_t row_blocks() const;
  std::size_t column_blocks() const;
};

}  // namespace memprop::nodal
