// Equilibrium propagation as a rule, and its factors from differences of activities to loss
// gradients.
//
// With phases a and b (free and +beta, or -beta and +beta) the product difference of layer l,
//   P_l = r_l^b (r_{l-1}^b)^T - r_l^a (r_{l-1}^a)^T,
// estimates the gradient as dC/dW_l = -P_l / (D b_l b_{l+1} ... b_{L-1}), with D = beta, or 2 beta
// when centred: the layers' energies carry the weights kappa_{l+1} = b_l kappa_l.
#pragma once

#include <cstddef>
#include <vector>

#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"
#include "learning/rule/rule.hpp"

namespace memprop::learning {

// Phases free and positive (centred: and negative, from the free state again). Columns are the
// difference of the phases; rows the free activity (simplified), or both halves of the product
// difference, written as diff mean'^T + mean diff'^T, which is free of its cancellation.
class EquilibriumPropagation : public Rule {
 public:
  EquilibriumPropagation(const LearningConfig& learning, std::size_t free_steps,
                         std::size_t nudged_steps);

  std::string name() const override { return "equilibrium propagation"; }
  std::vector<Phase> phases() const override;
  std::vector<Term> terms(const Network& network, const Connection& connection) const override;
  std::vector<Term> bias_terms(const Network& network, std::size_t l) const override;

 private:
  Signal difference() const;
  double factor(const Network& network, const Connection& connection) const;

  LearningConfig learning_;
  std::size_t free_steps_, nudged_steps_;
};

// Factor on the difference of weight layer l = 1..L that estimates -dC/dW_l (exact), or 1 (raw).
// The readout outside the loop (softmax, l = L) uses its own error, so its factor is 1.
double difference_scale(const NetworkConfig& network, const LearningConfig& learning,
                        std::size_t l);

// Factor on the differences at layer l = 1..R of a recurrent net that may have links and forward
// gains: 1 / (D reach_l), or 1 (raw). 0 for a layer that no feedback reaches.
double difference_scale(const Network& network, const LearningConfig& learning, std::size_t l);

// Learning rates of weight layers 1..L. Throws UserError when their number fits neither 1 nor L.
std::vector<double> layer_rates(const LearningConfig& learning, std::size_t layers);

// Throws UserError naming the key (without file): beta, rates, batch.
void check_learning(const LearningConfig& learning, std::size_t layers);

}  // namespace memprop::learning
