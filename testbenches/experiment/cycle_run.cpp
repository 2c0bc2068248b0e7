#include "testbenches/experiment/cycle_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "hw_models/controller_setup.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"
#include "testbenches/cosim/controller_choice.hpp"
#include "testbenches/experiment/chip_figures.hpp"
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

CycleRun::CycleRun(const RunConfig& config, const RunOptions& options,
                   const learning::Network& network, const learning::TrainTest& data)
    : config_(config),
      options_(options),
      data_(data),
      runner_(std::make_unique<hw::ChipRunner>("chip_runner", config.chip, network, config.learning,
                                               config.seed, controller_factory(config))),
      gradient_(*runner_, network, config.learning),
      states_(*runner_, config.learning, config.monitor.rtol_ratio),
      selection_(config.output),
      recorder_(*runner_, config.output.points_per_cycle) {
  for (const auto& probe : selected_probes(config)) {
    records_ = true;
    records_reference_ |= probe.kind == ProbeKind::reference;
    records_pins_ |= probe.kind != ProbeKind::reference && probe.kind != ProbeKind::membrane &&
                     probe.kind != ProbeKind::activity;
  }
  if (records_pins_) {
    pins_ = std::make_unique<PinRecorder>("pin_recorder", runner_->chip(), network.layer_count());
  }
}

