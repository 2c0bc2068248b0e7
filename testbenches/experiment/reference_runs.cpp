#include "testbenches/experiment/reference_runs.hpp"

#include <algorithm>
#include <chrono>

#include "learning/reference/backprop_reference.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/resistive/resistive_reference.hpp"
#include "testbenches/experiment/sample_order.hpp"

namespace memprop::bench {

namespace {

constexpr auto poll_interval = std::chrono::milliseconds(5);

}  // namespace

std::unique_ptr<learning::Reference> make_ideal(const RunConfig& config,
                                                const learning::Network& network) {
  if (learning::is_resistive(network.config)) {
    return std::make_unique<learning::ResistiveReference>(network, config.learning, config.ideal,
                                                          1U, config.seed);
  }
  return std::make_unique<learning::IdealReference>(network, config.learning, config.ideal, 1U,
                                                    config.seed);
}

std::unique_ptr<learning::Reference> make_backprop(const RunConfig& config,
                                                   const learning::Network& network) {
  return std::make_unique<learning::BackpropReference>(network, config.learning,
                                                       config.ideal.precision, 1U);
}

ReferenceResult train_reference(learning::Reference& reference, const RunConfig& config,
                                const learning::TrainTest& data, const std::atomic<bool>& stop) {
  constexpr std::size_t slice = 1000;  // samples between looks at `stop`
  const std::vector<std::uint32_t> labels(data.test.labels.begin(), data.test.labels.end());
  ReferenceResult result;
  const auto evaluate = [&] {
    const auto e = reference.evaluate(data.test.inputs.data(), data.test.targets.data(),
                                      labels.empty() ? nullptr : labels.data(), data.test.size());
    result.accuracy_per_epoch.push_back(e.accuracy);
    result.loss = e.loss;
  };
  const std::size_t epochs = config.learning.train ? config.learning.epochs : 0;
  // A slice holds whole batches, so that slicing changes no update.
  const std::size_t step =
      std::max<std::size_t>(1, slice / config.learning.batch) * config.learning.batch;
  for (std::size_t epoch = 0; epoch < epochs && !stop; ++epoch) {
    reference.start_epoch(epoch);
    const auto order = epoch_order(data.train.size(), config.learning, config.seed, epoch);
    for (std::size_t k = 0; k < order.size() && !stop; k += step) {
      const std::size_t count = std::min(step, order.size() - k);
      reference.train(data.train.inputs.data(), data.train.targets.data(),
                      {order.data() + k, count});
    }
    if (!stop) evaluate();
  }
  if (epochs == 0 && !stop) evaluate();
  result.network = reference.network();
  return result;
}

ReferenceRuns::ReferenceRuns(const RunConfig& config, const learning::Network& network,
                             const learning::TrainTest& data)
    : config_(config), network_(network), data_(data) {
  if (!config.ideal_reference && !config.backprop_reference) {
    done_ = true;
  } else if (config.threads != 1) {
    thread_ = std::thread([this] { work(); });
  }
}

ReferenceRuns::~ReferenceRuns() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void ReferenceRuns::work() {
  try {
    if (config_.ideal_reference) {
      auto ideal = make_ideal(config_, network_);
      ideal_result_ =
          std::make_unique<ReferenceResult>(train_reference(*ideal, config_, data_, stop_));
    }
    if (config_.backprop_reference) {
      auto backprop = make_backprop(config_, network_);
      backprop_result_ =
          std::make_unique<ReferenceResult>(train_reference(*backprop, config_, data_, stop_));
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  done_ = true;
}

bool ReferenceRuns::wait(const std::atomic<bool>* interrupt) {
  // Beside this thread even where there is to be one only: it does nothing but wait.
  if (!done_ && !thread_.joinable()) thread_ = std::thread([this] { work(); });
  while (!done_) {
    if (interrupt != nullptr && *interrupt) {
      stop_ = true;
      break;
    }
    std::this_thread::sleep_for(poll_interval);
  }
  if (thread_.joinable()) thread_.join();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return !stop_;
}

}  // namespace memprop::bench
