// A run at cycle fidelity: the chip trains and is tested, sample by sample.
#pragma once

#include <memory>

#include "hw_models/chip_runner.hpp"
#include "testbenches/experiment/chip_figures.hpp"
#include "testbenches/experiment/chip_run.hpp"
#include "testbenches/experiment/gradient_monitor.hpp"
#include "testbenches/experiment/ideal_update.hpp"
#include "testbenches/experiment/pin_recorder.hpp"
#include "testbenches/experiment/run_trace.hpp"
#include "testbenches/experiment/sample_selection.hpp"
#include "testbenches/experiment/state_monitor.hpp"

namespace memprop::bench {

class CycleRun final : public ChipRun {
 public:
  CycleRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
           const learning::TrainTest& data);

  learning::Network network() const override { return runner_->chip().analog().present_network(); }
  void write_end() override;
  const hw::ChipRunner* chip() const override { return runner_.get(); }
  double trial_cycles() override;
  hw::ChipRunner& runner() { return *runner_; }

 private:
  void run_chip(Span<const float> inputs, Span<const float> target, bool train) override {
    runner_->run_sample(inputs, target, train);
  }
  std::size_t answer() const override { return runner_->answer(); }
  std::vector<double> output_codes() const override {
    const auto codes = runner_->output_codes();
    return {codes.begin(), codes.end()};
  }
  UpdateRow pulses() const override;
  Energy energy() const override { return chip_energy(*runner_); }
  std::uint64_t busy_cycles() const override;
  void fill_figures(RunResult& result) const override;
  void save_chip(std::vector<double>& values, std::vector<std::uint64_t>& counters) override {
    runner_->save(values, counters);
  }
  void restore_chip(Span<const double> values, Span<const std::uint64_t> counters) override {
    runner_->restore(values, counters);
  }
  std::uint64_t train_on(std::size_t index) override;
  void begin_trace() override;
  void sample_trained(bool last) override;
  void block_trained() override;
  void before_test() override;
  void add_warnings(RunResult& result) const override;
  std::string place_of(double time_s) const override;
  void save_more(traces::Checkpoint& checkpoint) const override;
  void load_more(const traces::Checkpoint& loaded) override;
  void compare_and_record(std::size_t index, bool compare_states, bool record);

  std::unique_ptr<hw::ChipRunner> runner_;
  IdealUpdate ideal_update_;
  GradientMonitor gradient_;
  StateMonitor states_;
  SampleSelection selection_;
  bool records_pins_ = false, records_reference_ = false, records_ = false;
  WaveformRecorder recorder_;
  std::unique_ptr<PinRecorder> pins_;
  std::uint64_t chip_cycles_ = 0;  // of training, with one idle cycle behind each sample
  ode::StepCounters trial_steps_;  // of trial_cycles(): no part of the run
};

}  // namespace memprop::bench
