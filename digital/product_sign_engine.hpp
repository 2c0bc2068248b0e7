// Update circuit U4: one pulse of the sign of the product (or product difference) D_ij where its
// magnitude exceeds a dead zone, written row by row with the rows, slots and cycles of U1; no
// random bits. Also U3 row by row: there the magnitudes of both codes must exceed their thresholds.
//
//   N_UPDATE = max(1, max over tiles of sum over rows with x != 0 of max(1, n+ + n-)),
//
// n+ and n- being 1 where the row has a SET or a RESET pulse.
#pragma once

#include "digital/pulse_count_engine.hpp"

namespace memprop::digital {

class ProductSignEngine final : public PulseCountEngine {
 public:
  using PulseCountEngine::PulseCountEngine;

 protected:
  void evaluate_row(std::size_t t, ControllerCounters& counters) override;
};

class SerialSignEngine final : public PulseCountEngine {
 public:
  using PulseCountEngine::PulseCountEngine;

 protected:
  void evaluate_row(std::size_t t, ControllerCounters& counters) override;
};

}  // namespace memprop::digital
