#include "learning/dataset/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "learning/dataset/data_files.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

// The arrays of one pair of files, before selection and scaling.
struct RawSamples {
  NumericArray inputs;   // samples x features (any inner shape)
  NumericArray targets;  // samples, or samples x outputs
  std::string inputs_path, targets_path;
  std::size_t count = 0;
};

std::size_t features_of(const NumericArray& array) {
  std::size_t n = 1;
  for (std::size_t d = 1; d < array.shape.size(); ++d) n *= array.shape[d];
  return n;
}

bool is_labels_file(const NumericArray& array) {
  return array.type == ElementType::u1 && array.shape.size() == 1;
}

// A CSV (or NumPy table) that holds the targets in its last columns is cut in two.
void split_last_columns(RawSamples& raw, std::size_t target_columns) {
  const std::size_t columns = raw.inputs.shape[1];
  const std::size_t features = columns - target_columns;
  std::vector<double> inputs, targets;
  for (std::size_t i = 0; i < raw.inputs.size(); ++i) {
    (i % columns < features ? inputs : targets).push_back(raw.inputs.at(i));
  }
  raw.targets = make_array({raw.count, target_columns}, targets);
  raw.inputs = make_array({raw.count, features}, inputs);
  raw.targets_path = raw.inputs_path;
}

RawSamples read_samples(const DataConfig& config, const std::string& inputs,
                        const std::string& targets, std::size_t n_in, std::size_t n_out,
                        const char* part) {
  if (inputs.empty()) {
    throw UserError(
        fmt::format("key 'data.{}_inputs': expected a path with data.name = \"files\", "
                    "got nothing",
                    part));
  }
  RawSamples raw;
  raw.inputs_path = inputs;
  raw.targets_path = targets;
  raw.inputs = read_array(inputs);
  if (is_labels_file(raw.inputs)) {
    throw UserError(
        fmt::format("{}: expected images or input vectors (IDX magic 0x00000803), got "
                    "a label file (magic 0x00000801) with {} labels",
                    inputs, raw.inputs.size()));
  }
  if (raw.inputs.shape.size() < 2) {
    throw UserError(fmt::format("{}: expected an array of samples x features, got shape {}", inputs,
                                raw.inputs.shape_text()));
  }
  raw.count = raw.inputs.shape[0];
  if (raw.count == 0) throw UserError(inputs + ": expected at least one sample, got none");
  const std::size_t target_columns = config.target == TargetKind::classes ? 1 : n_out;
  if (targets.empty()) {
    if (raw.inputs.shape.size() != 2 || raw.inputs.shape[1] != n_in + target_columns) {
      throw UserError(
          fmt::format("key 'data.{}_targets': expected a path, or the targets in the "
                      "last columns of {} ({} + {} columns, got shape {})",
                      part, inputs, n_in, target_columns, raw.inputs.shape_text()));
    }
    split_last_columns(raw, target_columns);
  } else {
    raw.targets = read_array(targets);
  }
  const std::size_t features = features_of(raw.inputs);
  if (features != n_in) {
    throw UserError(
        fmt::format("{}: expected {} values per sample (the first of network.layers), "
                    "got {}",
                    inputs, n_in, features));
  }
  if (raw.targets.shape.size() > 2) {
    throw UserError(fmt::format("{}: expected {}, got shape {}{}", targets,
                                config.target == TargetKind::classes
                                    ? "labels (IDX magic 0x00000801)"
                                    : "targets of samples x outputs",
                                raw.targets.shape_text(),
                                raw.targets.shape.size() == 3 && raw.targets.type == ElementType::u1
                                    ? " (an image file, magic 0x00000803)"
                                    : ""));
  }
  const std::size_t target_count = raw.targets.shape.empty() ? 1 : raw.targets.shape[0];
  if (target_count != raw.count) {
    throw UserError(fmt::format(
        "{}: expected {} {} for the samples of {}, got {}", targets, raw.count,
        config.target == TargetKind::classes ? "labels" : "targets", inputs, target_count));
  }
  if (features_of(raw.targets) != target_columns) {
    throw UserError(fmt::format("{}: expected {} per sample, got {}", targets,
                                config.target == TargetKind::classes
                                    ? std::string("one label")
                                    : fmt::format("{} targets (the last of network.layers)", n_out),
                                features_of(raw.targets)));
  }
  return raw;
}

std::vector<int> read_labels(const RawSamples& raw) {
  std::vector<int> labels(raw.count);
  for (std::size_t i = 0; i < raw.count; ++i) {
    const double value = raw.targets.at(i);
    if (!(value >= 0 && value <= 1e6 && value == std::floor(value))) {
      throw UserError(fmt::format("{}: expected labels 0, 1, 2, ..., got {} at sample {}",
                                  raw.targets_path, value, i));
    }
    labels[i] = static_cast<int>(value);
  }
  return labels;
}

