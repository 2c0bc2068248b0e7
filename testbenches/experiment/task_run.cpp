#include "testbenches/experiment/task_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learning/continual/feedforward.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/sample_order.hpp"
#include "testbenches/experiment/software_reference.hpp"

namespace memprop::bench {
namespace {

// Samples of a task that are looked at for outputs that cannot move.
constexpr std::size_t kStuckSamples = 500;

bool settles(const RunConfig& config) { return !learning::is_baseline(config.learning.rule); }

// The running network as the ideal reference sees it, to ask for its free and nudged states.
learning::IdealReference state_reference(const RunConfig& config,
                                         const learning::Network& network) {
  learning::LearningConfig learning = config.learning;
  learning.optimiser = {};
  if (learning.rule == learning::RuleKind::truncated_bptt) {
    learning.rule = learning::RuleKind::equilibrium_propagation;
  }
  return {network, learning, config.ideal, 1U, config.seed};
}

std::vector<double> input_of(const learning::Dataset& data, std::size_t sample) {
  const auto row = data.inputs.row(sample);
  return {row.begin(), row.end()};
}

}  // namespace

TaskRun::TaskRun(const RunConfig& config, const RunOptions& options,
                 const learning::Network& network, const learning::TrainTest& data)
    : config_(config), options_(options), data_(data), initial_(network) {
  tasks_ = learning::samples_of_tasks(config.tasks, data.train.labels, data.classes,
                                      config.tasks.samples);
  for (std::size_t k = 0; k < tasks_.size(); ++k) {
    if (!tasks_[k].empty()) continue;
    throw UserError(
        fmt::format("{}: expected training samples of every task, got none of task {} "
                    "(data.train_samples, tasks.order)",
                    data.train.source, k + 1));
  }
  make_test_sets();
  reference_ = make_software_reference(config_, network);
  for (stage_ = 0; stage_ < stages(); ++stage_) {
    total_ += stage_samples().size() * config_.learning.epochs;
  }
  stage_ = 0;
}

void TaskRun::make_test_sets() {
  const auto samples =
      learning::samples_of_tasks(config_.tasks, data_.test.labels, data_.classes, 0);
  const std::size_t n_in = data_.test.inputs.cols(), n_out = data_.test.targets.cols();
  for (std::size_t k = 0; k < samples.size(); ++k) {
    const std::size_t count = samples[k].size();
    if (count == 0) {
      throw UserError(fmt::format(
          "{}: expected test samples of every task, got none of task {} (data.test_samples)",
          data_.test.source, k + 1));
    }
    TestSet set{BasicMatrix<float>(count, n_in), BasicMatrix<float>(count, n_out), {}};
    for (std::size_t s = 0; s < count; ++s) {
      const auto x = data_.test.inputs.row(samples[k][s]);
      const auto y = data_.test.targets.row(samples[k][s]);
      std::copy(x.begin(), x.end(), set.inputs.row(s).begin());
      std::copy(y.begin(), y.end(), set.targets.row(s).begin());
      set.labels.push_back(static_cast<std::uint32_t>(data_.test.labels[samples[k][s]]));
    }
    tests_.push_back(std::move(set));
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

bool TaskRun::interrupted() const {
  return (options_.interrupt != nullptr && *options_.interrupt) ||
         (options_.stop_after > 0 && trained_ >= options_.stop_after && !resumed_);
}

bool TaskRun::run(RunResult& result) {
  result.fidelity = config_.fidelity == Fidelity::ideal ? "ideal" : "ode";
  if (options_.resume) load_checkpoint();
  if (trace_ != nullptr && !resumed_) {
    trace_->initial_weights(initial_);
    if (config_.output.checkpoint_every > 0) save_checkpoint();
  }
  last_saved_ = trained_;
  for (; stage_ < stages(); ++stage_) {
    if (!train_stage()) {
      if (!config_.output.path.empty()) save_checkpoint();
      result.interrupted = true;
      return false;
    }
    end_stage();
    epoch_ = position_ = 0;
  }
  result.loss = loss_;
  result.training_samples = trained_;
  for (const TestSet& set : tests_) result.test_samples += set.labels.size();
  result.tasks = figures_;
  result.accuracy_per_epoch = accuracy_;
  result.accuracy = accuracy_.back();
  // The best of the stages would be that of fewer classes: forgetting is about the last one.
  result.best_accuracy = accuracy_.back();
  return true;
}

bool TaskRun::train_stage() {
  const std::vector<std::uint32_t> samples = stage_samples();
  const std::size_t batch = config_.learning.batch;
  const std::size_t slice = std::max<std::size_t>(1, 1000 / batch) * batch;
  if (epoch_ == 0 && position_ == 0) stuck_ = stuck_share();
  for (; epoch_ < config_.learning.epochs; ++epoch_) {
    const std::uint64_t epoch = stage_ * config_.learning.epochs + epoch_;
    if (position_ == 0) reference_->start_epoch(epoch);
    const auto order = epoch_order(samples.size(), config_.learning, config_.seed, epoch);
    while (position_ < order.size()) {
      if (interrupted()) return false;
      const std::size_t count = std::min<std::size_t>(slice, order.size() - position_);
      std::vector<std::uint32_t> part;
      for (std::size_t k = 0; k < count; ++k) part.push_back(samples[order[position_ + k]]);
      reference_->train(data_.train.inputs.data(), data_.train.targets.data(), part);
      position_ += count;
      trained_ += count;
      if (options_.progress) options_.progress({"training", trained_, total_, not_measured});
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

void TaskRun::end_stage() {
  reference_->end_task(data_.train.inputs.data(), data_.train.targets.data(), stage_samples());
  TaskFigures figures;
  figures.stuck_share = stuck_;
  figures.awake = evaluate();
  if (config_.sleep.on) {
    sleep(figures);
    figures.slept = evaluate();
  }
  figures_.push_back(std::move(figures));
  if (trace_ != nullptr) trace_->training().epoch(stage_ + 1, accuracy_.back(), not_measured);
}

// Accuracy on each task; loss and accuracy on all of them are kept.
std::vector<double> TaskRun::evaluate() {
  std::vector<double> accuracy;
  double hits = 0, loss = 0, count = 0;
  for (const TestSet& set : tests_) {
    const auto e = reference_->evaluate(set.inputs.data(), set.targets.data(), set.labels.data(),
                                        set.labels.size());
    const auto n = static_cast<double>(set.labels.size());
    accuracy.push_back(e.accuracy);
    hits += e.accuracy * n;
    loss += e.loss * n;
    count += n;
  }
  loss_ = loss / count;
  if (accuracy_.size() > figures_.size()) accuracy_.pop_back();  // that of before the sleep
  accuracy_.push_back(hits / count);
  return accuracy;
}

learning::SleepCalibration TaskRun::calibrate(const learning::Network& network) const {
  const std::vector<std::uint32_t> seen = seen_samples();
  const std::size_t count = std::min(config_.sleep.calibration_samples, seen.size());
  learning::SleepCalibration calibration(network);
  auto states = state_reference(config_, network);
  for (std::size_t k = 0; k < count; ++k) {
    const std::vector<double> x = input_of(data_.train, seen[k * seen.size() / count]);
    if (!settles(config_)) {
      calibration.add(learning::feedforward_activities(network, x));
      continue;
    }
    learning::LayerStates s = states.relax_free(x);
    std::vector<std::vector<double>> activities{x};
    for (auto& r : s.r) activities.push_back(std::move(r));
    activities.push_back(std::move(s.output));  // of a read-out outside the loop
    calibration.add(activities);
  }
  return calibration;
}

void TaskRun::sleep(TaskFigures& figures) {
  learning::Network network = reference_->network();
  const std::vector<std::uint32_t> seen = seen_samples();
  std::vector<double> mean(data_.train.inputs.cols(), 0.0);
  for (const std::uint32_t s : seen) {
    const auto row = data_.train.inputs.row(s);
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += static_cast<double>(row[j]);
  }
  for (double& m : mean) m /= static_cast<double>(seen.size());
  const std::vector<double> theta = calibrate(network).thresholds(config_.sleep);
  for (const double t : theta) {
    if (t > 0) continue;
    throw UserError(
        "key 'sleep.threshold': expected a layer with a drive above 0 to be relative to, got a "
        "network whose weights are all below 0 somewhere");
  }
  figures.spikes =
      learning::sleep(network, config_.sleep, mean, theta, config_.seed, stage_ + 1).spikes;
  const learning::TrainingState state = reference_->training_state();
  reference_ = make_software_reference(config_, network);
  reference_->set_training_state(state);
}

// Outputs at the lower clip that the nudge towards 1 does not lift give no learning signal.
double TaskRun::stuck_share() const {
  using learning::Readout;
  if (config_.network.readout != Readout::squared_error ||
      config_.learning.rule != learning::RuleKind::equilibrium_propagation) {
    return not_measured;
  }
  auto states = state_reference(config_, reference_->network());
  const std::vector<std::uint32_t>& samples = tasks_[stage_];
  const std::size_t count = std::min(kStuckSamples, samples.size());
  double stuck = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t s = samples[k * samples.size() / count];
    const auto target = data_.train.targets.row(s);
    const std::vector<double> y(target.begin(), target.end());
    const auto r = states.relax_nudged(input_of(data_.train, s), y, config_.learning.beta).r.back();
    const auto own = static_cast<std::size_t>(data_.train.labels[s]);
    stuck += r[own] == 0.0 ? 1.0 : 0.0;
  }
  return stuck / static_cast<double>(count);
}

void TaskRun::save_checkpoint() {
  traces::Checkpoint checkpoint;
  put_network(checkpoint, reference_->network());
  const learning::TrainingState state = reference_->training_state();
  checkpoint.put("optimiser", Span<const double>(state.optimiser));
  const std::vector<std::uint64_t> place{stage_, epoch_, position_, trained_, state.updates};
  checkpoint.put("place", Span<const std::uint64_t>(place));
  const std::vector<double> present{stuck_, loss_};
  checkpoint.put("present", Span<const double>(present));
  checkpoint.put("accuracy", Span<const double>(accuracy_));
  for (std::size_t k = 0; k < figures_.size(); ++k) {
    const TaskFigures& f = figures_[k];
    const std::string group = fmt::format("tasks/{}/", k);
    checkpoint.put(group + "awake", Span<const double>(f.awake));
    checkpoint.put(group + "slept", Span<const double>(f.slept));
    checkpoint.put(group + "spikes", Span<const double>(f.spikes));
    checkpoint.put_value(group + "stuck", f.stuck_share);
  }
  save_run_checkpoint(checkpoint, config_, options_, trace_);
}

void TaskRun::load_checkpoint() {
  const auto checkpoint = load_run_checkpoint(config_, trace_);
  auto network = initial_;
  take_network(checkpoint, network);
  const auto& place = checkpoint.uint64s("place");
  stage_ = place.at(0);
  epoch_ = place.at(1);
  position_ = place.at(2);
  trained_ = place.at(3);
  stuck_ = checkpoint.doubles("present").at(0);
  loss_ = checkpoint.doubles("present").at(1);
  accuracy_ = checkpoint.doubles("accuracy");
  for (std::size_t k = 0; k < stage_; ++k) {
    const std::string group = fmt::format("tasks/{}/", k);
    TaskFigures f;
    f.awake = checkpoint.doubles(group + "awake");
    f.slept = checkpoint.doubles(group + "slept");
    f.spikes = checkpoint.doubles(group + "spikes");
    f.stuck_share = checkpoint.real(group + "stuck");
    figures_.push_back(std::move(f));
  }
  reference_ = make_software_reference(config_, network);
  learning::TrainingState state;
  state.samples_trained = trained_;
  state.updates = place.at(4);
  state.optimiser = checkpoint.doubles("optimiser");
  reference_->set_training_state(state);
  resumed_ = true;
}

}  // namespace memprop::bench
