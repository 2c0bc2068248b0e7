// Drives the pins of a controller's seat from the outputs of a digital::Controller.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "hw_models/controller_seat.hpp"
#include "hw_models/pins/bus_types.hpp"

namespace memprop::hw {

class SeatPins {
 public:
  // The seat has to outlive it.
  SeatPins(ControllerSeat& seat, std::size_t tiles)
      : seat_(seat), row_shown_(tiles), col_shown_(tiles) {}

  // Writes only what has changed: most cycles of a phase change nothing. `input_codes` are looked
  // at where x_dac_load rises.
  void drive(const digital::ControllerOutputs& now, Span<const std::uint16_t> input_codes);

 private:
  void drive_polarity(const digital::ControllerOutputs& now);
  void drive_lines(const digital::ControllerOutputs& now);

  ControllerSeat& seat_;
  std::vector<PulseDriver> row_shown_, col_shown_;  // never resized: the signals point into them
  digital::ControllerOutputs shown_;                // without its vectors
  Codes x_code_;
  std::uint32_t pol_shown_ = 0;
};

}  // namespace memprop::hw
