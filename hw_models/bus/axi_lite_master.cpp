#include "hw_models/bus/axi_lite_master.hpp"

namespace memprop::hw {

namespace {

tlm::tlm_response_status response_of(std::uint32_t code) {
  switch (static_cast<AxiResponse>(code)) {
    case AxiResponse::okay:
      return tlm::TLM_OK_RESPONSE;
    case AxiResponse::decerr:
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case AxiResponse::exokay:
    case AxiResponse::slverr:
      break;
  }
  return tlm::TLM_GENERIC_ERROR_RESPONSE;
}

// The oldest job has its answer.
void finish(std::deque<BusJob*>& jobs, std::uint32_t response) {
  BusJob& job = *jobs.front();
  jobs.pop_front();
  job.response = response_of(response);
  job.finished.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace

AxiLiteMaster::AxiLiteMaster(sc_core::sc_module_name module_name, BusPauses pauses)
    : sc_module(module_name), pauses_(std::move(pauses)) {
  socket.register_b_transport(this, &AxiLiteMaster::b_transport);
  SC_HAS_PROCESS(AxiLiteMaster);
  SC_METHOD(on_clock);
  sensitive << aclk.pos();
  dont_initialize();
}

void AxiLiteMaster::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  run_payload(payload, delay,
              [this](BusJob& job) { (job.write ? writes_ : reads_).push_back(&job); });
}

// One edge of a sending channel: `show` puts a job on the pins of the payload.
template <class Show>
void AxiLiteMaster::send(Sender& sender, bool taken, const std::deque<BusJob*>& jobs, Show show) {
  if (sender.valid && taken) {
    sender.valid = false;
    ++sender.sent;
    sender.pause = pause();
  }
  if (sender.valid || sender.sent >= jobs.size()) return;
  if (sender.pause > 0) {
    --sender.pause;
    return;
  }
  show(*jobs[sender.sent]);
  sender.valid = true;
}

template <class Take>
void AxiLiteMaster::take(Taker& taker, bool offered, Take take_answer) {
  if (taker.ready && offered) {
    take_answer();
    taker.ready = false;
    taker.pause = pause();
  }
  if (taker.pause > 0) {
    --taker.pause;
  } else {
    taker.ready = true;
  }
}

// Jobs that were on their way are sent again after the reset.
void AxiLiteMaster::stop_all() {
  aw_ = w_ = ar_ = Sender{};
  b_ = r_ = Taker{};
}

void AxiLiteMaster::on_clock() {
  if (!aresetn.read()) {
    stop_all();
  } else {
    // Answers first: they shorten the queues that the senders count in.
    take(b_, bvalid.read(), [&] {
      finish(writes_, bresp.read());
      --aw_.sent;
      --w_.sent;
    });
    take(r_, rvalid.read(), [&] {
      reads_.front()->word = rdata.read();
      finish(reads_, rresp.read());
      --ar_.sent;
    });
    send(aw_, awready.read(), writes_, [this](const BusJob& job) { awaddr.write(job.address); });
    send(w_, wready.read(), writes_, [this](const BusJob& job) {
      wdata.write(job.word);
      wstrb.write(job.enables);
    });
    send(ar_, arready.read(), reads_, [this](const BusJob& job) { araddr.write(job.address); });
  }
  awvalid.write(aw_.valid);
  wvalid.write(w_.valid);
  arvalid.write(ar_.valid);
  bready.write(b_.ready);
  rready.write(r_.ready);
}

}  // namespace memprop::hw
