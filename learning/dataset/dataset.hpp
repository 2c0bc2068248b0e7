// Training and test samples in memory, scaled and with targets, ready for any fidelity.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "learning/dataset/data_config.hpp"
#include "solvers/matrix.hpp"

namespace memprop::learning {

struct Dataset {
  BasicMatrix<float> inputs;   // samples x features, scaled
  BasicMatrix<float> targets;  // samples x outputs
  std::vector<int> labels;     // class of each sample; empty for regression
  std::string source;          // the file of the inputs

  std::size_t size() const { return inputs.rows(); }
};

struct TrainTest {
  Dataset train;
  Dataset test;
  std::size_t classes = 0;  // 0 for regression
};

// Reads what the config names and checks it against the widths of the network's first and last
// layer. Throws UserError naming the file (and line of a CSV) or the key at fault.
TrainTest load_data(const DataConfig& config, std::size_t n_in, std::size_t n_out);

}  // namespace memprop::learning
