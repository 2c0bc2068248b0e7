// A run at cycle fidelity: the chip trains and is tested, sample by sample.
#pragma once

#include <memory>
#include <string_view>

#include "hw_models/chip_runner.hpp"
#include "learning/dataset/dataset.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/fidelity_run.hpp"
#include "testbenches/experiment/gradient_monitor.hpp"
#include "testbenches/experiment/pin_recorder.hpp"
#include "testbenches/experiment/run_trace.hpp"
#include "testbenches/experiment/sample_selection.hpp"
#include "testbenches/experiment/state_monitor.hpp"

namespace memprop::bench {

class CycleRun final : public FidelityRun {
 public:
  CycleRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
           const learning::TrainTest& data);

  bool run(RunResult& result) override;
  learning::Network network() const override { return runner_->chip().analog().present_network(); }
  void save_checkpoint() override;
  void write_end() override;
  const hw::ChipRunner* chip() const override { return runner_.get(); }
  double trial_cycles() override;
  hw::ChipRunner& runner() { return *runner_; }

 private:
  bool train_epoch(std::uint64_t epoch);
  // Tests the chip; false when interrupted. The accuracy is NaN without labels.
  bool test(RunResult& result, double& accuracy);
  bool test_samples(RunResult& result, double& accuracy);
  void train_sample(std::size_t index);
  // Runs it, with errors that name sample, phase and time.
  void run_training_sample(std::size_t index);
  void compare_and_record(std::size_t index, bool compare_states, bool record);
  UpdateRow update_so_far() const;
  double free_loss(Span<const float> target) const;
  // The phase of the present sample at a time since its beginning.
  std::string_view phase_at(double time_s) const;
  void end_of_block();
  bool interrupted();
  void report(const char* stage, std::uint64_t done, std::uint64_t total, double accuracy);
  void load_checkpoint();
  void fill(RunResult& result) const;
  Energy energy() const;

  const RunConfig& config_;
  const RunOptions& options_;
  const learning::TrainTest& data_;
  std::unique_ptr<hw::ChipRunner> runner_;
  GradientMonitor gradient_;
  StateMonitor states_;
  SampleSelection selection_;
  bool records_pins_ = false, records_reference_ = false, records_ = false;
  WaveformRecorder recorder_;
  std::unique_ptr<PinRecorder> pins_;
  std::uint64_t epoch_ = 0, position_ = 0;        // where training stands
  std::uint64_t trained_ = 0;                     // training samples so far
  std::uint64_t right_in_block_ = 0, block_ = 0;  // of the present block
  std::uint64_t right_in_epoch_ = 0;
  std::uint64_t chip_cycles_ = 0;     // of training, with one idle cycle behind each sample
  double loss_ = not_measured;        // of the last test
  ode::StepCounters trial_steps_;     // of trial_cycles(): no part of the run
  std::uint64_t clipped_writes_ = 0;  // ideal writes that a device could not hold
  std::vector<double> accuracy_per_epoch_, training_per_epoch_;
  std::uint64_t last_report_ms_ = 0;
  bool resumed_ = false;
};

}  // namespace memprop::bench
