#include "learning/continual/sleep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "learning/network/connection.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

// Steps of a sleep are told apart from those of others in the events of the streams.
std::uint64_t event_of_step(std::uint64_t event, std::size_t step) { return (event << 40U) + step; }

bool enters_asleep(const Connection& c, const SleepConfig& config) {
  if (c.use == Connection::Use::nudge) return false;
  return c.from < c.to || config.feedback;
}

// The drive of layer `to` through c, without biases.
void add_connection(const Network& network, const Connection& c,
                    const std::vector<std::vector<double>>& r, std::vector<double>& drive) {
  const Matrix& w = c.matrix(network);
  const std::vector<double>& from = r[c.from];
  const std::size_t rows_each = std::max<std::size_t>(1, c.branches);
  for (std::size_t row = 0; row < w.rows(); ++row) {
    double sum = 0;
    for (std::size_t j = 0; j < w.cols(); ++j) sum += w(row, j) * from[j];
    if (c.branches > 0) sum = std::max(0.0, sum) / static_cast<double>(c.branches);
    drive[row / rows_each] += c.gain * sum;
  }
}

}  // namespace

std::size_t sleep_steps(const SleepConfig& config, std::size_t k) {
  const double factor = 1.0 + static_cast<double>(k - 1) * config.growth;
  return static_cast<std::size_t>(std::lround(static_cast<double>(config.steps) * factor));
}

double sleep_gate(const SleepConfig& config, double w) {
  switch (config.gate) {
    case SleepGate::soft:
      return 2.0 / (1.0 + std::exp(w / config.gate_width));
    case SleepGate::hard:
      return w < 0 ? 2.0 : 0.0;
    case SleepGate::none:
      break;
  }
  return 1.0;
}

std::vector<double> sleep_rates(const SleepConfig& config, Span<const double> mean) {
  std::vector<double> rates(mean.begin(), mean.end());
  const double size = static_cast<double>(rates.size());
  if (config.input == SleepInput::uniform) {
    const double level = std::accumulate(rates.begin(), rates.end(), 0.0) / size;
    std::fill(rates.begin(), rates.end(), level);
  }
  if (config.mean_bits > 0) {
    const double levels = std::ldexp(1.0, static_cast<int>(config.mean_bits)) - 1.0;
    for (double& m : rates) m = std::round(std::clamp(m, 0.0, 1.0) * levels) / levels;
  }
  return rates;
}

SleepingNetwork::SleepingNetwork(Network& network, const SleepConfig& config,
                                 std::vector<SleepLayer> layers, std::vector<double> rates,
                                 std::uint64_t seed, std::uint64_t event)
    : network_(&network),
      config_(config),
      layers_(std::move(layers)),
      rates_(std::move(rates)),
      input_(seed, "sleep-input"),
      window_(seed, "sleep-window"),
      event_(event) {
  const std::size_t count = network.layer_count();
  if (layers_.size() != count || rates_.size() != network.width(0)) {
    throw InternalError("the layers or inputs of a sleep do not fit the network");
  }
  paths_.resize(count);
  for (const Connection& c : connections(network)) {
    if (!enters_asleep(c, config_)) continue;
    Path path;
    path.matrix = &c.matrix(network);
    path.from = c.from;
    path.gain = c.gain;
    path.branches = c.branches;
    path.transposed = c.transposed;
    if (c.trained && c.from < c.to) {
      path.plastic = &c.matrix(network);
      path.mask = c.mask(network);
      const std::vector<double>& scale = config_.layer_scale;
      path.increase = config_.increase * (scale.size() == 1 ? scale.front() : scale[c.to - 1]);
    }
    if (c.branches > 0) path.potential.resize(path.matrix->rows());
    paths_[c.to - 1].push_back(std::move(path));
  }
  for (std::size_t l = 0; l <= count; ++l) {
    spikes_.emplace_back(network.width(l), static_cast<unsigned char>(0));
    active_.emplace_back();
    active_.back().reserve(network.width(l));
    if (l > 0) membrane_.emplace_back(network.width(l), 0.0);
  }
  report_.spikes.assign(count + 1, 0.0);
}

void SleepingNetwork::draw_input() {
  if (elsewhere_ != nullptr) {
    elsewhere_->draw(spikes_[0]);
    active_[0].clear();
    for (std::size_t j = 0; j < spikes_[0].size(); ++j) {
      if (spikes_[0][j] != 0) active_[0].push_back(static_cast<std::uint32_t>(j));
    }
    return;
  }
  const std::uint64_t event = event_of_step(event_, report_.steps);
  const std::size_t n = rates_.size();
  const auto side = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(n)))));
  std::size_t row = 0, column = 0;
  if (config_.window > 0) {
    const std::size_t places = side - config_.window + 1;
    const auto place = [&](std::uint64_t axis) {
      const auto at =
          static_cast<std::size_t>(window_.uniform(axis, event) * static_cast<double>(places));
      return std::min(at, places - 1);
    };
    row = place(0);
    column = place(1);
  }
  active_[0].clear();
  for (std::size_t j = 0; j < n; ++j) {
    bool in = true;
    if (config_.window > 0) {
      const std::size_t y = j / side, x = j % side;
      in = y >= row && y < row + config_.window && x >= column && x < column + config_.window;
    }
    const double p = in ? std::min(1.0, config_.input_gain * rates_[j]) : 0.0;
    const bool spike = p > 0 && input_.uniform(j, event) < p;
    spikes_[0][j] = spike ? 1 : 0;
    if (spike) active_[0].push_back(static_cast<std::uint32_t>(j));
  }
}

