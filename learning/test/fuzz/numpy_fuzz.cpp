// The readers of .npy and .npz on any bytes; the first bytes say which, as in a real file.
#include "learning/dataset/npy.hpp"
#include "learning/dataset/npz.hpp"
#include "learning/test/fuzz/check_array.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace memprop;
  const learning::Bytes bytes(data, data + size);
  fuzz::only_user_errors([&] {
    if (learning::looks_like_npy(bytes)) {
      const learning::NumericArray array = learning::parse_npy(bytes, "fuzz.npy");
      fuzz::check_array(array);
      const learning::NumericArray again =
          learning::parse_npy(learning::format_npy(array), "written.npy");
      fuzz::require(again.bytes == array.bytes && again.shape == array.shape,
                    "a written array does not read back as itself");
    } else {
      for (const auto& member : learning::parse_npz(bytes, "fuzz.npz")) {
        fuzz::check_array(member.array);
      }
    }
  });
  return 0;
}
