#include "cli/info/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "cli/json.hpp"

namespace memprop::cli {
namespace {

std::string shape_text(const traces::DatasetInfo& info) {
  return info.shape.empty() ? std::string("scalar")
                            : fmt::format("{}", fmt::join(info.shape, " x "));
}

std::string value_text(const std::string& name, const traces::AttributeValue& value) {
  const bool bytes = name.find("bytes") != std::string::npos;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return bytes ? bytes_text(static_cast<double>(*integer)) : fmt::format("{}", *integer);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return bytes ? bytes_text(*number) : fmt::format("{:.6g}", *number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "(list)";
}

std::string json_value(const traces::AttributeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* number = std::get_if<double>(&value)) return json_number(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return json_text(*text);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
    return fmt::format("[{}]", fmt::join(*integers, ", "));
  }
  std::vector<std::string> items;
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    for (const double x : *numbers) items.push_back(json_number(x));
  } else {
    for (const auto& x : std::get<std::vector<std::string>>(value)) items.push_back(json_text(x));
  }
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string group_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string state_text(const TraceSummary& s) {
  if (!s.of_a_run) return "";
  switch (s.state) {
    case RunState::writing:
      return ", being written";
    case RunState::finished:
      return ", of a finished run";
    case RunState::stopped:
      break;
  }
  return s.checkpoints.empty() ? ", of a run that stopped before its end"
                               : ", of a run that stopped before its end (go on with --resume)";
}

// "2.4 kB  3.1:1"
std::string stored_text(const traces::DatasetInfo& d) {
  const auto plain = static_cast<double>(plain_bytes(d));
  const auto stored = static_cast<double>(d.stored_bytes);
  std::string out = fmt::format("{:>9}", bytes_text(stored));
  if (stored > 0 && plain > 0 && d.growing) out += fmt::format(" {:>5.1f}:1", plain / stored);
  return out;
}

void add_datasets(const TraceSummary& s, std::string& out) {
  // By path, "a/b/c" would stand between "a/a" and "a/c".
  std::vector<traces::DatasetInfo> all = s.datasets;
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return group_of(a.path) < group_of(b.path);
  });
  const auto own_name = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  std::size_t name_width = 0, shape_width = 0;
  for (const auto& d : all) {
    name_width = std::max(name_width, own_name(d.path).size());
    shape_width = std::max(shape_width, shape_text(d).size());
  }
  double plain = 0, stored = 0;
  std::string group;
  for (const auto& d : all) {
    plain +=
        static_cast<double>(d.type == traces::ElementType::text ? d.stored_bytes : plain_bytes(d));
    stored += static_cast<double>(d.stored_bytes);
    if (const std::string own = group_of(d.path); own != group) {
      group = own;
      out += group + "\n";
    }
    std::string line =
        fmt::format("  {:<{}}  {:<{}}  {:<7} {:<17} {}", own_name(d.path), name_width,
                    shape_text(d), shape_width, name_of(d.type), stored_text(d), d.long_name);
    if (!d.unit.empty() && d.unit != "1") line += fmt::format(" [{}]", d.unit);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  out += fmt::format("{} data sets, {} of values in {}\n", all.size(), bytes_text(plain),
                     bytes_text(stored));
}

}  // namespace

std::string bytes_text(double bytes) {
  if (bytes < 1e3) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.2f} GB", bytes / 1e9);
}

std::string duration_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.1f} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86400);
}

