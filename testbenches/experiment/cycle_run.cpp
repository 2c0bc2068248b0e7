#include "testbenches/experiment/cycle_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "hw_models/controller_setup.hpp"
#include "learning/metric/gradient_metric.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/sample_order.hpp"

namespace memprop::bench {
namespace {

constexpr std::uint64_t samples_per_block = 1000;

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
                                               config.seed)),
      gradient_(*runner_, network, config.learning),
      states_(*runner_, config.learning, config.monitor.rtol_ratio),
      recorder_(*runner_) {}

bool CycleRun::run(RunResult& result) {
  if (options_.resume) load_checkpoint();
  if (trace_ != nullptr && !resumed_) {
    trace_->initial_weights(runner_->chip().analog().present_network());
    trace_->devices("initial", *runner_);
  }
  const std::uint64_t epochs = config_.learning.train ? config_.learning.epochs : 0;
  result.fidelity = "cycle";
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
    if (trace_ != nullptr) trace_->epoch(epoch_, accuracy, training_per_epoch_.back());
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
  if (trace_ != nullptr) trace_->devices("final", *runner_);
  result.accuracy_per_epoch = accuracy_per_epoch_;
  result.accuracy = accuracy_per_epoch_.back();
  if (!training_per_epoch_.empty()) result.training_accuracy = training_per_epoch_.back();
  return true;
}

bool CycleRun::train_epoch(std::uint64_t epoch) {
  const auto order =
      sample_order(data_.train.size(), config_.learning.shuffle, config_.seed, epoch);
  const std::uint64_t total = order.size();
  while (position_ < total) {
    if (interrupted()) return false;
    train_sample(order[position_]);
    ++position_;
    ++trained_;
    if (++block_ == samples_per_block || position_ == total) end_of_block();
    if (every(trained_, config_.output.checkpoint_every) && !config_.output.path.empty()) {
      save_checkpoint();
    }
  }
  return true;
}

void CycleRun::train_sample(std::size_t index) {
  const auto x = data_.train.inputs.row(index);
  const auto y = data_.train.targets.row(index);
  const bool compare = every(trained_, config_.monitor.gradient_every);
  const bool compare_states = every(trained_, config_.monitor.state_every);
  const auto& wanted = config_.output.samples;
  const bool record =
      trace_ != nullptr && std::find(wanted.begin(), wanted.end(), trained_) != wanted.end();
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
  if (compare_states) states_.before();
  if (compare_states || record) recorder_.begin();
  try {
    runner_->run_sample(x, y, true);
  } catch (const NumericalError& e) {
    throw NonFiniteState(fmt::format("training sample {} (number {} of the data): phase {}: {}",
                                     trained_, index, phase_at(e.time_s()), e.what()),
                         e.time_s(), e.index());
  }
  if (config_.chip.update.circuit == hw::UpdateCircuit::ideal_write) {
    const auto& chip = runner_->chip();
    clipped_writes_ += runner_->chip().analog().write_ideal(hw::wanted_change(
        config_.chip, chip.analog().present_network(), config_.learning, chip.controller().core(),
        chip.coded_input(), runner_->last_nudge_sign(), config_.network.bias));
  }
  if (compare_states || record) recorder_.end();
  if (compare) {
    const auto& row = gradient_.after();
    if (trace_ != nullptr) trace_->update(trained_, row);
  }
  if (compare_states) {
    states_.after(recorder_, y);
    if (trace_ != nullptr) trace_->states(trained_, states_.error());
  }
  if (record) trace_->waveforms(trained_, recorder_, *runner_);
  const bool right = !data_.train.labels.empty() &&
                     static_cast<int>(runner_->answer()) == data_.train.labels[index];
  right_in_block_ += right;
  right_in_epoch_ += right;
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
    trace_->training_block(trained_, accuracy,
                           runner_->chip().controller().core().counters().busy_cycles, pulses(),
                           energy().total_j());
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
  const bool complete = test_samples(result, accuracy);
  // A run without training is about its test.
  if (!config_.learning.train) fill(result);
  runner_->restore(values, counters);
  return complete;
}

bool CycleRun::test_samples(RunResult& result, double& accuracy) {
  std::uint64_t right = 0;
  double loss = 0.0;
  const double lsb = hw::activity_lsb(config_.chip);
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
    const auto codes = runner_->output_codes();
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const double error = static_cast<double>(test.targets(k, i)) - codes[i] * lsb;
      loss += 0.5 * error * error;
    }
    if (k % 500 == 499) {
      report("testing", k + 1, test.size(),
             static_cast<double>(right) / static_cast<double>(k + 1));
    }
  }
  const auto count = static_cast<double>(test.size());
  result.loss = loss / count;
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

std::uint64_t CycleRun::pulses() const {
  std::uint64_t sum = 0;
  const auto& analog = runner_->chip().analog();
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    const auto c = analog.tile(l).pairs().counters();
    sum += c.set_pulses + c.reset_pulses;
  }
  return sum;
}

