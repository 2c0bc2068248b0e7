#include "learning/network/dendrites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

[[noreturn]] void fail(const char* key, const std::string& expected, const std::string& got) {
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

void check_tau(const char* key, double tau_s) {
  if (tau_s >= 0 && std::isfinite(tau_s)) return;
  fail(key, "a time of at least 0", fmt::format("{} s", tau_s));
}

}  // namespace

std::size_t kept_inputs(double keep_fraction, std::size_t n_in) {
  // The rounding of the published code is half to even, which is the mode programs start in.
  return static_cast<std::size_t>(std::nearbyint(keep_fraction * static_cast<double>(n_in)));
}

void check_dendrites(const NetworkConfig& config) {
  const DendriteConfig& d = config.dendrites;
  if (!d.on()) return;
  const std::size_t layers = config.layers.size() - 1;
  const bool separate = config.feedback == FeedbackWeights::separate;
  if (separate && layers > 1 && d.apical_branches == 0) {
    fail("network.dendrites.apical_branches",
         "at least 1 with network.feedback = \"separate\" (feedback arrives on them)", "0");
  }
  if (!(d.keep_fraction > 0 && d.keep_fraction <= 1)) {
    fail("network.dendrites.keep_fraction", "a value above 0 and at most 1",
         fmt::format("{}", d.keep_fraction));
  }
  for (std::size_t l = 0; l < config.layers.size(); ++l) {
    const bool feeds_apical = separate && !d.apical_dense && l > 1;
    if (l == layers && !feeds_apical) continue;
    if (kept_inputs(d.keep_fraction, config.layers[l]) > 0) continue;
    fail("network.dendrites.keep_fraction",
         fmt::format("at least one input for every branch (layer {} has {} neurons to choose from)",
                     l, config.layers[l]),
         fmt::format("{}", d.keep_fraction));
  }
  if (config.readout == Readout::softmax) {
    fail("network.readout",
         "\"squared-error\" with network.dendrites (the output layer has branches too, and the "
         "error of a read-out outside the loop has no way back through them)",
         "\"softmax\"");
  }
  if (config.dynamics != Dynamics::membrane) {
    fail("network.dynamics",
         "\"membrane\" with network.dendrites (branches feed the drive of a membrane)", "another");
  }
  if (separate && config.feedback_angle_deg != 90.0) {
    fail("network.feedback_angle",
         "no angle with network.dendrites (apical branches are no transpose of basal ones)",
         fmt::format("{}", config.feedback_angle_deg));
  }
  check_tau("network.dendrites.basal_tau", d.basal_tau_s);
  check_tau("network.dendrites.apical_tau", d.apical_tau_s);
}

void require_point_neurons(const NetworkConfig& config, const char* where) {
  if (!config.dendrites.on()) return;
  fail("network.dendrites.basal_branches",
       fmt::format("0 {} (dendritic neurons learn by equilibrium propagation or by truncated "
                   "back-propagation)",
                   where),
       fmt::format("{}", config.dendrites.basal_branches));
}

std::size_t basal_rows(const NetworkConfig& config, std::size_t l) {
  const std::size_t n = config.layers[l];
  return config.dendrites.on() ? n * config.dendrites.basal_branches : n;
}

std::size_t apical_rows(const NetworkConfig& config, std::size_t l) {
  const std::size_t n = config.layers[l];
  return config.dendrites.on() ? n * config.dendrites.apical_branches : n;
}

Matrix draw_mask(std::uint64_t seed, std::uint64_t event, std::size_t rows, std::size_t n_in,
                 std::size_t kept) {
  const RandomStream stream(seed, "dendrite-mask");
  Matrix mask(rows, n_in);
  std::vector<std::size_t> inputs(n_in);
  for (std::size_t b = 0; b < rows; ++b) {
    std::iota(inputs.begin(), inputs.end(), std::size_t{0});
    for (std::size_t k = 0; k < kept; ++k) {
      const auto left = static_cast<double>(n_in - k);
      const auto pick = static_cast<std::size_t>(stream.uniform(b * n_in + k, event) * left);
      std::swap(inputs[k], inputs[std::min(k + pick, n_in - 1)]);
      mask(b, inputs[k]) = 1.0;
    }
  }
  return mask;
}

void apply_mask(const Matrix& mask, Matrix& weight) {
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (mask.values()[i] == 0.0) weight.values()[i] = 0.0;
  }
}

void check_masked_weights(const Network& network, const char* where) {
  const auto check = [&](const std::vector<Matrix>& masks, const std::vector<Matrix>& weights,
                         const char* what) {
    for (std::size_t l = 0; l < masks.size(); ++l) {
      for (std::size_t i = 0; i < masks[l].size(); ++i) {
        if (masks[l].values()[i] != 0.0 || weights[l].values()[i] == 0.0) continue;
        const std::size_t n = masks[l].cols();
        throw UserError(fmt::format(
            "{}: {}{}: expected 0 at branch {}, input {} (not connected: run.seed draws which "
            "synapses there are), got {}",
            where, what, l + 1, i / n, i % n, weights[l].values()[i]));
      }
    }
  };
  check(network.basal_mask, network.weight, "w");
  check(network.apical_mask, network.feedback, "f");
}

}  // namespace memprop::learning
