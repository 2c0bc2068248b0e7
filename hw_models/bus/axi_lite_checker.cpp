#include "hw_models/bus/axi_lite_checker.hpp"

#include <algorithm>

namespace memprop::hw {

AxiLiteChecker::AxiLiteChecker(sc_core::sc_module_name module_name, unsigned wait_limit)
    : sc_module(module_name), wait_limit_(wait_limit) {
  SC_HAS_PROCESS(AxiLiteChecker);
  SC_METHOD(on_clock);
  sensitive << aclk.pos();
  dont_initialize();
}

// True if the channel hands over at this edge.
bool AxiLiteChecker::check_channel(Channel& channel, bool valid, bool ready, Payload first,
                                   Payload second) {
  if (channel.was_waiting) {
    if (!valid) {
      log_.add("valid_dropped", channel.valid_name);
    } else {
      const Payload now[2] = {first, second};
      for (int k = 0; k < 2; ++k) {
        if (now[k].name != nullptr && now[k].value != channel.payload[k].value) {
          log_.add("payload_changed", now[k].name);
        }
      }
    }
  }
  channel.payload[0] = first;
  channel.payload[1] = second;
  channel.was_waiting = valid && !ready;
  channel.waited = channel.was_waiting ? channel.waited + 1 : 0;
  if (channel.waited == wait_limit_) log_.add("waits_too_long", channel.ready_name);
  return valid && ready;
}

void AxiLiteChecker::check_response(bool valid, std::uint32_t response, bool asked,
                                    const char* valid_name, const char* response_name,
                                    unsigned& waited) {
  if (valid && !asked) log_.add("response_before_request", valid_name);
  if (valid && response == static_cast<std::uint32_t>(AxiResponse::exokay)) {
    log_.add("exclusive_response", response_name);
  }
  waited = asked && !valid ? waited + 1 : 0;
  if (waited == wait_limit_) log_.add("waits_too_long", valid_name);
}

void AxiLiteChecker::on_clock() {
  log_.next_cycle();
  if (!aresetn.read()) {
    // At the first edge of a reset the signals still show what was before it.
    if (in_reset_++ > 0) {
      const struct {
        bool high;
        const char* name;
      } valids[] = {{awvalid.read(), "awvalid"},
                    {wvalid.read(), "wvalid"},
                    {arvalid.read(), "arvalid"},
                    {bvalid.read(), "bvalid"},
                    {rvalid.read(), "rvalid"}};
      for (const auto& valid : valids) {
        if (valid.high) log_.add("valid_in_reset", valid.name);
      }
    }
    for (Channel* channel : {&aw_, &w_, &b_, &ar_, &r_}) {
      channel->was_waiting = false;
      channel->waited = 0;
    }
    addresses_ = data_ = writes_;
    requests_ = reads_;
    write_waited_ = read_waited_ = 0;
    return;
  }
  in_reset_ = 0;
  // A response belongs to requests taken at edges before this one.
  check_response(bvalid.read(), bresp.read(), std::min(addresses_, data_) > writes_, "bvalid",
                 "bresp", write_waited_);
  check_response(rvalid.read(), rresp.read(), requests_ > reads_, "rvalid", "rresp", read_waited_);
  addresses_ += check_channel(aw_, awvalid.read(), awready.read(), {"awaddr", awaddr.read()},
                              {"awprot", awprot.read()});
  data_ += check_channel(w_, wvalid.read(), wready.read(), {"wdata", wdata.read()},
                         {"wstrb", wstrb.read()});
  writes_ += check_channel(b_, bvalid.read(), bready.read(), {"bresp", bresp.read()}, {});
  requests_ += check_channel(ar_, arvalid.read(), arready.read(), {"araddr", araddr.read()},
                             {"arprot", arprot.read()});
  reads_ += check_channel(r_, rvalid.read(), rready.read(), {"rdata", rdata.read()},
                          {"rresp", rresp.read()});
}

}  // namespace memprop::hw
