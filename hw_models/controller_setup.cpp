#include "hw_models/controller_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "digital/adaptation_table.hpp"
#include "digital/host_registers.hpp"
#include "digital/twin_table.hpp"
#include "hw_models/adaptation_limits.hpp"
#include "hw_models/bias_code.hpp"
#include "hw_models/controller_seat.hpp"
#include "hw_models/converter/difference_amplifier.hpp"
#include "hw_models/converter/quantizer.hpp"
#include "hw_models/dendrites/branch_limits.hpp"
#include "hw_models/fabrication.hpp"
#include "hw_models/tile_layout.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

digital::UpdateCircuit circuit_of(const ChipConfig& chip) {
  switch (chip.update.circuit) {
    case UpdateCircuit::pulse_count:
      return digital::UpdateCircuit::pulse_count;
    case UpdateCircuit::stochastic:
      return digital::UpdateCircuit::stochastic;
    case UpdateCircuit::sign_sign:
      return chip.update.row_serial ? digital::UpdateCircuit::serial_sign
                                    : digital::UpdateCircuit::sign_sign;
    case UpdateCircuit::product_sign:
      return digital::UpdateCircuit::product_sign;
    case UpdateCircuit::write_verify:
      return digital::UpdateCircuit::write_verify;
    case UpdateCircuit::accumulate:
      return digital::UpdateCircuit::accumulate;
    case UpdateCircuit::ideal_write:
      break;
  }
  return digital::UpdateCircuit::none;
}

digital::NudgePhases phases_of(const learning::LearningConfig& learning) {
  // The second phase of contrastive Hebbian learning has one teacher.
  if (learning.rule == learning::RuleKind::contrastive_hebbian) {
    return digital::NudgePhases::one_sided;
  }
  switch (learning.nudging) {
    case learning::Nudging::one_sided:
      return digital::NudgePhases::one_sided;
    case learning::Nudging::random_sign:
      return digital::NudgePhases::random_sign;
    case learning::Nudging::centred:
      break;
  }
  return digital::NudgePhases::centred;
}

unsigned input_bits(const ChipConfig& chip) { return chip.dac.bits == 0 ? 16 : chip.dac.bits; }
unsigned activity_bits(const ChipConfig& chip) { return chip.adc.bits == 0 ? 32 : chip.adc.bits; }

bool optimiser_collects(const learning::LearningConfig& learning) {
  return learning.train &&
         (learning.batch > 1 || learning.optimiser.kind != learning::OptimiserKind::sgd);
}

// What the description can say and the chip cannot do.
void refuse_unknown(const ChipConfig& chip, const learning::Network& network,
                    const learning::LearningConfig& learning) {
  const auto refuse = [](bool wrong, const char* key, const char* expected) {
    if (wrong) throw UserError(fmt::format("key '{}': expected {} on the chip", key, expected));
  };
  const bool hebbian = learning.rule == learning::RuleKind::contrastive_hebbian;
  refuse(learning.rule != learning::RuleKind::equilibrium_propagation && !hebbian, "learning.rule",
         "\"equilibrium-propagation\" or \"contrastive-hebbian\"");
  if (const auto limit = adaptation_limit(chip, learning)) {
    throw UserError(
        fmt::format("key '{}': expected {}, got {}", limit->key, limit->expected, limit->got));
  }
  refuse(network.config.dynamics != learning::Dynamics::membrane, "network.dynamics",
         "\"membrane\"");
  const bool collects = optimiser_collects(learning);
  const bool keeps = chip.update.circuit == UpdateCircuit::accumulate ||
                     chip.update.circuit == UpdateCircuit::ideal_write;
  refuse(collects && !keeps, "chip.update.circuit",
         "\"accumulate\" or \"ideal-write\" with an optimiser or a batch");
  refuse(learning.train && learning.optimiser.weight_decay != 0, "learning.weight_decay", "0");
  refuse(learning.nudge_error != learning::NudgeError::recomputed, "learning.nudge_error",
         "\"recomputed\"");
  if (network.config.dendrites.on()) {
    if (const auto limit = branch_limit(chip, network.config, learning)) {
      throw UserError(
          fmt::format("key '{}': expected {}, got {}", limit->key, limit->expected, limit->got));
    }
  }
  if (!chip.difference_amplifier.any()) return;
  // Its codes are differences to the free phase already: only two of them can be compared, and
  // they are no activities.
  refuse(learning.nudging != learning::Nudging::centred, "learning.nudging",
         "\"centred\" with chip.difference_amplifier.gain");
  refuse(learning.form != learning::UpdateForm::simplified, "learning.form",
         "\"simplified\" with chip.difference_amplifier.gain");
}

