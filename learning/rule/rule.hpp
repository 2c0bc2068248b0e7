// What a learning rule is to the software that runs it: phases, signals sampled in them, and terms.
//
// Nearly every local rule changes a connection by a short sum
//   change = sum over terms, mean over the batch, of  factor  column (x) row
// of a signal at the neurons that receive (column) and one at those that send (row). A rule names
// its phases and terms; the engine runs the phases of a batch and forms the products. What does not
// fit gets hooks: weights that differ between phases, and changes computed by the rule itself.
// An optimiser (rule/optimiser.hpp) turns wanted changes into steps of the weights.
//
// A rule holds no state of a run: everything it draws is keyed by BatchInfo::first_sample, so that
// results depend neither on threads nor on a resume.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "learning/network/connection.hpp"
#include "learning/network/network.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

// recomputed: the error that nudges follows the output; constant: it is that of the phase's start
// state; ramp: the constant error is added anew at every iteration k = 1, 2, ..: k beta e.
enum class NudgeError { recomputed, constant, ramp };

struct Phase {
  static constexpr std::size_t from_zero = static_cast<std::size_t>(-1);

  std::string name;               // "free", "positive": for messages
  std::size_t start = from_zero;  // v = 0, or the end state of an earlier phase
  std::size_t steps = 0;          // iterations
  double nudge = 0.0;             // strength beta; 0: no nudge
  NudgeError error = NudgeError::recomputed;
  // What the output layer does: moves as the others do; holds the target; or keeps its state, let
  // go but without drive.
  enum class Output { free, clamped, released };
  Output output = Output::free;
  // Behind every iteration each state that is not clamped goes the part `adaptation` of the way
  // back to what it was at the end of phase adapt_to. driven = false: nothing else moves.
  double adaptation = 0.0;
  std::size_t adapt_to = 0;
  bool driven = true;
  bool random_sign = false;  // the nudge is +beta or -beta by a number of the sample
  bool perturbed = false;    // Rule::perturb may change the weights for this phase
  bool loss = false;         // the batch's mean cost at its end is wanted (BatchInfo)
};

// A signal of the neurons of a layer, at the ends of phases a and b.
struct Signal {
  enum class Kind {
    activity,    // r^a
    difference,  // r^b - r^a, times the sample's sign where b has a random one
    mean,        // (r^a + r^b) / 2
    error        // y - output of phase a; only of the output layer
  };
  Kind kind = Kind::activity;
  std::size_t a = 0, b = 0;

  bool operator==(const Signal& o) const { return kind == o.kind && a == o.a && b == o.b; }
};

struct Term {
  double factor = 1.0;
  Signal column;  // of the layer that receives
  Signal row;     // of the layer that sends; the input has the signals activity and mean only
};

struct BatchInfo {
  std::uint64_t first_sample = 0;  // samples trained on before this batch
  std::size_t count = 0;           // samples in it
  std::vector<double> loss;        // per phase: its mean cost; 0 where none was wanted
};

class Rule {
 public:
  virtual ~Rule() = default;

  virtual std::string name() const = 0;
  // Phases of every sample, in order.
  virtual std::vector<Phase> phases() const = 0;
  // Terms of a trained connection's change; none: change() makes it alone.
  virtual std::vector<Term> terms(const Network& network, const Connection& connection) const = 0;
  // Terms of the bias of layer l; of each the row counts as 1.
  virtual std::vector<Term> bias_terms(const Network& network, std::size_t l) const {
    (void)network, (void)l;
    return {};
  }

  // Adds to the matrix kept for the connection, for the perturbed phase `phase` of a batch.
  virtual void perturb(const BatchInfo& batch, std::size_t phase, const Connection& connection,
                       Matrix& weight) const {
    (void)batch, (void)phase, (void)connection, (void)weight;
  }
  // Whether change() is to be called.
  virtual bool has_change() const { return false; }
  // Adds to the wanted change of a trained connection (of the matrix kept for it).
  virtual void change(const BatchInfo& batch, const Connection& connection, Matrix& sum) const {
    (void)batch, (void)connection, (void)sum;
  }
};

}  // namespace memprop::learning
