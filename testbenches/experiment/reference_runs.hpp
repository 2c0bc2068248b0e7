// Trains the software references on the samples of a run, in its order, on threads of their own.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "learning/network/network.hpp"
#include "learning/reference/reference.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench {

struct ReferenceResult {
  std::vector<double> accuracy_per_epoch;
  double loss = 0;
  learning::Network network;
};

std::unique_ptr<learning::Reference> make_ideal(const RunConfig& config,
                                                const learning::Network& network);
std::unique_ptr<learning::Reference> make_backprop(const RunConfig& config,
                                                   const learning::Network& network);

// All epochs of one reference; stops early, with what is there, when `stop` becomes true.
ReferenceResult train_reference(learning::Reference& reference, const RunConfig& config,
                                const learning::TrainTest& data, const std::atomic<bool>& stop);

// The references that the config asks for, beside the caller's own work: on a second thread, or in
// wait() when there is only one.
class ReferenceRuns {
 public:
  ReferenceRuns(const RunConfig& config, const learning::Network& network,
                const learning::TrainTest& data);
  ~ReferenceRuns();

  // Finishes the work; rethrows its errors. False when `interrupt` became true before the end: the
  // work is given up then. It may be null.
  bool wait(const std::atomic<bool>* interrupt);
  const ReferenceResult* ideal() const { return ideal_result_ ? &*ideal_result_ : nullptr; }
  const ReferenceResult* backprop() const {
    return backprop_result_ ? &*backprop_result_ : nullptr;
  }

 private:
  void work();

  const RunConfig& config_;
  const learning::Network network_;
  const learning::TrainTest& data_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<ReferenceResult> ideal_result_, backprop_result_;
  std::exception_ptr error_;
  std::thread thread_;
  std::atomic<bool> done_{false};
};

}  // namespace memprop::bench
