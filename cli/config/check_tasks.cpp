#include "cli/config/check_tasks.hpp"

#include "cli/config/config_check.hpp"
#include "hw_models/sleep/sleep_limits.hpp"
#include "learning/continual/sleep.hpp"
#include "learning/continual/tasks.hpp"
#include "learning/resistive/resistive_network.hpp"

namespace memprop::config {
namespace {

class TaskCheck : public ConfigCheck {
 public:
  using ConfigCheck::ConfigCheck;

  void tasks() const {
    const learning::TaskConfig& t = c_.tasks;
    if (!t.on()) {
      require(!c_.sleep.on, "sleep.enabled",
              "false unless tasks.classes is above 0 (a network sleeps after a task)", "true");
      require(t.rehearsal == 0, "tasks.rehearsal", "0 unless tasks.classes is above 0",
              t.rehearsal);
      require(t.consolidation == learning::Consolidation::none, "tasks.consolidation",
              "\"none\" unless tasks.classes is above 0", "another");
      return;
    }
    require(!learning::is_resistive(c_.network), "tasks.classes",
            "0 with network.style = \"resistive\" (its weights have one sign, which sleep has no "
            "use for)",
            t.classes_per_task);
    require(c_.data.target == learning::TargetKind::classes, "data.target",
            "\"classes\" with tasks.classes", "\"regression\"");
    require(c_.learning.train, "learning.train", "true with tasks.classes", "false");
    relocated([&] { learning::check_tasks(t, classes()); });
    consolidation();
    if (!c_.sleep.on) return;
    require(c_.fidelity != bench::Fidelity::rtl, "sleep.enabled",
            "false with run.fidelity = \"rtl\" (the sequencer of sleep is there in C++ only)",
            "true");
    relocated([&] { learning::check_sleep(c_.sleep, c_.network); });
    if (bench::has_chip(c_.fidelity)) {
      if (const auto limit = hw::sleep_limit(c_.chip, c_.sleep)) {
        fail(limit->key.c_str(), limit->expected, limit->got);
      }
    }
  }

 private:
  std::size_t classes() const {
    return c_.data.classes > 0 ? c_.data.classes : c_.network.layers.back();
  }

  void consolidation() const {
    if (c_.tasks.consolidation == learning::Consolidation::none) return;
    require(c_.learning.rule == learning::RuleKind::backprop, "tasks.consolidation",
            "\"none\" unless learning.rule = \"backprop\" (ewc, si and lwf are baselines of "
            "feed-forward nets)",
            "another");
    require(c_.network.readout == learning::Readout::softmax, "network.readout",
            "\"softmax\" with tasks.consolidation (its penalties are about class probabilities)",
            "\"squared-error\"");
    require(
        c_.network.links.empty() && c_.network.link_block == 0 && c_.network.link_probability == 0,
        "network.links", "no links with tasks.consolidation", "some");
    require(!c_.sleep.on, "sleep.enabled", "false with tasks.consolidation (one or the other)",
            "true");
  }
};

}  // namespace

void check_tasks(const bench::RunConfig& config, const Locate& locate) {
  const TaskCheck check(config, locate);
  check.tasks();
}

}  // namespace memprop::config
