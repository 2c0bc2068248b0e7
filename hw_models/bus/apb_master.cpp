#include "hw_models/bus/apb_master.hpp"

namespace memprop::hw {

ApbMaster::ApbMaster(sc_core::sc_module_name module_name, BusPauses pauses)
    : sc_module(module_name), pauses_(std::move(pauses)) {
  socket.register_b_transport(this, &ApbMaster::b_transport);
  SC_HAS_PROCESS(ApbMaster);
  SC_METHOD(on_clock);
  sensitive << pclk.pos();
  dont_initialize();
}

void ApbMaster::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  run_payload(payload, delay, [this](BusJob& job) { jobs_.push_back(&job); });
}

// The setup phase of the next transfer, or the bus stays idle.
void ApbMaster::begin_transfer() {
  state_ = State::idle;
  if (jobs_.empty()) return;
  if (pause_ > 0) {
    --pause_;
    return;
  }
  const BusJob& job = *jobs_.front();
  paddr.write(job.address);
  pwrite.write(job.write);
  pwdata.write(job.word);
  pstrb.write(job.write ? job.enables : 0);  // low in reads, as the specification wants
  state_ = State::setup;
}

void ApbMaster::on_clock() {
  if (!presetn.read()) {
    state_ = State::idle;
  } else if (state_ == State::setup) {
    state_ = State::access;
  } else if (state_ == State::idle) {
    begin_transfer();
  } else if (pready.read()) {
    BusJob& job = *jobs_.front();
    jobs_.pop_front();
    job.response = pslverr.read() ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
    if (!job.write) job.word = prdata.read();
    job.finished.notify(sc_core::SC_ZERO_TIME);
    pause_ = pauses_ ? pauses_() : 0;
    begin_transfer();
  }
  psel.write(state_ != State::idle);
  penable.write(state_ == State::access);
}

}  // namespace memprop::hw
