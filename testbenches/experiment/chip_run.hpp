// What runs of all kinds of chips have in common: training sample by sample, a test behind every
// epoch, progress, rows of the trace, and a checkpoint from which each of these goes on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/fidelity_run.hpp"
#include "traces/checkpoint.hpp"

namespace memprop::bench {

class ChipRun : public FidelityRun {
 public:
  bool run(RunResult& result) final;
  void save_checkpoint() final;

  // For a run that chooses the samples itself (ChipTaskRun), in the place of run().
  void begin();                                   // rows that belong to the beginning
  void train_next(std::size_t index, bool last);  // last: it ends a block
  // Right answers (1 or 0) and losses on the test data; false: interrupted. The chip is afterwards
  // as it was.
  bool test_each(std::vector<unsigned char>& right, std::vector<double>& loss);
  void fill(RunResult& result) const;
  void warn(RunResult& result) const { add_warnings(result); }
  void put_state(traces::Checkpoint& checkpoint);
  void take_state(const traces::Checkpoint& loaded);
  // What the chip has done beside training, which its figures count together.
  void leave_out(const SleepCost& cost);

 protected:
  ChipRun(const RunConfig& config, const RunOptions& options, const learning::TrainTest& data)
      : config_(config), options_(options), data_(data) {}

  // The chip. run_chip() is one sample from LOAD to IDLE and throws NumericalError; figures count
  // from the chip's beginning.
  virtual void run_chip(Span<const float> inputs, Span<const float> target, bool train) = 0;
  virtual std::size_t answer() const = 0;  // class of the last sample
  // Output codes of the free phase of the last sample, in units of the activity's resolution.
  virtual std::vector<double> output_codes() const = 0;
  virtual UpdateRow pulses() const = 0;
  virtual Energy energy() const = 0;
  virtual std::uint64_t busy_cycles() const = 0;
  virtual void fill_figures(RunResult& result) const = 0;
  virtual void save_chip(std::vector<double>& values, std::vector<std::uint64_t>& counters) = 0;
  virtual void restore_chip(Span<const double> values, Span<const std::uint64_t> counters) = 0;

  // Trains on a sample of the training data, with whatever is watched and written meanwhile;
  // returns its clock cycles.
  virtual std::uint64_t train_on(std::size_t index) = 0;

  // What some kinds of chips add.
  virtual void begin_trace() {}         // rows that belong to the beginning
  virtual void sample_trained(bool) {}  // behind each sample; true: the last one of the run
  virtual void block_trained() {}       // behind each block, with a trace
  virtual void before_test() {}         // on a chip that is put back after the test
  virtual void add_warnings(RunResult&) const {}             // at the end of a complete run
  virtual std::string place_of(double) const { return {}; }  // "phase X: " of a time in a sample
  virtual void save_more(traces::Checkpoint&) const {}
  virtual void load_more(const traces::Checkpoint&) {}

  // run_chip() on a training sample, with errors that name the sample.
  void run_training_sample(std::size_t index);
  std::uint64_t trained() const { return trained_; }  // training samples so far
  // Runs the first samples of the first epoch, each followed by `look`; then all is as before.
  void on_trial(std::size_t samples, const std::function<void()>& look);

  const RunConfig& config_;
  const RunOptions& options_;
  const learning::TrainTest& data_;
  std::uint64_t clipped_writes_ = 0;  // ideal writes that a device could not hold

 private:
  bool train_epoch();
  void train_sample(std::size_t index);
  void end_of_block();
  // Tests the chip, which is afterwards as it was; false when interrupted. The accuracy is NaN
  // without labels.
  bool test(RunResult& result, double& accuracy);
  bool test_samples(RunResult& result, double& accuracy);
  double free_loss(Span<const float> target) const;
  bool interrupted() const;
  void report(const char* stage, std::uint64_t done, std::uint64_t total, double accuracy);
  void load_checkpoint();

  std::uint64_t epoch_ = 0, position_ = 0, trained_ = 0;  // where training stands
  std::uint64_t right_in_block_ = 0, block_ = 0;          // of the present block
  std::uint64_t right_in_epoch_ = 0;
  double loss_ = not_measured;  // of the last test
  std::vector<double> accuracy_per_epoch_, training_per_epoch_;
  std::vector<unsigned char> tested_right_;  // of the last test
  std::vector<double> tested_loss_;
  SleepCost left_out_;
  std::uint64_t last_report_ms_ = 0;
  bool resumed_ = false;
};

}  // namespace memprop::bench
