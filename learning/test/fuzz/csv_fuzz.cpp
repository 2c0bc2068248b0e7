// The CSV reader on any bytes.
#include "learning/dataset/csv.hpp"
#include "learning/test/fuzz/check_array.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace memprop;
  const learning::Bytes bytes(data, data + size);
  fuzz::only_user_errors([&] {
    const learning::NumericArray array = learning::parse_csv(bytes, "fuzz.csv");
    fuzz::check_array(array);
    fuzz::require(array.shape.size() == 2 && array.shape[0] > 0, "expected lines x fields");
  });
  return 0;
}
