// What programming pulses do beyond the step of the written cell: disturb of half-selected cells,
// wear, and pulses that are weaker or longer than meant (imperfections 18 and 19 of ep-circuits
// 3.1, and endurance). One of it serves one device array of a tile; off by default.
//
//     step of a written cell times  (1 + jitter xi) / (1 + drop (n_r - 1 + n_c - 1))
// n_r and n_c: cells written at once on its row and on its column, which share a driver's current;
// xi: one draw per slot for all cells (the width of the pulse is the controller's).
//     STREAM/jitter  event = the caller's event
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analog/memristor/endurance.hpp"
#include "analog/memristor/half_select.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {

struct WriteEffectsConfig {
  HalfSelectConfig disturb;
  double supply_drop = 0.0;   // loss of a step per further cell written at once on the same line
  double jitter = 0.0;        // of the pulse width from slot to slot, relative rms
  bool count_pulses = false;  // per device
  EnduranceConfig endurance;  // with a closing window or failures, pulses are counted anyway

  bool disturbs() const { return disturb.strength_up > 0.0 || disturb.strength_down > 0.0; }
  bool wears() const {
    return count_pulses || endurance.closing > 0.0 || endurance.failure_scale > 0.0;
  }
  bool any() const { return disturbs() || wears() || supply_drop > 0.0 || jitter > 0.0; }
};

class WriteEffects {
 public:
  // Cells are numbered column by column: cell = column * rows + row. Throws UserError for values
  // without meaning.
  WriteEffects(const WriteEffectsConfig& config, std::size_t rows, std::size_t columns,
               std::uint64_t seed, const std::string& stream);

  // One slot: the cells where rows and columns with a pulse cross.
  void pulse(PulseDeviceArray& array, Span<const std::uint32_t> cells, bool up,
             std::uint64_t event);
  Endurance::Wear wear() const { return wear_ ? wear_->wear() : Endurance::Wear{}; }

  std::vector<double> save() const;
  void restore(Span<const double> saved, PulseDeviceArray& array);

 private:
  void find_strengths(Span<const std::uint32_t> cells, std::uint64_t event);

  WriteEffectsConfig config_;
  std::size_t rows_;
  RandomStream jitter_;
  std::unique_ptr<HalfSelect> disturb_;
  std::unique_ptr<Endurance> wear_;
  std::vector<unsigned> on_row_, on_column_;
  std::vector<double> strength_;
};

}  // namespace memprop::analog
