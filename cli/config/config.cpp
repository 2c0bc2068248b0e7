#include "cli/config/config.hpp"

#include <filesystem>

#include "cli/config/check.hpp"
#include "cli/config/describe.hpp"
#include "cli/config/field_list.hpp"
#include "cli/config/toml_reader.hpp"
#include "learning/dataset/file_bytes.hpp"

namespace memprop::config {
namespace {

Config parse(std::string_view text, const std::string& source_name,
             const std::vector<std::string>& overrides, const std::string& base_directory) {
  Config parsed{default_config(), std::string(text), overrides};
  TomlReader reader(text, source_name, overrides, base_directory);
  // First, so that a mistyped required key is reported as such and not as missing.
  reader.refuse_unknown_keys(list_fields(parsed.run));
  describe(reader, parsed.run);
  parsed.locate = reader.locate();
  check(parsed.run, parsed.locate);
  return parsed;
}

}  // namespace

Config load_config(const std::string& path, const std::vector<std::string>& overrides) {
  const learning::Bytes bytes = learning::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Config parsed = parse(text, path, overrides, std::filesystem::path(path).parent_path().string());
  check_output(parsed.run, parsed.locate);
  return parsed;
}

Config parse_config(std::string_view text, const std::string& source_name,
                    const std::vector<std::string>& overrides, const std::string& base_directory) {
  return parse(text, source_name, overrides, base_directory);
}

}  // namespace memprop::config
