// The configuration reader on any text. Bytes behind a byte 1 are --set overrides, one a line.
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/config.hpp"
#include "cli/config/dump.hpp"
#include "solvers/test/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace memprop;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> overrides;
  if (const std::size_t cut = text.find('\x01'); cut != std::string_view::npos) {
    std::string_view rest = text.substr(cut + 1);
    text = text.substr(0, cut);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      overrides.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  fuzz::only_user_errors([&] {
    const config::Config config = config::parse_config(text, "fuzz.toml", overrides);
    // What was accepted is written as text that gives the same description again.
    const std::string dumped = config::resolved_toml(config.run);
    std::string again;
    try {
      again = config::resolved_toml(config::parse_config(dumped, "dump.toml").run);
    } catch (const UserError& error) {
      fuzz::broken(error.what());
    }
    fuzz::require(again == dumped, "the resolved text does not read back as itself");
  });
  return 0;
}