// The factor of a tile's code products in a change of its weights: in a chain the feedback's way
// down is undone, divided by the gains upwards beside it, and the derivative to a weight has its
// own gain; with links the way that carries most is.
double change_scale(const learning::Network& network, const learning::LearningConfig& learning,
                    const TileLayout& tile) {
  if (!tile.trained) return 0.0;
  const std::size_t l = tile.shape.to;
  const bool raw = learning.scale == learning::GradientScale::raw;
  if (!network.links.empty()) {
    const double gain =
        tile.link == TileLayout::none ? forward_gain(network, l) : network.links[tile.link].gain;
    return learning::difference_scale(network, learning, l) * (raw ? 1.0 : gain);
  }
  double scale = learning::difference_scale(network.config, learning, l);
  if (raw) return scale;
  for (std::size_t k = l; k <= network.layer_count(); ++k) scale *= forward_gain(network, k);
  return scale;
}

}  // namespace

std::uint32_t conversion_cycles(const ChipConfig& chip, const learning::Network& network) {
  std::size_t neurons = 0;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) neurons += network.width(l);
  const std::size_t groups = digital::conversion_groups(neurons, chip.adc.channels);
  const std::uint64_t conversions = std::uint64_t{groups} * chip.adc.average;
  if (conversions > 1 && chip.schedule.convert < 2) {
    throw UserError(
        fmt::format("key 'chip.schedule.convert': expected at least 2 cycles for each of {} "
                    "conversions in a row (chip.adc.channels, chip.adc.average), got {}",
                    conversions, chip.schedule.convert));
  }
  const std::uint64_t cycles = conversions * chip.schedule.convert;
  if (cycles > 0xffffffffU) {
    throw UserError(
        fmt::format("key 'chip.schedule.convert': expected at most 4294967295 cycles "
                    "for all conversions of a sample, got {} x {}",
                    conversions, chip.schedule.convert));
  }
  return static_cast<std::uint32_t>(cycles);
}

double input_lsb(const ChipConfig& chip) {
  return chip.dac.range / (std::ldexp(1.0, static_cast<int>(input_bits(chip))) - 1.0);
}

double activity_lsb(const ChipConfig& chip) {
  return SignedScale{chip.adc.range, activity_bits(chip)}.lsb_v();
}

double difference_lsb(const ChipConfig& chip, std::size_t l) {
  return activity_lsb(chip) / difference_gain(chip, l);
}

