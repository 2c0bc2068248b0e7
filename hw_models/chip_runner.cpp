#include "hw_models/chip_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/controller_setup.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

sc_core::sc_time clock_period(double seconds) {
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(std::llround(seconds * 1e12)));
}

// Clock cycles after which a controller that has not raised 'done' is taken to hang: a hundred
// times what any of ours needs for a sample, so that a slow one of a user's is not meant.
double most_cycles(const ChipConfig& config, const learning::Network& network) {
  const auto& s = config.schedule;
  double rows = 0.0;
  for (const TileLayout& tile : tile_layout(network)) {
    rows += static_cast<double>(tile.rows(network)) + 1.0;
  }
  const double phases = 1.0 * s.load + s.free + s.nudge_positive + s.nudge_negative +
                        3.0 * s.sample + 2.0 * s.adapt + 3.0 * conversion_cycles(config, network);
  const double verify = rows * config.update.verify_rounds * (2.0 + config.update.verify_cycles);
  const double update = 2.0 * rows * config.update.max_pulses + 2.0 * config.update.stream_length +
                        (config.update.circuit == UpdateCircuit::write_verify ? verify : 0.0);
  return 1e5 + 100.0 * (phases + update);
}

}  // namespace

ChipRunner::ChipRunner(sc_core::sc_module_name module_name, const ChipConfig& config,
                       const learning::Network& network, const learning::LearningConfig& learning,
                       std::uint64_t seed, const ControllerFactory& controller)
    : sc_module(module_name),
      clk_("clk", clock_period(config.clock_s)),
      chip_("chip", config, network, learning, seed, controller),
      longest_sample_(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(
          std::min(9e18, most_cycles(config, network) * config.clock_s * 1e12)))) {
  chip_.clk(clk_);
  chip_.rst_n(rst_n_);
  chip_.start(start_);
  chip_.train(train_);
  chip_.busy(busy_);
  chip_.done(done_);
  if (config.controller.monitor) {
    monitor_ = std::make_unique<ProtocolMonitor>("protocol_monitor", chip_.analog().tile_count(),
                                                 protocol_times(config));
    watch(*monitor_, chip_);
  }
  SC_HAS_PROCESS(ChipRunner);
  SC_METHOD(on_done);
  sensitive << done_.posedge_event();
  dont_initialize();
  SC_METHOD(on_phase);
  sensitive << chip_.phase << chip_.row_en << chip_.nudge_en;
  dont_initialize();
}

void ChipRunner::on_phase() {
  const auto now = sc_core::sc_time_stamp().value();
  const auto phase = static_cast<digital::Phase>(chip_.phase.read());
  if (phase == digital::Phase::load && chip_.phase.event()) {
    phase_log_.clear();
    sample_begin_ = now;
  }
  phase_log_.push_back({(now - sample_begin_) / clk_.period().value(), phase, chip_.row_en.read(),
                        chip_.nudge_en.read(), chip_.nudge_sign.read()});
}

double ChipRunner::last_nudge_sign() const {
  for (const auto& change : phase_log_) {
    if (change.phase == digital::Phase::nudge_p) return change.nudge_negative ? -1.0 : 1.0;
  }
  return 1.0;
}

void ChipRunner::run_sample(Span<const float> x, Span<const float> target, bool train) {
  chip_.load(x, target, samples_run_);
  train_.write(train);
  const auto begin = sc_core::sc_time_stamp();
  sc_core::sc_start(longest_sample_);
  chip_.analog().bridge().rethrow();
  if (const auto error = chip_.controller().take_error()) std::rethrow_exception(error);
  if (sc_core::sc_time_stamp() - begin >= longest_sample_) {
    throw UserError(fmt::format(
        "the controller hangs: expected 'done' within {:.0f} clock cycles of 'start', found phase "
        "{} and busy = {:d} then",
        longest_sample_ / clk_.period(), chip_.phase.read(), busy_.read()));
  }
  ++samples_run_;
}

Span<const std::int32_t> ChipRunner::output_codes() const {
  const auto codes = chip_.controller().latched(0);
  const std::size_t width = chip_.controller().config().widths.back();
  return codes.subspan(codes.size() - width, width);
}

std::size_t ChipRunner::answer() const {
  const auto codes = output_codes();
  return static_cast<std::size_t>(std::max_element(codes.begin(), codes.end()) - codes.begin());
}

void ChipRunner::save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const {
  const auto controller = chip_.controller().save();
  counters.push_back(controller.size());
  counters.insert(counters.end(), controller.begin(), controller.end());
  counters.push_back(samples_run_);
  counters.push_back(chip_.input_clipped());
  chip_.analog().save(values, counters);
}

void ChipRunner::restore(Span<const double> values, Span<const std::uint64_t> counters) {
  if (counters.empty() || counters.size() < counters[0] + 3) {
    throw InternalError("checkpoint does not fit the chip");
  }
  const std::size_t n = counters[0];
  chip_.controller().restore(counters.subspan(1, n));
  samples_run_ = counters[n + 1];
  chip_.set_input_clipped(counters[n + 2]);
  chip_.analog().restore(values, counters.subspan(n + 3, counters.size() - n - 3));
}

}  // namespace memprop::hw
