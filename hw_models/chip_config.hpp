// The hardware half of a run: everything a designer chooses about the chip. SI units.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analog/crossbar/write_effects.hpp"
#include "analog/memristor/device_config.hpp"
#include "analog/memristor/faults.hpp"
#include "hw_models/adaptation_config.hpp"
#include "hw_models/dendrites/branch_keys.hpp"
#include "hw_models/resistive/resistive_keys.hpp"
#include "hw_models/sleep/sleep_keys.hpp"
#include "hw_models/tile_config.hpp"
#include "solvers/ode/stepper.hpp"

namespace memprop::hw {

using analog::PairCoding;

// shared_averaged: option A1, one array read in both directions, time-multiplexed, as its average
// over a slot pair (a feedback gain); shared_slots: A1 with every slot resolved; separate_array:
// option A2, a second array written with the same pulses transposed.
enum class FeedbackArray { shared_averaged, shared_slots, separate_array };

// virtual_ground: circuit 1, linear leak; ota: circuit 2, V_s = 2 n U_T, saturating OTA leak;
// clamp: circuit 3, diodes to two rails in the place of the activation hard_sigmoid; passive: no
// amplifier, the lines load the membrane.
enum class NeuronCircuit { virtual_ground, ota, clamp, passive };

// A second copy of every neuron on the same weights, so that the free and the nudged network run
// at the same time. free_nudged: copy 2 is nudged; swapped: the copies take turns, sample by
// sample; zero_nudge: the difference is taken to what copy 2 showed before it was nudged.
enum class TwinMode { none, free_nudged, swapped, zero_nudge };

// How an input code becomes a row voltage: its height, or how long full scale stands.
enum class InputCoding { amplitude, pulse_width };

// Update circuits U1 pulse count, U2 stochastic coincidence, U3 sign-sign, U4 sign of the product,
// U5 write-verify, U7 accumulate, then write; ideal_write stores the wanted change directly (needs
// the device model "ideal").
enum class UpdateCircuit {
  pulse_count,
  stochastic,
  sign_sign,
  ideal_write,
  accumulate,
  product_sign,
  write_verify
};

struct NeuronConfig {
  NeuronCircuit circuit = NeuronCircuit::virtual_ground;
  double leak_s = 10e-6;            // g_L [S]; C_i follows from tau_i = C_i / g_L
  double capacitor_mismatch = 0.0;  // relative, sigma per neuron
  double leak_mismatch = 0.0;       // relative, sigma per neuron; also scales the neuron's drive
  double gain_mismatch = 0.0;       // relative, sigma per neuron, of the activity line
  double offset_v = 0.0;            // sigma per neuron of the line's offset [V]
  double slope_factor = 1.4;        // n of the OTA's subthreshold transistors
  double bias_current_a = 1e-6;     // supply current per neuron [A], for the energy
  double supply_v = 1.8;            // [V]
  bool reset = true;                // precharge to V_ref before each sample
  // Summing amplifiers (analog/neuron/neuron_bank.hpp).
  double amplifier_gain = 0.0;             // open loop; 0: infinite
  double amplifier_ohm = 10e3;             // feedback resistance R_f
  double amplifier_offset_v = 0.0;         // sigma per neuron, at the input [V]
  double amplifier_time_constant_s = 0.0;  // 0: none
  double slew_v_per_s = 0.0;               // 0: unlimited
  // Circuit 3, diode clamp.
  double clamp_current_a = 1e-9;  // I_S
  double clamp_high = 1.0;        // V_hi and V_lo in units of V_s
  double clamp_low = 0.0;
  double leak_temperature_coefficient = 0.0;  // relative change of g_L per kelvin
};

struct TwinConfig {
  TwinMode mode = TwinMode::none;
  double gain_mismatch = 0.0;  // of a copy's activity line against the original's, sigma, relative
  double offset_v = 0.0;       // the same for its offset, sigma [V]
};

struct DacConfig {
  unsigned bits = 8;        // 0: ideal
  double range = 1.0;       // full scale, in units of V_s
  double offset_v = 0.0;    // sigma per channel [V]
  double noise_v = 0.0;     // rms per conversion [V]
  double energy_j = 0.0;    // per conversion [J]
  double gain_error = 0.0;  // sigma per channel, relative
  double inl = 0.0;         // peak of each channel's bow, in codes (converter/channel_errors.hpp)
  double dnl = 0.0;         // rms deviation of a step, in codes
  InputCoding coding = InputCoding::amplitude;  // input DACs only
};

// The stage behind the nudging DACs.
struct NudgeConfig {
  double strength_error = 0.0;  // of both signs, relative
  double sign_mismatch = 0.0;   // of the negative nudge against the positive one, relative
};

struct AdcConfig {
  unsigned bits = 10;       // 0: ideal (codes of 32 bits)
  double range = 1.0;       // converts -range..range, in units of V_s
  double offset_v = 0.0;    // sigma per channel [V]
  double noise_v = 0.0;     // rms per conversion [V]
  double energy_j = 0.0;    // per conversion [J]
  double gain_error = 0.0;  // sigma per channel, relative
  double inl = 0.0;         // peak of each channel's bow, in codes (converter/channel_errors.hpp)
  double dnl = 0.0;         // rms deviation of a step, in codes
  std::uint32_t cycles_per_bit = 0;  // successive approximation; 0: as long as the schedule gives
  unsigned channels = 0;             // converters, which the neurons share; 0: one per neuron
  std::uint32_t average = 1;  // conversions of a neuron that a code is the mean of: 1, 2, 4, 8, 16
};

struct SampleHoldConfig {
  double capacitance_f = 1e-12;  // C_h [F]
  bool thermal_noise = true;     // kT/C
  double injection_v = 0.0;      // constant charge-injection step [V]
  double injection_gain = 0.0;   // of the part that follows the held voltage, relative
  double leakage_a = 0.0;        // I_leak out of C_h [A]
};

// Amplifiers of the difference between a nudged phase and the free one, before the hold capacitors
// of the nudged phases (converter/difference_amplifier.hpp).
struct DifferenceAmplifierConfig {
  std::vector<double> gain{0.0};  // of each layer 1..L, or one for all; 0: none
  double gain_error = 0.0;        // sigma per neuron, relative
  double offset_v = 0.0;          // sigma per neuron, at the input [V]
  double noise_v = 0.0;           // rms per sample and phase, at the input [V]
  double saturation = 0.0;        // largest output, in units of V_s; 0: unlimited
  double bias_current_a = 0.0;    // supply current of each [A], for the energy

