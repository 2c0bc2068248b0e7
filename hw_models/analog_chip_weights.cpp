// Parts of AnalogChip: weights as conductances, and conductances as weights.
#include "hw_models/analog_chip.hpp"

namespace memprop::hw {

void AnalogChip::program(const learning::Network& network) {
  for (std::size_t l = 1; l <= layer_count(); ++l) {
    auto& module = tile(l);
    const double to_siemens = config_.neuron.leak_s / mirror(l);
    const Matrix& w = network.weight[l - 1];
    const bool bias = !network.bias.empty();
    Matrix difference(w.rows(), w.cols() + (bias ? 1 : 0));
    for (std::size_t i = 0; i < w.rows(); ++i) {
      for (std::size_t j = 0; j < w.cols(); ++j) difference(i, j) = w(i, j) * to_siemens;
      if (bias) difference(i, w.cols()) = network.bias[l - 1][i] * to_siemens;
    }
    programming_clipped_ += module.pairs().program(difference);
    module.after_write(true);
    if (module.feedback_pairs() == nullptr) continue;
    if (!network.feedback.empty()) {
      // Own feedback weights: B_l is n_l x n_{l+1}; the array is stored as its transpose.
      const Matrix& b = network.feedback[l - 2];
      for (std::size_t i = 0; i < w.rows(); ++i) {
        for (std::size_t j = 0; j < w.cols(); ++j) difference(i, j) = b(j, i) * to_siemens;
      }
    }
    programming_clipped_ += module.feedback_pairs()->program(difference);
    module.after_write(true);
  }
  program_apical(network);
  program_links(network);
}

learning::Network AnalogChip::present_network() const {
  learning::Network network = shape_;
  for (std::size_t l = 1; l <= layer_count(); ++l) {
    const CrossbarTileModule& module = tile(l);
    const double to_weight = mirror(l) / config_.neuron.leak_s;
    const Matrix& difference = module.pairs().difference();
    Matrix& w = network.weight[l - 1];
    for (std::size_t i = 0; i < w.rows(); ++i) {
      for (std::size_t j = 0; j < w.cols(); ++j) w(i, j) = difference(i, j) * to_weight;
      if (!network.bias.empty()) network.bias[l - 1][i] = difference(i, w.cols()) * to_weight;
    }
    if (l > 1 && !network.feedback.empty() && module.feedback_pairs() != nullptr) {
      const Matrix& b = module.feedback_pairs()->difference();
      for (std::size_t i = 0; i < w.rows(); ++i) {
        for (std::size_t j = 0; j < w.cols(); ++j)
          network.feedback[l - 2](j, i) = b(i, j) * to_weight;
      }
    }
  }
  read_apical(network);
  read_links(network);
  return network;
}

learning::Network AnalogChip::present_network_with_feedback() const {
  learning::Network network = present_network();
  if (!network.feedback.empty() || config_.feedback != FeedbackArray::separate_array) {
    return network;
  }
  network.config.feedback = learning::FeedbackWeights::separate;
  for (std::size_t l = 2; l <= layer_count(); ++l) {
    const CrossbarTileModule& module = tile(l);
    const double to_weight = mirror(l) / config_.neuron.leak_s;
    const Matrix& b = module.feedback_pairs()->difference();
    Matrix feedback(network.width(l - 1), network.width(l));
    for (std::size_t j = 0; j < feedback.rows(); ++j) {
      for (std::size_t i = 0; i < feedback.cols(); ++i) feedback(j, i) = b(i, j) * to_weight;
    }
    network.feedback.push_back(std::move(feedback));
  }
  return network;
}

std::size_t AnalogChip::write_ideal(const std::vector<Matrix>& change) {
  std::size_t clipped = 0;
  for (std::size_t l = 1; l <= tile_count(); ++l) {
    auto& module = tile(l);
    const double to_siemens = config_.neuron.leak_s / mirror(l);
    module.before_write();
    for (auto* pairs : {&module.pairs(), module.feedback_pairs()}) {
      if (pairs == nullptr || (pairs != &module.pairs() && !shape_.feedback.empty())) continue;
      Matrix difference = pairs->difference();
      for (std::size_t i = 0; i < difference.rows(); ++i) {
        for (std::size_t j = 0; j < change[l - 1].cols(); ++j) {
          difference(i, j) += change[l - 1](i, j) * to_siemens;
        }
      }
      clipped += pairs->program(difference);
    }
    module.after_write(false);
  }
  return clipped;
}

void AnalogChip::program_links(const learning::Network& network) {
  for (std::size_t number = layer_count() + 1; number <= tile_count(); ++number) {
    if (layout(number).link == TileLayout::none) continue;
    auto& module = tile(number);
    Matrix difference = network.links[layout(number).link].weight;
    for (double& w : difference.values()) w *= config_.neuron.leak_s / mirror(number);
    for (auto* pairs : {&module.pairs(), module.feedback_pairs()}) {
      if (pairs == nullptr) continue;
      programming_clipped_ += pairs->program(difference);
      module.after_write(true);
    }
  }
}

void AnalogChip::read_links(learning::Network& network) const {
  for (std::size_t number = layer_count() + 1; number <= tile_count(); ++number) {
    if (layout(number).link == TileLayout::none) continue;
    Matrix& w = network.links[layout(number).link].weight;
    w = tile(number).pairs().difference();
    for (double& value : w.values()) value *= mirror(number) / config_.neuron.leak_s;
  }
}

}  // namespace memprop::hw
