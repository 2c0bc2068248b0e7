// The keys of the circuits around the tiles: neurons, twins, converters, sample-and-hold.
#include "cli/config/describe.hpp"

namespace memprop::config {
namespace {

// Largest widths that the controller's registers hold: input codes have 16 bits, and the chip's ADC
// codes 32.
constexpr unsigned kMostDacBits = 16;
constexpr unsigned kMostAdcBits = 32;

void describe_neuron(Binder& b, hw::NeuronConfig& c) {
  using hw::NeuronCircuit;
  b.section("chip.neuron", "Neuron circuit (docs/circuits.md).");
  b.choice(
      "circuit", c.circuit,
      {{NeuronCircuit::virtual_ground, "virtual-ground"},
       {NeuronCircuit::ota, "ota"},
       {NeuronCircuit::clamp, "clamp"},
       {NeuronCircuit::passive, "passive"}},
      "linear leak at a virtual ground, an OTA whose leak saturates, diodes to two rails in the "
      "place of the activation \"hard-sigmoid\", or no amplifier: the lines load the membrane");
  b.quantity("leak", c.leak_s, Unit::siemens, positive(),
             "leak conductance; the capacitor follows from the time constant");
  b.number("capacitor_mismatch", c.capacitor_mismatch, at_least(0), "sigma per neuron, relative");
  b.number("leak_mismatch", c.leak_mismatch, at_least(0), "sigma per neuron, relative");
  b.number("gain_mismatch", c.gain_mismatch, at_least(0),
           "sigma per neuron of the activity line, relative");
  b.quantity("offset", c.offset_v, Unit::volt, at_least(0),
             "sigma per neuron of the line's offset");
  b.number("slope_factor", c.slope_factor, at_least(1),
           "n of the subthreshold transistors (ota) or of the diodes (clamp)");
  b.quantity("bias_current", c.bias_current_a, Unit::ampere, at_least(0),
             "supply current per neuron, for the energy");
  b.quantity("supply", c.supply_v, Unit::volt, positive(), "supply voltage, for the energy");
  b.boolean("reset", c.reset, "precharge before each sample");
  b.number("amplifier_gain", c.amplifier_gain, at_least(0),
           "open-loop gain of the summing amplifiers; 0: infinite");
  b.quantity("amplifier_resistance", c.amplifier_ohm, Unit::ohm, positive(),
             "feedback resistance of the summing amplifiers");
  b.quantity("amplifier_offset", c.amplifier_offset_v, Unit::volt, at_least(0),
             "sigma per neuron, at the amplifier's input");
  b.quantity("amplifier_time_constant", c.amplifier_time_constant_s, Unit::second, at_least(0),
             "of the summing amplifiers; \"0 s\": none");
  b.quantity("slew_rate", c.slew_v_per_s, Unit::volt_per_second, at_least(0),
             "fastest membrane; \"0 V/s\": unlimited");
  b.quantity("clamp_current", c.clamp_current_a, Unit::ampere, positive(),
             "saturation current of the diodes (clamp)");
  b.number("clamp_high", c.clamp_high, any(), "upper rail, in units of chip.voltage_scale (clamp)");
  b.number("clamp_low", c.clamp_low, any(), "lower rail (clamp)");
  b.number("leak_temperature_coefficient", c.leak_temperature_coefficient, any(),
           "relative change of the leak per kelvin of chip.temperature_shift");
}

void describe_twin(Binder& b, hw::TwinConfig& c) {
  using hw::TwinMode;
  b.section("chip.twin", "A second copy of the neurons on the same weights.");
  b.choice("mode", c.mode,
           {{TwinMode::none, "none"},
            {TwinMode::free_nudged, "free-nudged"},
            {TwinMode::swapped, "swapped"},
            {TwinMode::zero_nudge, "zero-nudge"}},
           "none; free and nudged copy at the same time; the same, the copies changing their parts "
           "from sample to sample; the nudged copy compared with itself before the nudge");
  b.number("gain_mismatch", c.gain_mismatch, at_least(0),
           "of a copy's activity line against its original's, sigma, relative");
  b.quantity("offset", c.offset_v, Unit::volt, at_least(0), "the same for its offset, sigma");
}

template <class Converter>
void describe_converter(Binder& b, const char* name, const char* meaning, Converter& c,
                        unsigned most_bits) {
  b.section(name, meaning);
  b.bits("bits", c.bits, most_bits, "resolution; \"ideal\": not quantised visibly");
  b.number("range", c.range, positive(), "full scale, in units of chip.voltage_scale");
  b.quantity("offset", c.offset_v, Unit::volt, at_least(0), "sigma per channel");
  b.quantity("noise", c.noise_v, Unit::volt, at_least(0), "rms per conversion");
  b.quantity("energy", c.energy_j, Unit::joule, at_least(0), "per conversion");
  b.number("gain_error", c.gain_error, at_least(0), "sigma per channel, relative");
  b.number("inl", c.inl, at_least(0),
           "integral nonlinearity: peak of each channel's bow, in codes");
  b.number("dnl", c.dnl, at_least(0), "differential nonlinearity: rms of a step's error, in codes");
}

void describe_sample_hold(Binder& b, hw::SampleHoldConfig& c) {
  b.section("chip.sample_hold", "Sample-and-hold stages.");
  b.quantity("capacitance", c.capacitance_f, Unit::farad, positive(), "hold capacitor");
  b.boolean("thermal_noise", c.thermal_noise, "kT/C noise");
  b.quantity("injection", c.injection_v, Unit::volt, any(), "constant charge-injection step");
  b.number("injection_gain", c.injection_gain, any(),
           "charge injection in proportion to the voltage, relative to it");
  b.quantity("leakage", c.leakage_a, Unit::ampere, any(),
             "out of the hold capacitor, from the end of tracking to the end of the conversion");
}

void describe_difference_amplifier(Binder& b, hw::DifferenceAmplifierConfig& c) {
  b.section("chip.difference_amplifier",
            "Amplifiers of the difference between a nudged phase and the free one, before the hold "
            "capacitors (docs/circuits.md); with centred nudging and the simplified form.");
  b.numbers("gain", c.gain, at_least(0),
            "of every layer behind the input, or one for all; 0: none, codes are activities");
  b.number("gain_error", c.gain_error, at_least(0), "sigma per neuron, relative");
  b.quantity("offset", c.offset_v, Unit::volt, at_least(0), "sigma per neuron, at the input");
  b.quantity("noise", c.noise_v, Unit::volt, at_least(0), "rms per sample and phase, at the input");
  b.number("saturation", c.saturation, at_least(0),
           "largest output, in units of chip.voltage_scale; 0: unlimited");
  b.quantity("bias_current", c.bias_current_a, Unit::ampere, at_least(0),
             "supply current of each amplifier, for the energy");
}

}  // namespace

void describe_circuits(Binder& b, hw::ChipConfig& c) {
  describe_neuron(b, c.neuron);
  describe_twin(b, c.twin);
  describe_converter(b, "chip.dac", "Input DACs.", c.dac, kMostDacBits);
  b.choice(
      "coding", c.dac.coding,
      {{hw::InputCoding::amplitude, "amplitude"}, {hw::InputCoding::pulse_width, "pulse-width"}},
      "a code is the height of a row's voltage, or the share of time that full scale stands");
  describe_converter(b, "chip.nudge_dac", "DACs of the targets.", c.nudge_dac, kMostDacBits);
  b.section("chip.nudge", "The nudging conductance behind them.");
  b.number("strength_error", c.nudge.strength_error, inside(-1, 1),
           "of both signs of the nudge, relative");
  b.number("sign_mismatch", c.nudge.sign_mismatch, inside(-1, 1),
           "of the negative nudge against the positive one, relative");
  describe_converter(b, "chip.adc", "ADCs of the neurons; they convert -range to range.", c.adc,
                     kMostAdcBits);
  b.integer("cycles_per_bit", c.adc.cycles_per_bit, within(0, 1000),
            "clock cycles for each bit of a successive approximation; 0: as many as "
            "chip.schedule.convert gives");
  b.integer_or("channels", c.adc.channels, 1U << 24, "per-neuron",
               "converters that the neurons of all layers share, converted group by group");
  b.integer("average", c.adc.average, within(1, 16),
            "conversions of a neuron that a code is the rounded mean of: 1, 2, 4, 8 or 16");
  describe_sample_hold(b, c.sample_hold);
  describe_difference_amplifier(b, c.difference_amplifier);
  describe_adaptation(b, c.adaptation);
}

}  // namespace memprop::config
