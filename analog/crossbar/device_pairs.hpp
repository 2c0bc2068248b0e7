// The cells of a crossbar tile: one pair of memristors per weight, as conductances [S].
//
//     w = m (G+ - G-) / g_L        (ep-circuits 2.2)
// reference coding: G+ is programmed, G- is a fixed reference device at the conductance of w = 0;
// differential coding: both are programmed, G+- = G_c +- w g_L/(2 m), and one pulse SETs one side
// and RESETs the other. Cells are numbered column by column: cell = column * rows + row, so both
// read directions run along memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analog/crossbar/line_cells.hpp"
#include "analog/crossbar/write_effects.hpp"
#include "analog/memristor/device_config.hpp"
#include "analog/memristor/faults.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

struct DevicePairsConfig {
  std::string name;         // of the random streams: "tile1"
  std::size_t rows = 0;     // inputs
  std::size_t columns = 0;  // outputs
  PairCoding coding = PairCoding::reference;
  DeviceConfig device;
  double stuck_fraction = 0.0;  // cells stuck at a random conductance of the window
  // Faults of single devices, lines and blocks; a pair's devices stand in adjacent columns of one
  // array. The fixed reference of reference coding has none.
  FaultConfig faults;
  WriteEffectsConfig write;
  bool reset_only = false;  // differential: weight up by a RESET of G-, down by one of G+
  // Which cells are there, a byte of 0 or 1 each; empty: all. Both devices of the others were never
  // formed: they stand at the off conductance for ever (log-normal, sigma of ln G: off_spread),
  // whatever is written, and no pulse is meant for them. off_s = 0: nothing is there at all.
  std::vector<std::uint8_t> formed;
  double off_s = 0.0;
  double off_spread = 0.0;
  std::uint64_t seed = 1;
};

class DevicePairs final : public LineCells {
 public:
  explicit DevicePairs(const DevicePairsConfig& config);

  std::size_t rows() const override { return config_.rows; }
  std::size_t columns() const override { return config_.columns; }

  // Writes G+ - G- = difference (columns x rows) [S] by an ideal write; returns how many cells had
  // to be cut to what their devices can hold.
  std::size_t program(const Matrix& difference);
  // One programming pulse on each listed cell, weight up or down. `event` numbers the pulse slots
  // of the tile's life. Cells are distinct within a call.
  void pulse(Span<const std::uint32_t> cells, bool up, std::uint64_t event);
  // The same with G- alone, of differential pairs: weight up by its RESET, down by its SET.
  void pulse_minus(Span<const std::uint32_t> cells, bool up, std::uint64_t event);
  // Adds the same difference to the listed cells by an exact write of G- (device model "ideal").
  void add_minus(Span<const std::uint32_t> cells, double difference_s);

  // Differential pairs that RESET pulses have brought low: those whose mean conductance is below
  // g_min + level (g_max - g_min) are written back around the middle of the window with the same
  // difference, both devices by single pulses with a read in between, until they are within half a
  // step or most_rounds have passed. Takes the events from `event` to event + 2 most_rounds.
  struct Refresh {
    std::uint64_t pairs = 0, pulses = 0, rounds = 0;
  };
  Refresh refresh(double level, unsigned most_rounds, std::uint64_t event);

  // G+ - G- as a read sees it (columns x rows) [S].
  const Matrix& difference() const { return difference_; }
  const Matrix& forward() const override { return difference_; }
  const Matrix& backward() const override { return difference_; }
  // Power drawn when rows or columns are driven: sum over cells of v^2 (G+ + G-) [W].
  double row_power(const double* row_v) const override;
  double column_power(const double* column_v) const override;
  void square_product(const double* row_v, double* out) const override;
  void square_product_transposed(const double* column_v, double* out) const override;
  void magnitude_product(const double* row_v, double* out) const override;
  void magnitude_product_transposed(const double* column_v, double* out) const override;
  void column_sums(double* out) const override;
  void row_sums(double* out) const override;

  const PulseDeviceArray& plus() const { return *plus_; }
  const PulseDeviceArray* minus() const { return minus_.get(); }  // null in reference coding
  // The reference conductance, in reference coding [S].
  double reference_s() const { return reference_s_; }
  // Nominal change of G+ - G- by one pulse in the middle of the window, and by one on G- alone [S].
  double nominal_step_s() const;
  double nominal_minus_step_s() const { return plus_->nominal_step_s(); }
  bool formed(std::size_t cell) const {
    return config_.formed.empty() || config_.formed[cell] != 0;
  }
  bool all_formed() const { return config_.formed.empty(); }
  // The conductance of G- of a cell [S].
  double minus_s(std::size_t cell) const { return minus_at(cell); }
  // Largest nominal G+ - G- of such pairs [S].
  static double nominal_range_s(const DevicePairsConfig& config);
  // Pairs with a fault of either device.
  std::uint64_t stuck_cells() const { return stuck_cells_; }
  // What time has made of the listed cells (PulseDeviceArray::restate); minus_s only in
  // differential coding.
  void restate(Span<const std::uint32_t> cells, Span<const double> plus_s,
               Span<const double> minus_s);
  // Of the devices, both sides together; zeros where pulses are not counted.
  Endurance::Wear wear() const;

  struct Counters {
    std::uint64_t set_pulses = 0, reset_pulses = 0;  // device pulses
    std::uint64_t saturated = 0;                     // device pulses that ended at a bound
  };
  Counters counters() const;
  // Energy of all pulses so far [J].
  double write_energy_j() const;

  std::vector<double> save() const;
  void restore(Span<const double> state);

 private:
  double minus_at(std::size_t cell) const {
    if (minus_) return minus_->conductance()[cell];
    return formed(cell) ? reference_s_ : off_reference_s_[cell];
  }
  void refresh_all();
  void make_faults();
  void leave_unformed();
  static void pulse_devices(PulseDeviceArray& devices, WriteEffects* effects,
                            Span<const std::uint32_t> cells, bool up, std::uint64_t event);
  void pulse_reset_only(Span<const std::uint32_t> cells, bool up, std::uint64_t event);
  void refresh_pulsed(Span<const std::uint32_t> cells);

  DevicePairsConfig config_;
  std::unique_ptr<PulseDeviceArray> plus_, minus_;          // no minus_ in reference coding
  std::unique_ptr<WriteEffects> plus_write_, minus_write_;  // null: pulses do nothing else
  double reference_s_ = 0.0;
  std::vector<double> off_reference_s_;  // G- of cells never formed, in reference coding
  std::uint64_t stuck_cells_ = 0;
  Matrix difference_;
};

}  // namespace memprop::analog
