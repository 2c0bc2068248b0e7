// The TLM-2.0 target socket: responses, bursts, byte enables, timing, debug transport.
#include "hw_models/bus/register_socket.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "digital/test/register_host.hpp"
#include "digital/test/sample_driver.hpp"
#include "hw_models/bus/test/register_script.hpp"
#include "hw_models/bus/test/test_thread.hpp"
#include "hw_models/bus/test/tlm_probe.hpp"

namespace memprop::hw {
namespace {

namespace reg = digital::registers;
using sc_core::sc_time;

digital::ChipBuild small_build() {
  digital::ChipBuild build;
  build.widths = {5, 4, 3};
  build.bias = true;
  return build;
}

class SocketTest : public ::testing::Test {
 protected:
  digital::RegisterFile file{small_build()};
  int accesses = 0;
  RegisterSocket port{"port", file, sc_time(10, sc_core::SC_NS), [this] { ++accesses; }};
  TlmProbe probe{"probe"};

  // Runs `body` as a host's thread.
  void run(const std::function<void()>& body) {
    probe.socket.bind(port.socket);
    TestThread thread("thread", body);
    sc_core::sc_start();
    EXPECT_TRUE(thread.finished());
  }

  struct Shape {
    tlm::tlm_command command = tlm::TLM_WRITE_COMMAND;
    std::uint64_t address = reg::seed;
    unsigned length = 4, streaming = 4;
    std::vector<unsigned char> enables;
    bool has_enables = false;
  };
  tlm::tlm_response_status send(const Shape& shape) {
    tlm::tlm_generic_payload payload;
    unsigned char data[64];
    std::memset(data, 0x11, sizeof data);
    payload.set_command(shape.command);
    payload.set_address(shape.address);
    payload.set_data_ptr(data);
    payload.set_data_length(shape.length);
    payload.set_streaming_width(shape.streaming);
    auto enables = shape.enables;
    enables.resize(enables.size() + 1);
    payload.set_byte_enable_ptr(shape.has_enables ? enables.data() : nullptr);
    payload.set_byte_enable_length(static_cast<unsigned>(shape.enables.size()));
    sc_time delay;
    probe.send(payload, delay);
    return probe.response;
  }
};

TEST_F(SocketTest, EveryResponse) {
  run([this] {
    EXPECT_EQ(send({}), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(probe.read(reg::seed), 0x11111111U);
    Shape shape;
    shape.address = 0x60000;
    EXPECT_EQ(send(shape), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    shape.address = 0x100000000ULL + reg::seed;
    EXPECT_EQ(send(shape), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    for (unsigned k = 1; k < 4; ++k) {
      shape.address = reg::seed + k;
      EXPECT_EQ(send(shape), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    shape = {};
    for (const unsigned length : {0U, 1U, 2U, 3U, 5U, 6U}) {
      shape.length = shape.streaming = length;
      EXPECT_EQ(send(shape), tlm::TLM_BURST_ERROR_RESPONSE) << length;
    }
    shape = {};
    shape.address = reg::tile_rate(0);
    shape.length = 8;  // a streaming width below the length writes one address over and over
    EXPECT_EQ(send(shape), tlm::TLM_BURST_ERROR_RESPONSE);
    shape.streaming = 8;
    EXPECT_EQ(send(shape), tlm::TLM_OK_RESPONSE);
    shape = {};
    shape.has_enables = true;
    EXPECT_EQ(send(shape), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    shape.enables = {0xff, 0xff, 0x0f, 0xff};
    EXPECT_EQ(send(shape), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    shape.enables = {0xff, 0x00};  // repeated over the data
    EXPECT_EQ(send(shape), tlm::TLM_OK_RESPONSE);
    shape = {};
    shape.address = reg::status;
    EXPECT_EQ(send(shape), tlm::TLM_COMMAND_ERROR_RESPONSE);
    shape.command = tlm::TLM_IGNORE_COMMAND;
    EXPECT_EQ(send(shape), tlm::TLM_OK_RESPONSE);
  });
  EXPECT_GT(accesses, 0);
}

TEST_F(SocketTest, AnErrorChangesNothing) {
  run([this] {
    probe.write(reg::input0(3), 7);
    // The last word of the burst lies behind the memory.
    Shape shape;
    shape.address = reg::input0(3);
    shape.length = shape.streaming = 12;
    EXPECT_EQ(send(shape), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(probe.read(reg::input0(3)), 7U);
    EXPECT_EQ(probe.read(reg::input0(4)), 0U);
  });
}

TEST_F(SocketTest, BusyIsAGenericError) {
  digital::ControllerConfig config =
      digital::make_config(small_build().widths, digital::UpdateCircuit::none);
  config.bias = true;
  run([&] {
    for (const auto& step : digital::register_program(config, small_build())) {
      probe.write(step.address, step.word);
    }
    probe.write(reg::control, reg::control_soft_reset.mask());
    probe.write(reg::control, reg::control_start.mask());
    probe.write(reg::seed, 1);
    EXPECT_EQ(probe.response, tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(probe.read(reg::seed), 1U);  // as the program has set it
    probe.write(reg::input1(0), 1);
    EXPECT_EQ(probe.response, tlm::TLM_OK_RESPONSE);
  });
}

TEST_F(SocketTest, ByteEnablesOfReadsLeaveTheOtherBytes) {
  run([this] {
    probe.write(reg::seed, 0x44332211);
    unsigned char data[4] = {9, 9, 9, 9}, enables[4] = {0xff, 0, 0xff, 0};
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(reg::seed);
    payload.set_data_ptr(data);
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    payload.set_byte_enable_ptr(enables);
    payload.set_byte_enable_length(4);
    sc_time delay;
    probe.send(payload, delay);
    EXPECT_EQ(data[0], 0x11);
    EXPECT_EQ(data[1], 9);
    EXPECT_EQ(data[2], 0x33);
    EXPECT_EQ(data[3], 9);
  });
}

// A caller ahead of the kernel is brought to its own time; an access costs two cycles a word.
TEST_F(SocketTest, TimingIsAnnotated) {
  run([this] {
    std::uint32_t words[3] = {};
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(reg::input0(0));
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(words));
    payload.set_data_length(12);
    payload.set_streaming_width(12);
    sc_time delay(70, sc_core::SC_NS);
    probe.send(payload, delay);
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_time(70, sc_core::SC_NS));
    EXPECT_EQ(delay, sc_time(60, sc_core::SC_NS));
    EXPECT_FALSE(payload.is_dmi_allowed());
  });
}

TEST_F(SocketTest, DebugTransportHasNoSideEffects) {
  run([this] {
    const auto debug = [&](tlm::tlm_command command, std::uint64_t address, std::uint32_t* words,
                           unsigned count) {
      tlm::tlm_generic_payload payload;
      payload.set_command(command);
      payload.set_address(address);
      payload.set_data_ptr(reinterpret_cast<unsigned char*>(words));
      payload.set_data_length(4 * count);
      return probe.socket->transport_dbg(payload);
    };
    std::uint32_t words[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    // Up to the end of the memory.
    EXPECT_EQ(debug(tlm::TLM_WRITE_COMMAND, reg::input0(0), words, 8), 20U);
    std::uint32_t back[2] = {};
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, reg::input0(3), back, 2), 8U);
    EXPECT_EQ(back[1], 5U);
    std::uint32_t trigger = reg::control_start.mask();
    EXPECT_EQ(debug(tlm::TLM_WRITE_COMMAND, reg::control, &trigger, 1), 0U);
    EXPECT_EQ(probe.read(reg::error), 0U);
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, reg::seed + 1, back, 1), 0U);
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, 0x60000, back, 1), 0U);
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, reg::id, back, 1), 4U);
    EXPECT_EQ(back[0], reg::id_value);
  });
}

// The script that all buses share, held to the description here.
TEST_F(SocketTest, EveryRegisterReadsWhatItsFieldsKeep) {
  std::vector<Answered> log;
  run([&] { log = run_register_script(probe, small_build()); });
  const digital::RegisterMap map(small_build());
  std::size_t resets = 0, errors = 0, read_only = 0;
  std::map<std::uint32_t, bool> seen;
  for (const Answered& answer : log) {
    const auto place = map.find(answer.address);
    if (place.entry == nullptr) {
      EXPECT_EQ(answer.response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
      ++errors;
      continue;
    }
    if (answer.write) {
      const bool writable = place.entry->write_mask != 0;
      EXPECT_EQ(answer.response, writable ? tlm::TLM_OK_RESPONSE : tlm::TLM_COMMAND_ERROR_RESPONSE);
      read_only += !writable;
      continue;
    }
    EXPECT_EQ(answer.word & ~place.entry->read_mask, 0U) << place.entry->name;
    if (!seen[answer.address] && !place.entry->built) {
      EXPECT_EQ(answer.word, place.entry->reset) << place.entry->name;
      ++resets;
    }
    seen[answer.address] = true;
  }
  EXPECT_GT(resets, 100U);
  EXPECT_GT(errors, 1000U);
  EXPECT_GT(read_only, 500U);
}

}  // namespace
}  // namespace memprop::hw
