#include "cli/ablation/plan.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cli/config/config.hpp"
#include "cli/config/dump.hpp"
#include "cli/config/field_list.hpp"
#include "solvers/error.hpp"

namespace memprop::cli {
namespace {

// The run that every child starts from: same result, nothing beside it.
bench::RunConfig child_base(const bench::RunConfig& config) {
  bench::RunConfig base = config;
  base.ideal_reference = base.backprop_reference = false;
  base.threads = 1;
  base.monitor.gradient_every = base.monitor.state_every = 0;
  base.output = {};
  base.chip.controller.lockstep = base.chip.controller.monitor = false;
  base.chip.controller.pin_trace.clear();
  for (config::Field& field : config::list_fields(base)) {
    if (field.type != config::FieldType::path) continue;
    config::Values paths = field.get();
    for (config::Scalar& path : paths) {
      const auto text = std::get<std::string>(path);
      if (!text.empty()) path = std::filesystem::absolute(text).string();
    }
    field.set(paths);
  }
  return base;
}

std::vector<std::string> assignments(const std::vector<bench::Setting>& settings) {
  std::vector<std::string> out;
  for (const auto& s : settings) out.push_back(s.key + "=" + s.value);
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

bool same_result(const bench::RunConfig& a, const bench::RunConfig& b) {
  for (const auto& d : config::compare(a, b)) {
    if (d.affects_results) return false;
  }
  return true;
}

}  // namespace

std::vector<AblationCase> plan_ablation(const bench::RunConfig& config) {
  if (!bench::has_chip(config.fidelity)) {
    throw UserError(
        "--ablate: expected a run of the chip (run.fidelity = \"cycle\"), got one in "
        "software, which has no imperfections to switch off");
  }
  const bench::RunConfig base = child_base(config);
  const std::string base_text = config::resolved_toml(base);
  const auto with = [&](const std::vector<std::string>& set) {
    return config::parse_config(base_text, "ablation", set).run;
  };
  std::vector<AblationCase> cases;
  std::vector<std::string> everything;
  for (const bench::Imperfection& one : bench::imperfections()) {
    if (!one.applies(base)) continue;
    const auto set = assignments(one.off(base));
    bench::RunConfig run = with(set);
    if (same_result(base, run)) continue;  // it is off already
    run.name = fmt::format("{} without {}", config.name, one.name);
    cases.push_back({one.name, one.meaning, joined(set), config::resolved_toml(run)});
    everything.insert(everything.end(), set.begin(), set.end());
  }
  if (cases.size() > 1) {
    bench::RunConfig run = with(everything);
    run.name = config.name + " without imperfections";
    cases.push_back({all_imperfections, "none of the imperfections above", joined(everything),
                     config::resolved_toml(run)});
  }
  return cases;
}

}  // namespace memprop::cli
