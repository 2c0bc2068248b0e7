// The golden network of the project: three weight layers, tanh, no bias, C = 1/2 |y - r_3|^2.
// Free states and gradients were computed outside this project in double precision.
#pragma once

#include <array>
#include <vector>

#include "learning/network/network.hpp"

namespace memprop::learning::test {

struct GoldenCase {
  double gain;
  std::array<double, 6> v;  // v1, v2, v3
  double loss;
};

inline const std::array<GoldenCase, 3> kGoldenCases{{
    {1.0,
     {1.1118916676, -1.1424376187, 1.2360819388, -0.6886926237, 0.6960186525, -0.6013096575},
     0.00590641235716},
    {0.1,
     {0.7326319406, -0.6923699625, 0.5832834080, -0.1382543302, 0.2924471951, -0.3037379322},
     0.0443127429180},
    {0.01,
     {0.7031320228, -0.6765662269, 0.5447245829, -0.1151289752, 0.2673961804, -0.2826648792},
     0.0537420325265},
}};

struct GoldenGradient {
  double gain;
  std::array<std::vector<double>, 3> weight;  // dC/dW_l, rows flattened
};

inline const std::array<GoldenGradient, 2> kGoldenGradients{{
    {0.1,
     {{{-0.0238678432, 0.0119339216, -0.0059669608, 0.0774390230, -0.0387195115, 0.0193597557},
       {-0.0863251848, 0.0857100382, 0.1173271633, -0.1133487592},
       {-0.1159771290, 0.0346588082, 0.1083870835, -0.0328297324}}}},
    {1.0,
     {{{-0.0006556058, 0.0003278029, -0.0001639015, -0.0085090830, 0.0042545415, -0.0021272707},
       {0.0125594882, -0.0204687003, -0.0351958719, 0.0411329694},
       {0.0824447565, -0.0779867066, -0.0444013316, 0.0489932133}}}},
}};

inline Matrix matrix(std::size_t rows, std::size_t cols, std::vector<double> values) {
  Matrix m(rows, cols);
  m.values() = std::move(values);
  return m;
}

inline Network golden_network(double gain) {
  NetworkConfig config;
  config.layers = {3, 2, 2, 2};
  config.activation = {Activation::tanh};
  config.feedback_gain = {gain};
  Network network = build_network(config, 1);
  network.weight = {matrix(2, 3, {0.5, -0.3, 0.2, -0.4, 0.6, 0.1}),
                    matrix(2, 2, {0.7, -0.2, 0.3, 0.5}), matrix(2, 2, {0.4, -0.6, -0.5, 0.3})};
  return network;
}

inline std::vector<double> golden_x() { return {1.0, -0.5, 0.25}; }
inline std::vector<double> golden_y() { return {0.5, -0.5}; }

}  // namespace memprop::learning::test
