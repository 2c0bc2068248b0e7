// A class-incremental run on the chip: it trains by pulses, is tested, and sleeps between the tasks
// (hw_models/sleep/sleep_mode.hpp).
#pragma once

#include <memory>

#include "hw_models/sleep/sleep_mode.hpp"
#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/experiment/task_run.hpp"

namespace memprop::bench {

class ChipTaskRun final : public TaskRun {
 public:
  ChipTaskRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
              const learning::TrainTest& data);

  learning::Network network() const override { return awake_.network(); }
  void write_end() override { awake_.write_end(); }
  const hw::ChipRunner* chip() const override { return awake_.chip(); }
  double trial_cycles() override { return awake_.trial_cycles(); }
  // The sleep mode; null where the chip does not sleep.
  const hw::SleepMode* sleep_mode() const { return asleep_.get(); }

 private:
  const char* fidelity_name() const override;
  void begin_trace() override;
  std::size_t slice() const override { return 1; }
  void train_part(const std::vector<std::uint32_t>& samples, bool last) override;
  bool evaluate(std::vector<TestFigures>& of_tasks) override;
  void sleep(TaskFigures& figures) override;
  void fill(RunResult& result) override;
  void save_learner(traces::Checkpoint& checkpoint) override;
  void load_learner(const traces::Checkpoint& checkpoint) override;
  void calibrate(SleepCost& cost);
  void attach_awake() { awake_.attach(trace_); }

  CycleRun awake_;
  std::unique_ptr<hw::SleepMode> asleep_;
  SleepCost slept_;  // all sleeps so far
};

}  // namespace memprop::bench
