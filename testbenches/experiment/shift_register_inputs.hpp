// The inputs of a sleep in software as a chip has them: shift registers against mean codes.
#pragma once

#include <memory>
#include <vector>

#include "digital/sleep_registers.hpp"
#include "digital/sleep_rows.hpp"
#include "learning/continual/sleep.hpp"

namespace memprop::bench {

class ShiftRegisterInputs final : public learning::SleepInputs {
 public:
  ShiftRegisterInputs(std::size_t inputs, const learning::SleepConfig& config, std::uint64_t seed)
      : bits_(static_cast<unsigned>(config.mean_bits)),
        rows_(make(inputs, config, seed)),
        spikes_(inputs) {}

  // rates: the kept mean, of a sleep's mean_bits.
  void load(Span<const double> rates) { rows_.load(digital::mean_codes(rates, bits_)); }
  void draw(std::vector<unsigned char>& spikes) override {
    rows_.draw(spikes_);
    for (std::size_t j = 0; j < spikes.size(); ++j) spikes[j] = spikes_.test(j) ? 1 : 0;
  }

  std::vector<std::uint64_t> save() const { return rows_.save(); }
  void restore(Span<const std::uint64_t> state) { rows_.restore(state); }

 private:
  static digital::SleepRowConfig make(std::size_t inputs, const learning::SleepConfig& config,
                                      std::uint64_t seed) {
    digital::SleepRowConfig rows;
    rows.rows = inputs;
    rows.window = config.window;
    rows.seed = static_cast<std::uint32_t>(seed ^ (seed >> 32));
    digital::set_sleep_gain(rows.gain_mantissa, rows.gain_shift, config.input_gain,
                            static_cast<unsigned>(config.mean_bits));
    return rows;
  }

  unsigned bits_;
  digital::SleepRows rows_;
  digital::BitVector spikes_;
};

}  // namespace memprop::bench