digital::ControllerConfig controller_config(const ChipConfig& chip,
                                            const learning::Network& network,
                                            const learning::LearningConfig& learning,
                                            const std::vector<double>& weight_step,
                                            std::uint64_t seed) {
  refuse_unknown(chip, network, learning);
  digital::ControllerConfig config;
  config.widths = network.config.layers;
  config.bias = network.config.bias;
  const auto layout = tile_layout(network);
  const bool dendrites = network.config.dendrites.on();
  constexpr std::size_t most_tiles = 32;  // bits of upd_pol
  if (layout.size() > most_tiles) {
    throw UserError(
        fmt::format("key 'network.layers': expected at most {} arrays on the chip (between layers, "
                    "of links and "
                    "of branches), got {}",
                    most_tiles, layout.size()));
  }
  for (const TileLayout& tile : layout) {
    if (dendrites || !network.links.empty()) config.shapes.push_back(tile.shape);
  }
  config.x_full_scale = static_cast<std::uint32_t>((std::uint64_t{1} << input_bits(chip)) - 1);
  config.adc_full_scale =
      static_cast<std::uint32_t>(SignedScale{chip.adc.range, activity_bits(chip)}.largest());
  const auto& s = chip.schedule;
  config.circuit = circuit_of(chip);
  for (std::size_t t = 0; t < layout.size() && network.config.bias; ++t) {
    config.bias_code.push_back(
        layout[t].shape.bias ? bias_code(chip, network, learning, layout[t], t).code : 0);
  }
  config.adc_channels = chip.adc.channels;
  config.adc_average = chip.adc.average;
  const digital::PhaseLengths lengths{s.load,           s.free,
                                      s.sample,         conversion_cycles(chip, network),
                                      s.nudge_positive, s.nudge_negative};
  const bool updates = config.circuit != digital::UpdateCircuit::none;
  if (chip.twin.mode == TwinMode::none) {
    config.table = digital::equilibrium_propagation_table(lengths, phases_of(learning), updates);
  } else {
    config.table = digital::twin_table(lengths, chip.twin.mode == TwinMode::zero_nudge, updates);
  }
  if (chip.adaptation.circuit != AdaptationCircuit::none) {
    config.table = digital::with_adaptation(config.table, s.adapt);
  }
  config.random_sign = phases_of(learning) == digital::NudgePhases::random_sign;
  config.product_form = learning.form == learning::UpdateForm::product;
  config.predictive_form = learning.form == learning::UpdateForm::predictive;
  config.max_pulses = chip.update.max_pulses;
  config.stream_length = chip.update.stream_length;
  config.accumulator_bits = chip.update.accumulator_bits;
  config.verify_cycles = chip.update.verify_cycles;
  config.verify_rounds = chip.update.verify_rounds;
  config.seed = static_cast<std::uint32_t>(seed ^ (seed >> 32));

  config.optimiser.on =
      config.circuit == digital::UpdateCircuit::accumulate && optimiser_collects(learning);
  config.optimiser.optimiser = learning.optimiser;
  config.optimiser.batch = learning.batch;
  const auto rates = learning::layer_rates(learning, network.layer_count());
  for (std::size_t t = 0; t < layout.size(); ++t) {
    const std::size_t l = layout[t].weight_layer;
    digital::TileUpdateRegisters registers;
    const double row_lsb = layout[t].shape.from == 0 ? input_lsb(chip) : activity_lsb(chip);
    const double scale = dendrites ? branch_change_scale(network, learning, layout[t])
                                   : change_scale(network, learning, layout[t]);
    const double rate = rates[l - 1] * scale;
    const double column_lsb = difference_lsb(chip, layout[t].shape.to);
    const double pulses =
        digital::pulses_per_code_product(rate, row_lsb, column_lsb, weight_step[t]);
    try {
      if (config.circuit == digital::UpdateCircuit::pulse_count ||
          config.circuit == digital::UpdateCircuit::write_verify) {
        digital::set_pulse_count_rate(registers, pulses);
      } else if (config.circuit == digital::UpdateCircuit::accumulate) {
        const std::uint32_t units = chip.update.accumulator_threshold;
        if (config.optimiser.on) {
          config.optimiser.tile.push_back({static_cast<float>(scale * row_lsb * column_lsb),
                                           static_cast<float>(rates[l - 1]),
                                           units / weight_step[t]});
        } else {
          digital::set_pulse_count_rate(registers, pulses * units);
        }
        registers.accumulate_threshold = units;
      } else if (config.circuit == digital::UpdateCircuit::stochastic) {
        // A column fires in every slot at the difference that the chosen error makes.
        // Columns of a tile that never changes do not fire.
        const double col_full =
            scale > 0.0 ? std::max(1.0, chip.update.stream_error / (scale * column_lsb)) : 1.0;
        const double row_full =
            pulses > 0.0 ? config.stream_length / (pulses * col_full) : config.x_full_scale;
        digital::set_stochastic_rate(registers, pulses, config.stream_length, row_full, col_full);
      }
    } catch (const UserError& e) {
      throw UserError(fmt::format(
          "key 'learning.rate' (layer {}): expected a rate that the update registers can hold, got "
          "{}: {}",
          l, rates[l - 1], e.what()));
    }
    if (config.circuit == digital::UpdateCircuit::write_verify) {
      // The converter spans all weights: what a pulse changes it by follows from the weight's step.
      const auto& ranges = chip.weight_range;
      const double range = ranges.size() == 1 ? ranges[0] : ranges.at(l - 1);
      const double codes = weight_step[t] / SignedScale{range, chip.update.verify_bits}.lsb_v();
      if (codes < 1.0) {
        throw UserError(fmt::format(
            "key 'chip.update.verify_bits': expected at least {} bits, so that a pulse changes "
            "what "
            "is read by a code (layer {}), got {}",
            chip.update.verify_bits + static_cast<unsigned>(std::ceil(-std::log2(codes))), l,
            chip.update.verify_bits));
      }
      registers.verify_step = static_cast<std::uint32_t>(std::lround(256.0 * codes));
      registers.verify_tolerance =
          static_cast<std::uint32_t>(std::lround(256.0 * codes * chip.update.verify_tolerance));
    }
    if (config.circuit == digital::UpdateCircuit::product_sign) {
      const double units = chip.update.product_dead_zone / (row_lsb * column_lsb);
      registers.product_threshold =
          rate == 0.0 || units > 9e18 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(units);
    }
    if (config.circuit == digital::UpdateCircuit::sign_sign ||
        config.circuit == digital::UpdateCircuit::serial_sign) {
      // A layer with a rate of zero is frozen; the size of other rates has no meaning here.
      if (rate == 0.0) {
        registers.row_threshold = registers.col_threshold = 0xffffffffU;
        config.tile.push_back(registers);
        continue;
      }
      registers.row_threshold = digital::threshold_code(chip.update.sign_threshold_pre, row_lsb);
      registers.col_threshold =
          digital::threshold_code(chip.update.sign_threshold_post, column_lsb);
    }
    config.tile.push_back(registers);
  }
  return config;
}

