// The IDX reader on any bytes.
#include "learning/dataset/idx.hpp"
#include "learning/test/fuzz/check_array.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace memprop;
  const learning::Bytes bytes(data, data + size);
  fuzz::only_user_errors([&] { fuzz::check_array(learning::parse_idx(bytes, "fuzz.idx")); });
  return 0;
}
