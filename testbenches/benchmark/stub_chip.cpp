#include "testbenches/benchmark/stub_chip.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <systemc>

#include "analog/crossbar/device_pairs.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "hw_models/controller_module.hpp"
#include "hw_models/controller_setup.hpp"
#include "testbenches/benchmark/cpu_time.hpp"

namespace memprop::bench {
namespace {

// The pins of the analog side with the same processes, doing nothing; conversions return the codes
// of the real run.
class StubAnalog : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, row_en{"row_en"}, nudge_en{"nudge_en"}, nudge_sign{"nudge_sign"},
      x_dac_load{"x_dac_load"}, adc_start{"adc_start"}, upd_en{"upd_en"};
  sc_core::sc_in<std::uint32_t> phase{"phase"}, sh_en{"sh_en"}, adc_bank{"adc_bank"},
      upd_pol{"upd_pol"};
  sc_core::sc_in<hw::Codes> x_code{"x_code"};
  sc_core::sc_vector<sc_core::sc_in<hw::PulseLines>> row_pulse{"row_pulse", 2};
  sc_core::sc_vector<sc_core::sc_in<hw::PulseLines>> col_pulse{"col_pulse", 2};
  sc_core::sc_out<bool> adc_done{"adc_done"};
  sc_core::sc_out<hw::Codes> adc_data{"adc_data"};

  explicit StubAnalog(sc_core::sc_module_name module_name) : sc_module(module_name) {
    SC_HAS_PROCESS(StubAnalog);
    SC_METHOD(tile0);
    sensitive << row_en << phase;
    dont_initialize();
    SC_METHOD(tile1);
    sensitive << row_en << phase;
    dont_initialize();
    SC_METHOD(bank0);
    sensitive << row_en << nudge_en << nudge_sign;
    dont_initialize();
    SC_METHOD(bank1);
    sensitive << row_en << nudge_en << nudge_sign;
    dont_initialize();
    SC_METHOD(pulse0);
    sensitive << clk.pos();
    dont_initialize();
    SC_METHOD(pulse1);
    sensitive << clk.pos();
    dont_initialize();
    SC_METHOD(hold);
    sensitive << sh_en;
    dont_initialize();
    SC_METHOD(load);
    sensitive << x_dac_load.pos();
    dont_initialize();
    SC_METHOD(convert);
    sensitive << adc_start.pos() << ready_;
    dont_initialize();
  }
  std::vector<std::vector<std::int32_t>> recorded;  // three conversions per sample
  std::size_t next = 0;
  std::uint64_t slots = 0;

 private:
  void tile0() {}
  void tile1() {}
  void bank0() {}
  void bank1() {}
  void pulse0() { slots += upd_en.read(); }
  void pulse1() { slots += upd_en.read(); }
  void hold() {}
  void load() {}
  void convert() {
    if (!ready_.triggered()) {
      adc_done.write(false);
      ready_.notify(25, sc_core::SC_NS);
      return;
    }
    codes_.value = recorded[next++ % recorded.size()];
    adc_data.write(codes_);
    adc_done.write(true);
  }
  sc_core::sc_event ready_{"ready"};
  hw::Codes codes_;
};

struct StubChip : sc_core::sc_module {
  StubChip(sc_core::sc_module_name module_name, const digital::ControllerConfig& config)
      : sc_module(module_name), controller("controller", config), analog("analog") {
    controller.clk(clk), analog.clk(clk);
    controller.rst_n(rst_n), controller.start(start), controller.train(train);
    controller.busy(busy), controller.done(done);
    const auto wire = [](auto& signal, auto& a, auto& b) { a(signal), b(signal); };
    wire(phase, controller.phase, analog.phase);
    wire(x_dac_load, controller.x_dac_load, analog.x_dac_load);
    wire(x_code, controller.x_code, analog.x_code);
    wire(row_en, controller.row_en, analog.row_en);
    wire(nudge_en, controller.nudge_en, analog.nudge_en);
    wire(nudge_sign, controller.nudge_sign, analog.nudge_sign);
    wire(sh_en, controller.sh_en, analog.sh_en);
    wire(adc_start, controller.adc_start, analog.adc_start);
    wire(adc_bank, controller.adc_bank, analog.adc_bank);
    wire(upd_en, controller.upd_en, analog.upd_en);
    wire(upd_pol, controller.upd_pol, analog.upd_pol);
    wire(adc_done, analog.adc_done, controller.adc_done);
    wire(adc_data, analog.adc_data, controller.adc_data);
    for (std::size_t l = 0; l < 2; ++l) {
      wire(row_pulse[l], controller.row_pulse[l], analog.row_pulse[l]);
      wire(col_pulse[l], controller.col_pulse[l], analog.col_pulse[l]);
    }
    SC_HAS_PROCESS(StubChip);
    SC_METHOD(on_done);
    sensitive << done.posedge_event();
    dont_initialize();
  }
  void on_done() { sc_core::sc_pause(); }

