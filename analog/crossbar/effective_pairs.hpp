// The device pairs of a tile as its lines see them: programmed conductances, changed by time and
// temperature, behind the resistance of the wires.
//
//     G_eff = G(age) * (1 + alpha (T - 300 K)) * telegraph * 1/f      (imperfections 4, 5, 20)
//     forward, backward = reduction of G_eff to the lines' ends       (imperfection 7)
// Cells that bend their current (wires.wires.cell) are reduced as they are at small voltages, and
// what they really deliver behind wires is solved for (nonlinear_reads()).
// Without wires both matrices are G+_eff - G-_eff. The fixed reference of reference coding has the
// temperature of the others, but neither ages nor fluctuates.
//
// Time: seconds of the chip's life, which samples and the pauses between them add up to. Within a
// sample conductances change at the caller's grid (advance()); in between they stand still.
//     chip/NAME/plus/telegraph, chip/NAME/plus/flicker, chip/NAME/plus/retention (minus alike)
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analog/crossbar/device_pairs.hpp"
#include "analog/crossbar/line_cells.hpp"
#include "analog/crossbar/nonlinear_reads.hpp"
#include "analog/crossbar/wired_pairs.hpp"
#include "analog/noise/flicker.hpp"
#include "analog/noise/retention.hpp"
#include "analog/noise/telegraph.hpp"

namespace memprop::analog {

struct EffectivePairsConfig {
  double conductance_gain = 1.0;  // of the temperature
  TelegraphConfig telegraph;
  FlickerConfig flicker;
  RetentionConfig retention;
  double pause_s = 0.0;  // between two samples
  bool has_wires = false;
  WiredPairsConfig wires;  // rows, columns and name are those of the pairs

  bool ages() const {
    return retention.of == DriftOf::pcm || retention.nu > 0.0 || retention.nu_spread > 0.0 ||
           retention.decay_s > 0.0;
  }
  bool fluctuates() const { return telegraph.amplitude > 0.0 || flicker.level > 0.0; }
  bool any() const { return has_wires || conductance_gain != 1.0 || ages() || fluctuates(); }
};

class EffectivePairs final : public LineCells {
 public:
  // Throws UserError for values without meaning. `pairs` outlives it.
  EffectivePairs(const EffectivePairsConfig& config, DevicePairs& pairs, const std::string& name,
                 std::uint64_t seed);
  ~EffectivePairs() override;

  std::size_t rows() const override { return pairs_.rows(); }
  std::size_t columns() const override { return pairs_.columns(); }
  const Matrix& forward() const override;
  const Matrix& backward() const override;
  NonlinearReads* nonlinear_reads() const override { return reads_.get(); }
  double row_power(const double* row_v) const override;
  double column_power(const double* column_v) const override;
  void square_product(const double* row_v, double* out) const override;
  void square_product_transposed(const double* column_v, double* out) const override;
  void magnitude_product(const double* row_v, double* out) const override;
  void magnitude_product_transposed(const double* column_v, double* out) const override;
  void column_sums(double* out) const override;
  void row_sums(double* out) const override;

  // One pulse slot, `t_s` after the start of the sample; of both devices of a pair, or of G- alone.
  enum class Pulsed { both, minus };
  void pulse(Span<const std::uint32_t> cells, bool up, std::uint64_t event, double t_s,
             Pulsed pulsed = Pulsed::both);
  // All cells have been, or are about to be, written to other conductances: programmed() restarts
  // their clocks, settle() first makes what time has made of them their programmed values. `anew`:
  // to quite other ones, so that wires are reduced exactly next.
  void programmed(bool anew);
  void settle();

  // Takes over what pulses and the pause have changed.
  void begin_sample();
  // Lets conductances change up to `t_s` after the start of the sample.
  void advance(double t_s);
  // The sample ends `t_s` after its start; the pause follows.
  void end_sample(double t_s);
  // The chip is left alone.
  void wait(double seconds);
  bool moves_in_time() const { return config_.ages() || config_.fluctuates(); }
  double life_s() const { return life_s_; }

  // Present conductances, before the wires [S].
  Span<const double> plus_s() const { return plus_.effective_s; }
  Span<const double> minus_s() const { return minus_.effective_s; }
  // Null without wires.
  const WiredPairs* wires() const { return wires_.get(); }
  // Largest error of a followed matrix so far (WiredPairs::followed_error).
  double largest_followed_error() const { return largest_followed_error_; }

  std::vector<double> save() const;
  void restore(Span<const double> state);

 private:
  struct Side {                               // of the pairs
    const PulseDeviceArray* array = nullptr;  // null: the fixed reference
    std::unique_ptr<TelegraphNoise> telegraph;
    std::unique_ptr<FlickerNoise> flicker;
    std::unique_ptr<Retention> retention;
    std::vector<double> effective_s, written_s;
  };
  void make(Side& side, const PulseDeviceArray* array, const std::string& stream,
            std::uint64_t seed);
  double programmed_now(const Side& side, std::size_t cell, double now_s) const;
  void evaluate(double now_s);
  void take_over_cells(bool factor);
  void step_noise(double seconds);
  void restart_clocks(Side& side, Span<const std::uint32_t> cells, double now_s);
  std::array<Side*, 2> sides() { return {&plus_, &minus_}; }

  EffectivePairsConfig config_;
  DevicePairs& pairs_;
  Side plus_, minus_;
  std::unique_ptr<WiredPairs> wires_;
  std::unique_ptr<NonlinearReads> reads_;
  Matrix difference_;  // without wires
  std::vector<std::uint32_t> every_cell_;
  double life_s_ = 0.0;     // at the start of the sample
  double reached_s_ = 0.0;  // by the noise, within the sample
  // What pulses or writes have done since the last begin_sample().
  enum class Change { none, some, anew } change_ = Change::anew;
  double largest_followed_error_ = 0.0;
};

}  // namespace memprop::analog
