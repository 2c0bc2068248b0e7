// Elimination of one small block of the lattice, worked out once for all blocks of the same form
// and then carried out for eight of them at a time, one in each lane of a vector register.
//
// A block holds its own interior nodes and knows the nodes around it (its boundary) that are
// eliminated later. The program is the sparse LDL^T of the interior in an order of least fill, and
// the Schur complement it leaves on the boundary. Values lie entry by entry, eight lanes together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "solvers/nodal/lattice.hpp"

namespace memprop::nodal {

inline constexpr std::size_t lanes = 8;

// Which block it is: its size, and on which sides other blocks follow.
struct LeafForm {
  std::uint32_t rows, columns;
  bool left, right, top, bottom;  // a block follows there
  LatticeEnds terminals;          // kept terminals there (only where no block follows)

  bool operator==(const LeafForm& o) const;
};

enum class LeafNodeKind : std::uint8_t { upper, lower, row_terminal, column_terminal };
// A node by its place relative to the block's first cell; -1 is the block before.
struct LeafNode {
  LeafNodeKind kind;
  std::int32_t i, j;
};

class LeafProgram {
 public:
  explicit LeafProgram(const LeafForm& form);

  std::size_t interior() const { return interior_; }
  std::size_t boundary() const { return nodes_.size() - interior_; }
  // In elimination order; the boundary behind the interior.
  const std::vector<LeafNode>& nodes() const { return nodes_; }
  std::size_t factor_size() const { return interior_ + row_.size(); }  // entries, of `lanes` values
  std::size_t schur_size() const { return boundary() * (boundary() + 1) / 2; }
  std::size_t schur_index(std::size_t r, std::size_t c) const {  // r >= c
    return r * (r + 1) / 2 + c;
  }

  // Fills one lane with the values of the block whose first cell is (row, column), or with a unit
  // matrix for a lane without a block.
  void assemble(const LatticeValues& values, std::size_t row, std::size_t column,
                double* factor_lane, double* schur_lane) const;
  void assemble_empty(double* factor_lane, double* schur_lane) const;
  // Returns false where a pivot shows the matrix to be singular. `scratch`: interior() x lanes.
  bool factor(double* factor, double* schur, double* scratch) const;
  // Solves with the factor: x holds interior() x K x lanes values and t boundary() x K x lanes.
  // forward() subtracts from t what the interior passes on; backward() reads t.
  template <std::size_t K>
  void forward(const double* factor, double* x, double* t) const;
  template <std::size_t K>
  void backward(const double* factor, double* x, const double* t) const;

 private:
  struct Entry {          // an admittance at home in this block
    std::uint32_t index;  // in the factor
    std::uint8_t kind;    // 0 horizontal, 1 vertical, 2 cross, 3.. left, right, top, bottom
    std::int32_t i, j;
  };
  std::size_t interior_ = 0;
  std::vector<LeafNode> nodes_;
  std::vector<std::uint32_t> first_, row_;  // below-diagonal pattern of column c
  // For column c, for every pair of its rows r >= s: where a_r a_s / d is subtracted; the Schur
  // complement stands behind the factor in this numbering.
  std::vector<std::uint32_t> target_;
  std::vector<Entry> entry_;
};

}  // namespace memprop::nodal
