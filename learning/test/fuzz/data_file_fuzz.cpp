// What data.train_inputs names, on any bytes: the format is told from the content, gzip unpacked.
#include "learning/dataset/data_files.hpp"
#include "learning/test/fuzz/check_array.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace memprop;
  static const fuzz::Folder folder;
  const std::string path = folder.put("data", data, size);
  fuzz::only_user_errors([&] { fuzz::check_array(learning::read_array(path)); });
  return 0;
}
