#include "cli/ablation/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/json.hpp"
#include "traces/trace_file.hpp"

namespace memprop::cli {
namespace {

double measured(const AblationResult& r) { return r.failure.empty() ? r.accuracy : std::nan(""); }

std::vector<AblationResult> ranked(const AblationOutcome& outcome) {
  std::vector<AblationResult> results = outcome.results;
  // Stable: equal costs stay in the order of the catalogue.
  std::stable_sort(results.begin(), results.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const AblationResult& r) {
      return r.name == all_imperfections ? 2 : std::isnan(measured(r)) ? 1 : 0;
    };
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return rank(a) == 0 && a.accuracy > b.accuracy;
  });
  return results;
}

std::string percent(double share, bool sign = false) {
  if (std::isnan(share)) return "-";
  return sign ? fmt::format("{:+.2f}", 100 * share) : fmt::format("{:.2f} %", 100 * share);
}

// What the number of test samples allows to say: two runs that have nothing to do with one another
// differ by about this much.
std::string uncertainty(const AblationOutcome& outcome, double accuracy) {
  double samples = 0;
  for (const AblationResult& r : outcome.results) samples = std::max(samples, r.test_samples);
  if (samples < 1 || std::isnan(accuracy)) return "";
  const double p = (accuracy * samples + 1) / (samples + 2);
  return fmt::format(
      "  standard error of a difference, from {:.0f} test samples: {:.2f} points or less\n",
      samples, 100 * std::sqrt(2 * p * (1 - p) / samples));
}

}  // namespace

std::string ablation_table(const AblationOutcome& outcome, double accuracy) {
  std::string out = fmt::format(
      "what each imperfection costs (accuracy with it switched off, against {} of the run)\n"
      "  {:<28} {:>10} {:>9}  {}\n",
      percent(accuracy), "imperfection", "accuracy", "points", "meaning");
  for (const AblationResult& r : ranked(outcome)) {
    const bool all = r.name == all_imperfections;
    out += fmt::format("  {:<28} {:>10} {:>9}  {}\n", all ? "all of them" : r.name,
                       percent(measured(r)), percent(measured(r) - accuracy, true),
                       r.failure.empty() ? r.meaning : "failed: " + r.failure);
  }
  return out + uncertainty(outcome, accuracy);
}

std::string ablation_json(const AblationOutcome& outcome, double accuracy) {
  std::string out = "[";
  for (const AblationResult& r : ranked(outcome)) {
    out += fmt::format(
        "{}\n    {{\"imperfection\": {}, \"keys\": {}, \"accuracy\": {}, \"cost\": {}, "
        "\"wall_s\": {}, \"failure\": {}}}",
        out.size() > 1 ? "," : "", json_text(r.name), json_text(r.keys), json_number(measured(r)),
        json_number(measured(r) - accuracy), json_number(r.wall_s),
        r.failure.empty() ? std::string("null") : json_text(r.failure));
  }
  return out + (out.size() > 1 ? "\n  ]" : "]");
}

void record_ablation(const std::string& trace_path, const AblationOutcome& outcome,
                     double accuracy) {
  std::vector<std::string> names, keys;
  std::vector<double> accuracies, costs, seconds;
  for (const AblationResult& r : ranked(outcome)) {
    names.push_back(r.name);
    keys.push_back(r.keys);
    accuracies.push_back(measured(r));
    costs.push_back(measured(r) - accuracy);
    seconds.push_back(r.wall_s);
  }
  traces::TraceFile trace = traces::TraceFile::open_for_append(trace_path);
  const auto numbers = [&](const char* path, const std::vector<double>& values, const char* unit,
                           const char* text) {
    trace.write(path, values, {values.size()}, {unit, text, {"rank"}});
  };
  trace.write_strings(
      "ablation/imperfection", names,
      {"", "what was switched off, the costliest first; \"all\": all of them", {"rank"}});
  trace.write_strings("ablation/keys", keys, {"", "what was set instead", {"rank"}});
  numbers("ablation/accuracy", accuracies, "1", "test accuracy without the imperfection");
  numbers("ablation/cost", costs, "1", "that accuracy minus the accuracy of the run");
  numbers("ablation/wall_s", seconds, "s", "wall time of the run without the imperfection");
  trace.flush(true);
  trace.close();
}

}  // namespace memprop::cli