  sc_core::sc_clock clk{"clk", sc_core::sc_time(10, sc_core::SC_NS)};
  sc_core::sc_signal<bool> rst_n{"rst_n", true}, start{"start", true}, train{"train", true}, busy,
      done, x_dac_load, row_en, nudge_en, nudge_sign, adc_start, adc_done, upd_en;
  sc_core::sc_signal<std::uint32_t> phase, sh_en, adc_bank, upd_pol;
  sc_core::sc_signal<hw::Codes> x_code, adc_data;
  sc_core::sc_vector<sc_core::sc_signal<hw::PulseLines>> row_pulse{"row_pulse", 2},
      col_pulse{"col_pulse", 2};
  hw::ControllerModule controller;
  StubAnalog analog;
};

}  // namespace

void load_codes(digital::Controller& target, const Samples& samples, std::size_t s) {
  std::vector<std::uint16_t> codes(784);
  for (std::size_t j = 0; j < codes.size(); ++j) {
    codes[j] = static_cast<std::uint16_t>(std::lround(samples.x(s, j) * 255.0F));
  }
  target.load_input(codes);
}

double time_stub(const char* program, std::size_t count,
                 const std::vector<std::vector<std::int32_t>>& recorded) {
  std::string path = (std::filesystem::temp_directory_path() / "memprop-benchmark-XXXXXX").string();
  const int file = mkstemp(path.data());
  if (file < 0) throw std::runtime_error("no temporary file");
  for (const auto& codes : recorded) {
    if (write(file, codes.data(), codes.size() * sizeof(codes[0])) < 0) {
      throw std::runtime_error("temporary file not written");
    }
  }
  close(file);
  const auto command = fmt::format("'{}' --samples {} --stub {}", program, count, path);
  FILE* pipe = popen(command.c_str(), "r");
  double seconds = 0;
  const int fields = pipe != nullptr ? std::fscanf(pipe, "%lf", &seconds) : 0;
  if (pipe != nullptr) pclose(pipe);
  unlink(path.c_str());
  if (fields != 1) throw std::runtime_error("the stub gave no figure");
  return seconds;
}

int run_stub(std::size_t count, const char* path, int repetitions) {
  const auto config = main_job_chip();
  const auto network = main_job_network();
  std::vector<double> step;
  {
    analog::DevicePairsConfig pairs;
    pairs.device = config.device;
    const analog::PulseDeviceArray one(config.device, 1, 1, "stub");
    for (std::size_t l = 1; l <= 2; ++l) {
      const double m = config.weight_range[l - 1] / analog::DevicePairs::nominal_range_s(pairs);
      step.push_back(one.nominal_step_s() * m);
    }
  }
  StubChip stub("stub", hw::controller_config(config, network, main_job_learning(), step, 1));
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return 1;
  std::vector<std::int32_t> codes(138);
  while (std::fread(codes.data(), sizeof(codes[0]), codes.size(), file) == codes.size()) {
    stub.analog.recorded.push_back(codes);
  }
  std::fclose(file);
  const Samples samples(count);
  const double seconds = best_of(
      [&] {
        stub.analog.next = 0;
        for (std::size_t s = 0; s < count; ++s) {
          load_codes(stub.controller.core(), samples, s);
          sc_core::sc_start();
        }
      },
      repetitions);
  fmt::print("{}\n", seconds / static_cast<double>(count));
  return 0;
}

}  // namespace memprop::bench
