// Class-incremental tasks: which samples belong to them.
#include "learning/continual/tasks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

std::vector<int> labels(std::size_t count) {
  std::vector<int> all;
  for (std::size_t s = 0; s < count; ++s) all.push_back(static_cast<int>((s * 7) % 10));
  return all;
}

TEST(Tasks, TakeTheirClassesInOrder) {
  TaskConfig config;
  config.classes_per_task = 2;
  const auto samples = samples_of_tasks(config, labels(1000), 10, 30);
  ASSERT_EQ(samples.size(), 5U);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_EQ(samples[k].size(), 30U);
    EXPECT_TRUE(std::is_sorted(samples[k].begin(), samples[k].end()));
    for (const auto s : samples[k]) EXPECT_EQ(static_cast<std::size_t>(labels(1000)[s]) / 2, k);
  }
  config.order = {9, 0, 8, 1, 7, 2, 6, 3, 5, 4};
  const auto other = samples_of_tasks(config, labels(1000), 10, 0);
  for (const auto s : other[0]) EXPECT_TRUE(labels(1000)[s] == 9 || labels(1000)[s] == 0);
  std::size_t all = 0;
  for (const auto& task : other) all += task.size();
  EXPECT_EQ(all, 1000U);
}

TEST(Tasks, RehearseAShareOfAllEarlierSamples) {
  TaskConfig config;
  config.classes_per_task = 2;
  const auto samples = samples_of_tasks(config, labels(1000), 10, 0);
  EXPECT_TRUE(rehearsal_samples(samples, 0, 0.1, 1).empty());
  const auto chosen = rehearsal_samples(samples, 3, 0.1, 1);
  EXPECT_EQ(chosen.size(), 60U);  // of 600
  const std::set<std::uint32_t> once(chosen.begin(), chosen.end());
  EXPECT_EQ(once.size(), 60U);
  for (const auto s : chosen) EXPECT_LT(labels(1000)[s], 6);
  EXPECT_EQ(chosen, rehearsal_samples(samples, 3, 0.1, 1));
  EXPECT_NE(chosen, rehearsal_samples(samples, 3, 0.1, 2));
  const auto everything = rehearsal_samples(samples, 2, 1.0, 1);
  EXPECT_EQ(std::set<std::uint32_t>(everything.begin(), everything.end()).size(), 400U);
}

void expect_refused(const TaskConfig& config, const std::string& key) {
  try {
    check_tasks(config, 10);
    ADD_FAILURE() << "not refused: " << key;
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("key '" + key + "'"), std::string::npos)
        << error.what();
  }
}

TEST(Tasks, NonsenseIsRefused) {
  TaskConfig good;
  good.classes_per_task = 2;
  EXPECT_NO_THROW(check_tasks(good, 10));
  TaskConfig c = good;
  c.classes_per_task = 3;
  expect_refused(c, "tasks.classes");
  c = good;
  c.order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 8};
  expect_refused(c, "tasks.order");
  c = good;
  c.rehearsal = 1.5;
  expect_refused(c, "tasks.rehearsal");
  c = good;
  c.joint = true;
  c.rehearsal = 0.1;
  expect_refused(c, "tasks.rehearsal");
  c = good;
  c.consolidation = Consolidation::ewc;
  expect_refused(c, "tasks.strength");
  c.strength = 1.0;
  EXPECT_NO_THROW(check_tasks(c, 10));
  c.joint = true;
  expect_refused(c, "tasks.consolidation");
}

}  // namespace
}  // namespace memprop::learning::test
