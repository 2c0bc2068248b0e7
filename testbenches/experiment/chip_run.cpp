#include "testbenches/experiment/chip_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "hw_models/controller_setup.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/sample_order.hpp"

namespace memprop::bench {
namespace {

std::uint64_t steady_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

bool every(std::uint64_t sample, std::uint64_t stride) {
  return stride > 0 && sample % stride == 0;
}

}  // namespace

bool ChipRun::run(RunResult& result) {
  if (options_.resume) load_checkpoint();
  if (trace_ != nullptr && !resumed_) {
    trace_->initial_weights(network());
    begin_trace();
    // From here on a kill at any moment leaves something to resume.
    if (config_.output.checkpoint_every > 0) save_checkpoint();
  }
  const std::uint64_t epochs = config_.learning.train ? config_.learning.epochs : 0;
  result.fidelity = config_.fidelity == Fidelity::rtl ? "rtl" : "cycle";
  bool complete = true;
  while (epoch_ < epochs) {
    complete = train_epoch();
    if (!complete) break;
    // The figures of the result are those of training: what testing costs is left out.
    fill(result);
    double accuracy = 0;
    complete = test(result, accuracy);
    if (!complete) break;
    accuracy_per_epoch_.push_back(accuracy);
    training_per_epoch_.push_back(data_.train.labels.empty()
                                      ? not_measured
                                      : static_cast<double>(right_in_epoch_) /
                                            static_cast<double>(data_.train.size()));
    ++epoch_;
    position_ = 0;
    right_in_epoch_ = 0;
    if (trace_ != nullptr) {
      trace_->training().epoch(epoch_, accuracy, training_per_epoch_.back());
    }
  }
  if (epochs == 0) {
    double accuracy = 0;
    complete = test(result, accuracy);
    if (complete) accuracy_per_epoch_.push_back(accuracy);
  }
  if (!complete) {
    if (!config_.output.path.empty()) save_checkpoint();
    result.interrupted = true;
    fill(result);
    return false;
  }
  // A resume may have found all epochs done.
  if (epochs > 0) fill(result);
  result.loss = loss_;
  result.accuracy_per_epoch = accuracy_per_epoch_;
  result.accuracy = accuracy_per_epoch_.back();
  result.best_accuracy = *std::max_element(accuracy_per_epoch_.begin(), accuracy_per_epoch_.end());
  if (!training_per_epoch_.empty()) result.training_accuracy = training_per_epoch_.back();
  add_warnings(result);
  return true;
}

void ChipRun::begin() { begin_trace(); }

void ChipRun::train_next(std::size_t index, bool last) {
  train_sample(index);
  ++trained_;
  if (++block_ == samples_per_block || last) end_of_block();
  if (trace_ != nullptr) sample_trained(false);
}

bool ChipRun::test_each(std::vector<unsigned char>& right, std::vector<double>& loss) {
  RunResult ignored;
  double accuracy = 0;
  if (!test(ignored, accuracy)) return false;
  right = tested_right_;
  loss = tested_loss_;
  return true;
}

void ChipRun::leave_out(const SleepCost& cost) {
  left_out_.set_pulses += cost.set_pulses;
  left_out_.reset_pulses += cost.reset_pulses;
  left_out_.saturated_pulses += cost.saturated_pulses;
  left_out_.energy.writes_j += cost.energy.writes_j;
}

bool ChipRun::train_epoch() {
  const auto order = epoch_order(data_.train.size(), config_.learning, config_.seed, epoch_);
  while (position_ < order.size()) {
    if (interrupted()) return false;
    train_sample(order[position_]);
    ++position_;
    ++trained_;
    const bool last = position_ == order.size();
    if (++block_ == samples_per_block || last) end_of_block();
    if (trace_ == nullptr) continue;
    sample_trained(last && epoch_ + 1 == config_.learning.epochs);
    if (every(trained_, config_.output.checkpoint_every)) save_checkpoint();
    trace_->tick();
  }
  return true;
}

void ChipRun::train_sample(std::size_t index) {
  const bool update_row = trace_ != nullptr && every(trained_, config_.output.update_every);
  const UpdateRow before = update_row ? pulses() : UpdateRow();
  const std::uint64_t cycles = train_on(index);
  const bool right =
      !data_.train.labels.empty() && static_cast<int>(answer()) == data_.train.labels[index];
  right_in_block_ += right;
  right_in_epoch_ += right;
  if (!update_row) return;
  UpdateRow row = pulses();
  row.sample = trained_;
  row.loss = free_loss(data_.train.targets.row(index));
  row.right = right;
  row.cycles = cycles;
  row.set_pulses -= before.set_pulses;
  row.reset_pulses -= before.reset_pulses;
  row.saturated_pulses -= before.saturated_pulses;
  trace_->training().update(row);
}

void ChipRun::run_training_sample(std::size_t index) {
  try {
    run_chip(data_.train.inputs.row(index), data_.train.targets.row(index), true);
  } catch (const NumericalError& e) {
    throw NonFiniteState(fmt::format("training sample {} (number {} of the data): {}{}", trained_,
                                     index, place_of(e.time_s()), e.what()),
                         e.time_s(), e.index());
  }
}

void ChipRun::on_trial(std::size_t samples, const std::function<void()>& look) {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  save_chip(values, counters);
  const auto order = epoch_order(data_.train.size(), config_.learning, config_.seed, 0);
  for (; trained_ < samples; ++trained_) {
    run_training_sample(order[trained_]);
    look();
  }
  trained_ = 0;
  restore_chip(values, counters);
}

// Cost of the output codes of the free phase.
double ChipRun::free_loss(Span<const float> target) const {
  const double lsb = hw::activity_lsb(config_.chip);
  const auto codes = output_codes();
  double loss = 0.0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double error = static_cast<double>(target[i]) - codes[i] * lsb;
    loss += 0.5 * error * error;
  }
  return loss;
}

