// Links beyond neighbouring layers on the chip: an array for each, read both ways where the
// feedback is tied, against the fixed points, updates and gradients of the same network in
// software.
#include <gtest/gtest.h>

#include "hw_models/controller_setup.hpp"
#include "learning/reference/fixed_point.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "solvers/error.hpp"
#include "testbenches/test/imperfection_fixture.hpp"

namespace memprop::bench {
namespace {

using test::Held;
using test::Job;
using test::largest_difference;

// The golden network with links; their weights are small multiples of their index.
Job linked(const std::vector<std::string>& links, bool separate = false) {
  Job job;
  learning::NetworkConfig config = job.network.config;
  config.links = links;
  if (separate) config.feedback = learning::FeedbackWeights::separate;
  job.network.links = learning::list_links(config, 1);
  job.network.config = config;
  for (std::size_t k = 0; k < job.network.links.size(); ++k) {
    learning::Link& link = job.network.links[k];
    if (link.tied_to != learning::Link::not_tied) continue;
    link.weight = Matrix(job.network.width(link.to), job.network.width(link.from));
    for (std::size_t i = 0; i < link.weight.size(); ++i) {
      link.weight.values()[i] = 0.1 * static_cast<double>(i + k + 1) * (i % 2 == 0 ? 1.0 : -1.0);
    }
  }
  if (!separate) return job;
  for (std::size_t l = 1; l < 3; ++l) {
    const Matrix& w = job.network.weight[l];
    Matrix b(w.cols(), w.rows());
    for (std::size_t i = 0; i < b.size(); ++i) b.values()[i] = 0.3 - 0.2 * static_cast<double>(i);
    job.network.feedback.push_back(b);
  }
  job.chip.feedback = hw::FeedbackArray::separate_array;
  return job;
}

std::vector<double> lines(const Job& job, double beta) {
  const std::vector<double> x{1.0, -0.5, 0.25}, y{0.5, -0.5};
  std::vector<double> r;
  for (const auto& layer : learning::fixed_point(job.network, x, beta, y).r) {
    r.insert(r.end(), layer.begin(), layer.end());
  }
  return r;
}

void expect_fixed_points(const Job& job) {
  const Held held = run(job);
  EXPECT_LT(largest_difference(held.free, lines(job, 0.0)), 1e-8);
  EXPECT_LT(largest_difference(held.plus, lines(job, job.beta)), 1e-8);
  EXPECT_LT(largest_difference(held.minus, lines(job, -job.beta)), 1e-8);
  EXPECT_GT(largest_difference(held.free, run(Job{}).free), 1e-3);  // the links act
}

TEST(LinkChip, SettlesToTheFixedPointsOfTheLinkedNetwork) {
  expect_fixed_points(linked({"1-3"}));
  expect_fixed_points(linked({"1-3@0.4"}));
  expect_fixed_points(linked({"1>3", "3>1@0.3"}));
  expect_fixed_points(linked({"1-3"}, true));
  Job two = linked({"1-3"});
  two.chip.feedback = hw::FeedbackArray::separate_array;
  expect_fixed_points(two);
}

TEST(LinkChip, CopiesOfNeuronsHaveTheLinksToo) {
  Job job = linked({"1-3"});
  job.nudging = test::Nudging::one_sided;
  job.chip.twin.mode = hw::TwinMode::free_nudged;
  const Held held = run(job);
  EXPECT_LT(largest_difference(held.free, lines(job, 0.0)), 1e-8);
  EXPECT_LT(largest_difference(held.plus, lines(job, job.beta)), 1e-8);
}

// What the codes ask for, of the chain and of the link, is what the rule asks for in software.
TEST(LinkChip, WantedChangesAreThoseOfTheRule) {
  for (const auto form : {learning::UpdateForm::product, learning::UpdateForm::simplified}) {
    Job job = linked({"1-3"});
    job.form = form;
    learning::LearningConfig learning;
    learning.nudging = job.nudging;
    learning.form = job.form;
    learning.beta = job.beta;
    learning.rate = {1.0, 1.0, 1.0};
    learning::IdealConfig steps;
    steps.free_steps = steps.nudged_steps = 2000;
    Matrix x(1, 3), y(1, 2);
    x.values() = {1.0, -0.5, 0.25};
    y.values() = {0.5, -0.5};
    learning::IdealReference software(job.network, learning, steps, 1);
    const learning::Gradient rule = software.ep_update_estimate(x, y);
    run(job, {}, [&](hw::ChipRunner& runner) {
      const auto changes =
          hw::wanted_change(job.chip, job.network, learning, runner.chip().controller(),
                            runner.chip().coded_input(), 1.0, false);
      ASSERT_EQ(changes.size(), 4U);
      for (std::size_t t = 0; t < 4; ++t) {
        const Matrix& expected = t < 3 ? rule.weight[t] : rule.links[0];
        ASSERT_EQ(changes[t].size(), expected.size());
        for (std::size_t k = 0; k < expected.size(); ++k) {
          EXPECT_NEAR(changes[t].values()[k], expected.values()[k], 1e-6) << t << " " << k;
        }
      }
    });
  }
}

// Pulses reach the array of the link; a fixed one stays.
TEST(LinkChip, PulsesMoveTrainedLinksAlone) {
  Job job = linked({"1>3", "3>1@0.3"});
  job.chip.device.model = analog::DeviceModel::constant_step;
  job.chip.device.step = 1e-4;
  job.chip.adc.bits = 12;
  job.chip.update.circuit = hw::UpdateCircuit::pulse_count;
  job.samples = 5;
  learning::Network before, after;
  run(
      job, [&](hw::ChipRunner& r) { before = r.chip().analog().present_network(); },
      [&](hw::ChipRunner& r) { after = r.chip().analog().present_network(); });
  ASSERT_EQ(before.links.size(), 2U);
  double moved = 0, stayed = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    moved += std::abs(after.links[0].weight.values()[k] - before.links[0].weight.values()[k]);
    stayed += std::abs(after.links[1].weight.values()[k] - before.links[1].weight.values()[k]);
  }
  EXPECT_GT(moved, 1e-4);
  EXPECT_EQ(stayed, 0.0);
}

TEST(LinkChip, StateIsSavedWithItsLinks) {
  Job job = linked({"1-3"});
  job.chip.device.model = analog::DeviceModel::constant_step;
  job.chip.device.step = 1e-3;
  job.chip.adc.bits = 12;
  job.chip.update.circuit = hw::UpdateCircuit::pulse_count;
  job.samples = 3;
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  Matrix link;
  run(job, {}, [&](hw::ChipRunner& r) {
    r.chip().analog().save(values, counters);
    link = r.chip().analog().present_network().links[0].weight;
  });
  Job other = job;
  other.samples = 0;
  run(other, [&](hw::ChipRunner& r) {
    EXPECT_NE(r.chip().analog().present_network().links[0].weight.values(), link.values());
    r.chip().analog().restore(values, counters);
    EXPECT_EQ(r.chip().analog().present_network().links[0].weight.values(), link.values());
  });
}

}  // namespace
}  // namespace memprop::bench
