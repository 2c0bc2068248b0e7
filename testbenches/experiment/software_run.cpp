#include "testbenches/experiment/software_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/metric/stability.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/sample_order.hpp"
#include "testbenches/experiment/software_reference.hpp"

namespace memprop::bench {

SoftwareRun::SoftwareRun(const RunConfig& config, const RunOptions& options,
                         const learning::Network& network, const learning::TrainTest& data)
    : config_(config),
      options_(options),
      data_(data),
      initial_(network),
      labels_(data.test.labels.begin(), data.test.labels.end()) {
  make(network);
}

void SoftwareRun::make(const learning::Network& network) {
  reference_ = make_software_reference(config_, network);
}

void SoftwareRun::evaluate() {
  const auto e =
      reference_->evaluate(data_.test.inputs.data(), data_.test.targets.data(),
                           labels_.empty() ? nullptr : labels_.data(), data_.test.size());
  accuracy_per_epoch_.push_back(e.accuracy);
  loss_ = e.loss;
  activity_ = e.activity;
}

// Differences between the phases of less than 100 units in the last place are mostly rounding.
void SoftwareRun::warn_of_rounding() {
  if (!warnings_.empty()) return;  // found before a resume
  const auto* ideal = dynamic_cast<const learning::IdealReference*>(reference_.get());
  if (ideal == nullptr || trained_ == 0) return;
  const bool single = config_.ideal.precision == learning::Precision::float32;
  const double unit =
      single ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
  const auto difference = ideal->relative_difference();
  for (std::size_t l = 0; l < difference.size(); ++l) {
    if (difference[l] == 0.0 || difference[l] >= 100.0 * unit) continue;
    warnings_.push_back(fmt::format(
        "layer {}: the phases differ by {:.1e} of the activity, below 100 units in the last place "
        "of ideal.precision; its learning signal is mostly rounding",
        l + 1, difference[l]));
  }
}

void SoftwareRun::measure_stability(RunResult& result) {
  if (!labels_.empty()) {
    const auto s =
        learning::training_stability({accuracy_per_epoch_.data(), accuracy_per_epoch_.size()});
    result.late_accuracy = s.late_accuracy;
    result.epoch_deviation = s.epoch_deviation;
    result.largest_drop = s.largest_drop;
  }
  auto* ideal = dynamic_cast<learning::IdealReference*>(reference_.get());
  if (ideal == nullptr) return;
  // A few hundred samples tell the mean; the whole set would cost another evaluation.
  constexpr std::size_t enough = 500;
  const std::size_t count = std::min(enough, data_.test.size());
  const auto end = ideal->free_phase_end(data_.test.inputs.data(), count);
  result.free_residual = end.residual;
  result.free_oscillation = end.oscillation;
  result.nudged_oscillating =
      ideal->oscillating_share(data_.test.inputs.data(), data_.test.targets.data(), count);
  if (result.nudged_oscillating > 0.01) {
    result.warnings.push_back(fmt::format(
        "the nudged phases of {:.1f} % of the test samples still go back and forth at their end: "
        "the nudge follows the output, and the loop through the read-out has grown too strong; "
        "learning.nudge_error = \"constant\" or a smaller learning.beta opens it",
        100.0 * result.nudged_oscillating));
  }
}

bool SoftwareRun::run(RunResult& result) {
  // Slices of whole batches: a slice changes no update, and a checkpoint lies between two.
  const std::size_t batch = config_.learning.batch;
  const std::size_t slice = std::max<std::size_t>(1, 1000 / batch) * batch;
  result.fidelity = config_.fidelity == Fidelity::ideal ? "ideal" : "ode";
  if (options_.resume) load_checkpoint();
  if (trace_ != nullptr && !resumed_) {
    trace_->initial_weights(initial_);
    if (config_.output.checkpoint_every > 0) save_checkpoint();
  }
  const std::uint64_t epochs = config_.learning.train ? config_.learning.epochs : 0;
  const std::uint64_t total = data_.train.size() * epochs;
  std::uint64_t last_saved = trained_;
  for (; epoch_ < epochs; ++epoch_) {
    reference_->start_epoch(epoch_);
    const auto order = epoch_order(data_.train.size(), config_.learning, config_.seed, epoch_);
    while (position_ < order.size()) {
      const bool stop = (options_.interrupt != nullptr && *options_.interrupt) ||
                        (options_.stop_after > 0 && trained_ >= options_.stop_after && !resumed_);
      if (stop) {
        if (!config_.output.path.empty()) save_checkpoint();
        result.interrupted = true;
        return false;
      }
      const std::size_t count = std::min<std::size_t>(slice, order.size() - position_);
      reference_->train(data_.train.inputs.data(), data_.train.targets.data(),
                        {order.data() + position_, count});
      position_ += count;
      trained_ += count;
      if (options_.progress) options_.progress({"training", trained_, total, not_measured});
      if (trace_ != nullptr) trace_->tick();
      if (config_.output.checkpoint_every > 0 && trace_ != nullptr &&
          trained_ - last_saved >= config_.output.checkpoint_every) {
        save_checkpoint();
        last_saved = trained_;
      }
    }
    position_ = 0;
    evaluate();
    if (trace_ != nullptr) {
      trace_->training().epoch(epoch_ + 1, accuracy_per_epoch_.back(), not_measured);
    }
  }
  if (epochs == 0 && accuracy_per_epoch_.empty()) evaluate();
  result.loss = loss_;
  result.activity = activity_;
  warn_of_rounding();
  measure_stability(result);
  result.warnings.insert(result.warnings.end(), warnings_.begin(), warnings_.end());
  const learning::TimeConstantConfig& tau = config_.network.time_constant;
  if (config_.fidelity == Fidelity::ideal && config_.ideal.time_step_s == 0 &&
      tau.family != learning::TimeConstantFamily::equal &&
      tau.source == learning::TimeConstantSource::capacitance) {
    result.warnings.emplace_back(
        "network.time_constant acts on nothing: without ideal.time_step the iterations of the "
        "ideal "
        "reference have no time");
  }
  result.training_samples = trained_;
  result.test_samples = data_.test.size();
  result.accuracy_per_epoch = accuracy_per_epoch_;
  result.accuracy = accuracy_per_epoch_.back();
  result.best_accuracy = *std::max_element(accuracy_per_epoch_.begin(), accuracy_per_epoch_.end());
  return true;
}

void SoftwareRun::save_checkpoint() {
  traces::Checkpoint checkpoint;
  put_network(checkpoint, reference_->network());
  const learning::TrainingState state = reference_->training_state();
  checkpoint.put("optimiser", Span<const double>(state.optimiser));
  const std::vector<std::uint64_t> place{epoch_, position_, trained_, state.updates};
  checkpoint.put("place", Span<const std::uint64_t>(place));
  checkpoint.put_value("loss", loss_);
  checkpoint.put("warnings", warnings_);
  checkpoint.put("epochs/accuracy", Span<const double>(accuracy_per_epoch_));
  save_run_checkpoint(checkpoint, config_, options_, trace_);
}

void SoftwareRun::load_checkpoint() {
  const auto checkpoint = load_run_checkpoint(config_, trace_);
  auto network = initial_;
  take_network(checkpoint, network);
  const auto& place = checkpoint.uint64s("place");
  epoch_ = place.at(0);
  position_ = place.at(1);
  trained_ = place.at(2);
  accuracy_per_epoch_ = checkpoint.doubles("epochs/accuracy");
  loss_ = checkpoint.real("loss");
  warnings_ = checkpoint.strings("warnings");
  make(network);
  learning::TrainingState state;
  state.samples_trained = trained_;
  state.updates = place.at(3);
  state.optimiser = checkpoint.doubles("optimiser");
  reference_->set_training_state(state);
  resumed_ = true;
}

}  // namespace memprop::bench
