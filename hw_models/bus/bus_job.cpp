#include "hw_models/bus/bus_job.hpp"

#include "hw_models/bus/payload_words.hpp"

namespace memprop::hw {

void run_payload(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay,
                 const std::function<void(BusJob&)>& submit) {
  if (delay != sc_core::SC_ZERO_TIME) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (!payload.is_read() && !payload.is_write()) return;
  // The pins carry addresses of 32 bits, and no address that is not a word's.
  auto error = payload_error(payload);
  if (!error && payload.get_address() + payload.get_data_length() > 0x100000000ULL) {
    error = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  if (error) {
    payload.set_response_status(*error);
    return;
  }
  for (unsigned offset = 0; offset < payload.get_data_length(); offset += 4) {
    BusJob job;
    job.address = static_cast<std::uint32_t>(payload.get_address()) + offset;
    job.enables = payload_enables(payload, offset);
    job.write = payload.is_write();
    if (job.write) job.word = payload_word(payload, offset);
    submit(job);
    sc_core::wait(job.finished);
    payload.set_response_status(job.response);
    if (job.response != tlm::TLM_OK_RESPONSE) return;
    if (!job.write) set_payload_word(payload, offset, job.word, job.enables);
  }
}

}  // namespace memprop::hw
