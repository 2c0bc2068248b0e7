// A run at fidelity `ideal` or `ode`: a software reference is what is trained and tested.
#pragma once

#include <memory>

#include "learning/dataset/dataset.hpp"
#include "learning/reference/reference.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/fidelity_run.hpp"

namespace memprop::bench {

class SoftwareRun final : public FidelityRun {
 public:
  SoftwareRun(const RunConfig& config, const RunOptions& options, const learning::Network& network,
              const learning::TrainTest& data);

  bool run(RunResult& result) override;
  learning::Network network() const override { return reference_->network(); }
  void save_checkpoint() override;

 private:
  void make(const learning::Network& network);
  void evaluate();
  void warn_of_rounding();
  void measure_stability(RunResult& result);
  void load_checkpoint();

  const RunConfig& config_;
  const RunOptions& options_;
  const learning::TrainTest& data_;
  learning::Network initial_;
  std::unique_ptr<learning::Reference> reference_;
  std::vector<std::uint32_t> labels_;
  std::uint64_t epoch_ = 0, position_ = 0, trained_ = 0;
  std::vector<double> accuracy_per_epoch_;
  double loss_ = not_measured;
  std::vector<learning::LayerActivity> activity_;  // of the last test, if that measures it
  std::vector<std::string> warnings_;
  bool resumed_ = false;
};

}  // namespace memprop::bench
