// Weights of a network in a NumPy .npz: w1..wL (n_l x n_{l-1}), b1..bL (n_l) with biases, f1..
// f{L-1} (n_l x n_{l+1}) with separate feedback.
#pragma once

#include <functional>
#include <string>

#include "learning/network/network.hpp"

namespace memprop::learning {

void save_weights(const std::string& path, const Network& network);

// Replaces weights, biases and feedback weights; time constants stay. Throws UserError naming file,
// array, expected and found shape; network is unchanged then.
void load_weights(const std::string& path, Network& network);

// Reads the weights of a run file (.h5) into a network; given by a layer that knows HDF5.
using RunWeightsReader = std::function<void(const std::string& path, Network& network)>;

// Fills the network from config.init_file, if one is named: .npz here, HDF5 by read_run. By the
// file's content, not its name.
void load_initial_weights(Network& network, const RunWeightsReader& read_run = {});

}  // namespace memprop::learning
