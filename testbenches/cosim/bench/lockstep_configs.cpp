#include "testbenches/cosim/bench/lockstep_configs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "digital/adaptation_table.hpp"

namespace memprop::bench::cosim {
namespace {

using digital::NudgePhases;
using digital::UpdateCircuit;

const char* name(UpdateCircuit circuit) {
  switch (circuit) {
    case UpdateCircuit::pulse_count:
      return "U1";
    case UpdateCircuit::stochastic:
      return "U2";
    case UpdateCircuit::sign_sign:
      return "U3";
    default:
      return "no update";
  }
}

const char* name(NudgePhases phases) {
  switch (phases) {
    case NudgePhases::one_sided:
      return "one-sided";
    case NudgePhases::random_sign:
      return "random-sign";
    case NudgePhases::centred:
      break;
  }
  return "centred";
}

}  // namespace

std::vector<NamedConfig> lockstep_configs(const std::vector<std::size_t>& widths, bool bias,
                                          std::size_t channels) {
  std::size_t neurons = 0;
  for (std::size_t l = 1; l < widths.size(); ++l) neurons += widths[l];
  const auto groups = static_cast<std::uint32_t>(digital::conversion_groups(neurons, channels));
  // Lengths of the phases, pulses and slots, rates, conversions averaged: three sets.
  struct Set {
    digital::PhaseLengths lengths;
    std::uint32_t max_pulses, stream_length, mantissa, shift, average;
  };
  const Set sets[] = {{{2, 5, 1, 3, 4, 4}, 7, 5, 40000, 24, 1},
                      {{1, 1, 1, 2, 1, 1}, 1, 1, 1, 16, 1},
                      {{3, 9, 2, 3, 6, 7}, 31, 9, 65535, 27, 4}};
  std::vector<NamedConfig> list;
  std::size_t turn = 0;
  for (const auto circuit : {UpdateCircuit::pulse_count, UpdateCircuit::stochastic,
                             UpdateCircuit::sign_sign, UpdateCircuit::none}) {
    for (const auto phases :
         {NudgePhases::centred, NudgePhases::one_sided, NudgePhases::random_sign}) {
      for (const bool product : {false, true}) {
        if (product && (circuit == UpdateCircuit::sign_sign || circuit == UpdateCircuit::none)) {
          continue;
        }
        const Set& set = sets[turn++ % 3];
        digital::ControllerConfig c;
        c.widths = widths;
        c.bias = bias;
        c.circuit = circuit;
        c.adc_average = set.average;
        c.adc_channels = channels;
        digital::PhaseLengths lengths = set.lengths;
        const std::uint32_t conversions = groups * set.average;
        if (conversions > 1) lengths.convert = conversions * std::max(3U, lengths.convert);
        c.table =
            digital::equilibrium_propagation_table(lengths, phases, circuit != UpdateCircuit::none);
        c.random_sign = phases == NudgePhases::random_sign;
        c.product_form = product;
        // Two forms that differ at the rows only, and windows of adaptation, in turn.
        c.predictive_form = !product && phases != NudgePhases::centred && turn % 4 == 1;
        if (turn % 3 == 0 && circuit != UpdateCircuit::none) {
          c.table = digital::with_adaptation(c.table, lengths.sample + 4);
        }
        c.max_pulses = set.max_pulses;
        c.stream_length = set.stream_length;
        c.seed = 1000U + static_cast<std::uint32_t>(turn);
        for (std::size_t t = 0; t + 1 < widths.size(); ++t) {
          digital::TileUpdateRegisters tile;
          tile.rate_mantissa = set.mantissa;
          tile.rate_shift = set.shift;
          tile.row_mantissa = 51000;
          tile.row_shift = t == 0 ? 8 : 9;
          tile.col_mantissa = 60000;
          tile.col_shift = 8;
          tile.row_threshold = t == 0 ? 20 : 30;
          tile.col_threshold = 3;
          c.tile.push_back(tile);
          if (bias) c.bias_code.push_back(t == 0 ? 200 : 300);
        }
        list.push_back({fmt::format("{} {} {}", name(circuit), name(phases),
                                    product             ? "product"
                                    : c.predictive_form ? "predictive"
                                                        : "simplified"),
                        c});
      }
    }
  }
  return list;
}

}  // namespace memprop::bench::cosim