std::size_t selected(std::size_t first, std::size_t wanted, const RawSamples& raw,
                     const char* part) {
  const std::size_t end = wanted == 0 ? raw.count : first + wanted;
  if (first >= raw.count || end > raw.count || end < first) {
    throw UserError(
        fmt::format("key 'data.{}_{}': expected samples within the {} of {}, got {} from sample {}",
                    part, first >= raw.count ? "first" : "samples", raw.count, raw.inputs_path,
                    wanted == 0 ? "all" : std::to_string(wanted), first));
  }
  return end - first;
}

Dataset make_dataset(const DataConfig& config, const RawSamples& raw,
                     const std::vector<int>& labels, std::size_t first, std::size_t count,
                     std::size_t n_out) {
  Dataset set;
  set.source = raw.inputs_path;
  const std::size_t features = features_of(raw.inputs);
  const double scale = config.input_scale != 0              ? config.input_scale
                       : raw.inputs.type == ElementType::u1 ? 1.0 / 255.0
                                                            : 1.0;
  set.inputs = BasicMatrix<float>(count, features);
  raw.inputs.copy_scaled(first * features, static_cast<float>(scale), set.inputs.values());
  if (config.input_mean != 0 || config.input_deviation != 1) {
    const auto mean = static_cast<float>(config.input_mean);
    const auto deviation = static_cast<float>(config.input_deviation);
    for (float& x : set.inputs.values()) x = (x - mean) / deviation;
  }
  for (std::size_t i = 0; i < set.inputs.size(); ++i) {
    if (!std::isfinite(set.inputs.values()[i])) {
      throw UserError(fmt::format("{}: expected finite inputs, got {} at sample {}, value {}",
                                  raw.inputs_path, set.inputs.values()[i], first + i / features,
                                  i % features));
    }
  }
  if (config.target == TargetKind::classes) {
    set.targets = BasicMatrix<float>(count, n_out, static_cast<float>(config.target_low));
    set.labels.assign(labels.begin() + static_cast<std::ptrdiff_t>(first),
                      labels.begin() + static_cast<std::ptrdiff_t>(first + count));
    for (std::size_t i = 0; i < count; ++i) {
      set.targets(i, static_cast<std::size_t>(set.labels[i])) =
          static_cast<float>(config.target_high);
    }
    return set;
  }
  set.targets = BasicMatrix<float>(count, n_out);
  raw.targets.copy_scaled(first * n_out, 1.0F, set.targets.values());
  for (std::size_t i = 0; i < set.targets.size(); ++i) {
    if (!std::isfinite(set.targets.values()[i])) {
      throw UserError(fmt::format("{}: expected finite targets, got {} at sample {}, value {}",
                                  raw.targets_path, set.targets.values()[i], first + i / n_out,
                                  i % n_out));
    }
  }
  return set;
}

// The number of classes, once the labels are known to fit it and the outputs.
std::size_t count_classes(const DataConfig& config, const RawSamples& raw,
                          const std::vector<int>& labels, std::size_t n_out) {
  const auto largest = std::max_element(labels.begin(), labels.end());
  const auto sample = largest - labels.begin();
  const std::size_t limit = config.classes == 0 ? n_out : std::min(config.classes, n_out);
  if (static_cast<std::size_t>(*largest) >= limit) {
    throw UserError(fmt::format(
        "{}: expected labels 0 to {} ({}), got {} at sample {}", raw.targets_path, limit - 1,
        limit < n_out ? "data.classes" : "one output per class", *largest, sample));
  }
  return limit;
}

}  // namespace

TrainTest load_data(const DataConfig& config, std::size_t n_in, std::size_t n_out) {
  const DataPaths paths = locate_data(config);
  const bool classes = config.target == TargetKind::classes;
  TrainTest data;
  const auto load = [&](const RawSamples& raw, std::size_t first, std::size_t wanted,
                        const char* part) {
    const std::size_t count = selected(first, wanted, raw, part);
    std::vector<int> labels;
    if (classes) {
      labels = read_labels(raw);
      data.classes = count_classes(config, raw, labels, n_out);
    }
    return make_dataset(config, raw, labels, first, count, n_out);
  };
  const RawSamples train =
      read_samples(config, paths.train_inputs, paths.train_targets, n_in, n_out, "train");
  data.train = load(train, config.train_first, config.train_samples, "train");
  if (config.test_on_train) {
    data.test = load(train, config.test_first, config.test_samples, "test");
  } else {
    const RawSamples test =
        read_samples(config, paths.test_inputs, paths.test_targets, n_in, n_out, "test");
    data.test = load(test, config.test_first, config.test_samples, "test");
  }
  return data;
}

}  // namespace memprop::learning
