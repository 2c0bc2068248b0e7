#include <cmath>

#include "cli/config/config_check.hpp"
#include "hw_models/adaptation_limits.hpp"
#include "learning/resistive/resistive_network.hpp"

namespace memprop::config {
namespace {

class PhaseCheck : public ConfigCheck {
 public:
  using ConfigCheck::ConfigCheck;

  void all() const {
    using namespace learning;
    const LearningConfig& l = c_.learning;
    const bool ideal = c_.fidelity == bench::Fidelity::ideal;
    if (bench::has_chip(c_.fidelity)) of_chip();
    if (l.nudge_place == NudgePlace::outside) outside();
    if (l.adaptation.steps > 0) adaptation();
    if (c_.fidelity == bench::Fidelity::ode) in_time();
    require(ideal || l.bias_batch == BiasBatch::mean, "learning.bias_batch",
            "\"mean\" unless run.fidelity = \"ideal\"", "\"first\"");
    require(ideal || !l.bias_plain, "learning.bias_plain",
            "false unless run.fidelity = \"ideal\" (elsewhere an optimiser has all or none)",
            "true");
    const bool phases =
        l.rule == RuleKind::equilibrium_propagation || l.rule == RuleKind::contrastive_hebbian;
    if (phases && !learning::is_resistive(c_.network)) return;
    const std::string rules =
        " unless learning.rule = \"equilibrium-propagation\" or \"contrastive-hebbian\", in nets "
        "of "
        "neurons";
    require(l.bias_batch == BiasBatch::mean, "learning.bias_batch", "\"mean\"" + rules,
            "\"first\"");
    require(!l.bias_plain, "learning.bias_plain", "false" + rules, "true");
  }

 private:
  void of_chip() const {
    using namespace learning;
    if (const auto limit = hw::adaptation_limit(c_.chip, c_.learning)) {
      fail(limit->key.c_str(), limit->expected, limit->got);
    }
    const bool on = c_.chip.adaptation.circuit != hw::AdaptationCircuit::none;
    require(!on || c_.monitor.state_every == 0 || c_.chip.adaptation.conductance_s == 0,
            "monitor.state_every",
            "0 with chip.adaptation.conductance (the reference goes back at the rate of the rule)",
            c_.monitor.state_every);
  }

  void outside() const {
    using namespace learning;
    const char* const key = "learning.nudge_place";
    const char* const got = "\"outside\"";
    require(c_.network.dynamics == Dynamics::rate, key,
            "\"inside\" unless network.dynamics = \"rate\" (the membrane form has its nudge inside "
            "the activation, the energy form outside)",
            got);
    require(c_.network.readout == Readout::squared_error, key,
            "\"inside\" with the softmax readout (its error enters the drive of the last hidden "
            "layer)",
            got);
    require(c_.learning.nudge_error == NudgeError::recomputed, key,
            "\"inside\" unless learning.nudge_error = \"recomputed\"", got);
    require(c_.learning.rule == RuleKind::equilibrium_propagation, key,
            "\"inside\" unless learning.rule = \"equilibrium-propagation\"", got);
  }

  void in_time() const {
    using namespace learning;
    const LearningConfig& l = c_.learning;
    require(c_.ode.slow_adaptation_s == 0 || l.adaptation.steps > 0, "ode.slow_adaptation",
            "\"0 s\" without adaptation (learning.adaptation.steps)",
            quoted(c_.ode.slow_adaptation_s, Unit::second));
    if (l.rule != RuleKind::contrastive_hebbian || l.teacher_delay == 0) return;
    const double delay = static_cast<double>(l.teacher_delay) * c_.ideal.time_step_s;
    require(delay > 0 && delay < c_.ode.nudged_s, "learning.teacher_delay",
            "with run.fidelity = \"ode\": a number of steps of ideal.time_step (above 0 s) that is "
            "shorter than the clamped phase (ode.nudged)",
            l.teacher_delay);
  }

  void adaptation() const {
    using namespace learning;
    const char* const key = "learning.adaptation.steps";
    const std::size_t steps = c_.learning.adaptation.steps;
    require(!is_baseline(c_.learning.rule), key,
            "0 with a rule that has no phases (\"backprop\" or \"feedback-alignment\")", steps);
    require(c_.learning.rule != RuleKind::truncated_bptt, key,
            "0 with learning.rule = \"truncated-bptt\" (it has a free phase only)", steps);
    require(c_.learning.nudge_error == NudgeError::recomputed, key,
            "0 unless learning.nudge_error = \"recomputed\" (a kept error would not be that of the "
            "adapted state)",
            steps);
    require(c_.network.readout == Readout::squared_error, key,
            "0 with the softmax readout (its output has no state that could adapt)", steps);
    if (c_.fidelity != bench::Fidelity::ode) return;
    require(
        c_.ideal.time_step_s > 0, key,
        "0 with run.fidelity = \"ode\" unless ideal.time_step is above 0 s (which tells how long "
        "a step of adaptation takes)",
        steps);
    require(c_.learning.adaptation.c < 1, "learning.adaptation.c",
            "less than 1 with run.fidelity = \"ode\" (it is a rate in continuous time)",
            c_.learning.adaptation.c);
  }
};

}  // namespace

void check_phases(const bench::RunConfig& config, const Locate& locate) {
  PhaseCheck(config, locate).all();
}

}  // namespace memprop::config