std::vector<Matrix> wanted_change(const ChipConfig& chip, const learning::Network& network,
                                  const learning::LearningConfig& learning,
                                  const ControllerSeat& controller, Span<const double> x,
                                  double sign, bool with_bias) {
  const bool centred = phases_of(learning) == digital::NudgePhases::centred;
  const bool predictive = learning.form == learning::UpdateForm::predictive;
  const auto free = controller.latched(0);
  const auto after = controller.latched(1);
  // Bank 2 also holds what the nudged twin showed before it was nudged.
  const bool two = centred || chip.twin.mode == TwinMode::zero_nudge;
  const auto before = two ? controller.latched(2) : free;
  const double lsb = activity_lsb(chip);
  const auto rates = learning::layer_rates(learning, network.layer_count());
  std::vector<std::size_t> first(network.layer_count() + 1, 0);  // of layers in the codes
  for (std::size_t l = 2; l < first.size(); ++l) first[l] = first[l - 1] + network.width(l - 1);
  std::vector<Matrix> change;
  for (const TileLayout& tile : tile_layout(network)) {
    const std::size_t l = tile.shape.to, here = first[l], below = first[tile.shape.from];
    const double factor =
        rates[tile.weight_layer - 1] * sign * change_scale(network, learning, tile);
    const double bias_factor =
        learning.scale == learning::GradientScale::raw ? factor : factor / forward_gain(network, l);
    const std::size_t inputs = network.width(tile.shape.from);
    const double post_lsb = difference_lsb(chip, l);
    const bool bias = with_bias && tile.shape.bias;
    Matrix d(network.width(l), inputs + (bias ? 1 : 0));
    for (std::size_t i = 0; i < d.rows(); ++i) {
      const double post_after = after[here + i] * post_lsb;
      const double post_before = before[here + i] * post_lsb;
      if (bias) d(i, inputs) = bias_factor * (post_after - post_before);
      for (std::size_t j = 0; j < inputs; ++j) {
        const bool clamped = tile.shape.from == 0;
        if (learning.form != learning::UpdateForm::product || clamped) {
          const double pre = clamped ? x[j] : (predictive ? after : free)[below + j] * lsb;
          d(i, j) = factor * (post_after - post_before) * pre;
        } else {
          d(i, j) = factor * (post_after * (after[below + j] * lsb) -
                              post_before * (before[below + j] * lsb));
        }
      }
    }
    change.push_back(std::move(d));
  }
  return change;
}

}  // namespace memprop::hw
