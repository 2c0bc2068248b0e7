#include "hw_models/tile_effects.hpp"

#include <algorithm>

namespace memprop::hw {
namespace {

constexpr double reference_k = 300.0;

analog::RetentionConfig retention_of(const ChipConfig& chip) {
  const RetentionKeys& keys = chip.retention;
  analog::RetentionConfig c;
  c.temperature_k = chip.temperature_k;
  c.reference_k = reference_k;
  c.activation_ev = keys.activation_ev;
  c.t_0_s = keys.start_s;
  c.g_max_s = chip.device.g_max_s;
  switch (keys.law) {
    case RetentionLaw::none:
      break;
    case RetentionLaw::power:
      c.nu = keys.exponent;
      c.nu_spread = keys.spread;
      break;
    case RetentionLaw::pcm:
      c.of = analog::DriftOf::pcm;
      break;
    case RetentionLaw::decay:
      c.of = analog::DriftOf::decay;
      c.decay_s = keys.time_s;
      c.nu_spread = keys.spread;
      c.rest_s = chip.device.g_min_s + keys.rest * (chip.device.g_max_s - chip.device.g_min_s);
      break;
  }
  return c;
}

analog::WiredPairsConfig wires_of(const ChipConfig& chip, ReadWays ways) {
  const WiresConfig& keys = chip.wires;
  analog::WiredPairsConfig c;
  analog::WiredConfig& w = c.wires;
  const double node_ohm = keys.technology.empty()
                              ? 0.0
                              : analog::wire_ohm_per_cell(
                                    keys.technology, keys.transistor_ohm > 0.0, chip.temperature_k);
  w.row_wire_ohm = keys.row_ohm > 0.0 ? keys.row_ohm : node_ohm;
  w.column_wire_ohm = keys.column_ohm > 0.0 ? keys.column_ohm : node_ohm;
  w.driver_ohm = keys.driver_ohm;
  w.sense_ohm = keys.sense_ohm;
  w.drive = keys.drive;
  w.sense = keys.sense;
  w.cell.access_ohm = keys.transistor_ohm;
  w.cell.access_limit_a = keys.transistor_limit_a;
  w.cell.nonlinear_v = chip.device.nonlinear_v;
  c.placement = keys.placement;
  c.refresh_every = keys.refresh_every;
  c.follow = keys.follow;
  c.forward = ways.forward;
  c.backward = ways.backward;
  return c;
}

}  // namespace

double conductance_gain(const ChipConfig& chip) {
  return 1.0 + chip.device.temperature_coefficient * (chip.temperature_k - reference_k);
}

analog::EffectivePairsConfig tile_effects(const ChipConfig& chip, ReadWays ways) {
  analog::EffectivePairsConfig c;
  c.conductance_gain = conductance_gain(chip);
  c.telegraph = {chip.noise.telegraph, chip.noise.telegraph_spread, chip.noise.capture_s,
                 chip.noise.emission_s};
  c.flicker = {chip.noise.flicker, chip.noise.flicker_fast_s, chip.noise.flicker_slow_s, 3};
  c.retention = retention_of(chip);
  c.pause_s = chip.retention.pause_s;
  c.has_wires = chip.wires.any();
  if (c.has_wires) c.wires = wires_of(chip, ways);
  return c;
}

}  // namespace memprop::hw
