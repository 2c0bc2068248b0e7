// The journal of a commit: the pages to be put into a file, and its size afterwards.
//
// Bytes (integers in the machine's order, a journal never leaves its machine): "MPJRNL01", u64 size
// of the file after the commit, u64 number of pages, per page u64 page number and 4096 bytes; then
// the CRC-32 of all before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace memprop::traces {

constexpr std::size_t commit_page_size = 4096;
using CommitPage = std::array<std::uint8_t, commit_page_size>;
using CommitPages = std::map<std::uint64_t, std::unique_ptr<CommitPage>>;  // by number

// Into `out`, whose memory is kept from one journal to the next.
void encode_journal(std::uint64_t file_size, const CommitPages& pages,
                    std::vector<std::uint8_t>& out);

// False if the journal is not whole; then nothing is changed.
bool decode_journal(const std::vector<std::uint8_t>& journal, std::uint64_t& file_size,
                    CommitPages& pages);

}  // namespace memprop::traces
