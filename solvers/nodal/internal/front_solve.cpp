#include <algorithm>

#include "solvers/nodal/internal/front.hpp"

namespace memprop::nodal {
namespace {

// Eight doubles as one value; the compiler maps it to what registers there are.
using V8 __attribute__((vector_size(64), aligned(64), may_alias)) = double;

const V8* vectors(const double* p) { return reinterpret_cast<const V8*>(p); }
V8* vectors(double* p) { return reinterpret_cast<V8*>(p); }

// out[k] = sum of v[k]. By reference throughout: how such a value is passed depends on the machine.
void sum_pairs(const V8& a, const V8& b, V8& out) {
  out = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +
        __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}
void sum_quads(const V8& a, const V8& b, V8& out) {
  out = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +
        __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
void sums(const V8* v, V8& out) {
  V8 p[4], q[2];
  for (std::size_t k = 0; k < 4; ++k) sum_pairs(v[2 * k], v[2 * k + 1], p[k]);
  for (std::size_t k = 0; k < 2; ++k) sum_quads(p[2 * k], p[2 * k + 1], q[k]);
  out = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 8, 9, 10, 11) +
        __builtin_shufflevector(q[0], q[1], 4, 5, 6, 7, 12, 13, 14, 15);
}

// One row block of eight rows and `columns` columns (a multiple of eight).
//
// One right-hand side: out -= L x.
void subtract_rows(const V8* l, std::size_t columns, const double* x, V8* out) {
  V8 s0{}, s1{}, s2{}, s3{};
  for (std::size_t c = 0; c < columns; c += 4) {
    s0 += l[c] * x[c];
    s1 += l[c + 1] * x[c + 1];
    s2 += l[c + 2] * x[c + 2];
    s3 += l[c + 3] * x[c + 3];
  }
  *out -= (s0 + s1) + (s2 + s3);
}

// Eight right-hand sides: rows 0..7 of out -= L x.
void subtract_rows_8(const V8* l, std::size_t columns, const V8* x, V8* out) {
  V8 s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{};
  const auto* value = reinterpret_cast<const double*>(l);
  for (std::size_t c = 0; c < columns; ++c, value += 8) {
    const V8 xc = x[c];
    s0 += value[0] * xc, s1 += value[1] * xc, s2 += value[2] * xc, s3 += value[3] * xc;
    s4 += value[4] * xc, s5 += value[5] * xc, s6 += value[6] * xc, s7 += value[7] * xc;
  }
  out[0] -= s0, out[1] -= s1, out[2] -= s2, out[3] -= s3;
  out[4] -= s4, out[5] -= s5, out[6] -= s6, out[7] -= s7;
}

// x -= L^T t for the eight rows t of a block.
void subtract_columns_8(const V8* l, std::size_t columns, V8* x, const V8* t) {
  const V8 t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], t7 = t[7];
  const auto* value = reinterpret_cast<const double*>(l);
  for (std::size_t c = 0; c < columns; ++c, value += 8) {
    const V8 a = (value[0] * t0 + value[1] * t1) + (value[2] * t2 + value[3] * t3);
    const V8 b = (value[4] * t4 + value[5] * t5) + (value[6] * t6 + value[7] * t7);
    x[c] -= a + b;
  }
}

const V8* block_of_l11(const V8* packed, std::size_t block) {
  return packed + 4 * block * (block + 1);  // 8 (1 + 2 + ... + block) columns before it
}

}  // namespace

template <>
void front_forward<1>(const double* packed, std::size_t k, std::size_t b, double* x, double* t) {
  const V8* l = vectors(packed);
  for (std::size_t first = 0; first < k; first += 8) {
    V8* rows = vectors(x + first);
    subtract_rows(l, first, x, rows);
    l += first;
    V8 solved{};
    for (std::size_t c = 0; c < 8; ++c) solved += l[c] * (*rows)[c];
    *rows = solved;
    l += 8;
  }
  for (std::size_t first = 0; first < b; first += 8, l += padded(k)) {
    subtract_rows(l, padded(k), x, vectors(t + first));
  }
}

template <>
void front_backward<1>(const double* packed, std::size_t k, std::size_t b, double* x,
                       const double* t, double* work) {
  const std::size_t wide = padded(k), blocks = wide / 8;
  const V8* l = block_of_l11(vectors(packed), blocks);
  V8* sum = vectors(work);  // per column, of eight rows' products each
  for (std::size_t c = 0; c < wide; ++c) sum[c] = V8{};
  std::size_t first = 0;
  for (; first + 32 <= padded(b); first += 32, l += 4 * wide) {
    const V8 t0 = *vectors(t + first), t1 = *vectors(t + first + 8), t2 = *vectors(t + first + 16),
             t3 = *vectors(t + first + 24);
    for (std::size_t c = 0; c < wide; ++c) {
      sum[c] += (l[c] * t0 + l[wide + c] * t1) + (l[2 * wide + c] * t2 + l[3 * wide + c] * t3);
    }
  }
  for (; first < b; first += 8, l += wide) {
    const V8 t0 = *vectors(t + first);
    for (std::size_t c = 0; c < wide; ++c) sum[c] += l[c] * t0;
  }
  for (std::size_t block = blocks; block-- > 0;) {
    const V8* row = block_of_l11(vectors(packed), block);
    const V8* triangle = row + 8 * block;
    V8 rest, solved;
    sums(sum + 8 * block, rest);
    rest = *vectors(x + 8 * block) - rest;
    V8 product[8];
    for (std::size_t c = 0; c < 8; ++c) product[c] = triangle[c] * rest;
    sums(product, solved);
    *vectors(x + 8 * block) = solved;
    for (std::size_t c = 0; c < 8 * block; ++c) sum[c] += row[c] * solved;
  }
}

template <>
void front_forward<8>(const double* packed, std::size_t k, std::size_t b, double* x, double* t) {
  const V8* l = vectors(packed);
  for (std::size_t first = 0; first < k; first += 8) {
    V8* rows = vectors(x + first * 8);
    subtract_rows_8(l, first, vectors(x), rows);
    l += first;
    V8 solved[8] = {};
    for (std::size_t c = 0; c < 8; ++c) {
      for (std::size_t r = c; r < 8; ++r) solved[r] += l[c][r] * rows[c];
    }
    for (std::size_t r = 0; r < 8; ++r) rows[r] = solved[r];
    l += 8;
  }
  for (std::size_t first = 0; first < b; first += 8, l += padded(k)) {
    subtract_rows_8(l, padded(k), vectors(x), vectors(t + first * 8));
  }
}

template <>
void front_backward<8>(const double* packed, std::size_t k, std::size_t b, double* x,
                       const double* t, double*) {
  const std::size_t wide = padded(k), blocks = wide / 8;
  const V8* l = block_of_l11(vectors(packed), blocks);
  for (std::size_t first = 0; first < b; first += 8, l += wide) {
    subtract_columns_8(l, wide, vectors(x), vectors(t + first * 8));
  }
  for (std::size_t block = blocks; block-- > 0;) {
    const V8* row = block_of_l11(vectors(packed), block);
    const V8* triangle = row + 8 * block;
    V8* rows = vectors(x + 64 * block);
    V8 solved[8] = {};
    for (std::size_t c = 0; c < 8; ++c) {
      for (std::size_t r = c; r < 8; ++r) solved[c] += triangle[c][r] * rows[r];
    }
    for (std::size_t r = 0; r < 8; ++r) rows[r] = solved[r];
    subtract_columns_8(row, 8 * block, vectors(x), rows);
  }
}

}  // namespace memprop::nodal