bool CycleRun::run(RunResult& result) {
  if (options_.resume) load_checkpoint();
  if (trace_ != nullptr && !resumed_) {
    trace_->initial_weights(runner_->chip().analog().present_network());
    trace_->devices().snapshot(0);
    // From here on a kill at any moment leaves something to resume.
    if (config_.output.checkpoint_every > 0) save_checkpoint();
  }
  const std::uint64_t epochs = config_.learning.train ? config_.learning.epochs : 0;
  result.fidelity = config_.fidelity == Fidelity::rtl ? "rtl" : "cycle";
  bool complete = true;
  while (epoch_ < epochs) {
    complete = train_epoch(epoch_);
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
  for (auto& text : protocol_warnings(runner_->monitor())) {
    result.warnings.push_back(std::move(text));
  }
  if (!training_per_epoch_.empty()) result.training_accuracy = training_per_epoch_.back();
  return true;
}

bool CycleRun::train_epoch(std::uint64_t epoch) {
  const auto order = epoch_order(data_.train.size(), config_.learning, config_.seed, epoch);
  const std::uint64_t total = order.size();
  while (position_ < total) {
    if (interrupted()) return false;
    train_sample(order[position_]);
    ++position_;
    ++trained_;
    if (++block_ == samples_per_block || position_ == total) end_of_block();
    if (trace_ == nullptr) continue;
    const bool last = position_ == total && epoch + 1 == config_.learning.epochs;
    if (every(trained_, config_.output.devices_every) && !last) {
      trace_->devices().snapshot(trained_);
    }
    if (every(trained_, config_.output.checkpoint_every)) save_checkpoint();
    trace_->tick();
  }
  return true;
}

void CycleRun::train_sample(std::size_t index) {
  const auto x = data_.train.inputs.row(index);
  const auto y = data_.train.targets.row(index);
  const bool compare = every(trained_, config_.monitor.gradient_every);
  const bool compare_states = every(trained_, config_.monitor.state_every);
  const bool record = trace_ != nullptr && records_ && selection_.records(trained_);
  const bool update_row = trace_ != nullptr && every(trained_, config_.output.update_every);
  if (compare) {
    // The target of some other sample with another label, drawn for this comparison.
    const RandomStream stream(config_.seed, "monitor/wrong-label");
    std::size_t other = index;
    for (std::uint64_t k = 0; k < 100; ++k) {
      other = static_cast<std::size_t>(stream.uniform(trained_, k) *
                                       static_cast<double>(data_.train.size()));
      const auto t = data_.train.targets.row(other);
      if (!std::equal(t.begin(), t.end(), y.begin())) break;
    }
    gradient_.before(x, y, data_.train.targets.row(other));
  }
  const UpdateRow before = update_row ? update_so_far() : UpdateRow();
  if (compare_states || (record && records_reference_)) states_.before();
  if (compare_states || record) recorder_.begin();
  if (record && pins_) pins_->begin();
  run_training_sample(index);
  if (config_.chip.update.circuit == hw::UpdateCircuit::ideal_write) {
    const auto& chip = runner_->chip();
    clipped_writes_ += runner_->chip().analog().write_ideal(hw::wanted_change(
        config_.chip, chip.analog().present_network(), config_.learning, chip.controller(),
        chip.coded_input(), runner_->last_nudge_sign(), config_.network.bias));
  }
  if (record && pins_) pins_->end();
  if (compare_states || record) recorder_.end();
  if (compare) {
    const auto& row = gradient_.after();
    if (trace_ != nullptr) trace_->compare().gradient(trained_, row);
  }
  compare_and_record(index, compare_states, record);
  const bool right = !data_.train.labels.empty() &&
                     static_cast<int>(runner_->answer()) == data_.train.labels[index];
  right_in_block_ += right;
  right_in_epoch_ += right;
  const std::uint64_t cycles = runner_->phase_log().back().cycle;
  chip_cycles_ += cycles + 1;
  if (!update_row) return;
  UpdateRow row = update_so_far();
  row.sample = trained_;
  row.loss = free_loss(y);
  row.right = right;
  row.cycles = cycles;
  row.set_pulses -= before.set_pulses;
  row.reset_pulses -= before.reset_pulses;
  row.saturated_pulses -= before.saturated_pulses;
  trace_->training().update(row);
}

void CycleRun::compare_and_record(std::size_t index, bool compare_states, bool record) {
  const auto y = data_.train.targets.row(index);
  const auto clock_ps = static_cast<std::uint64_t>(std::llround(config_.chip.clock_s * 1e12));
  const std::uint64_t begin_ps = chip_cycles_ * clock_ps;
  if (compare_states || (record && records_reference_)) states_.after(recorder_, y);
  if (compare_states && trace_ != nullptr) {
    trace_->compare().states(trained_, begin_ps, clock_ps, states_.error());
  }
  if (!record) return;
  trace_->probes().append({trained_, begin_ps, &recorder_, pins_.get(),
                           records_reference_ ? &states_.states() : nullptr, y});
}

void CycleRun::run_training_sample(std::size_t index) {
  try {
    runner_->run_sample(data_.train.inputs.row(index), data_.train.targets.row(index), true);
  } catch (const NumericalError& e) {
    throw NonFiniteState(fmt::format("training sample {} (number {} of the data): phase {}: {}",
                                     trained_, index, phase_at(e.time_s()), e.what()),
                         e.time_s(), e.index());
  }
}

// The mean of the first samples: all there is to know before, where the length of the update
// depends on the data.
double CycleRun::trial_cycles() {
  constexpr std::uint64_t most_samples = 20;
  const auto circuit = config_.chip.update.circuit;
  const bool varies =
      circuit == hw::UpdateCircuit::pulse_count || circuit == hw::UpdateCircuit::accumulate ||
      circuit == hw::UpdateCircuit::product_sign || circuit == hw::UpdateCircuit::write_verify ||
      (circuit == hw::UpdateCircuit::sign_sign && config_.chip.update.row_serial);
  const std::uint64_t samples =
      std::min<std::uint64_t>(varies ? most_samples : 1, data_.train.size());
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner_->save(values, counters);
  const auto order = epoch_order(data_.train.size(), config_.learning, config_.seed, 0);
  const auto& stepper = runner_->chip().analog().bridge().domain().stepper();
  const ode::StepCounters before = stepper.counters();
  double cycles = 0;
  for (; trained_ < samples; ++trained_) {
    run_training_sample(order[trained_]);
    cycles += static_cast<double>(runner_->phase_log().back().cycle);
  }
  trained_ = 0;
  trial_steps_ = {stepper.counters().steps - before.steps,
                  stepper.counters().rejected - before.rejected,
                  stepper.counters().rhs - before.rhs};
  runner_->restore(values, counters);
  return cycles / static_cast<double>(samples);
}

// Pulses since the beginning.
UpdateRow CycleRun::update_so_far() const {
  UpdateRow sum;
  const auto& analog = runner_->chip().analog();
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    const auto c = analog.tile(l).pairs().counters();
    sum.set_pulses += c.set_pulses;
    sum.reset_pulses += c.reset_pulses;
    sum.saturated_pulses += c.saturated;
  }
  return sum;
}

// Cost of the output codes of the free phase.
double CycleRun::free_loss(Span<const float> target) const {
  const double lsb = hw::activity_lsb(config_.chip);
  const auto codes = runner_->output_codes();
  double loss = 0.0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double error = static_cast<double>(target[i]) - codes[i] * lsb;
    loss += 0.5 * error * error;
  }
  return loss;
}

void CycleRun::write_end() {
  if (trace_ != nullptr) trace_->devices().snapshot(trained_);
}

// The analog side is integrated when it is looked at: by then the sequencer is a phase further.
std::string_view CycleRun::phase_at(double time_s) const {
  digital::Phase phase = digital::Phase::load;
  for (const auto& change : runner_->phase_log()) {
    if (static_cast<double>(change.cycle) * config_.chip.clock_s <= time_s) phase = change.phase;
  }
  return digital::name(phase);
}

