#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "cli/config/config_check.hpp"
#include "learning/network/network_check.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "learning/rule/contrastive_hebbian.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "testbenches/experiment/resistive_run_limits.hpp"

namespace memprop::config {
namespace {

class NetworkCheck : public ConfigCheck {
 public:
  using ConfigCheck::ConfigCheck;

  void network() const {
    const learning::NetworkConfig& n = c_.network;
    const bool softmax = n.readout == learning::Readout::softmax;
    require(n.layers.size() >= (softmax ? 3 : 2), "network.layers",
            softmax ? "at least three widths (input, hidden, output) for the softmax readout"
                    : "at least two widths (input and output)",
            fmt::format("{}", n.layers));
    require(std::find(n.layers.begin(), n.layers.end(), 0U) == n.layers.end(), "network.layers",
            "widths of at least 1", fmt::format("{}", n.layers));
    if (learning::is_resistive(n)) {
      resistive();
      return;
    }
    const std::size_t count = n.layers.size() - 1;
    const std::size_t recurrent = softmax ? count - 1 : count;
    if (n.activation.size() != recurrent) one_or(n.activation.size(), count, "network.activation");
    if (recurrent > 1 || n.feedback_gain.size() > 1) {
      const std::size_t gains = n.feedback_gain.size();
      if (recurrent == 1) {
        fail("network.feedback_gain", "no or one value, for no layer receives feedback", gains);
      }
      one_or(gains, recurrent - 1, "network.feedback_gain");
    }
    require(!(softmax && bench::has_chip(c_.fidelity)), "network.readout",
            "\"squared-error\" with run.fidelity = \"cycle\" and \"rtl\" (softmax is not available "
            "on the "
            "chip)",
            "\"softmax\"");
    time_constants(n.time_constant);
    dynamics();
    if (recurrent > 1) {
      one_or(n.forward_gain.size(), recurrent - 1, "network.forward_gain");
    } else {
      require(n.forward_gain.size() <= 1, "network.forward_gain",
              "no or one value, for no layer receives from a hidden one", n.forward_gain.size());
    }
    // What only the network itself knows: gains, links.
    relocated([&] { learning::completed(n); });
    if (bench::has_chip(c_.fidelity)) network_of_chip();
  }

  void learning() const {
    one_or(c_.learning.rate.size(), layers(), "learning.rate");
    relocated([&] { learning::check_learning(c_.learning, layers()); });
    rule();
    if (c_.learning.rule == learning::RuleKind::contrastive_hebbian) {
      relocated([&] {
        learning::check_contrastive_hebbian(c_.network, c_.learning, c_.ideal.nudged_steps);
      });
    }
    check_phases(c_, locate_);
    require(c_.learning.rate_decay == 1.0 || learning::is_resistive(c_.network),
            "learning.rate_decay", "1 unless network.style = \"resistive\"",
            c_.learning.rate_decay);
    if (!bench::has_chip(c_.fidelity) || !c_.learning.train) return;
    learning_of_chip();
  }

 private:
  void resistive() const {
    require(c_.fidelity != bench::Fidelity::ode && c_.fidelity != bench::Fidelity::rtl,
            "run.fidelity",
            "\"ideal\" or \"cycle\" with network.style = \"resistive\" (\"cycle\" integrates the "
            "circuit; the controllers in Verilog have no update by squared drops)",
            c_.fidelity == bench::Fidelity::ode ? "\"ode\"" : "\"rtl\"");
    relocated([&] { learning::completed_resistive(c_.network); });
    const learning::NetworkConfig& n = c_.network;
    const std::string but = " with network.style = \"resistive\"";
    require(n.links.empty() && n.link_block == 0 && n.link_probability == 0, "network.links",
            "no links" + but, fmt::format("{}", n.links));
    require(c_.learning.rule == learning::RuleKind::equilibrium_propagation, "learning.rule",
            "\"equilibrium-propagation\"" + but, "another");
    require(c_.learning.optimiser.kind == learning::OptimiserKind::sgd &&
                c_.learning.optimiser.weight_decay == 0,
            "learning.optimiser", "\"sgd\" without weight decay" + but, "another");
    time_constants(n.time_constant);
    require(n.dynamics == learning::Dynamics::membrane, "network.dynamics", "\"membrane\"" + but,
            quoted_name({"membrane", "rate", "energy"}, n.dynamics));
    require(n.init == learning::WeightInit::glorot_uniform ||
                n.init == learning::WeightInit::fan_in_uniform,
            "network.init", "\"glorot-uniform\" or \"fan-in-uniform\"" + but, "another");
    require(n.bias_deviation == 0, "network.bias_deviation", "0" + but, n.bias_deviation);
    require(std::all_of(n.bias_mean.begin(), n.bias_mean.end(), [](double m) { return m == 0; }),
            "network.bias_mean", "0" + but, fmt::format("{}", n.bias_mean));
    require(c_.learning.adaptation.steps == 0, "learning.adaptation.steps", "0" + but,
            c_.learning.adaptation.steps);
    if (!bench::has_chip(c_.fidelity)) return;
    if (const auto limit = bench::resistive_run_limit(c_)) {
      fail(limit->key.c_str(), limit->expected + but, limit->got);
    }
  }

