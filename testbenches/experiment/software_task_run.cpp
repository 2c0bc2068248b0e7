#include "testbenches/experiment/software_task_run.hpp"

#include <algorithm>
#include <cmath>

#include "learning/continual/feedforward.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/run_checkpoint.hpp"
#include "testbenches/experiment/software_reference.hpp"

namespace memprop::bench {
namespace {

// Samples of a task that are looked at for outputs that cannot move.
constexpr std::size_t kStuckSamples = 500;

bool settles(const RunConfig& config) { return !learning::is_baseline(config.learning.rule); }

// The running network as the ideal reference sees it, to ask for its free and nudged states.
learning::IdealReference state_reference(const RunConfig& config,
                                         const learning::Network& network) {
  learning::LearningConfig learning = config.learning;
  learning.optimiser = {};
  if (learning.rule == learning::RuleKind::truncated_bptt) {
    learning.rule = learning::RuleKind::equilibrium_propagation;
  }
  return {network, learning, config.ideal, 1U, config.seed};
}

std::vector<double> input_of(const learning::Dataset& data, std::size_t sample) {
  const auto row = data.inputs.row(sample);
  return {row.begin(), row.end()};
}

}  // namespace

SoftwareTaskRun::SoftwareTaskRun(const RunConfig& config, const RunOptions& options,
                                 const learning::Network& network, const learning::TrainTest& data)
    : TaskRun(config, options, network, data),
      reference_(make_software_reference(config, network)) {
  make_test_sets();
  if (config.sleep.on && config.sleep.random == learning::SleepRandom::shift_register) {
    inputs_ = std::make_unique<ShiftRegisterInputs>(network.width(0), config.sleep, config.seed);
  }
}

const char* SoftwareTaskRun::fidelity_name() const {
  return config_.fidelity == Fidelity::ideal ? "ideal" : "ode";
}

std::size_t SoftwareTaskRun::slice() const {
  const std::size_t batch = config_.learning.batch;
  return std::max<std::size_t>(1, 1000 / batch) * batch;
}

void SoftwareTaskRun::make_test_sets() {
  const std::size_t n_in = data_.test.inputs.cols(), n_out = data_.test.targets.cols();
  for (const std::vector<std::uint32_t>& samples : test_samples()) {
    const std::size_t count = samples.size();
    TestSet set{BasicMatrix<float>(count, n_in), BasicMatrix<float>(count, n_out), {}};
    for (std::size_t s = 0; s < count; ++s) {
      const auto x = data_.test.inputs.row(samples[s]);
      const auto y = data_.test.targets.row(samples[s]);
      std::copy(x.begin(), x.end(), set.inputs.row(s).begin());
      std::copy(y.begin(), y.end(), set.targets.row(s).begin());
      set.labels.push_back(static_cast<std::uint32_t>(data_.test.labels[samples[s]]));
    }
    tests_.push_back(std::move(set));
  }
}

void SoftwareTaskRun::train_part(const std::vector<std::uint32_t>& samples, bool) {
  reference_->train(data_.train.inputs.data(), data_.train.targets.data(), samples);
}

void SoftwareTaskRun::end_task() {
  reference_->end_task(data_.train.inputs.data(), data_.train.targets.data(), stage_samples());
}

bool SoftwareTaskRun::evaluate(std::vector<TestFigures>& of_tasks) {
  for (const TestSet& set : tests_) {
    const auto e = reference_->evaluate(set.inputs.data(), set.targets.data(), set.labels.data(),
                                        set.labels.size());
    of_tasks.push_back({e.accuracy, e.loss});
  }
  return true;
}

learning::SleepCalibration SoftwareTaskRun::calibrate(const learning::Network& network) const {
  learning::SleepCalibration calibration(network);
  auto states = state_reference(config_, network);
  for (const std::uint32_t sample : calibration_samples()) {
    const std::vector<double> x = input_of(data_.train, sample);
    if (!settles(config_)) {
      calibration.add(learning::feedforward_activities(network, x));
      continue;
    }
    learning::LayerStates s = states.relax_free(x);
    std::vector<std::vector<double>> activities{x};
    for (auto& r : s.r) activities.push_back(std::move(r));
    activities.push_back(std::move(s.output));  // of a read-out outside the loop
    calibration.add(activities);
  }
  return calibration;
}

void SoftwareTaskRun::sleep(TaskFigures& figures) {
  learning::Network network = reference_->network();
  const std::vector<double> mean = mean_input();
  const std::vector<double> theta = calibrate(network).thresholds(config_.sleep);
  for (const double t : theta) {
    if (t > 0) continue;
    throw UserError(
        "key 'sleep.threshold': expected a layer with a drive above 0 to be relative to, got a "
        "network whose weights are all below 0 somewhere");
  }
  if (inputs_) inputs_->load(learning::sleep_rates(config_.sleep, mean));
  figures.thresholds = theta;
  figures.spikes =
      learning::sleep(network, config_.sleep, mean, theta, config_.seed, stage() + 1, inputs_.get())
          .spikes;
  const learning::TrainingState state = reference_->training_state();
  reference_ = make_software_reference(config_, network);
  reference_->set_training_state(state);
}

// Outputs at the lower clip that the nudge towards 1 does not lift give no learning signal.
double SoftwareTaskRun::stuck_share() {
  using learning::Readout;
  if (config_.network.readout != Readout::squared_error ||
      config_.learning.rule != learning::RuleKind::equilibrium_propagation) {
    return not_measured;
  }
  auto states = state_reference(config_, reference_->network());
  const std::vector<std::uint32_t>& samples = task_samples();
  const std::size_t count = std::min(kStuckSamples, samples.size());
  double stuck = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t s = samples[k * samples.size() / count];
    const auto target = data_.train.targets.row(s);
    const std::vector<double> y(target.begin(), target.end());
    const auto r = states.relax_nudged(input_of(data_.train, s), y, config_.learning.beta).r.back();
    const auto own = static_cast<std::size_t>(data_.train.labels[s]);
    stuck += r[own] == 0.0 ? 1.0 : 0.0;
  }
  return stuck / static_cast<double>(count);
}

void SoftwareTaskRun::save_learner(traces::Checkpoint& checkpoint) {
  put_network(checkpoint, reference_->network());
  const learning::TrainingState state = reference_->training_state();
  checkpoint.put("optimiser", Span<const double>(state.optimiser));
  checkpoint.put_value("updates", std::uint64_t{state.updates});
  if (inputs_) checkpoint.put("sleep/registers", Span<const std::uint64_t>(inputs_->save()));
}

void SoftwareTaskRun::load_learner(const traces::Checkpoint& checkpoint) {
  auto network = initial_;
  take_network(checkpoint, network);
  reference_ = make_software_reference(config_, network);
  learning::TrainingState state;
  state.samples_trained = trained();
  state.updates = checkpoint.uint64("updates");
  state.optimiser = checkpoint.doubles("optimiser");
  reference_->set_training_state(state);
  if (inputs_) inputs_->restore(checkpoint.uint64s("sleep/registers"));
}

}  // namespace memprop::bench
