// In which order epochs visit the samples.
#include "testbenches/experiment/sample_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace memprop::bench::test {
namespace {

using Batches = std::multiset<std::set<std::uint32_t>>;

Batches batches(const std::vector<std::uint32_t>& order, std::size_t batch) {
  Batches all;
  for (std::size_t k = 0; k < order.size(); k += batch) {
    const std::size_t end = std::min(order.size(), k + batch);
    all.insert({order.begin() + static_cast<std::ptrdiff_t>(k),
                order.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  return all;
}

TEST(SampleOrder, RedrawnShufflesSamplesKeptShufflesBatches) {
  learning::LearningConfig learning;
  learning.batch = 10;
  for (const std::size_t samples : {100UL, 103UL}) {
    learning.batch_contents = learning::BatchContents::redrawn;
    EXPECT_EQ(epoch_order(samples, learning, 1, 4), sample_order(samples, true, 1, 4));
    learning.batch_contents = learning::BatchContents::kept;
    const auto first = epoch_order(samples, learning, 1, 0);
    EXPECT_EQ(first, sample_order(samples, true, 1, 0));
    const auto later = epoch_order(samples, learning, 1, 4);
    EXPECT_NE(first, later);
    EXPECT_NE(later, epoch_order(samples, learning, 1, 5));
    EXPECT_EQ(batches(first, 10), batches(later, 10));
    // The smaller batch stays the last, so that the others keep their places.
    EXPECT_TRUE(std::equal(first.end() - static_cast<std::ptrdiff_t>(samples % 10), first.end(),
                           later.end() - static_cast<std::ptrdiff_t>(samples % 10)));
    learning.shuffle = false;
    const auto plain = epoch_order(samples, learning, 1, 4);
    EXPECT_TRUE(std::is_sorted(plain.begin(), plain.end()));
    learning.shuffle = true;
  }
}

}  // namespace
}  // namespace memprop::bench::test
