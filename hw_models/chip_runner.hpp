// Clock, reset and host around one chip: runs it sample by sample.
#pragma once

#include <systemc>

#include "hw_models/chip.hpp"
#include "hw_models/monitor/protocol_monitor.hpp"
#include "hw_models/phase_change.hpp"

namespace memprop::hw {

class ChipRunner : public sc_core::sc_module {
 public:
  ChipRunner(sc_core::sc_module_name module_name, const ChipConfig& config,
             const learning::Network& network, const learning::LearningConfig& learning,
             std::uint64_t seed, const ControllerFactory& controller = {});

  // Runs the chip from LOAD to IDLE: training (all phases and the update) or inference. Throws the
  // errors of the numerics with their types.
  void run_sample(Span<const float> x, Span<const float> target, bool train);

  Chip& chip() { return chip_; }
  const Chip& chip() const { return chip_; }
  std::uint64_t samples_run() const { return samples_run_; }

  // Codes of the output layer in the free phase of the last sample; its largest is the answer.
  Span<const std::int32_t> output_codes() const;
  std::size_t answer() const;
  // What the controller did in the last sample, in order; the last entry is the return to IDLE.
  const std::vector<PhaseChange>& phase_log() const { return phase_log_; }
  // +1, or -1 where the (only) nudged phase of the last sample was negative.
  double last_nudge_sign() const;

  // Null unless config.controller.monitor asks for it.
  const ProtocolMonitor* monitor() const { return monitor_.get(); }

  // Everything that outlives a sample; only between samples.
  void save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const;
  void restore(Span<const double> values, Span<const std::uint64_t> counters);

 private:
  void on_done() { sc_core::sc_pause(); }
  void on_phase();

  sc_core::sc_clock clk_;
  sc_core::sc_signal<bool> rst_n_{"rst_n", true}, start_{"start", true}, train_{"train", true},
      busy_{"busy"}, done_{"done"};
  Chip chip_;
  std::unique_ptr<ProtocolMonitor> monitor_;
  std::vector<PhaseChange> phase_log_;
  sc_dt::uint64 sample_begin_ = 0;
  std::uint64_t samples_run_ = 0;
  sc_core::sc_time longest_sample_;
};

}  // namespace memprop::hw
