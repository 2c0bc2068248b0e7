#include "testbenches/experiment/resistive_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "hw_models/controller_setup.hpp"
#include "hw_models/resistive/resistive_setup.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/resistive_run_limits.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/sample_order.hpp"

namespace memprop::bench {
namespace {

std::uint64_t steady_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

}  // namespace

void check_resistive_run(const RunConfig& config) {
  const auto limit = resistive_run_limit(config);
  if (!limit) return;
  throw UserError(fmt::format("key '{}': expected {} with network.style = \"resistive\", got {}",
                              limit->key, limit->expected, limit->got));
}

ResistiveRun::ResistiveRun(const RunConfig& config, const RunOptions& options,
                           const learning::Network& network, const learning::TrainTest& data)
    : config_(config), options_(options), data_(data) {
  check_resistive_run(config);
  runner_ = std::make_unique<hw::ResistiveRunner>("chip_runner", config.chip, network,
                                                  config.learning, config.seed);
}

bool ResistiveRun::run(RunResult& result) {
  if (options_.resume) load_checkpoint();
  if (trace_ != nullptr && !resumed_) {
    trace_->initial_weights(network());
    if (config_.output.checkpoint_every > 0) save_checkpoint();
  }
  const std::uint64_t epochs = config_.learning.train ? config_.learning.epochs : 0;
  result.fidelity = "cycle";
  bool complete = true;
  while (complete && epoch_ < epochs) {
    complete = train_epoch();
    if (!complete) break;
    fill(result);  // what testing costs is left out
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
  if (epochs > 0) fill(result);
  result.loss = loss_;
  result.accuracy_per_epoch = accuracy_per_epoch_;
  result.accuracy = accuracy_per_epoch_.back();
  if (!training_per_epoch_.empty()) result.training_accuracy = training_per_epoch_.back();
  return true;
}

bool ResistiveRun::train_epoch() {
  const auto order =
      sample_order(data_.train.size(), config_.learning.shuffle, config_.seed, epoch_);
  while (position_ < order.size()) {
    if (interrupted()) return false;
    train_sample(order[position_]);
    ++position_;
    ++trained_;
    if (++block_ == samples_per_block || position_ == order.size()) end_of_block();
    if (trace_ == nullptr) continue;
    const std::uint64_t every = config_.output.checkpoint_every;
    if (every > 0 && trained_ % every == 0) save_checkpoint();
    trace_->tick();
  }
  return true;
}

void ResistiveRun::train_sample(std::size_t index) {
  const auto y = data_.train.targets.row(index);
  const std::uint64_t every = config_.output.update_every;
  const bool update_row = trace_ != nullptr && every > 0 && trained_ % every == 0;
  const auto pulses = [this] {
    UpdateRow sum;
    for (std::size_t l = 1; l <= runner_->analog().layer_count(); ++l) {
      const auto& c = runner_->analog().devices(l).counters();
      sum.set_pulses += c.up;
      sum.reset_pulses += c.down;
      sum.saturated_pulses += c.saturated;
    }
    return sum;
  };
  const UpdateRow before = update_row ? pulses() : UpdateRow();
  try {
    runner_->run_sample(data_.train.inputs.row(index), y, true);
  } catch (const NumericalError& e) {
    throw NonFiniteState(
        fmt::format("training sample {} (number {} of the data): {}", trained_, index, e.what()),
        e.time_s(), e.index());
  }
  if (config_.chip.update.circuit == hw::UpdateCircuit::ideal_write) {
    auto& analog = runner_->analog();
    clipped_writes_ += analog.write_ideal(hw::wanted_conductance_change(
        config_.chip, analog.present_network(), config_.learning, runner_->controller(),
        runner_->coded_input(), runner_->last_nudge_sign()));
  }
  const bool right = !data_.train.labels.empty() &&
                     static_cast<int>(runner_->answer()) == data_.train.labels[index];
  right_in_block_ += right;
  right_in_epoch_ += right;
  if (!update_row) return;
  UpdateRow row = pulses();
  row.sample = trained_;
  row.loss = free_loss(y);
  row.right = right;
  row.cycles = runner_->last_cycles();
  row.set_pulses -= before.set_pulses;
  row.reset_pulses -= before.reset_pulses;
  row.saturated_pulses -= before.saturated_pulses;
  trace_->training().update(row);
}

double ResistiveRun::free_loss(Span<const float> target) const {
  const double lsb = hw::activity_lsb(config_.chip);
  const auto codes = runner_->output_codes();
  double loss = 0.0;
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const double error = static_cast<double>(target[k]) - static_cast<double>(codes[k]) * lsb;
    loss += 0.5 * error * error;
  }
  return loss;
}

void ResistiveRun::end_of_block() {
  const double accuracy = static_cast<double>(right_in_block_) / static_cast<double>(block_);
  if (trace_ != nullptr) {
    std::uint64_t pulses = 0;
    for (std::size_t l = 1; l <= runner_->analog().layer_count(); ++l) {
      const auto& c = runner_->analog().devices(l).counters();
      pulses += c.up + c.down;
    }
    trace_->training().block(
        {trained_, accuracy, runner_->controller().counters().busy_cycles, pulses, energy()});
  }
  report("training", trained_, data_.train.size() * config_.learning.epochs, accuracy);
  block_ = 0;
  right_in_block_ = 0;
}

bool ResistiveRun::test(RunResult& result, double& accuracy) {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner_->save(values, counters);
  const bool complete = test_samples(result, accuracy);
  if (!config_.learning.train) fill(result);
  runner_->restore(values, counters);
  return complete;
}

bool ResistiveRun::test_samples(RunResult& result, double& accuracy) {
  std::uint64_t right = 0;
  double loss = 0.0;
  const auto& data = data_.test;
  for (std::size_t k = 0; k < data.size(); ++k) {
    if (options_.interrupt != nullptr && *options_.interrupt) return false;
    try {
      runner_->run_sample(data.inputs.row(k), data.targets.row(k), false);
    } catch (const NumericalError& e) {
      throw NonFiniteState(fmt::format("test sample {}: {}", k, e.what()), e.time_s(), e.index());
    }
    right += !data.labels.empty() && static_cast<int>(runner_->answer()) == data.labels[k];
    loss += free_loss(data.targets.row(k));
    if (trace_ != nullptr) trace_->tick();
    if (k % 500 == 499) {
      report("testing", k + 1, data.size(),
             static_cast<double>(right) / static_cast<double>(k + 1));
    }
  }
  const auto count = static_cast<double>(data.size());
  result.loss = loss_ = loss / count;
  accuracy = data.labels.empty() ? not_measured : static_cast<double>(right) / count;
  return true;
}

bool ResistiveRun::interrupted() const {
  if (options_.stop_after > 0 && trained_ >= options_.stop_after && !resumed_) return true;
  return options_.interrupt != nullptr && *options_.interrupt;
}

void ResistiveRun::report(const char* stage, std::uint64_t done, std::uint64_t total,
                          double accuracy) {
  if (!options_.progress) return;
  const std::uint64_t now = steady_ms();
  if (now - last_report_ms_ < 100 && done != total) return;
  last_report_ms_ = now;
  options_.progress({stage, done, total, accuracy});
}

Energy ResistiveRun::energy() const {
  const auto& analog = runner_->analog();
  const auto busy = static_cast<double>(runner_->controller().counters().busy_cycles);
  Energy e;
  double nodes = 0;
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    nodes += static_cast<double>(analog.bank(l).size());
    e.writes_j += analog.devices(l).write_energy_j();
  }
  const auto& chip = config_.chip;
  e.arrays_j = analog.array_energy_j();
  e.neurons_j = nodes * chip.neuron.bias_current_a * chip.neuron.supply_v * busy * chip.clock_s;
  e.converters_j = static_cast<double>(analog.dac().conversions()) * chip.dac.energy_j +
                   static_cast<double>(analog.adc().conversions()) * chip.adc.energy_j +
                   static_cast<double>(analog.nudge_conversions()) * chip.nudge_dac.energy_j;
  e.digital_j = busy * chip.digital_energy_per_cycle_j;
  return e;
}

