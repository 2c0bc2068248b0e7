#include "traces/hdf5/journal.hpp"

#include <cstring>
#include <limits>

#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {
namespace {

constexpr char magic[8] = {'M', 'P', 'J', 'R', 'N', 'L', '0', '1'};
constexpr std::size_t header = 24;
constexpr std::size_t entry_size = 8 + commit_page_size;
// What a file offset can hold.
constexpr std::uint64_t largest_size = std::numeric_limits<std::int64_t>::max();

template <class T>
void put_value(std::vector<std::uint8_t>& bytes, std::size_t position, T value) {
  std::memcpy(bytes.data() + position, &value, sizeof(T));
}

template <class T>
T value_at(const std::vector<std::uint8_t>& bytes, std::size_t position) {
  T value;
  std::memcpy(&value, bytes.data() + position, sizeof(T));
  return value;
}

bool is_complete(const std::vector<std::uint8_t>& journal) {
  if (journal.size() < header + 4) return false;
  if (std::memcmp(journal.data(), magic, sizeof magic) != 0) return false;
  const std::uint64_t pages = value_at<std::uint64_t>(journal, 16);
  if ((journal.size() - header - 4) / entry_size != pages) return false;
  const std::size_t end = header + pages * entry_size;
  return end + 4 == journal.size() &&
         value_at<std::uint32_t>(journal, end) == checksum(journal.data(), end);
}

}  // namespace

void encode_journal(std::uint64_t file_size, const CommitPages& pages,
                    std::vector<std::uint8_t>& out) {
  const std::size_t end = header + pages.size() * entry_size;
  out.resize(end + 4);
  std::memcpy(out.data(), magic, sizeof magic);
  put_value<std::uint64_t>(out, 8, file_size);
  put_value<std::uint64_t>(out, 16, pages.size());
  std::size_t entry = header;
  for (const auto& [number, page] : pages) {
    put_value<std::uint64_t>(out, entry, number);
    std::memcpy(out.data() + entry + 8, page->data(), commit_page_size);
    entry += entry_size;
  }
  put_value(out, end, checksum(out.data(), end));
}

bool decode_journal(const std::vector<std::uint8_t>& journal, std::uint64_t& file_size,
                    CommitPages& pages) {
  if (!is_complete(journal)) return false;
  const auto size = value_at<std::uint64_t>(journal, 8);
  const auto count = value_at<std::uint64_t>(journal, 16);
  if (size > largest_size) return false;
  CommitPages read;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t entry = header + i * entry_size;
    const auto number = value_at<std::uint64_t>(journal, entry);
    if (number > largest_size / commit_page_size - 1) return false;
    auto page = std::make_unique<CommitPage>();
    std::memcpy(page->data(), journal.data() + entry + 8, commit_page_size);
    read[number] = std::move(page);
  }
  file_size = size;
  pages.swap(read);
  return true;
}

}  // namespace memprop::traces
