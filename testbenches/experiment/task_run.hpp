// The protocol of a class-incremental run: task after task, with rehearsal and sleep, and what
// became of all tasks after each (docs/continual.md). Who learns is the business of its subclasses:
// SoftwareTaskRun at fidelity `ideal` and `ode`, ChipTaskRun on the chip.
#pragma once

#include <vector>

#include "learning/continual/tasks.hpp"
#include "learning/dataset/dataset.hpp"
#include "learning/network/network.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/fidelity_run.hpp"
#include "traces/checkpoint.hpp"

namespace memprop::bench {

// Samples that a run trains on over all epochs; of one with tasks, rehearsal included.
std::uint64_t training_samples(const RunConfig& config, const learning::TrainTest& data);

class TaskRun : public FidelityRun {
 public:
  bool run(RunResult& result) final;
  void save_checkpoint() final;

 protected:
  // Throws UserError when a task has no samples to train or to test.
  TaskRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
          const learning::TrainTest& data);

  struct TestFigures {
    double accuracy = 0, loss = 0;
  };

  // Who learns. Samples are numbers of the training data.
  virtual const char* fidelity_name() const = 0;
  virtual void begin_trace() {}           // rows of the beginning
  virtual std::size_t slice() const = 0;  // samples that are trained between two looks at the clock
  virtual void start_epoch(std::uint64_t) {}
  virtual void train_part(const std::vector<std::uint32_t>& samples, bool last) = 0;
  virtual void end_task() {}
  // On the samples of every task; false: interrupted, and nothing has changed.
  virtual bool evaluate(std::vector<TestFigures>& of_tasks) = 0;
  // Fills spikes and what it has cost.
  virtual void sleep(TaskFigures& figures) = 0;
  // Samples of the task whose own output cannot move, before training on it.
  virtual double stuck_share() { return not_measured; }
  virtual void fill(RunResult&) {}
  virtual void save_learner(traces::Checkpoint&) {}
  virtual void load_learner(const traces::Checkpoint&) {}

  std::size_t stages() const { return config_.tasks.joint ? 1 : tasks_.size(); }
  std::uint64_t stage() const { return stage_; }
  std::uint64_t trained() const { return trained_; }
  bool resumed() const { return resumed_; }
  bool interrupt_wanted() const { return options_.interrupt != nullptr && *options_.interrupt; }
  void report(const char* stage, std::uint64_t done, std::uint64_t total);
  // Training samples of the present task, and those of the tasks so far without rehearsal.
  std::vector<std::uint32_t> stage_samples() const;
  std::vector<std::uint32_t> seen_samples() const;
  // The mean input of the latter, and those the largest drive is found in.
  std::vector<double> mean_input() const;
  std::vector<std::uint32_t> calibration_samples() const;
  const std::vector<std::uint32_t>& task_samples() const { return tasks_[stage_]; }
  const std::vector<std::vector<std::uint32_t>>& test_samples() const { return tests_; }

  const RunConfig& config_;
  const RunOptions& options_;
  const learning::TrainTest& data_;
  learning::Network initial_;

 private:
  // What has been done of a task.
  enum class Step : std::uint64_t { training = 0, tested = 1, slept = 2 };

  bool train_stage();
  bool end_stage();
  bool test(std::vector<double>& accuracy);
  bool interrupted() const;
  void load_checkpoint();

  std::vector<std::vector<std::uint32_t>> tasks_;  // training samples of each
  std::vector<std::vector<std::uint32_t>> tests_;  // numbers of the test samples of each
  std::uint64_t total_ = 0;                        // samples that the run trains on

  std::uint64_t stage_ = 0, epoch_ = 0, position_ = 0, trained_ = 0, last_saved_ = 0;
  Step step_ = Step::training;
  TaskFigures present_;  // of the present task
  std::vector<TaskFigures> figures_;
  std::vector<double> accuracy_;  // on all tasks, after each
  double loss_ = not_measured, all_ = not_measured;
  std::uint64_t last_report_ms_ = 0;
  bool resumed_ = false;
};

}  // namespace memprop::bench
