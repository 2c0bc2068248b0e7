#include "testbenches/experiment/chip_task_run.hpp"

#include "digital/sleep_registers.hpp"
#include "testbenches/experiment/chip_figures.hpp"

namespace memprop::bench {
namespace {

void add(Energy& sum, const Energy& more) {
  sum.arrays_j += more.arrays_j;
  sum.neurons_j += more.neurons_j;
  sum.converters_j += more.converters_j;
  sum.writes_j += more.writes_j;
  sum.digital_j += more.digital_j;
}

Energy difference(const Energy& after, const Energy& before) {
  return {after.arrays_j - before.arrays_j, after.neurons_j - before.neurons_j,
          after.converters_j - before.converters_j, after.writes_j - before.writes_j,
          after.digital_j - before.digital_j};
}

// Pulses of both arrays of every tile, and what they have taken.
SleepCost writes_of(const hw::AnalogChip& analog) {
  SleepCost sum;
  for (std::size_t t = 1; t <= analog.tile_count(); ++t) {
    const auto& tile = analog.tile(t);
    const auto c = tile.pairs().counters();
    sum.set_pulses += c.set_pulses;
    sum.reset_pulses += c.reset_pulses;
    sum.saturated_pulses += c.saturated;
    for (const auto* pairs : {&tile.pairs(), tile.feedback_pairs()}) {
      if (pairs != nullptr) sum.energy.writes_j += pairs->write_energy_j();
    }
  }
  return sum;
}

}  // namespace

ChipTaskRun::ChipTaskRun(const RunConfig& config, const RunOptions& options,
                         const learning::Network& network, const learning::TrainTest& data)
    : TaskRun(config, options, network, data), awake_(config, options, network, data) {
  if (!config.sleep.on) return;
  asleep_ = std::make_unique<hw::SleepMode>(awake_.runner().chip().analog(), network, config.sleep,
                                            config.seed);
}

const char* ChipTaskRun::fidelity_name() const {
  return config_.fidelity == Fidelity::rtl ? "rtl" : "cycle";
}

void ChipTaskRun::begin_trace() {
  attach_awake();
  awake_.begin();
}

void ChipTaskRun::train_part(const std::vector<std::uint32_t>& samples, bool last) {
  for (std::size_t k = 0; k < samples.size(); ++k) {
    awake_.train_next(samples[k], last && k + 1 == samples.size());
  }
}

bool ChipTaskRun::evaluate(std::vector<TestFigures>& of_tasks) {
  std::vector<unsigned char> right;
  std::vector<double> loss;
  if (!awake_.test_each(right, loss)) return false;
  for (const std::vector<std::uint32_t>& samples : test_samples()) {
    TestFigures figures;
    for (const std::uint32_t s : samples) {
      figures.accuracy += right[s];
      figures.loss += loss[s];
    }
    figures.accuracy /= static_cast<double>(samples.size());
    figures.loss /= static_cast<double>(samples.size());
    of_tasks.push_back(figures);
  }
  return true;
}

// Free phases of samples seen so far, under the peak detectors; the chip is afterwards as it was.
void ChipTaskRun::calibrate(SleepCost& cost) {
  hw::ChipRunner& runner = awake_.runner();
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner.save(values, counters);
  const Energy before = chip_energy(runner);
  const std::uint64_t cycles = runner.chip().controller().counters().busy_cycles;
  asleep_->clear_peaks();
  const auto samples = calibration_samples();
  for (std::size_t k = 0; k < samples.size(); ++k) {
    runner.run_sample(data_.train.inputs.row(samples[k]), data_.train.targets.row(samples[k]),
                      false);
    asleep_->take_peaks();
    report("calibrating the sleep", k + 1, samples.size());
  }
  add(cost.energy, difference(chip_energy(runner), before));
  cost.calibration_cycles = runner.chip().controller().counters().busy_cycles - cycles;
  runner.restore(values, counters);
}

void ChipTaskRun::sleep(TaskFigures& figures) {
  SleepCost& cost = figures.cost;
  cost = {};
  calibrate(cost);
  figures.thresholds = asleep_->thresholds();
  const std::vector<double> rates = learning::sleep_rates(config_.sleep, mean_input());
  const auto codes = digital::mean_codes(rates, static_cast<unsigned>(config_.sleep.mean_bits));
  const hw::AnalogChip& analog = awake_.runner().chip().analog();
  const SleepCost writes = writes_of(analog);
  const hw::SleepTotals before = asleep_->totals();
  figures.spikes =
      asleep_->run(codes, figures.thresholds, learning::sleep_steps(config_.sleep, stage() + 1))
          .spikes;
  const SleepCost written = writes_of(analog);
  const hw::SleepTotals& after = asleep_->totals();
  const hw::ChipConfig& chip = config_.chip;
  cost.set_pulses = written.set_pulses - writes.set_pulses;
  cost.reset_pulses = written.reset_pulses - writes.reset_pulses;
  cost.saturated_pulses = written.saturated_pulses - writes.saturated_pulses;
  cost.cycles = after.cycles - before.cycles;
  double neurons = 0;
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    neurons += static_cast<double>(analog.bank(l).bank().size());
  }
  const auto cycles = static_cast<double>(cost.cycles);
  add(cost.energy,
      {after.arrays_j - before.arrays_j,
       neurons * chip.neuron.bias_current_a * chip.neuron.supply_v * cycles * chip.clock_s,
       static_cast<double>(after.decisions - before.decisions) * chip.sleep.comparator_energy_j,
       written.energy.writes_j - writes.energy.writes_j, cycles * chip.digital_energy_per_cycle_j});
  // Devices have counted what no sample did.
  SleepCost apart = cost;
  apart.energy = {0, 0, 0, written.energy.writes_j - writes.energy.writes_j, 0};
  awake_.leave_out(apart);
  slept_.set_pulses += cost.set_pulses;
  slept_.reset_pulses += cost.reset_pulses;
  slept_.saturated_pulses += cost.saturated_pulses;
  slept_.energy.writes_j += apart.energy.writes_j;
}

void ChipTaskRun::fill(RunResult& result) {
  awake_.fill(result);
  awake_.warn(result);
}

void ChipTaskRun::save_learner(traces::Checkpoint& checkpoint) {
  awake_.put_state(checkpoint);
  const std::vector<std::uint64_t> pulses{slept_.set_pulses, slept_.reset_pulses,
                                          slept_.saturated_pulses};
  checkpoint.put("sleep/pulses", Span<const std::uint64_t>(pulses));
  checkpoint.put_value("sleep/writes_j", slept_.energy.writes_j);
  if (!asleep_) return;
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  asleep_->save(values, counters);
  checkpoint.put("sleep/values", Span<const double>(values));
  checkpoint.put("sleep/counters", Span<const std::uint64_t>(counters));
}

void ChipTaskRun::load_learner(const traces::Checkpoint& checkpoint) {
  attach_awake();
  awake_.take_state(checkpoint);
  const auto& pulses = checkpoint.uint64s("sleep/pulses");
  slept_ = {};
  slept_.set_pulses = pulses.at(0);
  slept_.reset_pulses = pulses.at(1);
  slept_.saturated_pulses = pulses.at(2);
  slept_.energy.writes_j = checkpoint.real("sleep/writes_j");
  awake_.leave_out(slept_);
  if (asleep_) {
    asleep_->restore(checkpoint.doubles("sleep/values"), checkpoint.uint64s("sleep/counters"));
  }
}

}  // namespace memprop::bench
