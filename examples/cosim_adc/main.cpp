// The parts of a chip wired by hand, with an own converter between the sample-and-hold stages and
// the controller. It learns exclusive or, under the eyes of the protocol monitor.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <systemc>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "hw_models/analog_chip.hpp"
#include "hw_models/controller_module.hpp"
#include "hw_models/controller_setup.hpp"
#include "hw_models/monitor/protocol_monitor.hpp"
#include "sar_adc.hpp"

using namespace memprop;

namespace {

struct Sample {
  std::vector<double> x, target;  // in units of V_s and of activity
  std::size_t label;
};

const std::vector<Sample> exclusive_or{{{0, 0}, {0.6, -0.6}, 0},
                                       {{0, 1}, {-0.6, 0.6}, 1},
                                       {{1, 0}, {-0.6, 0.6}, 1},
                                       {{1, 1}, {0.6, -0.6}, 0}};

// All wires of the border.
struct Wires {
  sc_core::sc_signal<bool> rst_n{"rst_n", true}, start{"start"}, train{"train"}, busy{"busy"},
      done{"done"}, x_dac_load{"x_dac_load"}, row_en{"row_en"}, nudge_en{"nudge_en"},
      nudge_sign{"nudge_sign"}, adc_start{"adc_start"}, upd_en{"upd_en"}, adc_done{"adc_done"},
      built_in_done{"built_in_done"};
  sc_core::sc_signal<std::uint32_t> phase{"phase"}, sh_en{"sh_en"}, adc_bank{"adc_bank"},
      upd_pol{"upd_pol"};
  sc_core::sc_signal<hw::Codes> x_code{"x_code"}, adc_data{"adc_data"},
      built_in_data{"built_in_data"};
  sc_core::sc_vector<sc_core::sc_signal<hw::PulseLines>> row_pulse{"row_pulse", 2},
      col_pulse{"col_pulse", 2};
};

// What every module of the border has besides its converter pins.
template <class Module>
void wire(Module& module, Wires& w, sc_core::sc_clock& clk) {
  module.clk(clk);
  module.phase(w.phase);
  module.x_dac_load(w.x_dac_load);
  module.x_code(w.x_code);
  module.row_en(w.row_en);
  module.nudge_en(w.nudge_en);
  module.nudge_sign(w.nudge_sign);
  module.sh_en(w.sh_en);
  module.adc_start(w.adc_start);
  module.adc_bank(w.adc_bank);
  module.upd_en(w.upd_en);
  module.row_pulse(w.row_pulse);
  module.col_pulse(w.col_pulse);
}

}  // namespace

int sc_main(int, char**) {
  learning::NetworkConfig shape;
  shape.layers = {2, 8, 2};
  shape.activation = {Activation::tanh};
  shape.feedback_gain = {0.1};
  shape.bias = true;
  shape.init_gain = 1.5;
  const std::uint64_t seed = 3;
  const learning::Network network = learning::build_network(shape, seed);
  learning::LearningConfig rule;
  rule.beta = 0.5;
  rule.rate = {0.02};
  hw::ChipConfig hardware;
  hardware.device = analog::device_preset("gokmen-vlasov");
  hardware.weight_range = {2.0};
  hardware.adc.bits = 10;
  hardware.schedule.convert = 12;  // ten bits, and the cycles around them

  sc_core::sc_clock clk("clk", hardware.clock_s, sc_core::SC_SEC);
  Wires w;
  hw::AnalogChip analog("analog", hardware, network, rule.beta, seed);
  wire(analog, w, clk);
  analog.upd_pol(w.upd_pol);
  analog.adc_done(w.built_in_done);  // the built-in converter talks to nobody
  analog.adc_data(w.built_in_data);

  const std::size_t channels = network.width(1) + network.width(2);
  SarAdc adc("adc", analog.sample_hold(), channels, hardware.adc.bits,
             hardware.adc.range * hardware.voltage_scale_v, 0.002, seed);
  adc.clk(clk);
  adc.adc_start(w.adc_start);
  adc.adc_bank(w.adc_bank);
  adc.adc_done(w.adc_done);
  adc.adc_data(w.adc_data);

  hw::ControllerModule controller(
      "controller", hw::controller_config(hardware, network, rule,
                                          {analog.weight_step(1), analog.weight_step(2)}, seed));
  wire(controller, w, clk);
  controller.upd_pol(w.upd_pol);
  controller.rst_n(w.rst_n);
  controller.start(w.start);
  controller.train(w.train);
  controller.adc_done(w.adc_done);
  controller.adc_data(w.adc_data);
  controller.busy(w.busy);
  controller.done(w.done);

  hw::ProtocolTimes times = hw::protocol_times(hardware);
  times.convert = hardware.schedule.convert;
  hw::ProtocolMonitor monitor("monitor", 2, times);
  wire(monitor, w, clk);
  monitor.rst_n(w.rst_n);
  monitor.start(w.start);
  monitor.adc_done(w.adc_done);
  monitor.adc_data(w.adc_data);
  monitor.busy(w.busy);
  monitor.done(w.done);

  std::uint64_t number = 0;
  const auto run = [&](const Sample& sample, bool train) {
    std::vector<std::uint16_t> codes;
    for (const double x : sample.x) {
      codes.push_back(static_cast<std::uint16_t>(x / hw::input_lsb(hardware) + 0.5));
    }
    controller.load_input(codes);
    analog.set_sample_number(number++);
    analog.set_target(sample.target);
    w.train.write(train);
    w.start.write(true);
    sc_core::sc_start(hardware.clock_s, sc_core::SC_SEC);
    w.start.write(false);
    do {
      sc_core::sc_start(hardware.clock_s, sc_core::SC_SEC);
      analog.bridge().rethrow();
      if (const auto error = controller.take_error()) std::rethrow_exception(error);
    } while (w.busy.read());
    const auto latched = controller.latched(0);
    const auto* outputs = latched.end() - sample.target.size();
    return static_cast<std::size_t>(std::max_element(outputs, latched.end()) - outputs);
  };
  try {
    for (int epoch = 0; epoch < 500; ++epoch) {
      for (const Sample& sample : exclusive_or) run(sample, true);
    }
    std::size_t right = 0;
    for (const Sample& sample : exclusive_or) right += run(sample, false) == sample.label;
    std::printf("%zu of %zu right, %llu conversions, %llu violations\n", right, exclusive_or.size(),
                static_cast<unsigned long long>(adc.conversions),
                static_cast<unsigned long long>(monitor.rules().total()));
    for (const auto& violation : monitor.rules().violations()) {
      std::printf("  %s\n", violation.message().c_str());
    }
    return right == exclusive_or.size() && monitor.rules().total() == 0 ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "cosim_adc: %s\n", e.what());
    return 1;
  }
}
