// Which samples a run trains and tests on.
#pragma once

#include <cstddef>
#include <string>

namespace memprop::learning {

enum class TargetKind { classes, regression };

struct DataConfig {
  // "mnist", "fashion-mnist", "kmnist" (searched in directory, in the environment's
  // MEMPROP_DATA_DIR and, fashion-mnist only, in the place of Debian's package), or "files" with
  // the paths below.
  std::string name = "fashion-mnist";
  std::string directory;
  // IDX (plain or gzip), NumPy .npy, "FILE.npz:ARRAY", or CSV; by the file's content, not its name.
  // Without train_targets (test_targets) the targets are the last columns of the inputs.
  std::string train_inputs, train_targets, test_inputs, test_targets;
  TargetKind target = TargetKind::classes;
  std::size_t classes = 0;        // 0: one per output
  std::size_t train_first = 0;    // first training sample used
  std::size_t train_samples = 0;  // 0: all
  std::size_t test_first = 0;
  std::size_t test_samples = 0;  // 0: all
  bool test_on_train = false;    // test on samples of the training files (validation splits)
  double input_scale = 0;        // factor on the raw values; 0: 1/255 for bytes, else 1
  double input_mean = 0;         // of the scaled inputs: taken off
  double input_deviation = 1;    // and divided by this
  double target_low = 0.0;       // target of the wrong classes
  double target_high = 1.0;      // target of the right class
};

}  // namespace memprop::learning