void ChipRun::end_of_block() {
  const double accuracy = static_cast<double>(right_in_block_) / static_cast<double>(block_);
  if (trace_ != nullptr) {
    const auto now = pulses();
    Energy spent = energy();
    spent.writes_j -= left_out_.energy.writes_j;
    const std::uint64_t asleep = left_out_.set_pulses + left_out_.reset_pulses;
    trace_->training().block(
        {trained_, accuracy, busy_cycles(), now.set_pulses + now.reset_pulses - asleep, spent});
    block_trained();
  }
  if (!config_.tasks.on()) {  // whoever chooses the samples knows how many there are
    report("training", trained_, data_.train.size() * config_.learning.epochs, accuracy);
  }
  block_ = 0;
  right_in_block_ = 0;
}

// A test leaves no trace in the chip: training goes on, and is counted, as if there had been none,
// and an interrupted test begins again with the same sample numbers (and so the same noise).
bool ChipRun::test(RunResult& result, double& accuracy) {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  save_chip(values, counters);
  before_test();
  const bool complete = test_samples(result, accuracy);
  // A run without training is about its test.
  if (!config_.learning.train) fill(result);
  restore_chip(values, counters);
  return complete;
}

bool ChipRun::test_samples(RunResult& result, double& accuracy) {
  std::uint64_t right = 0;
  double loss = 0.0;
  const auto& test = data_.test;
  tested_right_.clear();
  tested_loss_.clear();
  for (std::size_t k = 0; k < test.size(); ++k) {
    // A test is not resumed in its middle: it begins again from the checkpoint before it.
    if (options_.interrupt != nullptr && *options_.interrupt) return false;
    try {
      run_chip(test.inputs.row(k), test.targets.row(k), false);
    } catch (const NumericalError& e) {
      throw NonFiniteState(fmt::format("test sample {}: {}{}", k, place_of(e.time_s()), e.what()),
                           e.time_s(), e.index());
    }
    const bool good = !test.labels.empty() && static_cast<int>(answer()) == test.labels[k];
    tested_right_.push_back(good ? 1 : 0);
    tested_loss_.push_back(free_loss(test.targets.row(k)));
    right += good;
    loss += tested_loss_.back();
    if (trace_ != nullptr) trace_->tick();
    if (k % 500 == 499) {
      report("testing", k + 1, test.size(),
             static_cast<double>(right) / static_cast<double>(k + 1));
    }
  }
  const auto count = static_cast<double>(test.size());
  result.loss = loss_ = loss / count;
  accuracy = test.labels.empty() ? not_measured : static_cast<double>(right) / count;
  return true;
}

bool ChipRun::interrupted() const {
  if (options_.stop_after > 0 && trained_ >= options_.stop_after && !resumed_) return true;
  return options_.interrupt != nullptr && *options_.interrupt;
}

void ChipRun::report(const char* stage, std::uint64_t done, std::uint64_t total, double accuracy) {
  if (!options_.progress) return;
  const std::uint64_t now = steady_ms();
  if (now - last_report_ms_ < 100 && done != total) return;
  last_report_ms_ = now;
  options_.progress({stage, done, total, accuracy});
}

void ChipRun::fill(RunResult& result) const {
  fill_figures(result);
  result.training_samples = trained_;
  result.test_samples = data_.test.size();
  result.clipped_weights += clipped_writes_;
  result.set_pulses -= left_out_.set_pulses;
  result.reset_pulses -= left_out_.reset_pulses;
  result.saturated_pulses -= left_out_.saturated_pulses;
  result.energy.writes_j -= left_out_.energy.writes_j;
}

void ChipRun::save_checkpoint() {
  traces::Checkpoint checkpoint;
  put_state(checkpoint);
  save_run_checkpoint(checkpoint, config_, options_, trace_);
}

void ChipRun::put_state(traces::Checkpoint& checkpoint) {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  save_chip(values, counters);
  checkpoint.put("chip/values", Span<const double>(values));
  checkpoint.put("chip/counters", Span<const std::uint64_t>(counters));
  const std::vector<std::uint64_t> place{epoch_, position_,       trained_,       right_in_block_,
                                         block_, right_in_epoch_, clipped_writes_};
  checkpoint.put("place", Span<const std::uint64_t>(place));
  checkpoint.put_value("loss", loss_);
  checkpoint.put("epochs/accuracy", Span<const double>(accuracy_per_epoch_));
  checkpoint.put("epochs/training", Span<const double>(training_per_epoch_));
  save_more(checkpoint);
}

void ChipRun::load_checkpoint() {
  take_state(load_run_checkpoint(config_, trace_));
  resumed_ = true;
}

void ChipRun::take_state(const traces::Checkpoint& loaded) {
  restore_chip(loaded.doubles("chip/values"), loaded.uint64s("chip/counters"));
  const auto& place = loaded.uint64s("place");
  if (place.size() != 7) {
    throw UserError(traces::checkpoint_path(config_.output.path) +
                    ": made by another version of memprop; begin the run again");
  }
  epoch_ = place[0];
  position_ = place[1];
  trained_ = place[2];
  right_in_block_ = place[3];
  block_ = place[4];
  right_in_epoch_ = place[5];
  clipped_writes_ = place[6];
  loss_ = loaded.real("loss");
  accuracy_per_epoch_ = loaded.doubles("epochs/accuracy");
  training_per_epoch_ = loaded.doubles("epochs/training");
  load_more(loaded);
}

}  // namespace memprop::bench
