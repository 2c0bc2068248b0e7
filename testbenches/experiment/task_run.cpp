#include "testbenches/experiment/task_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "solvers/error.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/sample_order.hpp"

namespace memprop::bench {
namespace {

using Samples = std::vector<std::vector<std::uint32_t>>;

Samples training_tasks(const RunConfig& config, const learning::TrainTest& data) {
  return learning::samples_of_tasks(config.tasks, data.train.labels, data.classes,
                                    config.tasks.samples);
}

std::uint64_t steady_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

void put_task(traces::Checkpoint& checkpoint, const std::string& group, const TaskFigures& f) {
  checkpoint.put(group + "awake", Span<const double>(f.awake));
  checkpoint.put(group + "slept", Span<const double>(f.slept));
  checkpoint.put(group + "spikes", Span<const double>(f.spikes));
  checkpoint.put(group + "thresholds", Span<const double>(f.thresholds));
  checkpoint.put_value(group + "stuck", f.stuck_share);
  const SleepCost& c = f.cost;
  const std::vector<std::uint64_t> counts{c.set_pulses, c.reset_pulses, c.saturated_pulses,
                                          c.cycles, c.calibration_cycles};
  checkpoint.put(group + "sleep_counts", Span<const std::uint64_t>(counts));
  const std::vector<double> energy{c.energy.arrays_j, c.energy.neurons_j, c.energy.converters_j,
                                   c.energy.writes_j, c.energy.digital_j};
  checkpoint.put(group + "sleep_energy", Span<const double>(energy));
}

TaskFigures take_task(const traces::Checkpoint& checkpoint, const std::string& group) {
  TaskFigures f;
  f.awake = checkpoint.doubles(group + "awake");
  f.slept = checkpoint.doubles(group + "slept");
  f.spikes = checkpoint.doubles(group + "spikes");
  f.thresholds = checkpoint.doubles(group + "thresholds");
  f.stuck_share = checkpoint.real(group + "stuck");
  const auto& counts = checkpoint.uint64s(group + "sleep_counts");
  const auto& energy = checkpoint.doubles(group + "sleep_energy");
  f.cost = {counts.at(0), counts.at(1),
            counts.at(2), counts.at(3),
            counts.at(4), {energy.at(0), energy.at(1), energy.at(2), energy.at(3), energy.at(4)}};
  return f;
}

}  // namespace

std::uint64_t training_samples(const RunConfig& config, const learning::TrainTest& data) {
  if (!config.learning.train) return 0;
  if (!config.tasks.on()) return config.learning.epochs * data.train.size();
  const Samples tasks = training_tasks(config, data);
  std::uint64_t samples = 0;
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    samples += tasks[k].size();
    if (config.tasks.joint) continue;
    samples += learning::rehearsal_samples(tasks, k, config.tasks.rehearsal, config.seed).size();
  }
  return samples * config.learning.epochs;
}

TaskRun::TaskRun(const RunConfig& config, const RunOptions& options,
                 const learning::Network& network, const learning::TrainTest& data)
    : config_(config),
      options_(options),
      data_(data),
      initial_(network),
      tasks_(training_tasks(config, data)),
      tests_(learning::samples_of_tasks(config.tasks, data.test.labels, data.classes, 0)),
      total_(training_samples(config, data)) {
  for (std::size_t k = 0; k < tasks_.size(); ++k) {
    if (!tasks_[k].empty()) continue;
    throw UserError(
        fmt::format("{}: expected training samples of every task, got none of task {} "
                    "(data.train_samples, tasks.order)",
                    data.train.source, k + 1));
  }
  for (std::size_t k = 0; k < tests_.size(); ++k) {
    if (!tests_[k].empty()) continue;
    throw UserError(fmt::format(
        "{}: expected test samples of every task, got none of task {} (data.test_samples)",
        data.test.source, k + 1));
  }
}

std::vector<std::uint32_t> TaskRun::seen_samples() const {
  const std::size_t last = config_.tasks.joint ? tasks_.size() : stage_ + 1;
  std::vector<std::uint32_t> seen;
  for (std::size_t k = 0; k < last; ++k) {
    seen.insert(seen.end(), tasks_[k].begin(), tasks_[k].end());
  }
  return seen;
}

std::vector<std::uint32_t> TaskRun::stage_samples() const {
  if (config_.tasks.joint) return seen_samples();
  std::vector<std::uint32_t> samples = tasks_[stage_];
  const auto rehearsed =
      learning::rehearsal_samples(tasks_, stage_, config_.tasks.rehearsal, config_.seed);
  samples.insert(samples.end(), rehearsed.begin(), rehearsed.end());
  return samples;
}

std::vector<double> TaskRun::mean_input() const {
  const std::vector<std::uint32_t> seen = seen_samples();
  std::vector<double> mean(data_.train.inputs.cols(), 0.0);
  for (const std::uint32_t s : seen) {
    const auto row = data_.train.inputs.row(s);
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += static_cast<double>(row[j]);
  }
  for (double& m : mean) m /= static_cast<double>(seen.size());
  return mean;
}

std::vector<std::uint32_t> TaskRun::calibration_samples() const {
  const std::vector<std::uint32_t> seen = seen_samples();
  const std::size_t count = std::min(config_.sleep.calibration_samples, seen.size());
  std::vector<std::uint32_t> samples;
  for (std::size_t k = 0; k < count; ++k) samples.push_back(seen[k * seen.size() / count]);
  return samples;
}

bool TaskRun::interrupted() const {
  return interrupt_wanted() ||
         (options_.stop_after > 0 && trained_ >= options_.stop_after && !resumed_);
}

