// A user's own sc_main: memprop's controller between an own clock and an own converter. The busy
// cycles of a training sample are counted at the pins and compared with the schedule's sum.
#include <cstdint>
#include <cstdio>
#include <systemc>

#include "digital/phase_table.hpp"
#include "hw_models/controller_module.hpp"

namespace {

using memprop::hw::Codes;
using memprop::hw::PulseLines;

// Answers a cycle after adc_start with codes of zero.
class Converter : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, start{"start"}, busy{"busy"}, sample_done{"sample_done"};
  sc_core::sc_out<bool> done{"done"};
  sc_core::sc_out<Codes> data{"data"};
  std::uint64_t conversions = 0, busy_cycles = 0, samples = 0;

  SC_HAS_PROCESS(Converter);
  Converter(sc_core::sc_module_name name, std::size_t channels) : sc_module(name) {
    zeros_.value.assign(channels, 0);
    SC_METHOD(on_clock);
    sensitive << clk.pos();
    dont_initialize();
  }

 private:
  void on_clock() {
    conversions += start.read() ? 1 : 0;
    busy_cycles += busy.read() ? 1 : 0;
    samples += sample_done.read() ? 1 : 0;
    done.write(start.read());
    data.write(zeros_);
  }

  Codes zeros_;
};

}  // namespace

int sc_main(int, char**) {
  memprop::digital::PhaseLengths lengths{8, 100, 4, 4, 50, 60};
  memprop::digital::ControllerConfig config;
  config.widths = {4, 3, 2};
  config.circuit = memprop::digital::UpdateCircuit::none;
  config.table = memprop::digital::equilibrium_propagation_table(
      lengths, memprop::digital::NudgePhases::centred, false);
  config.tile.resize(2);

  sc_core::sc_clock clk("clk", 10, sc_core::SC_NS);
  sc_core::sc_signal<bool> rst_n("rst_n"), start("start"), train("train"), adc_done("adc_done"),
      x_dac_load("x_dac_load"), row_en("row_en"), nudge_en("nudge_en"), nudge_sign("nudge_sign"),
      adc_start("adc_start"), upd_en("upd_en"), busy("busy"), done("done");
  sc_core::sc_signal<Codes> adc_data("adc_data"), x_code("x_code");
  sc_core::sc_signal<std::uint32_t> phase("phase"), sh_en("sh_en"), adc_bank("adc_bank"),
      upd_pol("upd_pol");
  sc_core::sc_vector<sc_core::sc_signal<PulseLines>> row_pulse("row_pulse", 2),
      col_pulse("col_pulse", 2);

  memprop::hw::ControllerModule controller("controller", config);
  controller.clk(clk);
  controller.rst_n(rst_n);
  controller.start(start);
  controller.train(train);
  controller.adc_done(adc_done);
  controller.adc_data(adc_data);
  controller.phase(phase);
  controller.x_dac_load(x_dac_load);
  controller.x_code(x_code);
  controller.row_en(row_en);
  controller.nudge_en(nudge_en);
  controller.nudge_sign(nudge_sign);
  controller.sh_en(sh_en);
  controller.adc_start(adc_start);
  controller.adc_bank(adc_bank);
  controller.upd_en(upd_en);
  controller.upd_pol(upd_pol);
  controller.row_pulse(row_pulse);
  controller.col_pulse(col_pulse);
  controller.busy(busy);
  controller.done(done);

  Converter converter("converter", 5);
  converter.clk(clk);
  converter.start(adc_start);
  converter.busy(busy);
  converter.sample_done(done);
  converter.done(adc_done);
  converter.data(adc_data);

  train.write(true);
  sc_core::sc_start(20, sc_core::SC_NS);
  rst_n.write(true);
  sc_core::sc_start(20, sc_core::SC_NS);
  start.write(true);
  sc_core::sc_start(10, sc_core::SC_NS);
  start.write(false);
  sc_core::sc_start(10, sc_core::SC_US);

  if (controller.take_error()) return 1;
  const std::uint64_t expected = 8 + 100 + 50 + 60 + 3 * (4 + 4);
  std::printf("%llu busy cycles (expected %llu), %llu conversions, %llu samples\n",
              static_cast<unsigned long long>(converter.busy_cycles),
              static_cast<unsigned long long>(expected),
              static_cast<unsigned long long>(converter.conversions),
              static_cast<unsigned long long>(converter.samples));
  const bool right =
      converter.busy_cycles == expected && converter.conversions == 3 && converter.samples == 1;
  return right ? 0 : 1;
}
