// Neurons: one subcircuit per layer, one line per neuron.
#include "solvers/error.hpp"
#include "solvers/units.hpp"
#include "testbenches/spice/internal/parts.hpp"
#include "testbenches/spice/spice_value.hpp"

namespace memprop::bench::spice {
namespace {

// f(x) as ngspice writes it.
std::string activation_text(Activation f, const std::string& x) {
  switch (f) {
    case Activation::linear:
      return x;
    case Activation::tanh:
      return fmt::format("tanh({})", x);
    case Activation::logistic:
      return fmt::format("1/(1+exp(-({})))", x);
    case Activation::shifted_logistic:
      return fmt::format("1/(1+exp(-4*({}-0.5)))", x);
    case Activation::hard_sigmoid:
      return fmt::format("min(max({},0),1)", x);
  }
  throw InternalError("an activation that the netlist does not know");
}

void add_subcircuit(std::size_t l, const analog::NeuronBankConfig& bank, Lines& out) {
  const std::string scale = bank.activation_scale_v == bank.voltage_scale_v
                                ? "{Vs}"
                                : spice_value(bank.activation_scale_v);
  const std::string slope = fmt::format("V(v)/{}", scale);
  const std::string leak =
      bank.ota_leak ? fmt::format("{{gL*Vs}}*tanh({})", slope) : std::string("{gL}*V(v)");
  out.add("* {}: C dV/dt = -I_leak + currents into v; r = gain V_s f(v/V_a) + offset, V_a = {}",
          bank.ota_leak ? "OTA-C neuron" : "Virtual ground and leaky integrator", scale);
  out.add(".subckt neuron{} v r row_en C=1p gL=10u gain=1 offset=0 v0=0", l);
  out.add("Cmembrane v 0 {{C}} ic={{v0}}");
  out.add("Bleak v 0 I=V(row_en)*{}", leak);
  if (bank.clamp.on) {
    const auto& d = bank.clamp;
    const std::string swing = spice_value(d.slope_v);
    out.add("* Diodes to two rails");
    out.add("Bclamp v 0 I=V(row_en)*{}*(exp((V(v)-({}))/{})-exp((({})-V(v))/{}))",
            spice_value(d.saturation_a), spice_value(d.high_v), swing, spice_value(d.low_v), swing);
  }
  out.add("Bline r 0 V={{gain*Vs}}*({})+{{offset}}", activation_text(bank.activation, slope));
  out.add(".ends");
}

}  // namespace

void add_neurons(const Subject& subject, Lines& out) {
  out.add(".param Vs={:.17g}", subject.voltage_scale_v);
  for (std::size_t l = 1; l <= subject.layers.size(); ++l) {
    const LayerSubject& layer = subject.layers[l - 1];
    const auto& bank = layer.neurons;
    out.add("");
    add_subcircuit(l, bank, out);
    for (std::size_t i = 0; i < bank.capacitance_f.size(); ++i) {
      const std::string initial =
          layer.initial_v[i] == 0.0 ? "" : " v0=" + spice_value(layer.initial_v[i]);
      out.add("Xlayer{}_{} layer{}_v{} layer{}_r{} row_en neuron{} C={} gL={} gain={} offset={}{}",
              l, i, l, i, l, i, l, spice_value(bank.capacitance_f[i]), spice_value(bank.leak_s[i]),
              spice_value(bank.line_gain[i]), spice_value(bank.line_offset_v[i]), initial);
    }
    if (layer.nudge_s == 0.0) continue;
    out.add("* Nudge: G_beta (V_y - V_r) into the membrane, G_beta = {} S",
            spice_value(layer.nudge_s));
    for (std::size_t i = 0; i < layer.target_v.size(); ++i) {
      out.add("Bnudge_{} 0 layer{}_v{} I=V(row_en)*V(nudge)*{}*({}-V(layer{}_r{}))", i, l, i,
              spice_value(layer.nudge_s), spice_value(layer.target_v[i]), l, i);
    }
  }
  out.add("");
}

}  // namespace memprop::bench::spice
