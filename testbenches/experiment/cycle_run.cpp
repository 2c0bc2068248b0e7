#include "testbenches/experiment/cycle_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/bias_code.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"
#include "testbenches/cosim/controller_choice.hpp"

namespace memprop::bench {
namespace {

bool every(std::uint64_t sample, std::uint64_t stride) {
  return stride > 0 && sample % stride == 0;
}

// A chip goes on collecting where software would end an epoch with a smaller batch: the two would
// learn from different batches.
const learning::TrainTest& whole_batches(const RunConfig& config, const learning::TrainTest& data) {
  if (config.learning.train && data.train.size() % config.learning.batch != 0) {
    throw UserError(fmt::format(
        "key 'learning.batch': expected a divisor of the {} training samples on the chip, got {}",
        data.train.size(), config.learning.batch));
  }
  return data;
}

hw::ChipConfig chip_of(const RunConfig& config) {
  hw::ChipConfig chip = config.chip;
  chip.sleep.used = config.sleep.on;
  return chip;
}

}  // namespace

CycleRun::CycleRun(const RunConfig& config, const RunOptions& options,
                   const learning::Network& network, const learning::TrainTest& data)
    : ChipRun(config, options, whole_batches(config, data)),
      runner_(std::make_unique<hw::ChipRunner>("chip_runner", chip_of(config), network,
                                               config.learning, config.seed,
                                               controller_factory(config))),
      ideal_update_(config.learning, runner_->chip().analog()),
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
    pins_ = std::make_unique<PinRecorder>("pin_recorder", runner_->chip(),
                                          runner_->chip().analog().tile_count());
  }
}

std::uint64_t CycleRun::train_on(std::size_t index) {
  const auto x = data_.train.inputs.row(index);
  const auto y = data_.train.targets.row(index);
  const bool compare = every(trained(), config_.monitor.gradient_every);
  const bool compare_states = every(trained(), config_.monitor.state_every);
  const bool record = trace_ != nullptr && records_ && selection_.records(trained());
  if (compare) {
    // The target of some other sample with another label, drawn for this comparison.
    const RandomStream stream(config_.seed, "monitor/wrong-label");
    std::size_t other = index;
    for (std::uint64_t k = 0; k < 100; ++k) {
      other = static_cast<std::size_t>(stream.uniform(trained(), k) *
                                       static_cast<double>(data_.train.size()));
      const auto t = data_.train.targets.row(other);
      if (!std::equal(t.begin(), t.end(), y.begin())) break;
    }
    gradient_.before(x, y, data_.train.targets.row(other));
  }
  if (compare_states || (record && records_reference_)) states_.before();
  if (compare_states || record) recorder_.begin();
  if (record && pins_) pins_->begin();
  run_training_sample(index);
  if (config_.chip.update.circuit == hw::UpdateCircuit::ideal_write) {
    const auto& chip = runner_->chip();
    const auto step = ideal_update_.step(
        chip.wanted_change(chip.analog().present_network(), ideal_update_.learning(),
                           runner_->last_nudge_sign(), config_.network.bias));
    if (!step.empty()) clipped_writes_ += runner_->chip().analog().write_ideal(step);
  }
  if (record && pins_) pins_->end();
  if (compare_states || record) recorder_.end();
  if (compare) {
    const auto& row = gradient_.after();
    if (trace_ != nullptr) trace_->compare().gradient(trained(), row);
  }
  compare_and_record(index, compare_states, record);
  const std::uint64_t cycles = runner_->phase_log().back().cycle;
  chip_cycles_ += cycles + 1;
  return cycles;
}

