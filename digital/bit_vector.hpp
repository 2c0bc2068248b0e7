// A bus of single-bit lines, packed into 64-bit words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace memprop::digital {

class BitVector {
 public:
  BitVector() = default;
  explicit BitVector(std::size_t size) : size_(size), words_((size + 63) / 64, 0) {}

  std::size_t size() const { return size_; }
  bool test(std::size_t i) const { return (words_[i / 64] >> (i % 64)) & 1U; }
  void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  void reset(std::size_t i) { words_[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
  void clear() {
    for (auto& word : words_) word = 0;
  }
  bool any() const {
    for (auto word : words_) {
      if (word != 0) return true;
    }
    return false;
  }
  // Calls visit(i) for every set bit, in ascending order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (std::uint64_t word = words_[w]; word != 0; word &= word - 1) {
        visit(w * 64 + static_cast<std::size_t>(__builtin_ctzll(word)));
      }
    }
  }
  std::vector<std::uint64_t>& words() { return words_; }
  const std::vector<std::uint64_t>& words() const { return words_; }
  bool operator==(const BitVector& other) const {
    return size_ == other.size_ && words_ == other.words_;
  }
  bool operator!=(const BitVector& other) const { return !(*this == other); }

 private:
  std::size_t size_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace memprop::digital
