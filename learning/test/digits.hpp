// The 1797 digits of 8 x 8 pixels (Alpaydin and Kaynak, UCI repository) in [0, 1], from Debian's
// package of scikit-learn.
#pragma once

#include <filesystem>

#include "learning/dataset/dataset.hpp"
#include "learning/test/task.hpp"

namespace memprop::learning::test {

inline const char* const kDigitsFile =
    "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz";

inline bool digits_are_there() { return std::filesystem::exists(kDigitsFile); }

inline Dataset load_digits() {
  DataConfig config;
  config.name = "files";
  config.train_inputs = kDigitsFile;
  config.test_on_train = true;
  config.train_samples = config.test_samples = 1797;
  config.input_scale = 1.0 / 16.0;
  return load_data(config, 64, 10).train;
}

// count images from first on, in their order.
inline Samples digit_images(std::size_t first, std::size_t count) {
  static const Dataset all = load_digits();  // reading the text takes longer than most uses of it
  Samples s{Matrix(count, 64), Matrix(count, 10), {}, {}, {}, {}};
  for (std::size_t k = 0; k < count; ++k) {
    const auto x = all.inputs.row(first + k);
    const auto y = all.targets.row(first + k);
    s.flat_inputs.insert(s.flat_inputs.end(), x.begin(), x.end());
    s.flat_targets.insert(s.flat_targets.end(), y.begin(), y.end());
    s.labels.push_back(static_cast<std::uint32_t>(all.labels[first + k]));
    s.order.push_back(static_cast<std::uint32_t>(k));
  }
  std::copy(s.flat_inputs.begin(), s.flat_inputs.end(), s.inputs.data());
  std::copy(s.flat_targets.begin(), s.flat_targets.end(), s.targets.data());
  return s;
}

// Another order of them for every epoch.
inline void shuffle(Samples& s, std::uint64_t seed, std::uint64_t epoch) {
  const RandomStream stream(seed, "test-order");
  for (std::size_t k = s.order.size(); k > 1; --k) {
    std::swap(s.order[k - 1], s.order[stream.words(k, epoch)[0] % k]);
  }
}

}  // namespace memprop::learning::test
