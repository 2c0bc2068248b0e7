// Preconditioned conjugate gradients (Hestenes and Stiefel 1952; Saad, Iterative Methods, alg. 9.1)
// for a symmetric positive definite matrix that is near one whose factors are at hand: with few
// changed entries, or all of them changed a little, some steps replace a new factorisation.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace memprop {

struct ConjugateGradientResult {
  std::size_t steps = 0;
  double residual = 0.0;  // largest |b - A x| as the recursion knows it
  bool converged = false;
};

class ConjugateGradient {
 public:
  using Apply = std::function<void(const double* x, double* out)>;  // out = A x
  using Precondition = std::function<void(double* x)>;              // x = M^-1 x

  explicit ConjugateGradient(std::size_t size);

  // Improves x until no component of b - A x exceeds `tolerance`, or after `most` steps.
  ConjugateGradientResult solve(const Apply& apply, const Precondition& precondition,
                                const double* b, double* x, double tolerance, std::size_t most);

 private:
  std::vector<double> residual_, direction_, image_, preconditioned_;
};

}  // namespace memprop
