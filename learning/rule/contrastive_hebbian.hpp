// Contrastive Hebbian learning with a hard clamp: the output layer holds the target in the second
// phase (Movellan 1991; Xie and Seung, Neural Computation 15, 441, 2003, for its relation to
// back-propagation), with neuronal adaptation behind it where the description asks for it.
//
// A clamp of finite strength (learning.clamp) is a strong nudge instead, as a circuit has it; then
// the output moves, and may have any dynamics.
//
// Phases: free; before the teacher (from zero again, as published, or from the free state);
// teacher; adaptation, the output released without drive. Columns are the difference between the
// last phase and the free one, rows the activity of the last phase (predictive, Luczak et al.,
// doi:10.1038/s42256-021-00430-y), the free one (simplified), or both halves of the product
// difference. To first order in a weak teacher the product and the simplified form are the gradient
// of the cross-entropy of logistic outputs.
#pragma once

#include <cstddef>

#include "learning/rule/learning_config.hpp"
#include "learning/rule/rule.hpp"

namespace memprop::learning {

class ContrastiveHebbian : public Rule {
 public:
  // clamped_steps: of the clamped phase, those before the teacher included.
  ContrastiveHebbian(const LearningConfig& learning, std::size_t free_steps,
                     std::size_t clamped_steps);

  std::string name() const override { return "contrastive Hebbian learning"; }
  std::vector<Phase> phases() const override;
  std::vector<Term> terms(const Network& network, const Connection& connection) const override;
  std::vector<Term> bias_terms(const Network& network, std::size_t l) const override;

 private:
  std::size_t last() const { return phases().size() - 1; }

  LearningConfig learning_;
  std::size_t free_steps_, clamped_steps_;
};

// Throws UserError naming the key (without file) where the network cannot be clamped or the phases
// do not fit one another.
void check_contrastive_hebbian(const NetworkConfig& network, const LearningConfig& learning,
                               std::size_t clamped_steps);

}  // namespace memprop::learning
