// A host trains the chip through its registers only: load codes, start, wait for the interrupt,
// read codes back. Two chips, one that learns exclusive or and one that learns to read drawn
// digits, stand beside each other, each behind its own bus socket with its own driver.
//
//   bus_host [TRAINING_SAMPLES_OF_THE_DIGITS]
//
// Exit code 0 if both have learned: exclusive or altogether, the digits better than a linear
// classifier does.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <systemc>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "chip_driver.hpp"
#include "digital/registers.hpp"
#include "hw_models/bus/bus_chip.hpp"
#include "learning/network/network.hpp"
#include "tasks.hpp"

using namespace memprop;
namespace reg = memprop::digital::registers;

namespace {

// One task on one chip: what a firmware's main() would be.
class Host : public sc_core::sc_module {
 public:
  ChipDriver driver{"driver"};
  double accuracy = 0.0;
  bool finished = false;
  std::exception_ptr error;

  Host(sc_core::sc_module_name name, std::vector<Sample> train, std::vector<Sample> test,
       std::size_t samples, std::vector<digital::RegisterWrite> program)
      : sc_module(name),
        train_(std::move(train)),
        test_(std::move(test)),
        samples_(samples),
        program_(std::move(program)) {
    SC_HAS_PROCESS(Host);
    SC_THREAD(run);
  }

 private:
  void run() {
    try {
      sc_core::wait(100, sc_core::SC_NS);  // until the reset is over
      driver.open();
      driver.configure(program_);
      // The rate is a register as well: half of it for the second half, a quarter at the end.
      process(train_, samples_ / 2, true);
      driver.halve_rates();
      process(train_, samples_ / 4, true);
      driver.halve_rates();
      process(train_, samples_ - samples_ / 2 - samples_ / 4, true);
      std::size_t right = 0;
      process(test_, test_.size(), false,
              [&](const Sample& sample) { right += answer() == sample.label; });
      accuracy = static_cast<double>(right) / static_cast<double>(test_.size());
      finished = true;
    } catch (...) {
      error = std::current_exception();
    }
    sc_core::sc_pause();
  }

  // Runs `count` samples, over and over again through the set. While the chip works on one bank,
  // the next sample goes into the other.
  void process(const std::vector<Sample>& set, std::size_t count, bool train,
               const std::function<void(const Sample&)>& look = {}) {
    if (count == 0) return;
    load(0, set[0]);
    for (std::size_t n = 0; n < count; ++n) {
      const auto bank = static_cast<unsigned>(n % 2);
      driver.start(bank, train);
      if (n + 1 < count) load(1 - bank, set[(n + 1) % set.size()]);
      driver.wait_until_done();
      if (look) look(set[n % set.size()]);
    }
  }

  void load(unsigned bank, const Sample& sample) {
    const ChipFacts& facts = driver.facts();
    const double input_scale = (1U << facts.input_bits) - 1;
    const double target_scale = 1U << (facts.target_bits - 1);
    std::vector<std::uint32_t> inputs;
    for (const float x : sample.x) {
      inputs.push_back(static_cast<std::uint32_t>(std::lround(x * input_scale)));
    }
    std::vector<std::int32_t> targets;
    for (std::size_t c = 0; c < facts.outputs; ++c) {
      const double activity = c == sample.label ? 0.6 : -0.6;
      targets.push_back(static_cast<std::int32_t>(std::lround(activity * target_scale)));
    }
    driver.load(bank, inputs, targets);
  }

  std::size_t answer() {
    const auto codes = driver.read_outputs();
    return static_cast<std::size_t>(std::max_element(codes.begin(), codes.end()) - codes.begin());
  }

  std::vector<Sample> train_, test_;
  std::size_t samples_;
  std::vector<digital::RegisterWrite> program_;
};

// A chip, its host, and the wires between them.
struct System {
  hw::BusChip chip;
  Host host;
  sc_core::sc_signal<bool> irq;

  System(const char* name, const hw::ChipConfig& hardware, const learning::NetworkConfig& shape,
         const learning::LearningConfig& rule, std::uint64_t seed, std::vector<Sample> train,
         std::vector<Sample> test, std::size_t samples, sc_core::sc_clock& clk,
         sc_core::sc_signal<bool>& rst_n)
      : chip((std::string(name) + "_chip").c_str(), hardware, learning::build_network(shape, seed),
             rule, seed),
        host((std::string(name) + "_host").c_str(), std::move(train), std::move(test), samples,
             chip.recommended_program()),
        irq((std::string(name) + "_irq").c_str()) {
    chip.clk(clk);
    chip.rst_n(rst_n);
    chip.irq(irq);
    host.driver.irq(irq);
    host.driver.socket.bind(chip.port().socket);
  }

  void rethrow() {
    chip.rethrow();
    if (host.error) std::rethrow_exception(host.error);
  }
};

}  // namespace

int sc_main(int argc, char** argv) {
  const std::size_t digit_samples =
      argc > 1 ? static_cast<std::size_t>(std::max(1L, std::strtol(argv[1], nullptr, 10))) : 16000;
  const std::uint64_t seed = 3;
  try {
    hw::ChipConfig hardware;
    hardware.device = analog::device_preset("gokmen-vlasov");
    hardware.weight_range = {2.0};

    learning::NetworkConfig small;
    small.layers = {2, 8, 2};
    small.activation = {Activation::tanh};
    small.feedback_gain = {0.1};
    small.bias = true;
    small.init_gain = 1.5;
    learning::LearningConfig rule;  // centred equilibrium propagation
    rule.beta = 0.5;
    rule.rate = {0.02};

    learning::NetworkConfig large = small;
    large.layers = {digit_side * digit_side, 32, 10};
    large.init_gain = 1.0;
    learning::LearningConfig digit_rule = rule;
    digit_rule.rate = {0.02};

    const auto train = drawn_digits(2000, 11), test = drawn_digits(500, 12);
    sc_core::sc_clock clk("clk", hardware.clock_s, sc_core::SC_SEC);
    sc_core::sc_signal<bool> rst_n("rst_n");
    System small_system("xor", hardware, small, rule, seed, exclusive_or(), exclusive_or(), 2000,
                        clk, rst_n);
    System digit_system("digit", hardware, large, digit_rule, seed, train, test, digit_samples, clk,
                        rst_n);

    sc_core::sc_start(50, sc_core::SC_NS);
    rst_n.write(true);
    while (!small_system.host.finished || !digit_system.host.finished) {
      sc_core::sc_start();
      small_system.rethrow();
      digit_system.rethrow();
    }

    const double linear = linear_accuracy(train, test, 10, 20);
    std::printf("exclusive or: %.0f %% after 2000 samples\n", 100 * small_system.host.accuracy);
    std::printf("digits: %.1f %% after %zu samples (guessing 10.0 %%, linear classifier %.1f %%)\n",
                100 * digit_system.host.accuracy, digit_samples, 100 * linear);
    std::printf("%.1f ms of the chips' time\n", 1e3 * sc_core::sc_time_stamp().to_seconds());
    const bool learned = small_system.host.accuracy == 1.0 && digit_system.host.accuracy > linear;
    return learned ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bus_host: %s\n", e.what());
    return 1;
  }
}
