// The direction switch of a time-multiplexed array (option A1, slot-resolved): fwd_bwd is high for
// the share d_f of every slot pair while the array is driven.
#pragma once

#include <cmath>
#include <systemc>

namespace memprop::hw {

class SlotClock : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> row_en{"row_en"};
  sc_core::sc_out<bool> fwd_bwd{"fwd_bwd"};

  // A period of zero: fwd_bwd stays high (slot-averaged tiles ignore it).
  SlotClock(sc_core::sc_module_name module_name, double slot_s, double forward_share)
      : sc_module(module_name),
        forward_(sc_core::sc_time::from_value(to_ticks(slot_s * forward_share))),
        backward_(sc_core::sc_time::from_value(to_ticks(slot_s * (1.0 - forward_share)))) {
    SC_HAS_PROCESS(SlotClock);
    SC_METHOD(step);
    sensitive << row_en;
  }

 private:
  static sc_dt::uint64 to_ticks(double seconds) {
    return static_cast<sc_dt::uint64>(std::llround(seconds * 1e12));
  }
  void step() {
    if (row_en.event() || !row_en.read() || forward_ == sc_core::SC_ZERO_TIME) {
      level_ = true;  // every drive begins with a forward slot
    } else {
      level_ = !level_;
    }
    fwd_bwd.write(level_);
    if (row_en.read() && forward_ != sc_core::SC_ZERO_TIME) {
      next_trigger(level_ ? forward_ : backward_, row_en.value_changed_event());
    }
  }

  sc_core::sc_time forward_, backward_;
  bool level_ = true;
};

}  // namespace memprop::hw
