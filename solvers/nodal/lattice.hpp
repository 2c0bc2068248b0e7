// A lattice of crossing lines as nodal equations A x = b: what two layers of wires with an element
// at every crossing make.
//
// Upper node U(i,j) lies on horizontal line i, lower node D(i,j) on vertical line j; neighbours on
// a line are joined by the line's admittance, U(i,j) and D(i,j) by cross(i,j), and the ends of the
// lines by their own admittances to terminals (left, right, top, bottom; 0: no connection):
//     U(i,j): sum_k h (U_ij - U_ik) + c_ij (U_ij - D_ij) + l_i U_ij [j=0] + r_i U_ij [j=n-1] = b
//     D(i,j): sum_k v (D_ij - D_kj) + c_ij (D_ij - U_ij) + t_j D_ij [i=0] + u_j D_ij [i=m-1] = b
// A is symmetric, and positive definite while every node is joined to some terminal. Terminal
// voltages enter through b: admittance times terminal value.
//
// Node numbers: U(i,j) = i n + j, D(i,j) = m n + i n + j; where terminals are counted, horizontal
// line i has terminal i and vertical line j terminal m + j.
#pragma once

#include <cstddef>
#include <vector>

#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop {

// Which ends of the lines can be joined to their terminals.
struct LatticeEnds {
  bool left = true;
  bool right = false;
  bool top = false;
  bool bottom = true;
};

struct LatticeShape {
  std::size_t rows = 0;     // m, horizontal lines
  std::size_t columns = 0;  // n, vertical lines
  LatticeEnds ends;

  std::size_t nodes() const { return 2 * rows * columns; }
  std::size_t upper(std::size_t i, std::size_t j) const { return i * columns + j; }
  std::size_t lower(std::size_t i, std::size_t j) const { return (rows + i) * columns + j; }
};

struct LatticeValues {
  explicit LatticeValues(const LatticeShape& shape);

  double horizontal = 0.0;                       // h, between neighbours on a horizontal line
  double vertical = 0.0;                         // v, between neighbours on a vertical line
  std::vector<double> left, right, top, bottom;  // per line, of its end to its terminal
  Matrix cross;                                  // m x n

  double upper_diagonal(std::size_t i, std::size_t j) const;
  double lower_diagonal(std::size_t i, std::size_t j) const;
};

// out = A x with the terminals at zero, from the differences of neighbours: what cancels in the
// exact sum cancels here too. x and out do not overlap.
void lattice_product(const LatticeValues& values, const double* x, double* out);

}  // namespace memprop
