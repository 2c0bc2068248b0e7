// TraceReader on any bytes: everything that `memprop info` and a resume ask of a trace. An input
// that begins with "JRNL" and a 32-bit length carries a journal of that length before the file; its
// checksum is put right.
#include <pthread.h>
#include <zlib.h>

#include <cstring>

#include "solvers/test/fuzz/fuzz_input.hpp"
#include "traces/trace_file.hpp"
#include "traces/trace_reader.hpp"

namespace {

using namespace memprop;

constexpr std::size_t most_values = std::size_t{1} << 20;

void read_all(const std::string& path) {
  traces::is_trace(path);
  const traces::TraceReader trace(path);
  // Each for itself: what one damaged data set refuses must not hide the others.
  fuzz::only_user_errors([&] { trace.attributes(""); });
  for (const traces::DatasetInfo& d : trace.datasets()) {
    fuzz::only_user_errors([&] { trace.attributes(d.path); });
    fuzz::only_user_errors([&] {
      if (d.type == traces::ElementType::text) {
        trace.read_strings(d.path);
        return;
      }
      std::size_t count = 1;
      for (const std::size_t n : d.shape) count = n != 0 && count > most_values ? count : count * n;
      if (count > most_values) return;  // as a caller that wants a few rows would
      fuzz::require(trace.read<double>(d.path).size() == count, "another size than promised");
      if (!d.shape.empty()) trace.read_rows<std::int64_t>(d.path, 0, d.shape[0]);
    });
  }
}

// What is let through is used in this process, where the library must stand it.
void resume(const std::string& path) {
  traces::TraceFile trace = traces::TraceFile::open_for_append(path);
  traces::RowCounts half = trace.row_counts();
  for (auto& [name, rows] : half) rows /= 2;
  trace.truncate_to(half);
  trace.write_text("config/toml", "resumed", "configuration as given");
  trace.close();
}

}  // namespace

// HDF5 1.10 forgets some of its own memory when it gives up on a damaged file.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5\n"; }

// The reading process may crash: that is what it is for. The fuzzer must not take it for a finding.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  static const int at_fork = ::pthread_atfork(nullptr, nullptr, [] {
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(nullptr);
  });
  fuzz::require(at_fork == 0, "no handler for forks");
  folder.remove("fuzz.h5.journal");
  std::uint32_t length = 0;
  if (size > 8 && std::memcmp(data, "JRNL", 4) == 0) {
    std::memcpy(&length, data + 4, sizeof length);
    data += 8;
    size -= 8;
    if (length > 4 && length <= size) {
      std::vector<std::uint8_t> journal(data, data + length);
      const auto crc =
          static_cast<std::uint32_t>(crc32(0, journal.data(), static_cast<uInt>(length - 4)));
      std::memcpy(journal.data() + length - 4, &crc, sizeof crc);
      folder.put("fuzz.h5.journal", journal.data(), journal.size());
      data += length;
      size -= length;
    }
  }
  const std::string path = folder.put("fuzz.h5", data, size);
  fuzz::only_user_errors([&] { read_all(path); });
  fuzz::only_user_errors([&] { resume(path); });
  return 0;
}
