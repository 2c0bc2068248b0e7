// docs/config.md out of the description of all keys.
#include <fmt/format.h>

#include "cli/config/dump.hpp"
#include "cli/config/field_list.hpp"

namespace memprop::config {
namespace {

constexpr const char* kIntroduction = R"(# Configuration

A run is described by one [TOML](https://toml.io) file. This page lists every key; it is generated
from the same description that reads the file.

- **Units.** Physical values are text with a unit: `"100 ns"`, `"2.5 uS"`, `"50 mV"`. Prefixes are
  f, p, n, u, m, k, M, G. A number without a unit, or with the wrong one, is an error.
- **Lists.** Where one value per layer is expected, a single value stands for all layers.
- **Paths** in the file count from the folder of the file; those given by `--set` and `output.path`
  from the working directory.
- **Overrides.** `--set KEY=VALUE` replaces a key: `--set run.seed=3`, `--set 'chip.clock=5 ns'`,
  `--set network.feedback_gain=[0.1,0.01]`. Text needs no quotes there.
- **Errors** name the file, the line, the key, what was expected and what was found; the exit code
  is 2. Unknown keys are errors, with the nearest known key.

Only `network.layers` has to be given.

Some rules concern several keys: lists per layer have one item or one per layer; the softmax readout
exists only in software (`run.fidelity` "ideal" and "ode"); the update circuit
"ideal-write" needs the device model "ideal", and "sign-sign" the simplified form; a time-constant
spread needs a family other than "equal"; with the feedback "shared-slots" a pair of slots must be
shorter than the shortest time constant; `chip.clock` and `chip.noise.grid` are whole picoseconds;
fixed-step methods need `solver.fixed_step`.
)";

std::string type_text(const Field& field) {
  std::string text;
  switch (field.type) {
    case FieldType::boolean:
      text = "boolean";
      break;
    case FieldType::integer:
      text = "integer";
      break;
    case FieldType::number:
      text = "number";
      break;
    case FieldType::quantity:
      text = fmt::format("quantity [{}]", symbol(field.unit));
      break;
    case FieldType::path:
      text = "path";
      break;
    case FieldType::text:
    case FieldType::choice:
      text = "text";
      break;
  }
  return field.list ? "list of " + text : text;
}

std::string range_text(const Field& field) {
  std::string text = field.range.text(field.unit);
  for (const std::string& name : field.names) {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", quote(name));
  }
  if (!field.word.empty()) text += fmt::format(", or `{}`", quote(field.word));
  return text;
}

std::string escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  return text;
}

}  // namespace

std::string config_reference() {
  bench::RunConfig defaults = default_config();
  std::string out = kIntroduction;
  for (const SectionFields& section : list_sections(defaults)) {
    out += fmt::format(
        "\n## [{}]\n\n{}\n\n| key | type | default | allowed | meaning |\n"
        "| --- | --- | --- | --- | --- |\n",
        section.name, section.meaning);
    for (const Field& field : section.fields) {
      const std::string value =
          field.required ? "required" : "`" + format_value(field, field.get()) + "`";
      out +=
          fmt::format("| `{}` | {} | {} | {} | {} |\n", field.key.substr(section.name.size() + 1),
                      type_text(field), value, range_text(field), escaped(field.meaning));
    }
  }
  return out;
}

}  // namespace memprop::config