Energy CycleRun::energy() const {
  const auto& chip = runner_->chip();
  const auto& config = chip.config();
  const auto& counters = chip.controller().core().counters();
  Energy e;
  double neurons = 0;
  for (std::size_t l = 1; l <= chip.analog().layer_count(); ++l) {
    const auto& tile = chip.analog().tile(l);
    neurons += static_cast<double>(chip.analog().bank(l).bank().size());
    e.arrays_j += tile.array_energy_j();
    for (const auto* pairs : {&tile.pairs(), tile.feedback_pairs()}) {
      if (pairs != nullptr) e.writes_j += pairs->write_energy_j();
    }
  }
  const auto busy = static_cast<double>(counters.busy_cycles);
  e.neurons_j =
      neurons * config.neuron.bias_current_a * config.neuron.supply_v * busy * config.clock_s;
  e.converters_j =
      static_cast<double>(chip.analog().dac().conversions()) * config.dac.energy_j +
      static_cast<double>(chip.analog().adc().conversions()) * config.adc.energy_j +
      static_cast<double>(chip.analog().nudge_conversions()) * config.nudge_dac.energy_j;
  e.digital_j = busy * config.digital_energy_per_cycle_j;
  return e;
}

void CycleRun::fill(RunResult& result) const {
  const auto& chip = runner_->chip();
  const auto& counters = chip.controller().core().counters();
  result.training_samples = trained_;
  result.test_samples = data_.test.size();
  result.cycles = counters.busy_cycles;
  result.update_cycles = counters.update_cycles;
  result.simulated_s = static_cast<double>(counters.busy_cycles) * chip.config().clock_s;
  result.clipped_counts = counters.pulse_clipped;
  result.clipped_inputs = chip.input_clipped();
  result.clipped_targets = chip.analog().nudge_clipped();
  result.conversions = chip.analog().adc().conversions();
  result.clipped_conversions = chip.analog().adc().clipped();
  result.clipped_weights = chip.analog().programming_clipped() + clipped_writes_;
  result.set_pulses = result.reset_pulses = result.saturated_pulses = result.stuck_cells = 0;
  for (std::size_t l = 1; l <= chip.analog().layer_count(); ++l) {
    const auto c = chip.analog().tile(l).pairs().counters();
    result.set_pulses += c.set_pulses;
    result.reset_pulses += c.reset_pulses;
    result.saturated_pulses += c.saturated;
    result.stuck_cells += chip.analog().tile(l).pairs().stuck_cells();
  }
  const auto& stepper = runner_->chip().analog().bridge().domain().stepper();
  result.stepper = stepper.name();
  result.solver_steps = stepper.counters().steps;
  result.solver_rejected = stepper.counters().rejected;
  result.solver_rhs = stepper.counters().rhs;
  result.energy = energy();
  result.settling.clear();
  const char* const names[] = {"free", "positive", "negative"};
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    const auto& s = chip.analog().settling(k);
    if (s.phases == 0) continue;
    result.settling.push_back(
        {names[k], s.phases, s.unsettled, s.sum / static_cast<double>(s.phases), s.worst});
  }
  result.compared_updates = gradient_.count();
  if (gradient_.count() > 0) result.alignment = gradient_.mean();
  result.feedback_angle_deg.clear();
  for (std::size_t l = 2; l <= chip.analog().layer_count(); ++l) {
    const auto* feedback = chip.analog().tile(l).feedback_pairs();
    if (feedback == nullptr) continue;
    const double cosine =
        learning::cosine(feedback->difference(), chip.analog().tile(l).pairs().difference());
    result.feedback_angle_deg.push_back(std::acos(std::clamp(cosine, -1.0, 1.0)) * 180.0 /
                                        3.14159265358979323846);
  }
}

void CycleRun::save_checkpoint() {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner_->save(values, counters);
  traces::Checkpoint checkpoint;
  checkpoint.put("chip/values", Span<const double>(values));
  checkpoint.put("chip/counters", Span<const std::uint64_t>(counters));
  const std::vector<std::uint64_t> place{
      epoch_, position_,       trained_,          right_in_block_,
      block_, right_in_epoch_, gradient_.count(), clipped_writes_};
  checkpoint.put("place", Span<const std::uint64_t>(place));
  const auto sums = gradient_.save();
  checkpoint.put("monitor/sums", Span<const double>(sums));
  checkpoint.put("epochs/accuracy", Span<const double>(accuracy_per_epoch_));
  checkpoint.put("epochs/training", Span<const double>(training_per_epoch_));
  save_run_checkpoint(checkpoint, config_, options_, trace_);
}

void CycleRun::load_checkpoint() {
  const auto loaded = load_run_checkpoint(config_, trace_);
  runner_->restore(loaded.doubles("chip/values"), loaded.uint64s("chip/counters"));
  const auto& place = loaded.uint64s("place");
  epoch_ = place.at(0);
  position_ = place.at(1);
  trained_ = place.at(2);
  right_in_block_ = place.at(3);
  block_ = place.at(4);
  right_in_epoch_ = place.at(5);
  gradient_.restore(loaded.doubles("monitor/sums"), place.at(6));
  clipped_writes_ = place.at(7);
  accuracy_per_epoch_ = loaded.doubles("epochs/accuracy");
  training_per_epoch_ = loaded.doubles("epochs/training");
  resumed_ = true;
}

}  // namespace memprop::bench
