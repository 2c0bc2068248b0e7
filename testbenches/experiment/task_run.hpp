// A class-incremental run at fidelity `ideal` or `ode`: task after task, with rehearsal, sleep or a
// consolidating rule, and what became of all tasks after each (docs/continual.md).
#pragma once

#include <memory>

#include "learning/continual/sleep.hpp"
#include "learning/continual/tasks.hpp"
#include "learning/dataset/dataset.hpp"
#include "learning/reference/reference.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/fidelity_run.hpp"

namespace memprop::bench {

class TaskRun final : public FidelityRun {
 public:
  // Throws UserError when a task has no samples to train or to test.
  TaskRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
          const learning::TrainTest& data);

  bool run(RunResult& result) override;
  learning::Network network() const override { return reference_->network(); }
  void save_checkpoint() override;

 private:
  struct TestSet {
    BasicMatrix<float> inputs, targets;
    std::vector<std::uint32_t> labels;
  };

  void make_test_sets();
  std::size_t stages() const { return config_.tasks.joint ? 1 : tasks_.size(); }
  // Training samples of the present task, and those of the tasks so far without rehearsal.
  std::vector<std::uint32_t> stage_samples() const;
  std::vector<std::uint32_t> seen_samples() const;
  bool train_stage();
  void end_stage();
  void sleep(TaskFigures& figures);
  learning::SleepCalibration calibrate(const learning::Network& network) const;
  double stuck_share() const;
  std::vector<double> evaluate();
  bool interrupted() const;
  void load_checkpoint();

  const RunConfig& config_;
  const RunOptions& options_;
  const learning::TrainTest& data_;
  learning::Network initial_;
  std::unique_ptr<learning::Reference> reference_;
  std::vector<std::vector<std::uint32_t>> tasks_;  // training samples of each
  std::vector<TestSet> tests_;                     // of each task
  std::uint64_t total_ = 0;                        // samples that the run trains on

  std::uint64_t stage_ = 0, epoch_ = 0, position_ = 0, trained_ = 0, last_saved_ = 0;
  double stuck_ = not_measured;  // of the present task
  std::vector<TaskFigures> figures_;
  std::vector<double> accuracy_;  // on all tasks, after each
  double loss_ = not_measured;
  bool resumed_ = false;
};

}  // namespace memprop::bench
