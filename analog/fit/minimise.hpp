// Minimum of a smooth function of a few variables inside a box, by the quasi-Newton method of
// Broyden, Fletcher, Goldfarb and Shanno with differences for the gradient (Nocedal and Wright,
// Numerical Optimization, chapter 6). Outside the box the function is continued by its value at the
// nearest point plus a parabola.
#pragma once

#include <functional>
#include <vector>

namespace memprop::analog::fit {

using Objective = std::function<double(const std::vector<double>&)>;

struct Box {
  std::vector<double> low, high;
};

struct Minimum {
  std::vector<double> x;  // inside the box
  double value = 0.0;
  bool converged = false;
};

struct MinimiseOptions {
  double tolerance = 1e-7;  // converged: an iteration gains less
  int most_iterations = 200;
  std::vector<double> hessian;  // as from hessian(), to start from; empty: unknown
};

// free[i] false keeps x[i] as it starts.
Minimum minimise(const Objective& objective, const Box& box, std::vector<double> start,
                 const std::vector<bool>& free, const MinimiseOptions& options = {});

// Second derivatives at x by central differences, row by row; rows and columns of variables that
// are not free are zero. A variable at the edge of the box is differentiated one step inside.
std::vector<double> hessian(const Objective& objective, const Box& box, std::vector<double> x,
                            const std::vector<bool>& free);

}  // namespace memprop::analog::fit
