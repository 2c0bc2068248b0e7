// A run of a resistive chip at cycle fidelity: trained and tested sample by sample.
#pragma once

#include <memory>

#include "hw_models/resistive/resistive_runner.hpp"
#include "testbenches/experiment/chip_run.hpp"

namespace memprop::bench {

// Throws UserError for output and monitors that a resistive chip does not have: waveforms,
// snapshots of devices, comparisons of states.
void check_resistive_run(const RunConfig& config);

class ResistiveRun final : public ChipRun {
 public:
  ResistiveRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
               const learning::TrainTest& data);

  learning::Network network() const override { return runner_->analog().present_network(); }
  hw::ResistiveRunner& runner() { return *runner_; }

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
  Energy energy() const override;
  std::uint64_t busy_cycles() const override;
  void fill_figures(RunResult& result) const override;
  void save_chip(std::vector<double>& values, std::vector<std::uint64_t>& counters) override {
    runner_->save(values, counters);
  }
  void restore_chip(Span<const double> values, Span<const std::uint64_t> counters) override {
    runner_->restore(values, counters);
  }
  std::uint64_t train_on(std::size_t index) override;

  std::unique_ptr<hw::ResistiveRunner> runner_;
};

}  // namespace memprop::bench