void SleepingNetwork::add_drive(Path& path, std::vector<double>& v, double gain) {
  const std::vector<std::uint32_t>& senders = active_[path.from];
  const Matrix& w = *path.matrix;
  const double g = gain * path.gain;
  if (path.transposed) {
    for (const std::uint32_t k : senders) {
      for (std::size_t i = 0; i < v.size(); ++i) v[i] += g * w(k, i);
    }
    return;
  }
  const std::size_t rows_each = std::max<std::size_t>(1, path.branches);
  for (std::size_t r = 0; r < w.rows(); ++r) {
    const double* weight = w.row(r).data();
    double sum = 0;
    for (const std::uint32_t j : senders) sum += weight[j];
    if (path.branches > 0) {
      path.potential[r] = sum;
      sum = std::max(0.0, sum) / static_cast<double>(path.branches);
    }
    v[r / rows_each] += g * sum;
  }
}

void SleepingNetwork::learn_row(Path& path, std::size_t row) {
  double* weight = path.plastic->row(row).data();
  const double* there = path.mask != nullptr ? path.mask->row(row).data() : nullptr;
  const std::vector<unsigned char>& sender = spikes_[path.from];
  const double up = path.increase, down = path.increase * config_.decrease_ratio;
  for (std::size_t j = 0; j < sender.size(); ++j) {
    if (there != nullptr && there[j] == 0.0) continue;
    const double f = sleep_gate(config_, weight[j]);
    if (sender[j] != 0) {
      weight[j] += up * f;
      ++report_.raised;
    } else {
      weight[j] -= down * f;
      ++report_.lowered;
    }
  }
}

void SleepingNetwork::learn(Path& path, std::size_t l) {
  if (path.plastic == nullptr || path.increase == 0.0) return;
  for (const std::uint32_t i : active_[l]) {
    if (path.branches == 0) {
      learn_row(path, i);
      continue;
    }
    for (std::size_t b = i * path.branches; b < (i + 1) * path.branches; ++b) {
      if (path.potential[b] > 0) learn_row(path, b);
    }
  }
}

void SleepingNetwork::step() {
  draw_input();
  report_.spikes[0] += static_cast<double>(active_[0].size());
  for (std::size_t l = 1; l <= paths_.size(); ++l) {
    std::vector<double>& v = membrane_[l - 1];
    const SleepLayer& layer = layers_[l - 1];
    for (double& value : v) value *= config_.leak;
    for (Path& path : paths_[l - 1]) add_drive(path, v, layer.gain);
    if (config_.bias && !network_->bias.empty()) {
      for (std::size_t i = 0; i < v.size(); ++i) v[i] += layer.gain * network_->bias[l - 1][i];
    }
    active_[l].clear();
    for (std::size_t i = 0; i < v.size(); ++i) {
      spikes_[l][i] = v[i] >= layer.threshold ? 1 : 0;
      if (spikes_[l][i] == 0) continue;
      active_[l].push_back(static_cast<std::uint32_t>(i));
      v[i] = 0;
    }
    for (Path& path : paths_[l - 1]) learn(path, l);
    report_.spikes[l] += static_cast<double>(active_[l].size());
  }
  ++report_.steps;
}

SleepReport sleep(Network& network, const SleepConfig& config, Span<const double> mean,
                  Span<const double> theta, std::uint64_t seed, std::size_t k,
                  SleepInputs* inputs) {
  std::vector<SleepLayer> layers;
  for (const double t : theta) layers.push_back({1.0, t});
  SleepingNetwork asleep(network, config, std::move(layers), sleep_rates(config, mean), seed, k);
  asleep.set_inputs(inputs);
  const std::size_t steps = sleep_steps(config, k);
  for (std::size_t t = 0; t < steps; ++t) asleep.step();
  SleepReport report = asleep.report();
  for (double& s : report.spikes) s /= static_cast<double>(std::max<std::size_t>(1, steps));
  return report;
}

SleepCalibration::SleepCalibration(const Network& network)
    : network_(&network), largest_(network.layer_count(), 0.0) {
  for (const Connection& c : connections(network)) {
    if (c.from >= c.to || c.use == Connection::Use::nudge) continue;
    for (const double w : c.matrix(network).values()) {
      const double share = c.branches > 0 ? w / static_cast<double>(c.branches) : w;
      largest_[c.to - 1] = std::max(largest_[c.to - 1], c.gain * share);
    }
  }
}

void SleepCalibration::add(const std::vector<std::vector<double>>& activities) {
  std::vector<std::vector<double>> drive;
  for (std::size_t l = 1; l <= network_->layer_count(); ++l) {
    drive.emplace_back(network_->width(l), 0.0);
  }
  for (const Connection& c : connections(*network_)) {
    if (c.from >= c.to || c.use == Connection::Use::nudge) continue;
    add_connection(*network_, c, activities, drive[c.to - 1]);
  }
  for (std::size_t l = 0; l < drive.size(); ++l) {
    largest_[l] = std::max(largest_[l], *std::max_element(drive[l].begin(), drive[l].end()));
  }
}

std::vector<double> SleepCalibration::thresholds(const SleepConfig& config) const {
  std::vector<double> theta;
  for (std::size_t l = 0; l < largest_.size(); ++l) {
    theta.push_back(config.threshold[l] * largest_[l]);
  }
  return theta;
}

}  // namespace memprop::learning
