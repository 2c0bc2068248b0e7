#include "hw_models/input_load.hpp"

namespace memprop::hw {
namespace {

double pair_sum(const analog::DevicePairs& pairs, std::size_t cell) {
  const double minus =
      pairs.minus() != nullptr ? pairs.minus()->conductance()[cell] : pairs.reference_s();
  return pairs.plus().conductance()[cell] + minus;
}

}  // namespace

void add_column_load(const analog::DevicePairs& pairs, double share, std::vector<double>& load) {
  for (std::size_t i = 0; i < load.size(); ++i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < pairs.rows(); ++j) sum += pair_sum(pairs, i * pairs.rows() + j);
    load[i] += 0.5 * share * sum;
  }
}

void add_row_load(const analog::DevicePairs& pairs, double share, std::vector<double>& load) {
  for (std::size_t i = 0; i < pairs.columns(); ++i) {
    for (std::size_t j = 0; j < load.size(); ++j) {
      load[j] += 0.5 * share * pair_sum(pairs, i * pairs.rows() + j);
    }
  }
}

}  // namespace memprop::hw
