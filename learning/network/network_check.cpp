#include "learning/network/network_check.hpp"

#include <fmt/format.h>

#include <cmath>

#include "learning/network/dendrites.hpp"
#include "learning/network/link.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

[[noreturn]] void fail(const char* key, const std::string& expected, const std::string& got) {
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

void check_time_constants(const TimeConstantConfig& config) {
  if (!(config.mean_s > 0) || !std::isfinite(config.mean_s)) {
    fail("network.time_constant.mean", "a positive time", fmt::format("{} s", config.mean_s));
  }
  if (config.family == TimeConstantFamily::equal) {
    if (config.resample) {
      fail("network.time_constant.resample", "false with the family \"equal\" (nothing is drawn)",
           "true");
    }
    return;
  }
  if (!(config.cv >= 0) || !std::isfinite(config.cv)) {
    fail("network.time_constant.cv", "a coefficient of variation of at least 0",
         fmt::format("{}", config.cv));
  }
  if (config.family == TimeConstantFamily::uniform && config.cv >= 1.0 / std::sqrt(3.0)) {
    fail("network.time_constant.cv", "less than 0.577 for the uniform family",
         fmt::format("{}", config.cv));
  }
  if (!(config.clip_low > 0 && config.clip_low < 1)) {
    fail("network.time_constant.clip_low", "a value between 0 and 1 (in units of the mean)",
         fmt::format("{}", config.clip_low));
  }
  if (!(config.clip_high > 1)) {
    fail("network.time_constant.clip_high", "a value above 1 (in units of the mean)",
         fmt::format("{}", config.clip_high));
  }
}

void complete_biases(NetworkConfig& full, std::size_t count) {
  std::vector<double>& mean = full.bias_mean;
  if (mean.size() == 1) mean.assign(count, mean.front());
  if (mean.size() != count) {
    fail("network.bias_mean", count == 1 ? "1 value" : fmt::format("1 or {} values", count),
         fmt::format("{}", mean.size()));
  }
  bool zero = full.bias_deviation == 0;
  for (const double m : mean) {
    if (!std::isfinite(m)) fail("network.bias_mean", "finite values", fmt::format("{}", m));
    zero = zero && m == 0;
  }
  if (!(full.bias_deviation >= 0) || !std::isfinite(full.bias_deviation)) {
    fail("network.bias_deviation", "a value of at least 0", fmt::format("{}", full.bias_deviation));
  }
  if (!zero && !full.bias) {
    fail(full.bias_deviation > 0 ? "network.bias_deviation" : "network.bias_mean",
         "0 without biases (network.bias = true)",
         full.bias_deviation > 0 ? fmt::format("{}", full.bias_deviation)
                                 : fmt::format("{}", mean.front()));
  }
}

// One gain per weight layer; those of the input and of the readout outside the loop are 1.
void complete_forward_gain(NetworkConfig& full, std::size_t count, std::size_t inner) {
  std::vector<double>& gain = full.forward_gain;
  const std::size_t given = gain.size();
  const bool already_completed = given == count && gain.front() == 1.0;
  if (!already_completed) {
    if (given > 1 && given != inner) {
      fail("network.forward_gain",
           inner > 1 ? fmt::format("1 or {} values", inner) : std::string("no or one value"),
           fmt::format("{}", given));
    }
    std::vector<double> all(count, 1.0);
    for (std::size_t l = 0; l < inner; ++l) {
      if (given > 0) all[l + 1] = given == 1 ? gain.front() : gain[l];
    }
    gain = std::move(all);
  }
  for (const double g : gain) {
    if (!(g > 0) || !std::isfinite(g)) {
      fail("network.forward_gain", "values above 0", fmt::format("{}", g));
    }
  }
}

}  // namespace

std::size_t recurrent_layers(const NetworkConfig& config) {
  const std::size_t weights = config.layers.size() - 1;
  return config.readout == Readout::softmax ? weights - 1 : weights;
}

