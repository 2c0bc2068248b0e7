// A class-incremental run at fidelity `ideal` or `ode`.
#pragma once

#include <memory>

#include "learning/continual/sleep.hpp"
#include "learning/reference/reference.hpp"
#include "testbenches/experiment/shift_register_inputs.hpp"
#include "testbenches/experiment/task_run.hpp"

namespace memprop::bench {

class SoftwareTaskRun final : public TaskRun {
 public:
  SoftwareTaskRun(const RunConfig& config, const RunOptions& options,
                  const learning::Network& network, const learning::TrainTest& data);

  learning::Network network() const override { return reference_->network(); }

 private:
  struct TestSet {
    BasicMatrix<float> inputs, targets;
    std::vector<std::uint32_t> labels;
  };

  const char* fidelity_name() const override;
  std::size_t slice() const override;
  void start_epoch(std::uint64_t epoch) override { reference_->start_epoch(epoch); }
  void train_part(const std::vector<std::uint32_t>& samples, bool last) override;
  void end_task() override;
  bool evaluate(std::vector<TestFigures>& of_tasks) override;
  void sleep(TaskFigures& figures) override;
  double stuck_share() override;
  void save_learner(traces::Checkpoint& checkpoint) override;
  void load_learner(const traces::Checkpoint& checkpoint) override;
  void make_test_sets();
  learning::SleepCalibration calibrate(const learning::Network& network) const;

  std::unique_ptr<learning::Reference> reference_;
  std::unique_ptr<ShiftRegisterInputs> inputs_;  // of a sleep with shift registers
  std::vector<TestSet> tests_;                   // of each task
};

}  // namespace memprop::bench
