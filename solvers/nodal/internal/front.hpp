// Dense kernels of one separator: k nodes that are eliminated, b nodes around them that are not.
//
//     [ A11      ]   [ L11     ] [ L11^T  L21^T ]
//     [ A21  A22 ] = [ L21  1  ] [         S    ],   S = A22 - L21 L21^T
//
// A front is factored column-major: L11 k x k, L21 padded(b) x k, S padded(b) x b, padding zero.
// For solving it is packed in blocks of eight rows, column by column, so that every solve runs
// through memory once from end to end: row block R of L11 holds its columns before 8 R and then the
// inverse of its triangle on the diagonal; row blocks of L21 hold all padded(k) columns.
#pragma once

#include <cstddef>

namespace memprop::nodal {

inline constexpr std::size_t padded(std::size_t n) { return (n + 7) / 8 * 8; }
// Numbers of a packed front.
inline constexpr std::size_t packed_size(std::size_t k, std::size_t b) {
  return padded(k) * (padded(k) + 8) / 2 + padded(b) * padded(k);
}

// Factors in place. diagonal: of the matrix before elimination, against which pivots are judged.
// Returns false where a pivot shows the matrix to be singular.
bool factor_front(double* l11, std::size_t k, double* l21, std::size_t b, double* schur,
                  const double* diagonal);
void pack_front(const double* l11, std::size_t k, const double* l21, std::size_t b, double* packed);

// Solves for K right-hand sides (1 or 8) that lie side by side: x is padded(k) x K, t is padded(b)
// x K, both aligned to 64 bytes. front_forward: x = L11^-1 x, t -= L21 x. front_backward: x =
// L11^-T (x - L21^T t). work: padded(k) x 8.
template <std::size_t K>
void front_forward(const double* packed, std::size_t k, std::size_t b, double* x, double* t);
template <std::size_t K>
void front_backward(const double* packed, std::size_t k, std::size_t b, double* x, const double* t,
                    double* work);

}  // namespace memprop::nodal
