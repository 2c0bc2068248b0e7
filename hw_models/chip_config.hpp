// The hardware half of a run: everything a designer chooses about the chip. SI units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analog/memristor/device_config.hpp"
#include "hw_models/resistive/resistive_keys.hpp"
#include "solvers/ode/stepper.hpp"

namespace memprop::hw {

using analog::PairCoding;

// shared_averaged: option A1, one array read in both directions, time-multiplexed, as its average
// over a slot pair (a feedback gain); shared_slots: A1 with every slot resolved; separate_array:
// option A2, a second array written with the same pulses transposed.
enum class FeedbackArray { shared_averaged, shared_slots, separate_array };

// virtual_ground: circuit 1, linear leak; ota: circuit 2, V_s = 2 n U_T, saturating OTA leak.
enum class NeuronCircuit { virtual_ground, ota };

// Update circuits U1 pulse count, U2 stochastic coincidence, U3 sign-sign, U7 accumulate, then
// write; ideal_write stores the wanted change directly (needs the device model "ideal").
enum class UpdateCircuit { pulse_count, stochastic, sign_sign, ideal_write, accumulate };

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
};

struct DacConfig {
  unsigned bits = 8;      // 0: ideal
  double range = 1.0;     // full scale, in units of V_s
  double offset_v = 0.0;  // sigma per channel [V]
  double noise_v = 0.0;   // rms per conversion [V]
  double energy_j = 0.0;  // per conversion [J]
};

struct AdcConfig {
  unsigned bits = 10;     // 0: ideal (codes of 32 bits)
  double range = 1.0;     // converts -range..range, in units of V_s
  double offset_v = 0.0;  // sigma per channel [V]
  double noise_v = 0.0;   // rms per conversion [V]
  double energy_j = 0.0;  // per conversion [J]
};

struct SampleHoldConfig {
  double capacitance_f = 1e-12;  // C_h [F]
  bool thermal_noise = true;     // kT/C
  double injection_v = 0.0;      // constant charge-injection step [V]
};

struct NoiseConfig {
  double read = 0.0;                   // relative rms of a cell's conductance within the bandwidth
  double correlation_time_s = 100e-9;  // of the read noise
  double grid_s = 50e-9;               // grid on which it changes
};

// Cycles of each state of the sequencer (ep-circuits 2.7).
struct ScheduleConfig {
  std::uint32_t load = 8;
  std::uint32_t free = 100;
  std::uint32_t sample = 4;   // track time of each sample-and-hold
  std::uint32_t convert = 4;  // conversion after each sample
  std::uint32_t nudge_positive = 50;
  std::uint32_t nudge_negative = 60;
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
  double voltage_scale_v = 0.1;           // V_s
  std::vector<double> weight_range{1.0};  // largest weight of each tile, or one for all; sets the
                                          // mirror ratio m
  PairCoding pair = PairCoding::reference;
  FeedbackArray feedback = FeedbackArray::shared_averaged;
  double slot_s = 10e-9;       // A1: length of a slot pair
  double forward_share = 0.5;  // A1: d_f
  analog::DeviceConfig device;
  double stuck_fraction = 0.0;  // cells stuck at a random conductance of the window
  NeuronConfig neuron;
  DacConfig dac;
  DacConfig nudge_dac{8, 1.0, 0.0, 0.0, 0.0};
  AdcConfig adc;
  SampleHoldConfig sample_hold;
  NoiseConfig noise;
  ScheduleConfig schedule;
  UpdateConfig update;
  ResistiveKeys resistive;                  // of networks of that style
  double digital_energy_per_cycle_j = 0.0;  // controller [J per clock cycle]
  double settle_tolerance = 1e-2;           // |tau dv/dt| in units of V_s at the end of a phase
  ode::StepperConfig solver;                // atol in volts
};

}  // namespace memprop::hw