void CycleRun::compare_and_record(std::size_t index, bool compare_states, bool record) {
  const auto y = data_.train.targets.row(index);
  const auto clock_ps = static_cast<std::uint64_t>(std::llround(config_.chip.clock_s * 1e12));
  const std::uint64_t begin_ps = chip_cycles_ * clock_ps;
  if (compare_states || (record && records_reference_)) states_.after(recorder_, y);
  if (compare_states && trace_ != nullptr) {
    trace_->compare().states(trained(), begin_ps, clock_ps, states_.error());
  }
  if (!record) return;
  trace_->probes().append({trained(), begin_ps, &recorder_, pins_.get(),
                           records_reference_ ? &states_.states() : nullptr, y});
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
  const std::uint64_t batch = config_.learning.batch;
  const std::uint64_t wanted = (most_samples + batch - 1) / batch * batch;
  const std::uint64_t samples = std::min<std::uint64_t>(varies ? wanted : 1, data_.train.size());
  const auto& stepper = runner_->chip().analog().bridge().domain().stepper();
  const ode::StepCounters before = stepper.counters();
  double cycles = 0;
  on_trial(samples, [&] { cycles += static_cast<double>(runner_->phase_log().back().cycle); });
  trial_steps_ = {stepper.counters().steps - before.steps,
                  stepper.counters().rejected - before.rejected,
                  stepper.counters().rhs - before.rhs};
  return cycles / static_cast<double>(samples);
}

// Pulses since the beginning.
UpdateRow CycleRun::pulses() const {
  UpdateRow sum;
  const auto& analog = runner_->chip().analog();
  for (std::size_t l = 1; l <= analog.tile_count(); ++l) {
    const auto c = analog.tile(l).pairs().counters();
    sum.set_pulses += c.set_pulses;
    sum.reset_pulses += c.reset_pulses;
    sum.saturated_pulses += c.saturated;
  }
  return sum;
}

void CycleRun::write_end() {
  if (trace_ != nullptr) trace_->devices().snapshot(trained());
}

// The analog side is integrated when it is looked at: by then the sequencer is a phase further.
std::string CycleRun::place_of(double time_s) const {
  digital::Phase phase = digital::Phase::load;
  for (const auto& change : runner_->phase_log()) {
    if (static_cast<double>(change.cycle) * config_.chip.clock_s <= time_s) phase = change.phase;
  }
  return fmt::format("phase {}: ", digital::name(phase));
}

std::uint64_t CycleRun::busy_cycles() const {
  return runner_->chip().controller().counters().busy_cycles;
}

void CycleRun::fill_figures(RunResult& result) const {
  fill_chip_figures(result, *runner_);
  // What the trial before the run has cost is no part of it.
  result.solver_steps -= trial_steps_.steps;
  result.solver_rejected -= trial_steps_.rejected;
  result.solver_rhs -= trial_steps_.rhs;
  result.compared_updates = gradient_.count();
  if (gradient_.count() > 0) result.alignment = gradient_.mean();
}

void CycleRun::add_warnings(RunResult& result) const {
  for (auto& text : protocol_warnings(runner_->monitor())) {
    result.warnings.push_back(std::move(text));
  }
  if (!config_.learning.train) return;
  for (auto& text : hw::bias_warnings(config_.chip, network(), config_.learning)) {
    result.warnings.push_back(std::move(text));
  }
}

void CycleRun::begin_trace() { trace_->devices().snapshot(0); }

void CycleRun::sample_trained(bool last) {
  if (every(trained(), config_.output.devices_every) && !last) {
    trace_->devices().snapshot(trained());
  }
}

void CycleRun::block_trained() {
  trace_->events().block(trained(), count_events(*runner_, clipped_writes_));
}

void CycleRun::before_test() {
  const double wait_s = config_.chip.retention.before_test_s;
  if (wait_s > 0.0) runner_->chip().analog().wait(wait_s);
}

void CycleRun::save_more(traces::Checkpoint& checkpoint) const {
  const auto sums = gradient_.save();
  checkpoint.put("monitor/sums", Span<const double>(sums));
  checkpoint.put_value("monitor/count", gradient_.count());
  checkpoint.put_value("chip/cycles", chip_cycles_);
  ideal_update_.save(checkpoint);
}

void CycleRun::load_more(const traces::Checkpoint& loaded) {
  gradient_.restore(loaded.doubles("monitor/sums"), loaded.uint64("monitor/count"));
  chip_cycles_ = loaded.uint64("chip/cycles");
  ideal_update_.load(loaded);
}

}  // namespace memprop::bench
