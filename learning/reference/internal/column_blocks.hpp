// How the columns of a batch are cut into blocks that relax together.
#pragma once

#include <algorithm>
#include <cstddef>

namespace memprop::learning::internal {

// Columns of a block at most: their states stay in the second-level cache beside a panel of
// weights.
inline constexpr std::size_t kBlockColumns = 24;

// Blocks of nearly equal size, as many for each thread if no block gets too small. A short last
// block would stream all weights past a few columns and leave the other threads waiting. No result
// depends on the cut.
class ColumnBlocks {
 public:
  ColumnBlocks(std::size_t columns, int threads)
      : columns_(columns), count_((columns + kBlockColumns - 1) / kBlockColumns) {
    const auto each = static_cast<std::size_t>(std::max(threads, 1));
    const std::size_t even = (count_ + each - 1) / each * each;
    if (even * kLeastColumns <= columns) count_ = even;
  }

  std::size_t count() const { return count_; }
  std::size_t first(std::size_t block) const { return block * columns_ / count_; }
  std::size_t size(std::size_t block) const { return first(block + 1) - first(block); }

 private:
  static constexpr std::size_t kLeastColumns = 4;

  std::size_t columns_, count_;
};

}  // namespace memprop::learning::internal
