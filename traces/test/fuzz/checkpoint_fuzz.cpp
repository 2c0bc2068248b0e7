// Checkpoint::load on any bytes, first as they are, then with length and checksum put right, so
// that what lies behind them is reached.
#include <zlib.h>

#include <cstring>

#include "solvers/test/fuzz/fuzz_input.hpp"
#include "traces/checkpoint.hpp"

namespace {

using namespace memprop;

void load(const fuzz::Folder& folder, const std::uint8_t* data, std::size_t size) {
  const std::string path = folder.put("fuzz.ckpt", data, size);
  fuzz::only_user_errors([&] {
    const auto loaded = traces::Checkpoint::load(path);
    for (const std::string& key : loaded.checkpoint.keys()) {
      // Of one type only: the three other accessors refuse.
      int types = 0;
      const auto is = [&](auto read) {
        try {
          read();
          ++types;
        } catch (const UserError&) {
        }
      };
      is([&] { loaded.checkpoint.uint64s(key); });
      is([&] { loaded.checkpoint.doubles(key); });
      is([&] { loaded.checkpoint.bytes(key); });
      is([&] { loaded.checkpoint.strings(key); });
      fuzz::require(types == 1, "an entry that is not of exactly one type");
    }
    const std::string copy = folder.file("copy.ckpt");
    folder.remove("copy.ckpt");
    loaded.checkpoint.save(copy);
    fuzz::require(traces::Checkpoint::load(copy).checkpoint.keys() == loaded.checkpoint.keys(),
                  "a saved checkpoint does not read back as itself");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  load(folder, data, size);
  constexpr std::size_t header = 24, checksum = 4;
  if (size < header + checksum) return 0;
  std::vector<std::uint8_t> whole(data, data + size);
  std::memcpy(whole.data(), "MPCKPT\r\n", 8);
  const std::uint32_t version = 1;
  std::memcpy(whole.data() + 8, &version, sizeof version);
  const std::uint64_t length = size - header - checksum;
  std::memcpy(whole.data() + 16, &length, sizeof length);
  const auto crc =
      static_cast<std::uint32_t>(crc32(0, whole.data(), static_cast<uInt>(size - checksum)));
  std::memcpy(whole.data() + size - checksum, &crc, sizeof crc);
  load(folder, whole.data(), whole.size());
  return 0;
}