  // Some layer has such amplifiers.
  bool any() const {
    return std::any_of(gain.begin(), gain.end(), [](double g) { return g > 0.0; });
  }
};

// Cycles of each state of the sequencer (ep-circuits 2.7).
struct ScheduleConfig {
  std::uint32_t load = 8;
  std::uint32_t free = 100;
  std::uint32_t sample = 4;   // track time of each sample-and-hold
  std::uint32_t convert = 4;  // one conversion; each sample is followed by all that it needs
  std::uint32_t nudge_positive = 50;
  std::uint32_t nudge_negative = 60;
  std::uint32_t adapt = 20;  // window of adaptation, the tracking of its sample included
};

struct UpdateConfig {
  UpdateCircuit circuit = UpdateCircuit::pulse_count;
  std::uint32_t max_pulses = 31;     // U1, U7: most pulses per cell and update
  std::uint32_t stream_length = 31;  // U2: BL
  // U2: error dC/dr of a neuron at which its column fires in every slot. The rows carry the rest of
  // the rate: many of them average, while a column's own counting noise falls on its whole row sum.
  double stream_error = 1.0;
  double sign_threshold_post = 0.0;          // U3: th_d, in units of activity
  double sign_threshold_pre = 0.0;           // U3: th_x
  std::uint32_t accumulator_bits = 8;        // U7: of a cell's counter, two's complement
  std::uint32_t accumulator_threshold = 16;  // U7: counted units that make a pulse
  double state_energy_j = 0.0;      // of a 32-bit word of an optimiser's memory, read or written
  bool row_serial = false;          // U3: row by row instead of all rows at once
  double product_dead_zone = 0.0;   // U4: in units of activity squared
  unsigned verify_bits = 8;         // U5: of the converter that reads cells
  double verify_noise = 0.0;        // U5: rms of a read, in its codes
  double verify_tolerance = 0.5;    // U5: in steps of a pulse
  std::uint32_t verify_rounds = 8;  // U5: k_max
  std::uint32_t verify_cycles = 4;  // U5: of a read
  // Pairs of two programmed devices: every change by a RESET of one of them, and every
  // refresh_every training samples (0: never) pairs that have run low are brought back to the
  // middle.
  bool reset_only = false;
  std::uint64_t refresh_every = 0;
  double refresh_level = 0.25;  // a pair's mean conductance below which it is refreshed, of the
                                // window
};

// Who drives the chip at fidelity "rtl". Paths and names as in rtl::RtlSources.
struct ControllerChoice {
  std::vector<std::string> sources;     // files in Verilog; empty: memprop's own controller
  std::string top;                      // module; empty: that of the first file's name
  std::vector<std::string> parameters;  // "NAME=VALUE"
  bool lockstep = false;  // beside it the controller in C++, compared pin by pin in every cycle
  bool monitor = false;   // check the protocol of the digital/analog border
  std::string pin_trace;  // folder for the pins of the controller in Verilog; empty: none
  std::uint64_t pin_trace_edges = 20000;  // its longest trace
};

struct ChipConfig {
  ControllerChoice controller;
  double clock_s = 10e-9;
  double temperature_k = 300.0;
  double temperature_shift_k = 0.0;       // of the neurons, from what they were designed for
  double voltage_scale_v = 0.1;           // V_s
  std::vector<double> weight_range{1.0};  // largest weight of each tile, or one for all; sets the
                                          // mirror ratio m
  PairCoding pair = PairCoding::reference;
  FeedbackArray feedback = FeedbackArray::shared_averaged;
  double slot_s = 10e-9;       // A1: length of a slot pair
  double forward_share = 0.5;  // A1: d_f
  analog::DeviceConfig device;
  double stuck_fraction = 0.0;  // cells stuck at a random conductance of the window
  analog::FaultConfig faults;
  WiresConfig wires;
  RetentionKeys retention;
  analog::WriteEffectsConfig write;
  NeuronConfig neuron;
  BranchKeys branch;  // of dendritic neurons
  TwinConfig twin;
  DacConfig dac;
  DacConfig nudge_dac{8, 1.0, 0.0, 0.0, 0.0};
  NudgeConfig nudge;
  AdcConfig adc;
  SampleHoldConfig sample_hold;
  DifferenceAmplifierConfig difference_amplifier;
  AdaptationCircuitConfig adaptation;
  NoiseConfig noise;
  ScheduleConfig schedule;
  UpdateConfig update;
  SleepKeys sleep;
  ResistiveKeys resistive;                  // of networks of that style
  double digital_energy_per_cycle_j = 0.0;  // controller [J per clock cycle]
  double settle_tolerance = 1e-2;           // |tau dv/dt| in units of V_s at the end of a phase
  ode::StepperConfig solver;                // atol in volts
};

}  // namespace memprop::hw
