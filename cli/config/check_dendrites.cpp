#include "cli/config/check_dendrites.hpp"

#include "cli/config/config_check.hpp"
#include "hw_models/dendrites/branch_limits.hpp"
#include "learning/resistive/resistive_network.hpp"

namespace memprop::config {
namespace {

class DendriteCheck : public ConfigCheck {
 public:
  using ConfigCheck::ConfigCheck;

  void all() const {
    const learning::NetworkConfig& n = c_.network;
    if (!n.dendrites.on()) return point_neurons();
    require(!learning::is_resistive(n), "network.dendrites.basal_branches",
            "0 with network.style = \"resistive\"", n.dendrites.basal_branches);
    rule();
    if (bench::has_chip(c_.fidelity)) chip();
  }

 private:
  void point_neurons() const {
    const std::string unless = " unless network.dendrites.basal_branches is above 0";
    require(!c_.network.dendrites.apical_dense, "network.dendrites.apical_dense", "false" + unless,
            "true");
    for (const auto& [key, tau_s] :
         {std::pair{"network.dendrites.basal_tau", c_.network.dendrites.basal_tau_s},
          std::pair{"network.dendrites.apical_tau", c_.network.dendrites.apical_tau_s}}) {
      require(tau_s == 0, key, "\"0 s\"" + unless, quoted(tau_s, Unit::second));
    }
  }

  void rule() const {
    using learning::RuleKind;
    const learning::LearningConfig& l = c_.learning;
    require(l.rule == RuleKind::equilibrium_propagation || l.rule == RuleKind::truncated_bptt,
            "learning.rule",
            "\"equilibrium-propagation\" or \"truncated-bptt\" with network.dendrites", "another");
  }

  void chip() const {
    const char* const key = "network.dendrites.basal_branches";
    const auto branches = c_.network.dendrites.basal_branches;
    require(c_.fidelity == bench::Fidelity::cycle, key,
            "0 with run.fidelity = \"rtl\" (the controller in Verilog does not look at the bits of "
            "branches)",
            branches);
    require(!c_.chip.controller.lockstep, "chip.controller.lockstep",
            "false with network.dendrites (the controller in Verilog has no branches)", "true");
    if (const auto limit = hw::branch_limit(c_.chip, c_.network, c_.learning)) {
      fail(limit->key.c_str(), limit->expected, limit->got);
    }
  }
};

}  // namespace

void check_dendrites(const bench::RunConfig& config, const Locate& locate) {
  DendriteCheck(config, locate).all();
}

}  // namespace memprop::config
