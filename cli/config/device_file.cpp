#include "cli/config/device_file.hpp"

#include <filesystem>
#include <string_view>

#include "cli/config/describe.hpp"
#include "cli/config/field_list.hpp"
#include "cli/config/toml_reader.hpp"
#include "learning/dataset/file_bytes.hpp"

namespace memprop::config {

void read_device_file(const std::string& path, analog::DeviceConfig& device) {
  const learning::Bytes bytes = learning::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  TomlReader reader(text, path, {}, std::filesystem::path(path).parent_path().string());
  bench::RunConfig any_run = default_config();
  std::vector<Field> known;
  for (const Field& field : list_fields(any_run)) {
    // A device file that names another would be read for ever.
    if (field.key.rfind("chip.device.", 0) == 0 && field.key != "chip.device.file") {
      known.push_back(field);
    }
  }
  reader.refuse_unknown_keys(known);
  describe_device(reader, device);
}

}  // namespace memprop::config