void TaskRun::report(const char* stage, std::uint64_t done, std::uint64_t total) {
  if (!options_.progress) return;
  const std::uint64_t now = steady_ms();
  if (now - last_report_ms_ < 100 && done != total) return;
  last_report_ms_ = now;
  options_.progress({stage, done, total, not_measured});
}

bool TaskRun::run(RunResult& result) {
  result.fidelity = fidelity_name();
  if (options_.resume) load_checkpoint();
  if (trace_ != nullptr && !resumed_) {
    trace_->initial_weights(initial_);
    begin_trace();
    if (config_.output.checkpoint_every > 0) save_checkpoint();
  }
  last_saved_ = trained_;
  for (; stage_ < stages(); ++stage_) {
    if (!train_stage() || !end_stage()) {
      if (!config_.output.path.empty()) save_checkpoint();
      result.interrupted = true;
      fill(result);
      return false;
    }
    epoch_ = position_ = 0;
    step_ = Step::training;
    present_ = {};
  }
  fill(result);
  result.loss = loss_;
  result.training_samples = trained_;
  result.test_samples = data_.test.size();
  result.tasks = figures_;
  result.accuracy_per_epoch = accuracy_;
  result.accuracy = accuracy_.back();
  // The best of the stages would be that of fewer classes: forgetting is about the last one.
  result.best_accuracy = accuracy_.back();
  return true;
}

bool TaskRun::train_stage() {
  const std::vector<std::uint32_t> samples = stage_samples();
  if (epoch_ == 0 && position_ == 0) present_.stuck_share = stuck_share();
  for (; epoch_ < config_.learning.epochs; ++epoch_) {
    const std::uint64_t epoch = stage_ * config_.learning.epochs + epoch_;
    if (position_ == 0) start_epoch(epoch);
    const auto order = epoch_order(samples.size(), config_.learning, config_.seed, epoch);
    while (position_ < order.size()) {
      if (interrupted()) return false;
      const std::size_t count = std::min<std::size_t>(slice(), order.size() - position_);
      std::vector<std::uint32_t> part;
      for (std::size_t k = 0; k < count; ++k) part.push_back(samples[order[position_ + k]]);
      position_ += count;
      trained_ += count;
      train_part(part, position_ == order.size());
      report("training", trained_, total_);
      if (trace_ != nullptr) trace_->tick();
      if (config_.output.checkpoint_every > 0 && trace_ != nullptr &&
          trained_ - last_saved_ >= config_.output.checkpoint_every) {
        save_checkpoint();
        last_saved_ = trained_;
      }
    }
    position_ = 0;
  }
  return !interrupted();
}

bool TaskRun::end_stage() {
  if (step_ == Step::training) {
    std::vector<double> awake;
    end_task();
    if (!test(awake)) return false;
    present_.awake = std::move(awake);
    step_ = Step::tested;
  }
  if (config_.sleep.on) {
    if (step_ == Step::tested) {
      sleep(present_);
      step_ = Step::slept;
    }
    std::vector<double> slept;
    if (!test(slept)) return false;
    present_.slept = std::move(slept);
  }
  figures_.push_back(present_);
  accuracy_.push_back(all_);
  if (trace_ != nullptr) trace_->training().epoch(stage_ + 1, accuracy_.back(), not_measured);
  return true;
}

// Accuracy on each task; loss and accuracy on all of them are kept.
bool TaskRun::test(std::vector<double>& accuracy) {
  std::vector<TestFigures> of_tasks;
  if (!evaluate(of_tasks)) return false;
  double hits = 0, loss = 0, count = 0;
  for (std::size_t k = 0; k < of_tasks.size(); ++k) {
    const auto n = static_cast<double>(tests_[k].size());
    accuracy.push_back(of_tasks[k].accuracy);
    hits += of_tasks[k].accuracy * n;
    loss += of_tasks[k].loss * n;
    count += n;
  }
  loss_ = loss / count;
  all_ = hits / count;
  return true;
}

void TaskRun::save_checkpoint() {
  traces::Checkpoint checkpoint;
  save_learner(checkpoint);
  const std::vector<std::uint64_t> place{stage_, epoch_, position_, trained_,
                                         static_cast<std::uint64_t>(step_)};
  checkpoint.put("tasks/place", Span<const std::uint64_t>(place));
  const std::vector<double> present{loss_, all_};
  checkpoint.put("tasks/figures", Span<const double>(present));
  checkpoint.put("tasks/accuracy", Span<const double>(accuracy_));
  for (std::size_t k = 0; k < figures_.size(); ++k) {
    put_task(checkpoint, fmt::format("tasks/{}/", k), figures_[k]);
  }
  put_task(checkpoint, "tasks/present/", present_);
  save_run_checkpoint(checkpoint, config_, options_, trace_);
}

void TaskRun::load_checkpoint() {
  const auto checkpoint = load_run_checkpoint(config_, trace_);
  const auto& place = checkpoint.uint64s("tasks/place");
  stage_ = place.at(0);
  epoch_ = place.at(1);
  position_ = place.at(2);
  trained_ = place.at(3);
  step_ = static_cast<Step>(place.at(4));
  loss_ = checkpoint.doubles("tasks/figures").at(0);
  all_ = checkpoint.doubles("tasks/figures").at(1);
  accuracy_ = checkpoint.doubles("tasks/accuracy");
  for (std::size_t k = 0; k < stage_; ++k) {
    figures_.push_back(take_task(checkpoint, fmt::format("tasks/{}/", k)));
  }
  present_ = take_task(checkpoint, "tasks/present/");
  load_learner(checkpoint);
  resumed_ = true;
}

}  // namespace memprop::bench