  void dynamics() const {
    using learning::Dynamics;
    const learning::NetworkConfig& n = c_.network;
    const char* const name = n.dynamics == Dynamics::rate ? "\"rate\"" : "\"energy\"";
    require(n.dynamics == Dynamics::membrane || !bench::has_chip(c_.fidelity), "network.dynamics",
            "\"membrane\" with run.fidelity = \"cycle\" and \"rtl\" (the chip's neurons hold the "
            "voltage before the activation)",
            name);
    require(n.dynamics != Dynamics::energy || !learning::is_baseline(c_.learning.rule),
            "network.dynamics",
            "\"membrane\" or \"rate\" with a rule that needs no settling (the equilibrium of the "
            "energy form is no forward pass)",
            name);
    const bool hard = std::find(n.activation.begin(), n.activation.end(),
                                Activation::hard_sigmoid) != n.activation.end();
    require(n.dynamics != Dynamics::energy || c_.fidelity != bench::Fidelity::ode || !hard,
            "network.dynamics",
            "\"membrane\" or \"rate\" for the hard sigmoid with run.fidelity = \"ode\" (its states "
            "would slide along the corners of the activation)",
            name);
  }

  void network_of_chip() const {
    const learning::NetworkConfig& n = c_.network;
    const std::string but = " with run.fidelity = \"cycle\" and \"rtl\"";
    require(!n.train_feedback || n.dendrites.on(), "network.train_feedback",
            "false" + but + " (the feedback array of point neurons has no update circuit)", "true");
    if (c_.fidelity != bench::Fidelity::rtl) return;
    const std::string no_links =
        " with run.fidelity = \"rtl\" (the controller in Verilog has arrays between neighbouring "
        "layers only)";
    require(n.links.empty(), "network.links", "no links" + no_links, fmt::format("{}", n.links));
    require(n.link_block == 0, "network.link_block", "0" + no_links, n.link_block);
    require(n.link_probability == 0, "network.link_probability", "0" + no_links,
            n.link_probability);
  }

  void learning_of_chip() const {
    const learning::LearningConfig& l = c_.learning;
    const std::string but = " with run.fidelity = \"cycle\" and \"rtl\"";
    const std::string memory =
        " (of the chips only one of run.fidelity = \"cycle\" with chip.update.circuit = "
        "\"accumulate\" or \"ideal-write\" keeps state per weight beside the conductance)";
    const hw::UpdateCircuit circuit = c_.chip.update.circuit;
    const bool keeps =
        c_.fidelity == bench::Fidelity::cycle && !learning::is_resistive(c_.network) &&
        (circuit == hw::UpdateCircuit::accumulate || circuit == hw::UpdateCircuit::ideal_write);
    require(keeps || l.batch == 1, "learning.batch", "1" + memory, l.batch);
    require(l.batch == 1 || !c_.tasks.on(), "learning.batch",
            "1 with tasks on the chip (tasks are of any number of samples)", l.batch);
    require(l.batch == 1 || c_.data.train_samples % l.batch == 0, "learning.batch",
            fmt::format("a divisor of data.train_samples = {} on the chip", c_.data.train_samples),
            l.batch);
    require(keeps || l.optimiser.kind == learning::OptimiserKind::sgd, "learning.optimiser",
            "\"sgd\"" + memory,
            quoted_name({"sgd", "momentum", "adagrad", "adam"}, l.optimiser.kind));
    require(l.optimiser.weight_decay == 0, "learning.weight_decay", "0" + but,
            l.optimiser.weight_decay);
  }

