#include "testbenches/experiment/state_monitor.hpp"

#include <algorithm>
#include <cmath>

#include "hw_models/adaptation_setup.hpp"
#include "learning/reference/network_dynamics.hpp"

namespace memprop::bench {
namespace {

// Fills the rows between two clock edges from dense output: looking changes no step.
class InsidePoints final : public ode::StepObserver {
 public:
  // size: of the whole state, of which the neurons are the beginning.
  InsidePoints(Matrix& states, std::size_t size, std::size_t points_per_cycle, double step_s)
      : states_(states), all_(size), points_per_cycle_(points_per_cycle), step_s_(step_s) {}
  void begin_cycle(std::size_t cycle) { next_ = cycle * points_per_cycle_ + 1; }
  void on_step(const ode::DenseStep& step) override {
    for (; next_ % points_per_cycle_ != 0 && next_ < states_.rows(); ++next_) {
      const double t = static_cast<double>(next_) * step_s_;
      if (t > step.end()) return;
      step.evaluate(std::max(t, step.begin()), all_.data());
      std::copy_n(all_.begin(), states_.cols(), states_.row(next_).begin());
    }
  }

 private:
  Matrix& states_;
  std::vector<double> all_;
  std::size_t points_per_cycle_;
  double step_s_;
  std::size_t next_ = 0;
};

}  // namespace

StateMonitor::StateMonitor(hw::ChipRunner& runner, const learning::LearningConfig& learning,
                           double rtol_ratio)
    : runner_(runner), learning_(learning) {
  const auto& chip = runner.chip().config().solver;
  const double scale = runner.chip().analog().voltage_scale_v();
  stepper_config_.method = "fehlberg78";
  stepper_config_.rtol = std::max(chip.rtol * rtol_ratio, 1e-14);
  stepper_config_.atol = std::max(chip.atol / scale * rtol_ratio, 1e-15);
}

void StateMonitor::before() {
  weights_ = runner_.chip().analog().present_network_with_feedback();
  // The time constants the chip was fabricated with.
  for (std::size_t l = 1; l <= weights_.layer_count(); ++l) {
    const auto& bank = runner_.chip().analog().bank(l).bank();
    for (std::size_t i = 0; i < weights_.width(l); ++i) {
      weights_.tau_s[l - 1][i] = bank.config().capacitance_f[i] / bank.total_leak_s()[i];
    }
    if (!bank.config().passive) continue;
    // What lines add to a leak is of the present weights, too.
    if (weights_.gain.size() < l) weights_.gain.emplace_back(weights_.width(l), 1.0);
    for (std::size_t i = 0; i < weights_.width(l); ++i) {
      weights_.gain[l - 1][i] *= bank.config().leak_s[i] / bank.total_leak_s()[i];
    }
  }
}

void StateMonitor::after(const WaveformRecorder& recorded, Span<const float> target) {
  const auto& adaptation = runner_.chip().analog().config().adaptation;
  const bool slow = adaptation.circuit == hw::AdaptationCircuit::slow_variable;
  const auto dynamics = learning::make_dynamics(weights_, learning::NudgePlace::inside,
                                                slow ? adaptation.time_constant_s : 0.0);
  learning::NetworkDynamics& network = *dynamics;
  const auto stepper = ode::make_stepper(stepper_config_);
  const double clock_s = runner_.chip().config().clock_s;
  const double scale = runner_.chip().analog().voltage_scale_v();
  const std::vector<double> y(target.begin(), target.end());
  network.set_input(runner_.chip().coded_input());
  network.set_free();
  std::vector<double> v(network.size(), 0.0);  // and slow variables
  std::vector<double> free_v;                  // as at the end of the free phase
  // Membranes in units of V_s, and slow variables, stand at gain v.
  std::vector<double> gain(v.size(), 1.0);
  for (std::size_t l = 0, k = 0; l < weights_.gain.size(); ++l) {
    for (const double g : weights_.gain[l]) {
      gain[k] = g;
      if (slow) gain[v.size() - network.neurons() + k] = g;
      ++k;
    }
  }
  if (recorded.cycles() > 0 && !runner_.chip().config().neuron.reset) {
    // Without a precharge both start from what the last sample left.
    const auto start = recorded.nodes(0);
    std::size_t k = 0;
    for (std::size_t l = 1; l <= weights_.layer_count(); ++l) {
      const auto nodes = recorded.membranes(l);
      for (std::size_t i = 0; i < nodes.count; ++i, ++k) {
        v[k] = start[nodes.first + i] / scale / gain[k];
      }
    }
    // Branches stand behind the neurons in the order of their tiles.
    const auto& analog = runner_.chip().analog();
    for (std::size_t t = 1; k < v.size() && analog.branches(t) != nullptr; ++t) {
      const auto branches = analog.branches(t)->bank().nodes();
      for (std::size_t i = 0; i < branches.count; ++i) {
        v[k++] = start[branches.first + i] / scale;
      }
    }
  }
  const std::size_t layers = weights_.layer_count();
  error_ = Matrix(recorded.cycles(), layers);
  states_ = Matrix(recorded.points(), network.neurons());
  const std::size_t points = recorded.points_per_cycle();
  InsidePoints inside(states_, v.size(), points, clock_s / static_cast<double>(points));
  std::vector<double> lines(recorded.line_count());
  std::vector<double> r(network.signals());
  const auto& log = runner_.phase_log();
  std::size_t entry = 0;
  bool driven = false;
  for (std::size_t cycle = 0; cycle < recorded.cycles(); ++cycle) {
    const auto chip = recorded.nodes(cycle * points);
    recorded.lines(cycle * points, lines.data());
    network.activity(v.data(), r.data());
    std::size_t k = 0;
    for (std::size_t l = 1; l <= layers; ++l) {
      const auto nodes = recorded.membranes(l);
      const auto activities = recorded.activities(l);
      double worst = 0.0;
      for (std::size_t i = 0; i < nodes.count; ++i, ++k) {
        states_(cycle * points, k) = v[k];
        worst = std::max({worst, std::abs(chip[nodes.first + i] / scale - gain[k] * v[k]),
                          std::abs(lines[activities.first + i] / scale - r[k])});
      }
      error_(cycle, l - 1) = worst;
    }
    for (; entry < log.size() && log[entry].cycle <= cycle; ++entry) {
      driven = log[entry].row_en;
      const double sign = log[entry].nudge_negative ? -1.0 : 1.0;
      network.set_nudge(log[entry].nudge_en ? sign * hw::teaching_strength(learning_) : 0.0, y);
      if (!driven && free_v.empty() && log[entry].cycle > 0) free_v = v;
      const bool adapts = log[entry].phase == digital::Phase::adapt;
      using Release = hw::AdaptationCircuitConfig::Release;
      network.set_output(adapts && adaptation.release == Release::output
                             ? learning::Phase::Output::released
                             : learning::Phase::Output::free);
      network.set_adaptation(adapts ? adaptation.rate_per_s : 0.0,
                             {free_v.data(), adapts ? network.neurons() : 0},
                             driven && !(adapts && adaptation.release == Release::all));
      stepper->restart();
    }
    if (!driven && !slow) {
      for (std::size_t j = cycle * points + 1; j < (cycle + 1) * points && j < states_.rows();
           ++j) {
        std::copy_n(v.begin(), network.neurons(), states_.row(j).begin());
      }
      continue;
    }
    const double t = static_cast<double>(cycle) * clock_s;
    inside.begin_cycle(cycle);
    stepper->advance(network, v, t, t + clock_s, points > 1 ? &inside : nullptr);
  }
  for (std::size_t j = 0; j < states_.rows() && !weights_.gain.empty(); ++j) {
    const auto row = states_.row(j);
    for (std::size_t k = 0; k < row.size(); ++k) row[k] *= gain[k];
  }
}

}  // namespace memprop::bench
