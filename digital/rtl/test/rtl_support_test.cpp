#include "digital/rtl_support.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

std::string refusal(const std::function<void(ControllerConfig&)>& change, std::size_t rows = 32) {
  ControllerConfig config = make_config({4, 3, 2}, UpdateCircuit::stochastic);
  change(config);
  try {
    check_rtl_support(config, rows);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(RtlSupport, DefaultsAndTheProductFormRun) {
  EXPECT_EQ(refusal([](ControllerConfig&) {}), "");
  EXPECT_EQ(refusal([](ControllerConfig& c) { c.product_form = true; }), "");
  EXPECT_EQ(refusal([](ControllerConfig& c) { c.bias_code = {255, 511}; }), "");
}

TEST(RtlSupport, NamesWhatDoesNotFit) {
  EXPECT_EQ(refusal([](ControllerConfig&) {}, 8),
            "controller in RTL: expected rows of the phase table up to 8, found 13");
  EXPECT_EQ(refusal([](ControllerConfig& c) { c.widths.assign(10, 2); }),
            "controller in RTL: expected tiles up to 8, found 9");
  EXPECT_EQ(
      refusal([](ControllerConfig& c) { c.x_full_scale = 200; }),
      "controller in RTL: expected x_full_scale to be 2^n - 1 with n from 1 to 16, found 200");
  EXPECT_EQ(refusal([](ControllerConfig& c) { c.adc_full_scale = 500; }),
            "controller in RTL: expected adc_full_scale to be 2^n - 1 with n from 1 to 31, found "
            "500");
  EXPECT_EQ(refusal([](ControllerConfig& c) { c.max_pulses = 65536; }),
            "controller in RTL: expected max_pulses up to 65535, found 65536");
  EXPECT_EQ(refusal([](ControllerConfig& c) { c.stream_length = 70000; }),
            "controller in RTL: expected stream_length up to 65535, found 70000");
  EXPECT_EQ(refusal([](ControllerConfig& c) {
              c.bias_code = {256, 0};
            }),
            "controller in RTL: expected bias_code of tile 0 up to 255, found 256");
  EXPECT_EQ(refusal([](ControllerConfig& c) { c.table[0].convert = true; }),
            "controller in RTL: expected no conversion in row 0 (IDLE), found one");
  EXPECT_NE(refusal([](ControllerConfig& c) {
              c.circuit = UpdateCircuit::accumulate;
              c.optimiser.on = true;
            }).find("found an optimiser or a batch"),
            std::string::npos);
}

}  // namespace
}  // namespace memprop::digital
