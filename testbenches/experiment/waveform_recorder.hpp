// Cycle-resolution waveforms of one sample: node and line voltages at every clock edge, read from
// the dense output of the integration, and the digital pins.
#pragma once

#include <string>
#include <vector>

#include "hw_models/chip_runner.hpp"

namespace memprop::bench {

class WaveformRecorder final : public ode::StepObserver {
 public:
  explicit WaveformRecorder(hw::ChipRunner& runner);
  ~WaveformRecorder() override;

  // Records the next sample: attach before it runs, detach after it.
  void begin();
  void end();

  // Cycle k of the sample is the clock edge k cycles after the edge that entered LOAD; row k of the
  // matrices belongs to it.
  std::size_t cycles() const { return row_; }
  Span<const double> nodes(std::size_t cycle) const {
    return {nodes_.data() + cycle * width_, width_};
  }
  // Of layer l = 1..L, as cycles x neurons: membrane voltages and activity lines [V].
  Matrix membrane(std::size_t l) const;
  Matrix activity(std::size_t l) const;
  // The phase that holds in the clock period after each edge.
  std::vector<std::uint8_t> phase() const;

  void on_step(const ode::DenseStep& step) override;

 private:
  double time_of(std::size_t cycle) const;
  template <class Pick>
  Matrix gather(std::size_t l, Pick pick) const;

  hw::ChipRunner& runner_;
  double clock_s_;
  std::size_t width_;
  std::size_t row_ = 0;
  std::vector<double> nodes_;
  bool attached_ = false;
};

}  // namespace memprop::bench
