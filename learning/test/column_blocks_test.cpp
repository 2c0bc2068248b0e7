#include "learning/reference/internal/column_blocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>

namespace memprop::learning::internal {
namespace {

TEST(ColumnBlocks, CoverEveryColumnOnceInOrder) {
  for (const int threads : {1, 2, 3, 8}) {
    for (std::size_t columns = 0; columns < 300; ++columns) {
      const ColumnBlocks blocks(columns, threads);
      std::size_t next = 0, least = columns, most = 0;
      for (std::size_t b = 0; b < blocks.count(); ++b) {
        ASSERT_EQ(blocks.first(b), next);
        next += blocks.size(b);
        least = std::min(least, blocks.size(b));
        most = std::max(most, blocks.size(b));
      }
      ASSERT_EQ(next, columns);
      ASSERT_LE(most, kBlockColumns);
      ASSERT_LE(most - std::min(least, most), 1U) << columns << " on " << threads;
    }
  }
}

TEST(ColumnBlocks, AsManyForEachThreadUnlessTheyGetTooSmall) {
  EXPECT_EQ(ColumnBlocks(20, 1).count(), 1U);
  EXPECT_EQ(ColumnBlocks(20, 2).count(), 2U);
  EXPECT_EQ(ColumnBlocks(50, 2).count(), 4U);
  EXPECT_EQ(ColumnBlocks(7, 2).count(), 1U);
}

}  // namespace
}  // namespace memprop::learning::internal
