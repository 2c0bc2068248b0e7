// Fills a run's description from a TOML text and --set overrides.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/binder.hpp"
#include "cli/config/check.hpp"
#include "cli/config/toml_document.hpp"

namespace memprop::config {

class TomlReader : public Binder {
 public:
  // source_name stands in messages; relative paths of the text count from base_directory.
  TomlReader(std::string_view text, std::string source_name,
             const std::vector<std::string>& overrides, std::string base_directory);

  // Throws UserError for the first key that is not among the known ones, with the nearest of them.
  void refuse_unknown_keys(const std::vector<Field>& known) const;

  // "FILE:LINE: key 'a.b'", "--set a.b=5", or "FILE: key 'a.b'" for a key that is not given.
  Locate locate() const;

 protected:
  void on_section(const std::string&, const std::string&) override {}
  void on_field(const Field& field) override;

 private:
  struct Given {
    TomlValue value;
    std::string place;  // the start of an error sentence
    std::string raw;    // of an override: the text behind '='
    bool is_override = false;
  };

  void add_override(const std::string& assignment);
  Values read(const Field& field, const Given& given) const;
  Scalar read_scalar(const Field& field, const TomlValue& value, const Given& given) const;

  std::string source_name_;
  std::string base_directory_;
  std::map<std::string, Given> given_;
  std::vector<std::string> order_;  // keys as they stand in the file, then overrides
};

}  // namespace memprop::config
