#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::cli {
namespace {

void print_figure(const traces::TraceReader& trace, const char* path, const char* label,
                  double factor, const char* unit) {
  if (!trace.has(path)) return;
  const auto values = trace.read<double>(path);
  if (!values.empty()) fmt::print("  {:<34} {:.6g} {}\n", label, factor * values.back(), unit);
}

void print_text(const traces::TraceReader& trace, const char* path, const char* label) {
  if (trace.has(path)) fmt::print("  {:<34} {}\n", label, trace.read_text(path));
}

std::string shape_text(const traces::DatasetInfo& info) {
  return info.shape.empty() ? std::string("scalar")
                            : fmt::format("{}", fmt::join(info.shape, " x "));
}

}  // namespace

int command_info(const InfoArguments& arguments) {
  const traces::TraceReader trace(arguments.file);
  const auto datasets = trace.datasets();
  if (arguments.json) {
    fmt::print("{{\n  \"format_version\": {},\n  \"datasets\": {{\n", trace.format_version());
    for (std::size_t k = 0; k < datasets.size(); ++k) {
      const auto& d = datasets[k];
      fmt::print("    \"{}\": {{\"shape\": [{}], \"unit\": \"{}\"}}{}\n", d.path,
                 fmt::join(d.shape, ", "), d.unit, k + 1 < datasets.size() ? "," : "");
    }
    fmt::print("  }}\n}}\n");
    return 0;
  }
  fmt::print("{}: memprop trace, format version {}\n", arguments.file, trace.format_version());
  print_text(trace, "provenance/version", "memprop");
  print_text(trace, "provenance/stepper", "stepper");
  print_figure(trace, "provenance/seed", "seed", 1, "");
  print_figure(trace, "training/samples", "training samples", 1, "");
  print_figure(trace, "compare/accuracy", "accuracy", 100, "%");
  print_figure(trace, "compare/accuracy_ideal", "accuracy of the ideal reference", 100, "%");
  print_figure(trace, "compare/accuracy_backprop", "accuracy of back-propagation", 100, "%");
  print_figure(trace, "events/cycles", "clock cycles", 1, "");
  for (const char* part : {"arrays", "neurons", "converters", "writes", "digital"}) {
    print_figure(trace, fmt::format("energy/{}", part).c_str(),
                 fmt::format("energy, {}", part).c_str(), 1, "J");
  }
  fmt::print("data sets\n");
  for (const auto& d : datasets) {
    fmt::print("  {:<44} {:<14} {:<4} {}\n", d.path, shape_text(d), d.unit, d.long_name);
  }
  return 0;
}

}  // namespace memprop::cli