std::string summary_text(const TraceSummary& s) {
  std::string out = fmt::format("{}: memprop trace, format version {}{}\n", s.path,
                                s.format_version, state_text(s));
  const auto line = [&](const std::string& label, const std::string& value) {
    out += fmt::format("  {:<34} {}\n", label, value);
  };
  for (const auto& [label, text] : s.texts) line(label, text);
  for (const Figure& f : s.figures) {
    line(f.label, f.unit == "%"    ? std::isnan(f.value) ? std::string("-")
                                                         : fmt::format("{:.2f} %", 100 * f.value)
                     : f.unit.empty() ? fmt::format("{:.10g}", f.value)
                                   : fmt::format("{:.4g} {}", f.value, f.unit));
  }
  for (std::size_t l = 0; l < s.alignment.size(); ++l) {
    line(fmt::format("alignment of layer {}", l + 1),
         fmt::format("cosine {:.3f} wanted, {:.3f} applied (mean of {} updates)",
                     s.alignment[l].wanted, s.alignment[l].applied, s.compared_updates));
  }
  for (const auto& warning : s.warnings) out += "warning: " + warning + '\n';
  out += "files\n";
  line("trace", bytes_text(static_cast<double>(s.bytes)));
  for (const FileOnDisk& file : s.checkpoints) {
    line(file.path.size() > 2 && file.path.compare(file.path.size() - 2, 2, ".1") == 0
             ? "checkpoint before it"
             : "checkpoint",
         fmt::format("{}, {} old", bytes_text(static_cast<double>(file.bytes)),
                     duration_text(file.age_s)));
  }
  if (!s.writer.empty()) {
    out += "writer\n";
    for (const auto& [name, value] : s.writer) line(name, value_text(name, value));
  }
  add_datasets(s, out);
  return out;
}

std::string summary_json(const TraceSummary& s) {
  std::string out = fmt::format("{{\n  \"path\": {},\n  \"format_version\": {},\n",
                                json_text(s.path), s.format_version);
  out += fmt::format("  \"state\": {},\n  \"bytes\": {},\n",
                     s.of_a_run ? json_text(name(s.state)) : "null", s.bytes);
  const auto object = [&](const char* key, const std::vector<std::string>& members) {
    out += members.empty()
               ? fmt::format("  \"{}\": {{}},\n", key)
               : fmt::format("  \"{}\": {{\n    {}\n  }},\n", key, fmt::join(members, ",\n    "));
  };
  std::vector<std::string> members;
  for (const Figure& f : s.figures) {
    const std::string key = f.path == "provenance" ? "provenance/wall_s" : f.path;
    members.push_back(fmt::format("{}: {}", json_text(key), json_number(f.value)));
  }
  object("figures", members);
  members.clear();
  for (std::size_t l = 0; l < s.alignment.size(); ++l) {
    members.push_back(fmt::format("\"layer{}\": {{\"cosine_wanted\": {}, \"cosine_applied\": {}}}",
                                  l + 1, json_number(s.alignment[l].wanted),
                                  json_number(s.alignment[l].applied)));
  }
  object("alignment", members);
  members.clear();
  for (const auto& [key, value] : s.writer) {
    members.push_back(fmt::format("{}: {}", json_text(key), json_value(value)));
  }
  object("writer", members);
  members.clear();
  for (const FileOnDisk& file : s.checkpoints) {
    members.push_back(fmt::format("{}: {{\"bytes\": {}, \"age_s\": {:.3f}}}", json_text(file.path),
                                  file.bytes, file.age_s));
  }
  object("checkpoints", members);
  members.clear();
  for (const auto& warning : s.warnings) members.push_back(json_text(warning));
  out += fmt::format("  \"warnings\": [{}],\n  \"datasets\": {{\n", fmt::join(members, ", "));
  for (std::size_t k = 0; k < s.datasets.size(); ++k) {
    const auto& d = s.datasets[k];
    std::vector<std::string> axes;
    for (const auto& axis : d.axes) axes.push_back(json_text(axis));
    out += fmt::format(
        "    {}: {{\"shape\": [{}], \"type\": \"{}\", \"unit\": {}, \"axes\": [{}], "
        "\"bytes\": {}, \"stored_bytes\": {}, \"growing\": {}}}{}\n",
        json_text(d.path), fmt::join(d.shape, ", "), name_of(d.type), json_text(d.unit),
        fmt::join(axes, ", "), plain_bytes(d), d.stored_bytes, d.growing,
        k + 1 < s.datasets.size() ? "," : "");
  }
  return out + "  }\n}\n";
}

}  // namespace memprop::cli