void CycleRun::end_of_block() {
  const double accuracy = static_cast<double>(right_in_block_) / static_cast<double>(block_);
  if (trace_ != nullptr) {
    const auto now = update_so_far();
    trace_->training().block({trained_, accuracy,
                              runner_->chip().controller().counters().busy_cycles,
                              now.set_pulses + now.reset_pulses, energy()});
    trace_->events().block(trained_, count_events(*runner_, clipped_writes_));
  }
  report("training", trained_, data_.train.size() * config_.learning.epochs, accuracy);
  block_ = 0;
  right_in_block_ = 0;
}

// A test leaves no trace in the chip: training goes on, and is counted, as if there had been none,
// and an interrupted test begins again with the same sample numbers (and so the same noise).
bool CycleRun::test(RunResult& result, double& accuracy) {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner_->save(values, counters);
  const double wait_s = config_.chip.retention.before_test_s;
  if (wait_s > 0.0) runner_->chip().analog().wait(wait_s);
  const bool complete = test_samples(result, accuracy);
  // A run without training is about its test.
  if (!config_.learning.train) fill(result);
  runner_->restore(values, counters);
  return complete;
}

bool CycleRun::test_samples(RunResult& result, double& accuracy) {
  std::uint64_t right = 0;
  double loss = 0.0;
  const auto& test = data_.test;
  for (std::size_t k = 0; k < test.size(); ++k) {
    // A test is not resumed in its middle: it begins again from the checkpoint before it.
    if (options_.interrupt != nullptr && *options_.interrupt) return false;
    try {
      runner_->run_sample(test.inputs.row(k), test.targets.row(k), false);
    } catch (const NumericalError& e) {
      throw NonFiniteState(
          fmt::format("test sample {}: phase {}: {}", k, phase_at(e.time_s()), e.what()),
          e.time_s(), e.index());
    }
    right += !test.labels.empty() && static_cast<int>(runner_->answer()) == test.labels[k];
    loss += free_loss(test.targets.row(k));
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

bool CycleRun::interrupted() {
  if (options_.stop_after > 0 && trained_ >= options_.stop_after && !resumed_) return true;
  return options_.interrupt != nullptr && *options_.interrupt;
}

void CycleRun::report(const char* stage, std::uint64_t done, std::uint64_t total, double accuracy) {
  if (!options_.progress) return;
  const std::uint64_t now = steady_ms();
  if (now - last_report_ms_ < 100 && done != total) return;
  last_report_ms_ = now;
  options_.progress({stage, done, total, accuracy});
}

Energy CycleRun::energy() const { return chip_energy(*runner_); }

void CycleRun::fill(RunResult& result) const {
  fill_chip_figures(result, *runner_);
  result.training_samples = trained_;
  result.test_samples = data_.test.size();
  result.clipped_weights += clipped_writes_;
  // What the trial before the run has cost is no part of it.
  result.solver_steps -= trial_steps_.steps;
  result.solver_rejected -= trial_steps_.rejected;
  result.solver_rhs -= trial_steps_.rhs;
  result.compared_updates = gradient_.count();
  if (gradient_.count() > 0) result.alignment = gradient_.mean();
}

void CycleRun::save_checkpoint() {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner_->save(values, counters);
  traces::Checkpoint checkpoint;
  checkpoint.put("chip/values", Span<const double>(values));
  checkpoint.put("chip/counters", Span<const std::uint64_t>(counters));
  const std::vector<std::uint64_t> place{
      epoch_,          position_,         trained_,        right_in_block_, block_,
      right_in_epoch_, gradient_.count(), clipped_writes_, chip_cycles_};
  checkpoint.put("place", Span<const std::uint64_t>(place));
  const auto sums = gradient_.save();
  checkpoint.put("monitor/sums", Span<const double>(sums));
  checkpoint.put_value("loss", loss_);
  checkpoint.put("epochs/accuracy", Span<const double>(accuracy_per_epoch_));
  checkpoint.put("epochs/training", Span<const double>(training_per_epoch_));
  save_run_checkpoint(checkpoint, config_, options_, trace_);
}

void CycleRun::load_checkpoint() {
  const auto loaded = load_run_checkpoint(config_, trace_);
  runner_->restore(loaded.doubles("chip/values"), loaded.uint64s("chip/counters"));
  const auto& place = loaded.uint64s("place");
  if (place.size() != 9) {
    throw UserError(traces::checkpoint_path(config_.output.path) +
                    ": made by another version of memprop; begin the run again");
  }
  epoch_ = place.at(0);
  position_ = place.at(1);
  trained_ = place.at(2);
  right_in_block_ = place.at(3);
  block_ = place.at(4);
  right_in_epoch_ = place.at(5);
  gradient_.restore(loaded.doubles("monitor/sums"), place.at(6));
  clipped_writes_ = place.at(7);
  chip_cycles_ = place.at(8);
  loss_ = loaded.real("loss");
  accuracy_per_epoch_ = loaded.doubles("epochs/accuracy");
  training_per_epoch_ = loaded.doubles("epochs/training");
  resumed_ = true;
}

}  // namespace memprop::bench