NetworkConfig completed(const NetworkConfig& config) {
  NetworkConfig full = config;
  const bool softmax = config.readout == Readout::softmax;
  const std::size_t least = softmax ? 3 : 2;
  if (config.layers.size() < least) {
    fail("network.layers",
         softmax ? "the widths of at least three layers (input, hidden, output) for the softmax "
                   "readout"
                 : "the widths of at least two layers (input, output)",
         fmt::format("{}", config.layers.size()));
  }
  for (std::size_t l = 0; l < config.layers.size(); ++l) {
    if (config.layers[l] == 0) {
      fail("network.layers", "positive widths", fmt::format("0 for layer {}", l));
    }
  }
  const std::size_t count = config.layers.size() - 1;

  const std::size_t activations = config.activation.size();
  if (activations == 1) {
    full.activation.assign(count, config.activation.front());
  } else if (activations != count && !(softmax && activations + 1 == count)) {
    fail("network.activation", fmt::format("1 or {} names", count), fmt::format("{}", activations));
  }
  if (softmax) {
    full.activation.resize(count);
    full.activation.back() = Activation::linear;
  }

  const std::size_t gains = config.feedback_gain.size();
  const std::size_t inner = count - 1 - (softmax ? 1 : 0);
  const bool already_completed =
      softmax && gains == count - 1 && config.feedback_gain.back() == 1.0;
  if (gains == inner || already_completed) {
    full.feedback_gain = config.feedback_gain;
  } else if (gains == 1) {
    full.feedback_gain.assign(inner, config.feedback_gain.front());
  } else {
    fail("network.feedback_gain",
         inner > 1 ? fmt::format("1 or {} values", inner) : fmt::format("{} values", inner),
         fmt::format("{}", gains));
  }
  full.feedback_gain.resize(count - 1, 1.0);
  for (const double gain : full.feedback_gain) {
    if (!(gain > 0) || !std::isfinite(gain)) {
      fail("network.feedback_gain", "values above 0", fmt::format("{}", gain));
    }
  }
  complete_forward_gain(full, count, inner);
  if (!(config.feedback_angle_deg >= 0 && config.feedback_angle_deg < 180)) {
    fail("network.feedback_angle", "an angle of 0 to below 180 degrees",
         fmt::format("{}", config.feedback_angle_deg));
  }
  if (config.feedback == FeedbackWeights::tied && config.feedback_angle_deg != 90.0) {
    fail("network.feedback_angle",
         "no angle unless network.feedback = \"separate\" (tied feedback is the transpose)",
         fmt::format("{}", config.feedback_angle_deg));
  }
  if (!(config.init_gain >= 0) || !std::isfinite(config.init_gain)) {
    fail("network.init_gain", "a value of at least 0", fmt::format("{}", config.init_gain));
  }
  complete_biases(full, count);
  check_time_constants(config.time_constant);
  if (config.time_constant.source == TimeConstantSource::leak &&
      (config.dynamics != Dynamics::membrane || config.dendrites.on() ||
       config.readout != Readout::squared_error || config.time_constant.resample)) {
    fail("network.time_constant.source",
         "\"capacitance\" unless the dynamics are \"membrane\", the readout is "
         "\"squared-error\" and there are neither dendrites nor resampling (only what a membrane "
         "leaks scales its drive)",
         "\"leak\"");
  }
  if (config.train_feedback && config.feedback == FeedbackWeights::tied) {
    fail("network.train_feedback",
         "false unless network.feedback = \"separate\" (tied feedback is the trained weights)",
         "true");
  }
  const bool spread = config.bias_deviation > 0;
  if (config.bias_init != BiasInit::zero && spread) {
    fail("network.bias_init", "\"zero\" with network.bias_deviation", "\"fan-in-uniform\"");
  }
  if (config.bias_init != BiasInit::zero && !config.bias) {
    fail("network.bias_init", "\"zero\" unless network.bias = true", "\"fan-in-uniform\"");
  }
  check_dendrites(full);
  list_links(full, 0);  // says what is wrong with them
  return full;
}

}  // namespace memprop::learning
