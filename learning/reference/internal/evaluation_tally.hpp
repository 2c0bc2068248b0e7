// What an evaluation adds up, sample by sample, so that the order of the sums does not depend on
// threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "learning/reference/reference.hpp"

namespace memprop::learning::internal {

class EvaluationTally {
 public:
  // labels may be null.
  EvaluationTally(std::size_t count, const std::uint32_t* labels)
      : labels_(labels), loss_(count), right_(count) {}

  // The n outputs of a sample, or its logits, and what they cost; different samples may come from
  // different threads.
  template <class T>
  void answer(std::size_t sample, const T* output, std::size_t n) {
    if (labels_ == nullptr) return;
    const auto best = static_cast<std::size_t>(std::max_element(output, output + n) - output);
    right_[sample] = best == labels_[sample] ? 1 : 0;
  }

  void cost(std::size_t sample, double loss) { loss_[sample] = loss; }

  Evaluation mean() const {
    Evaluation result;
    double hits = 0;
    for (std::size_t s = 0; s < loss_.size(); ++s) {
      result.loss += loss_[s];
      hits += right_[s];
    }
    const auto count = static_cast<double>(loss_.size());
    result.loss /= count;
    result.accuracy = labels_ != nullptr ? hits / count : std::numeric_limits<double>::quiet_NaN();
    return result;
  }

 private:
  const std::uint32_t* labels_;
  std::vector<double> loss_;
  std::vector<unsigned char> right_;
};

}  // namespace memprop::learning::internal
