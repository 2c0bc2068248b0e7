// Activation functions f(v), element-wise and vectorised.
#pragma once

#include <cstddef>
#include <string_view>

namespace memprop {

enum class Activation {
  linear,            // v
  tanh,              // tanh(v)
  logistic,          // 1/(1 + exp(-v))
  shifted_logistic,  // 1/(1 + exp(-4 (v - 1/2)))
  hard_sigmoid,      // min(max(v, 0), 1)
};

std::string_view name(Activation f);
// Throws UserError listing the known names.
Activation activation_from_name(std::string_view text);

// out[i] = f(in[i]); in and out may be the same array. tanh and the logistics are accurate to
// 2 units in the last place, and a value does not depend on its position or on n.
void activate(Activation f, const double* in, double* out, std::size_t n);
void activate(Activation f, const float* in, float* out, std::size_t n);

// out[i] = f'(v) from v and r = f(v); the hard sigmoid's slope is 1 on [0, 1], else 0.
void activation_slope(Activation f, const double* v, const double* r, double* out, std::size_t n);

// The largest slope of f.
double max_slope(Activation f);

}  // namespace memprop
