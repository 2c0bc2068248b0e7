// Connections between layers of the recurrent net that are not neighbours (residual or skip links,
// arbitrary graphs of layers; Liu and Chen, arXiv:2508.11659, section 3.3).
//
// A description is a list of texts, i and j layers 1..R of the recurrent net (R = L, or L-1 with
// the softmax readout):
//   "i-j"   both ways: W_ij forward from the lower to the higher layer with gain 1, and back with
//           the feedback gain of the layer that receives it; the feedback is tied (the transpose)
//           or has own weights as the chain's has
//   "i>j"   one way only, from i to j; i < j is a trained forward link, i > j a fixed feedback link
//           with weights of its own
//   "...@g" with this gain in place of the default: of the feedback for "i-j", of the link for
//   "i>j"
// The drive of layer j gains  g W_ij r_i.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "solvers/matrix.hpp"

namespace memprop::learning {

struct NetworkConfig;

struct Link {
  static constexpr std::size_t not_tied = static_cast<std::size_t>(-1);

  std::size_t from = 0, to = 0;    // layers 1..R
  double gain = 1.0;               // factor on its drive
  std::size_t tied_to = not_tied;  // uses the transpose of that link's weight
  Matrix weight;                   // n_to x n_from; empty when tied

  bool forward() const { return from < to; }
  bool trained() const { return forward(); }
  std::string name() const;  // "link1>4"
};

// The one-way links of a completed description, without weights: the listed ones, then those of
// link_block, then the random ones ("topology" stream of the seed). Throws UserError naming the
// key.
std::vector<Link> list_links(const NetworkConfig& config, std::uint64_t seed);

// Draws their weights ("links" stream) by the description's init.
void draw_link_weights(std::vector<Link>& links, const NetworkConfig& config, std::uint64_t seed);

}  // namespace memprop::learning
