// The resolved dump reads back as the same run, the comparison finds what differs, and
// docs/config.md is up to date.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "cli/config/config.hpp"
#include "cli/config/describe.hpp"
#include "cli/config/dump.hpp"
#include "cli/config/field_list.hpp"
#include "cli/config/toml_reader.hpp"

namespace memprop::config {
namespace {

bench::RunConfig base() {
  return parse_config("[network]\nlayers = [784, 128, 10]\n", "run.toml").run;
}

// Reads without the rules between keys.
bench::RunConfig read_only(const std::string& text) {
  bench::RunConfig c = default_config();
  TomlReader reader(text, "dump", {}, "");
  reader.refuse_unknown_keys(list_fields(c));
  describe(reader, c);
  return c;
}

// Another allowed value.
Values other_value(const Field& field) {
  // Sizes are text of a form of their own.
  if (field.key == "output.queue" || field.key == "output.budget") return {Scalar{"123456789 B"}};
  const auto change = [&](const Scalar& value) -> Scalar {
    switch (field.type) {
      case FieldType::boolean:
        return !std::get<bool>(value);
      case FieldType::integer:
        return std::get<std::int64_t>(value) + 1;
      case FieldType::number:
      case FieldType::quantity: {
        // Not a round number: every digit has to survive.
        const double x = std::get<double>(value);
        const double up = x == 0 ? 1.0 / 3e9 : x * (1 + 1.0 / 7e3);
        return field.range.contains(up) ? up : x * (1 - 1.0 / 7e3);
      }
      case FieldType::choice:
        return field.names.at(field.names.front() == std::get<std::string>(value) ? 1 : 0);
      case FieldType::text:
      case FieldType::path:
        return std::get<std::string>(value) + "a \"b\" \\ \n c";
    }
    return value;
  };
  Values out;
  for (const Scalar& value : field.get()) out.push_back(change(value));
  if (out.empty()) {
    out.push_back(field.type == FieldType::integer  ? Scalar{std::int64_t{5}}
                  : field.type == FieldType::number ? Scalar{0.7}
                                                    : Scalar{std::string("p*")});
  }
  return out;
}

TEST(ResolvedDump, CarriesEveryKeyThroughText) {
  bench::RunConfig listed = base();
  const std::size_t count = list_fields(listed).size();
  EXPECT_GT(count, 120U);
  for (std::size_t i = 0; i < count; ++i) {
    bench::RunConfig changed = base();
    const Field field = list_fields(changed)[i];
    // These set other keys too; see below.
    if (field.key == "chip.device.preset" || field.key == "chip.device.file") continue;
    field.set(other_value(field));
    const auto differences = compare(base(), changed);
    ASSERT_EQ(differences.size(), 1U) << field.key;
    EXPECT_EQ(differences[0].key, field.key);
    EXPECT_NE(differences[0].before, differences[0].after);
    const bench::RunConfig again = read_only(resolved_toml(changed));
    EXPECT_TRUE(compare(changed, again).empty()) << field.key;
    // By value, not only by text.
    bench::RunConfig copy = again;
    EXPECT_EQ(list_fields(copy)[i].get(), field.get()) << field.key;
  }
}

TEST(ResolvedDump, CarriesPresets) {
  const bench::RunConfig c =
      parse_config(
          "[network]\nlayers = [4, 2]\n[chip.device]\npreset = \"linear-64\"\n"
          "g_max = \"8 uS\"\n",
          "run.toml")
          .run;
  const bench::RunConfig again = parse_config(resolved_toml(c), "resolved").run;
  EXPECT_TRUE(compare(c, again).empty());
  EXPECT_EQ(again.chip.device.preset, "linear-64");
  EXPECT_EQ(again.chip.device.g_max_s, 8e-6);
}

TEST(ResolvedDump, WritesConventionalText) {
  bench::RunConfig c = base();
  c.chip.adc.bits = 0;
  const std::string dump = resolved_toml(c);
  for (const char* line :
       {"[network]\nstyle = \"regulated\"\nlayers = [784, 128, 10]\n", "fidelity = \"cycle\"\n",
        "nudging = \"centred\"\n", "bits = \"ideal\"\n", "samples = []\n", "clock = \"10 ns\"\n",
        "clip = [0.25, 2.5]\n"}) {
    EXPECT_NE(dump.find(line), std::string::npos) << line << dump;
  }
}

TEST(Compare, TellsOutputFromResults) {
  const bench::RunConfig before = base();
  bench::RunConfig after = before;
  after.output.path = "other.h5";
  after.threads = 2;
  after.monitor.gradient_every = 7;
  EXPECT_EQ(compare(before, after).size(), 3U);
  for (const Difference& difference : compare(before, after)) {
    EXPECT_FALSE(difference.affects_results) << difference.key;
  }
  after.learning.beta = 0.25;
  after.chip.clock_s = 5e-9;
  std::set<std::string> keys;
  for (const Difference& difference : compare(before, after)) {
    if (difference.affects_results) keys.insert(difference.key);
  }
  EXPECT_EQ(keys, (std::set<std::string>{"learning.beta", "chip.clock"}));
}

TEST(Description, KeysAreUniqueAndExplained) {
  bench::RunConfig c = base();
  std::set<std::string> keys;
  for (const Field& field : list_fields(c)) {
    EXPECT_TRUE(keys.insert(field.key).second) << field.key << " is described twice";
    EXPECT_FALSE(field.meaning.empty()) << field.key;
    EXPECT_EQ(field.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_."), std::string::npos)
        << field.key;
  }
}

TEST(Description, DefaultsAreAllowed) {
  const bench::RunConfig c = read_only(resolved_toml(base()));
  EXPECT_TRUE(compare(base(), c).empty());
}

// MEMPROP_UPDATE_DOCS=1 writes the file anew.
TEST(ConfigReference, IsUpToDate) {
  const std::string path = std::string(MEMPROP_SOURCE_DIR) + "/docs/config.md";
  if (std::getenv("MEMPROP_UPDATE_DOCS") != nullptr) {
    std::ofstream(path) << config_reference();
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path << " is missing";
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), config_reference())
      << "run this test with MEMPROP_UPDATE_DOCS=1 to write docs/config.md";
}

}  // namespace
}  // namespace memprop::config
