#include "digital/sign_passes.hpp"

#include <cstring>

namespace memprop::digital {

std::vector<SignPass> sign_passes(const ControllerConfig& config) {
  // Input codes are unsigned; converter codes, at the rows of all tiles but the first, are signed.
  const bool signed_rows = config.widths.size() > 2;
  std::vector<SignPass> passes;
  for (std::size_t group = 0; group < (config.product_form ? 2U : 1U); ++group) {
    const bool added = group == 0;
    passes.push_back({group, false, false, added});
    if (signed_rows) passes.push_back({group, true, true, added});
    passes.push_back({group, false, true, !added});
    if (signed_rows) passes.push_back({group, true, false, !added});
  }
  return passes;
}

std::size_t pack_lines(const std::vector<std::uint8_t>& high, BitVector& lines) {
  std::size_t count = 0;
  std::vector<std::uint64_t>& words = lines.words();
  for (std::size_t w = 0; w < words.size(); ++w) {
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < 8 && w * 64 + k * 8 < high.size(); ++k) {
      std::uint64_t bytes;
      std::memcpy(&bytes, &high[w * 64 + k * 8], sizeof bytes);
      // Gathers the lowest bits of eight bytes (first byte lowest) in the product's top byte.
      word |= (bytes * 0x0102040810204080ULL >> 56) << (k * 8);
    }
    words[w] = word;
    count += static_cast<std::size_t>(__builtin_popcountll(word));
  }
  return count;
}

}  // namespace memprop::digital
