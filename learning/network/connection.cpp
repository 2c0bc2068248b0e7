#include "learning/network/connection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "learning/network/network_check.hpp"

namespace memprop::learning {
namespace {

Connection make(Connection::Use use, std::size_t from, std::size_t to, double gain) {
  Connection c;
  c.use = use;
  c.from = from;
  c.to = to;
  c.gain = gain;
  return c;
}

// The way from layer l + 1 back to l: the transpose of its weight layer, or weights of its own.
void keep_feedback(Connection& c, const Network& network, std::size_t l) {
  const bool tied = network.feedback.empty();
  c.store = tied ? Connection::Store::weight : Connection::Store::feedback;
  c.index = tied ? l : l - 1;
  c.transposed = tied;
  c.trained = network.config.train_feedback && !tied && c.use == Connection::Use::inside;
  const DendriteConfig& d = network.config.dendrites;
  if (d.on()) c.branches = tied ? d.basal_branches : d.apical_branches;
}

Connection of_link(const Network& network, std::size_t k) {
  const Link& link = network.links[k];
  Connection c = make(Connection::Use::inside, link.from, link.to, link.gain);
  c.store = Connection::Store::link;
  c.transposed = link.tied_to != Link::not_tied;
  c.index = c.transposed ? link.tied_to : k;
  c.trained = link.trained();
  return c;
}

}  // namespace

const Matrix& Connection::matrix(const Network& network) const {
  switch (store) {
    case Store::feedback:
      return network.feedback[index];
    case Store::link:
      return network.links[index].weight;
    case Store::weight:
      break;
  }
  return network.weight[index];
}

Matrix& Connection::matrix(Network& network) const {
  return const_cast<Matrix&>(matrix(static_cast<const Network&>(network)));
}

const Matrix* Connection::mask(const Network& network) const {
  const std::vector<Matrix>& masks =
      store == Store::feedback ? network.apical_mask : network.basal_mask;
  return store == Store::link || masks.empty() ? nullptr : &masks[index];
}

std::string Connection::name(const Network& network) const {
  switch (store) {
    case Store::feedback:
      return fmt::format("feedback{}", index + 1);
    case Store::link:
      return network.links[index].name();
    case Store::weight:
      break;
  }
  return fmt::format("layer{}", index + 1);
}

std::vector<Connection> connections(const Network& network) {
  using Use = Connection::Use;
  const NetworkConfig& config = network.config;
  const std::size_t layers = recurrent_layers(config);
  std::vector<Connection> all;
  for (std::size_t l = 1; l <= layers; ++l) {
    Connection below = make(Use::inside, l - 1, l, config.forward_gain[l - 1]);
    below.index = l - 1;
    below.trained = true;
    below.branches = config.dendrites.basal_branches;
    all.push_back(below);
    if (l < layers) {
      Connection above = make(Use::inside, l + 1, l, config.feedback_gain[l - 1]);
      keep_feedback(above, network, l);
      all.push_back(above);
    }
    for (std::size_t k = 0; k < network.links.size(); ++k) {
      if (network.links[k].to == l) all.push_back(of_link(network, k));
    }
  }
  if (config.readout == Readout::softmax) {
    Connection readout = make(Use::readout, layers, layers + 1, 1.0);
    readout.index = layers;
    readout.trained = true;
    all.push_back(readout);
    Connection nudge = make(Use::nudge, layers + 1, layers, 1.0);
    keep_feedback(nudge, network, layers);
    all.push_back(nudge);
  }
  return all;
}

std::vector<double> feedback_reach(const Network& network) {
  const std::size_t layers = recurrent_layers(network.config);
  const std::vector<Connection> all = connections(network);
  const auto forward_gain = [&](std::size_t from, std::size_t to) {
    for (const Connection& c : all) {
      if (c.use == Connection::Use::inside && c.from == from && c.to == to) return c.gain;
    }
    return 1.0;
  };
  std::vector<double> reach(layers, 0.0);
  reach.back() = 1.0;
  // Feedback leads downwards, so that every layer above is known.
  for (std::size_t l = layers - 1; l >= 1; --l) {
    for (const Connection& c : all) {
      if (c.use != Connection::Use::inside || c.to != l || c.from <= l) continue;
      reach[l - 1] = std::max(reach[l - 1], reach[c.from - 1] * c.gain / forward_gain(l, c.from));
    }
  }
  return reach;
}

}  // namespace memprop::learning