  void rule() const {
    using namespace learning;
    const LearningConfig& l = c_.learning;
    const bool phases = !is_baseline(l.rule) && l.rule != RuleKind::truncated_bptt;
    require(phases || c_.fidelity == bench::Fidelity::ideal, "learning.rule",
            "\"equilibrium-propagation\" or \"contrastive-hebbian\" unless run.fidelity = "
            "\"ideal\" (nothing else can run the others)",
            quoted_name({"equilibrium-propagation", "contrastive-hebbian", "backprop",
                         "feedback-alignment", "truncated-bptt"},
                        l.rule));
    require(
        l.rule != RuleKind::feedback_alignment || c_.network.feedback == FeedbackWeights::separate,
        "learning.rule",
        "another rule unless network.feedback = \"separate\" (its error needs weights of its own)",
        "\"feedback-alignment\"");
    require(l.rule != RuleKind::feedback_alignment ||
                (c_.network.links.empty() && c_.network.link_block == 0 &&
                 c_.network.link_probability == 0),
            "learning.rule", "another rule in a network with links", "\"feedback-alignment\"");
    require(l.rule != RuleKind::truncated_bptt || c_.network.readout == Readout::squared_error,
            "learning.rule", "another rule unless network.readout = \"squared-error\"",
            "\"truncated-bptt\"");
    require(l.rule != RuleKind::truncated_bptt || c_.ideal.time_step_s == 0, "ideal.time_step",
            "\"0 s\" with learning.rule = \"truncated-bptt\"",
            quoted(c_.ideal.time_step_s, Unit::second));
    require(
        !is_baseline(l.rule) || !c_.network.train_feedback, "network.train_feedback",
        "false with learning.rule = \"backprop\" and \"feedback-alignment\" (nothing trains it)",
        "true");
    const bool ideal = c_.fidelity == bench::Fidelity::ideal;
    require(
        ideal || l.nudge_error == NudgeError::recomputed, "learning.nudge_error",
        "\"recomputed\" unless run.fidelity = \"ideal\" (in continuous time the error follows the "
        "output)",
        quoted_name({"recomputed", "constant", "ramp"}, l.nudge_error));
    require(ideal || l.readout_error == ReadoutError::free, "learning.readout_error",
            "\"free\" unless run.fidelity = \"ideal\"", "\"nudged\"");
    require(l.readout_error == ReadoutError::free || c_.network.readout == Readout::softmax,
            "learning.readout_error", "\"free\" unless network.readout = \"softmax\"",
            "\"nudged\"");
    for (const auto& [key, value] :
         {std::pair{"ideal.noise", c_.ideal.noise}, std::pair{"ideal.mismatch", c_.ideal.mismatch},
          std::pair{"ideal.feedback_mismatch", c_.ideal.feedback_mismatch},
          std::pair{"ideal.hold_noise", c_.ideal.hold_noise}}) {
      require(
          value == 0 || (ideal && phases), key,
          "0 unless run.fidelity = \"ideal\" and learning.rule is \"equilibrium-propagation\" or "
          "\"contrastive-hebbian\"",
          value);
    }
  }

  void time_constants(const learning::TimeConstantConfig& tau) const {
    using learning::TimeConstantFamily;
    require(tau.mean_s > 0, "network.time_constant.mean", "a time above 0 s",
            quoted(tau.mean_s, Unit::second));
    require(tau.family != TimeConstantFamily::uniform || tau.cv < 1.0 / std::sqrt(3.0),
            "network.time_constant.cv",
            "less than 0.577 for the family \"uniform\" (else some time constants were negative)",
            tau.cv);
    require(tau.family != TimeConstantFamily::equal || tau.cv == 0, "network.time_constant.cv",
            "0 with the family \"equal\" (choose another network.time_constant.family)", tau.cv);
    require(tau.clip_low < 1 && tau.clip_high > 1, "network.time_constant.clip",
            "a value below 1 and one above 1 (in units of the mean)",
            fmt::format("[{}, {}]", tau.clip_low, tau.clip_high));
    require(tau.source != learning::TimeConstantSource::leak ||
                (!learning::is_resistive(c_.network) && !learning::is_baseline(c_.learning.rule)),
            "network.time_constant.source",
            "\"capacitance\" in a resistive network and with rules of software alone (they have no "
            "leaks)",
            "\"leak\"");
    require(!tau.resample || (c_.fidelity == bench::Fidelity::ideal &&
                              !learning::is_resistive(c_.network) && c_.ideal.time_step_s > 0),
            "network.time_constant.resample",
            "false unless run.fidelity = \"ideal\" with ideal.time_step above 0 s (elsewhere time "
            "constants are those of devices, or there are none)",
            "true");
  }
};

}  // namespace

void check_network(const bench::RunConfig& config, const Locate& locate) {
  NetworkCheck(config, locate).network();
}

void check_learning(const bench::RunConfig& config, const Locate& locate) {
  NetworkCheck(config, locate).learning();
}

}  // namespace memprop::config
