// The graph of a network as software runs it: every product of a matrix and an activity that enters
// a drive, in the order in which they are added.
//   drive_to = bias_to + sum over connections  gain  W r_from
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "learning/network/network.hpp"

namespace memprop::learning {

struct Connection {
  // inside: between layers of the recurrent net, and from the input. readout: the last weight layer
  // of the softmax readout. nudge: the way of its error back into the last recurrent layer.
  enum class Use { inside, readout, nudge };
  // Where the matrix is kept: Network::weight, feedback or links.
  enum class Store { weight, feedback, link };

  Use use = Use::inside;
  std::size_t from = 0, to = 0;  // layers; 0 is the input
  double gain = 1.0;
  Store store = Store::weight;
  std::size_t index = 0;    // in the store
  bool transposed = false;  // the kept matrix is used transposed
  bool trained = false;
  // Above 0: rows of the kept matrix are branches, so many for each neuron (dendrites.hpp). The
  // transposed use goes through the branches that are above 0.
  std::size_t branches = 0;

  // The matrix kept for it: n_to x n_from, or the transpose of that.
  const Matrix& matrix(const Network& network) const;
  Matrix& matrix(Network& network) const;
  // Which entries of it there are (0 and 1); null: all.
  const Matrix* mask(const Network& network) const;
  // The weight layer 1..L whose learning rate it has.
  std::size_t rate_layer() const { return from > to ? from : to; }
  // "layer2" (weight layer), "feedback1", "link1>4".
  std::string name(const Network& network) const;
};

// By layer `to`: the chain from below, the chain from above, links as listed; then readout, nudge.
std::vector<Connection> connections(const Network& network);

// How much of the nudge at the top reaches layer l = 1..R of the recurrent net: the largest product
// over the feedback paths from the top of (gain back / gain forward over the same two layers).
// In a chain this is kappa_L / kappa_l = b_l ... b_{L-1} / (a_{l+1} ... a_L) of the energy's
// weights (ep-circuits 2.1), which makes estimates exact; with links the net has no energy and the
// factor tells the order of magnitude only. 0 for a layer that no feedback reaches.
std::vector<double> feedback_reach(const Network& network);

}  // namespace memprop::learning
