// A run of a resistive chip at cycle fidelity: trained and tested sample by sample.
#pragma once

#include <memory>

#include "hw_models/resistive/resistive_runner.hpp"
#include "learning/dataset/dataset.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/fidelity_run.hpp"

namespace memprop::bench {

// Throws UserError for output and monitors that a resistive chip does not have: waveforms,
// snapshots of devices, comparisons of states.
void check_resistive_run(const RunConfig& config);

class ResistiveRun final : public FidelityRun {
 public:
  ResistiveRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
               const learning::TrainTest& data);

  bool run(RunResult& result) override;
  learning::Network network() const override { return runner_->analog().present_network(); }
  void save_checkpoint() override;
  hw::ResistiveRunner& runner() { return *runner_; }

 private:
  bool train_epoch();
  void train_sample(std::size_t index);
  void end_of_block();
  // False when interrupted. The chip is afterwards as it was before.
  bool test(RunResult& result, double& accuracy);
  bool test_samples(RunResult& result, double& accuracy);
  bool interrupted() const;
  void report(const char* stage, std::uint64_t done, std::uint64_t total, double accuracy);
  double free_loss(Span<const float> target) const;
  Energy energy() const;
  void fill(RunResult& result) const;
  void load_checkpoint();

  const RunConfig& config_;
  const RunOptions& options_;
  const learning::TrainTest& data_;
  std::unique_ptr<hw::ResistiveRunner> runner_;
  std::uint64_t epoch_ = 0, position_ = 0, trained_ = 0;
  std::uint64_t right_in_block_ = 0, block_ = 0, right_in_epoch_ = 0, clipped_writes_ = 0;
  double loss_ = not_measured;
  std::vector<double> accuracy_per_epoch_, training_per_epoch_;
  std::uint64_t last_report_ms_ = 0;
  bool resumed_ = false;
};

}  // namespace memprop::bench
