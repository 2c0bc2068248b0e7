// Neuronal adaptation: after the teacher-driven phase every neuron drifts part of the way back to
// its own free activity, and what is learned from is that state (Kubo, Chalmers and Luczak,
// arXiv:2204.14008, doi:10.1080/19420889.2022.2163131, Eq. 8):
//   x <- (1 - c) x + c x_free      `steps` times
// interleaved: behind every iteration of the network (as in the authors' code); pure: nothing else
// moves. In continuous time it is a conductance towards the held value,
//   tau_a = -dt / ln(1 - c), for steps x dt.
#pragma once

#include <cstddef>

namespace memprop::learning {

enum class AdaptationMode { interleaved, pure };

struct AdaptationConfig {
  double c = 0.1;
  std::size_t steps = 0;  // 0: none
  AdaptationMode mode = AdaptationMode::interleaved;
};

// s = (1 - c)^steps: what is left of the difference of a neuron that only adapts, and to first
// order of the differences of all layers after a settled hard clamp.
double adaptation_factor(const AdaptationConfig& config);

// Throws UserError naming the key (without file).
void check_adaptation(const AdaptationConfig& config);

}  // namespace memprop::learning
