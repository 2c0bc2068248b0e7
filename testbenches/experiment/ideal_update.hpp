// Ideal writes of a chip: from the changes that samples want to what is stored in the cells,
// through the optimiser of the learning rule, in double precision. Plain descent without a batch
// passes changes on as they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/analog_chip.hpp"
#include "learning/rule/learning_config.hpp"
#include "solvers/matrix.hpp"
#include "traces/checkpoint.hpp"

namespace memprop::bench {

class IdealUpdate {
 public:
  IdealUpdate(const learning::LearningConfig& learning, const hw::AnalogChip& chip);

  // Whether anything is collected: changes are wanted of learning() then, whose rates are one.
  bool collects() const { return collects_; }
  const learning::LearningConfig& learning() const { return learning_; }

  // The step of every tile's weights; empty until the batch is complete.
  std::vector<Matrix> step(std::vector<Matrix> change);

  void save(traces::Checkpoint& checkpoint) const;
  void load(const traces::Checkpoint& loaded);

 private:
  struct Tile {
    double rate = 0.0;
    std::vector<double> sum, first, second;
  };

  learning::LearningConfig learning_;
  bool collects_;
  std::uint64_t samples_ = 0, updates_ = 0;
  std::vector<Tile> tiles_;
};

}  // namespace memprop::bench