void ResistiveRun::fill(RunResult& result) const {
  auto& analog = runner_->analog();
  const auto& counters = runner_->controller().counters();
  result.training_samples = trained_;
  result.test_samples = data_.test.size();
  result.cycles = counters.busy_cycles;
  result.update_cycles = counters.update_cycles;
  result.simulated_s = static_cast<double>(counters.busy_cycles) * config_.chip.clock_s;
  result.clipped_counts = counters.pulse_clipped;
  result.clipped_inputs = runner_->input_clipped();
  result.clipped_targets = analog.nudge_clipped();
  result.conversions = analog.adc().conversions();
  result.clipped_conversions = analog.adc().clipped();
  result.clipped_weights = analog.programming_clipped() + clipped_writes_;
  result.stuck_cells = analog.stuck_cells();
  result.set_pulses = result.reset_pulses = result.saturated_pulses = 0;
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    const auto& c = analog.devices(l).counters();
    result.set_pulses += c.up;
    result.reset_pulses += c.down;
    result.saturated_pulses += c.saturated;
  }
  const ode::Stepper& stepper = analog.domain().stepper();
  result.stepper = stepper.name();
  result.solver_steps = stepper.counters().steps;
  result.solver_rejected = stepper.counters().rejected;
  result.solver_rhs = stepper.counters().rhs;
  result.energy = energy();
  result.settling.clear();
  const char* const names[] = {"free", "positive", "negative"};
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    const auto& s = analog.settling(k);
    if (s.phases == 0) continue;
    result.settling.push_back(
        {names[k], s.phases, s.unsettled, s.sum / static_cast<double>(s.phases), s.worst});
  }
}

void ResistiveRun::save_checkpoint() {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner_->save(values, counters);
  traces::Checkpoint checkpoint;
  checkpoint.put("chip/values", Span<const double>(values));
  checkpoint.put("chip/counters", Span<const std::uint64_t>(counters));
  const std::vector<std::uint64_t> place{epoch_, position_,       trained_,       right_in_block_,
                                         block_, right_in_epoch_, clipped_writes_};
  checkpoint.put("place", Span<const std::uint64_t>(place));
  checkpoint.put_value("loss", loss_);
  checkpoint.put("epochs/accuracy", Span<const double>(accuracy_per_epoch_));
  checkpoint.put("epochs/training", Span<const double>(training_per_epoch_));
  save_run_checkpoint(checkpoint, config_, options_, trace_);
}

void ResistiveRun::load_checkpoint() {
  const auto loaded = load_run_checkpoint(config_, trace_);
  runner_->restore(loaded.doubles("chip/values"), loaded.uint64s("chip/counters"));
  const auto& place = loaded.uint64s("place");
  epoch_ = place.at(0);
  position_ = place.at(1);
  trained_ = place.at(2);
  right_in_block_ = place.at(3);
  block_ = place.at(4);
  right_in_epoch_ = place.at(5);
  clipped_writes_ = place.at(6);
  loss_ = loaded.real("loss");
  accuracy_per_epoch_ = loaded.doubles("epochs/accuracy");
  training_per_epoch_ = loaded.doubles("epochs/training");
  resumed_ = true;
}

}  // namespace memprop::bench
