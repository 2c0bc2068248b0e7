// A first testbench: an own sc_main with an own clock and host around memprop's chip. The host
// teaches the chip exclusive or, sample by sample through the chip's pins; the pins of the
// digital/analog border land in a VCD file.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <systemc>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "hw_models/chip.hpp"
#include "learning/network/network.hpp"

using namespace memprop;

namespace {

// What the chip is to learn. Inputs in units of the voltage scale, targets in units of activity.
struct Sample {
  std::vector<float> x, target;
  std::size_t label;
};

const std::vector<Sample> exclusive_or{{{0, 0}, {0.6F, -0.6F}, 0},
                                       {{0, 1}, {-0.6F, 0.6F}, 1},
                                       {{1, 0}, {-0.6F, 0.6F}, 1},
                                       {{1, 1}, {0.6F, -0.6F}, 0}};

// Loads a sample, raises start, waits for done and looks at the converter codes: what a processor
// beside the chip would do.
class Host : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, done{"done"};
  sc_core::sc_out<bool> rst_n{"rst_n"}, start{"start"}, train{"train"};
  std::size_t right = 0;  // of the last test

  SC_HAS_PROCESS(Host);
  Host(sc_core::sc_module_name name, hw::Chip& chip, std::size_t epochs)
      : sc_module(name), chip_(chip), epochs_(epochs) {
    SC_THREAD(run);
    sensitive << clk.pos();
  }

 private:
  void run() {
    wait();
    rst_n.write(true);
    wait();
    for (std::size_t epoch = 0; epoch < epochs_; ++epoch) {
      for (const Sample& sample : exclusive_or) run_sample(sample, true);
    }
    for (const Sample& sample : exclusive_or) right += run_sample(sample, false) == sample.label;
    sc_core::sc_stop();
  }

  // Returns the chip's answer: the output neuron with the largest code in the free phase.
  std::size_t run_sample(const Sample& sample, bool training) {
    chip_.load(sample.x, sample.target, number_++);
    train.write(training);
    start.write(true);
    wait(done.posedge_event());
    start.write(false);
    const auto codes = chip_.controller().core().latched(0);
    const auto* outputs = codes.end() - sample.target.size();
    wait();  // until the controller is idle
    return static_cast<std::size_t>(std::max_element(outputs, codes.end()) - outputs);
  }

  hw::Chip& chip_;
  std::size_t epochs_;
  std::uint64_t number_ = 0;
};

}  // namespace

int sc_main(int, char**) {
  // The network: two inputs, eight hidden neurons, two outputs, feedback gain 0.1.
  learning::NetworkConfig shape;
  shape.layers = {2, 8, 2};
  shape.activation = {Activation::tanh};
  shape.feedback_gain = {0.1};
  shape.bias = true;
  shape.init_gain = 1.5;
  const std::uint64_t seed = 3;
  const learning::Network network = learning::build_network(shape, seed);

  learning::LearningConfig rule;  // centred equilibrium propagation
  rule.beta = 0.5;
  rule.rate = {0.02};

  // The hardware. What is not said keeps the default of hw_models/chip_config.hpp.
  hw::ChipConfig hardware;
  hardware.device = analog::device_preset("gokmen-vlasov");
  hardware.weight_range = {2.0};
  hardware.adc.bits = 10;

  // Clock, wires, chip, host.
  sc_core::sc_clock clk("clk", hardware.clock_s, sc_core::SC_SEC);
  sc_core::sc_signal<bool> rst_n("rst_n"), start("start"), train("train"), busy("busy"),
      done("done");
  hw::Chip chip("chip", hardware, network, rule, seed);
  chip.clk(clk);
  chip.rst_n(rst_n);
  chip.start(start);
  chip.train(train);
  chip.busy(busy);
  chip.done(done);
  Host host("host", chip, 500);
  host.clk(clk);
  host.rst_n(rst_n);
  host.start(start);
  host.train(train);
  host.done(done);

  // Every wire of the border is a named signal of the chip and can be traced.
  sc_core::sc_trace_file* vcd = sc_core::sc_create_vcd_trace_file("first_testbench");
  vcd->set_time_unit(1, sc_core::SC_NS);
  sc_core::sc_trace(vcd, chip.phase, "chip.phase");
  sc_core::sc_trace(vcd, chip.row_en, "chip.row_en");
  sc_core::sc_trace(vcd, chip.nudge_en, "chip.nudge_en");
  sc_core::sc_trace(vcd, chip.upd_en, "chip.upd_en");

  try {
    sc_core::sc_start();
    // The kernel loses the type of an exception that leaves a process, so the chip keeps its own.
    chip.analog().bridge().rethrow();
    if (const auto error = chip.controller().take_error()) std::rethrow_exception(error);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "first_testbench: %s\n", e.what());
    return 1;
  }
  sc_core::sc_close_vcd_trace_file(vcd);

  const auto& counters = chip.controller().core().counters();
  const auto pulses = chip.analog().tile(1).pairs().counters();
  std::printf(
      "%zu of %zu right after %.3f ms of the chip's time, %llu busy cycles, %llu pulses on "
      "the first tile\n",
      host.right, exclusive_or.size(), 1e3 * sc_core::sc_time_stamp().to_seconds(),
      static_cast<unsigned long long>(counters.busy_cycles),
      static_cast<unsigned long long>(pulses.set_pulses + pulses.reset_pulses));
  return host.right == exclusive_or.size() ? 0 : 1;
}
