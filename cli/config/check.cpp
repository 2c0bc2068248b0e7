#include "cli/config/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "analog/memristor/pulse_device_array.hpp"
#include "cli/config/byte_size.hpp"
#include "cli/config/check_dendrites.hpp"
#include "cli/config/check_passive.hpp"
#include "cli/config/check_tasks.hpp"
#include "cli/config/check_tile.hpp"
#include "cli/config/config_check.hpp"
#include "cli/config/field.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::config {
namespace {

// Below this a queue holds not even one chunk.
constexpr std::uint64_t smallest_queue_bytes = 1000000;

class Checker : public ConfigCheck {
 public:
  using ConfigCheck::ConfigCheck;

  void data() const {
    const learning::DataConfig& d = c_.data;
    if (d.name == "files") {
      require(!d.train_inputs.empty(), "data.train_inputs", "a path with data.name = \"files\"",
              "nothing");
      require(!d.test_inputs.empty() || d.test_on_train, "data.test_inputs",
              "a path with data.name = \"files\" (or data.test_on_train = true)", "nothing");
    } else {
      for (const auto& [key, path] : {std::pair{"data.train_inputs", &d.train_inputs},
                                      std::pair{"data.train_targets", &d.train_targets},
                                      std::pair{"data.test_inputs", &d.test_inputs},
                                      std::pair{"data.test_targets", &d.test_targets}}) {
        require(path->empty(), key, "data.name = \"files\" with a path of its own",
                fmt::format("data.name = \"{}\"", d.name));
      }
      require(d.target == learning::TargetKind::classes, "data.target",
              fmt::format("\"classes\" with data.name = \"{}\"", d.name), "\"regression\"");
    }
    if (d.target == learning::TargetKind::classes) {
      require(d.classes <= c_.network.layers.back(), "data.classes",
              fmt::format("at most {}, the outputs of network.layers", c_.network.layers.back()),
              d.classes);
      require(d.target_high > d.target_low, "data.target_high",
              fmt::format("a value above data.target_low = {}", d.target_low), d.target_high);
    }
  }

  void output() const {
    const bench::OutputConfig& o = c_.output;
    const auto window = [&] {
      return o.window.empty() || (o.window.size() == 2 && o.window[0] <= o.window[1]);
    };
    require(window(), "output.window", "no or two values, the first not above the last",
            fmt::format("{}", o.window));
    require(o.sample_last == 0 || o.sample_first <= o.sample_last, "output.sample_last",
            fmt::format("0 or at least output.sample_first = {}", o.sample_first), o.sample_last);
    require(o.queue_bytes >= smallest_queue_bytes, "output.queue",
            fmt::format("at least {}", quote(format_bytes(smallest_queue_bytes))),
            quote(format_bytes(o.queue_bytes)));
    if (o.points_per_cycle == 1) return;
    require(o.stride == 1, "output.stride",
            fmt::format("1 with output.points_per_cycle = {}", o.points_per_cycle), o.stride);
    const double ticks = c_.chip.clock_s * 1e12 / static_cast<double>(o.points_per_cycle);
    require(std::abs(ticks - std::nearbyint(ticks)) <= 1e-9 * ticks, "output.points_per_cycle",
            fmt::format("a divisor of chip.clock = {} in whole picoseconds",
                        quoted(c_.chip.clock_s, Unit::second)),
            o.points_per_cycle);
  }

  void chip() const {
    const hw::ChipConfig& chip = c_.chip;
    one_or(chip.weight_range.size(), layers(), "chip.weight_range");
    const analog::DeviceConfig& device = chip.device;
    require(device.g_min_s < device.g_max_s, "chip.device.g_min",
            fmt::format("less than chip.device.g_max = {}", quoted(device.g_max_s, Unit::siemens)),
            quoted(device.g_min_s, Unit::siemens));
    require(device.w_min < device.w_max, "chip.device.w_min",
            fmt::format("less than chip.device.w_max = {}", device.w_max), device.w_min);
    try {
      analog::check_device(device);  // what only the model of the device knows
    } catch (const UserError& error) {
      throw UserError(fmt::format("{}: {}", locate_("chip.device"), error.what()));
    }
    check_tile(chip, locate_);
    if (bench::has_chip(c_.fidelity)) {
      chip_run();
      circuits();
    }
    const std::string& method = chip.solver.method;
    require((method != "dopri5_fixed" && method != "rk4") || chip.solver.fixed_step_s > 0,
            "solver.fixed_step",
            fmt::format("a time above 0 s with solver.method = \"{}\"", method), "0 s");
  }

 private:
  // Conversions of a sample: groups of neurons, averages, and the cycles of one.
  void converters() const {
    const hw::AdcConfig& adc = c_.chip.adc;
    const auto& widths = c_.network.layers;
    std::size_t neurons = 0;
    for (std::size_t l = 1; l < widths.size(); ++l) neurons += widths[l];
    require((adc.average & (adc.average - 1)) == 0, "chip.adc.average", "1, 2, 4, 8 or 16",
            adc.average);
    require(adc.channels <= neurons, "chip.adc.channels",
            fmt::format("at most {}, the neurons of network.layers, or \"per-neuron\"", neurons),
            adc.channels);
    const bool several = adc.average > 1 || (adc.channels != 0 && adc.channels < neurons);
    require(!several || c_.chip.schedule.convert >= 2, "chip.schedule.convert",
            "at least 2 where a sample needs several conversions in a row (chip.adc.channels, "
            "chip.adc.average)",
            c_.chip.schedule.convert);
    const std::uint64_t needed = std::uint64_t{adc.cycles_per_bit} * adc.bits + 1;
    require(!several || adc.cycles_per_bit == 0 || c_.chip.schedule.convert >= needed,
            "chip.schedule.convert",
            fmt::format("at least {} cycles, one more than chip.adc.cycles_per_bit times the bits, "
                        "where a sample needs several conversions in a row",
                        needed),
            c_.chip.schedule.convert);
  }

  // What matters only when the chip runs.
  void chip_run() const {
    const hw::ChipConfig& chip = c_.chip;
    converters();
    require(chip.update.circuit != hw::UpdateCircuit::ideal_write ||
                chip.device.model == analog::DeviceModel::ideal,
            "chip.update.circuit",
            "another circuit than \"ideal-write\" unless chip.device.model is \"ideal\"",
            "\"ideal-write\"");
    require(chip.update.circuit != hw::UpdateCircuit::sign_sign ||
                c_.learning.form != learning::UpdateForm::product,
            "chip.update.circuit",
            "\"pulse-count\" or \"stochastic\" with learning.form = \"product\"", "\"sign-sign\"");
    updates();
    const std::uint32_t largest = (1U << (chip.update.accumulator_bits - 1)) - 1;
    require(chip.update.circuit != hw::UpdateCircuit::accumulate ||
                chip.update.accumulator_threshold <= largest,
            "chip.update.accumulator_threshold",
            fmt::format("at most {} with chip.update.accumulator_bits = {}", largest,
                        chip.update.accumulator_bits),
            std::to_string(chip.update.accumulator_threshold));
    const learning::TimeConstantConfig& tau = c_.network.time_constant;
    const bool equal = tau.family == learning::TimeConstantFamily::equal;
    const bool rates = tau.quantity == learning::TimeConstantQuantity::rate;
    const double shortest =
        tau.mean_s * (equal ? 1.0 : (rates ? 1.0 / tau.clip_high : tau.clip_low));
    require(chip.feedback != hw::FeedbackArray::shared_slots || chip.slot_s < shortest, "chip.slot",
            fmt::format("less than the shortest time constant {} with chip.feedback = "
                        "\"shared-slots\"",
                        quoted(shortest, Unit::second)),
            quoted(chip.slot_s, Unit::second));
    whole_picoseconds("chip.clock", chip.clock_s);
    require(chip.clock_s > 1.5e-12, "chip.clock", "a period of at least \"2 ps\"",
            quoted(chip.clock_s, Unit::second));
    require(c_.network.feedback != learning::FeedbackWeights::separate ||
                chip.feedback == hw::FeedbackArray::separate_array,
            "network.feedback",
            "\"tied\" unless chip.feedback = \"separate-array\": one array read in both directions "
            "has one set of weights",
            "\"separate\"");
    whole_picoseconds("chip.noise.grid", chip.noise.grid_s);
    whole_picoseconds("chip.noise.cell_grid", chip.noise.cell_grid_s);
    const double slot = chip.slot_s * std::min(chip.forward_share, 1.0 - chip.forward_share);
    require(chip.feedback != hw::FeedbackArray::shared_slots || slot >= 1e-12, "chip.slot",
            "a pair of slots of at least 1 ps each", quoted(chip.slot_s, Unit::second));
  }

  void updates() const {
    using hw::UpdateCircuit;
    const hw::UpdateConfig& update = c_.chip.update;
    const bool serial_signs = update.circuit == UpdateCircuit::sign_sign && update.row_serial;
    const bool in_cpp_only = update.circuit == UpdateCircuit::product_sign ||
                             update.circuit == UpdateCircuit::write_verify || serial_signs;
    const bool in_rtl = c_.fidelity == bench::Fidelity::rtl || c_.chip.controller.lockstep;
    require(!(in_cpp_only && in_rtl),
            serial_signs ? "chip.update.row_serial" : "chip.update.circuit",
            "a circuit that the controller in Verilog has (pulse-count, stochastic, sign-sign for "
            "all rows at once, accumulate) with run.fidelity = \"rtl\" or chip.controller.lockstep",
            serial_signs                                    ? "true with \"sign-sign\""
            : update.circuit == UpdateCircuit::product_sign ? "\"product-sign\""
                                                            : "\"write-verify\"");
    require(!update.row_serial || update.circuit == UpdateCircuit::sign_sign,
            "chip.update.row_serial", "false unless chip.update.circuit = \"sign-sign\"", "true");
    require(!update.reset_only || c_.chip.pair == hw::PairCoding::differential,
            "chip.update.reset_only", "false unless chip.pair = \"differential\"", "true");
    require(update.refresh_every == 0 || update.reset_only, "chip.update.refresh_every",
            "0 unless chip.update.reset_only = true", update.refresh_every);
  }

  void circuits() const {
    const hw::ChipConfig& chip = c_.chip;
    const auto& f = c_.network.activation;
    const bool clamp = chip.neuron.circuit == hw::NeuronCircuit::clamp;
    const bool clipped = std::all_of(f.begin(), f.end(), [](Activation a) {
      return a == Activation::hard_sigmoid || a == Activation::linear;
    });
    require(!clamp || clipped, "chip.neuron.circuit",
            "another circuit than \"clamp\" unless every network.activation is \"hard-sigmoid\" "
            "(which the diodes make) or \"linear\"",
            "\"clamp\"");
    check_passive(chip, locate_);
    require(chip.neuron.clamp_low < chip.neuron.clamp_high, "chip.neuron.clamp_low",
            fmt::format("less than chip.neuron.clamp_high = {}", chip.neuron.clamp_high),
            chip.neuron.clamp_low);
    require(chip.temperature_k + chip.temperature_shift_k > 0, "chip.temperature_shift",
            fmt::format("more than {} K, for absolute zero lies below", -chip.temperature_k),
            quoted(chip.temperature_shift_k, Unit::kelvin));
    levels("chip.dac", chip.dac);
    levels("chip.nudge_dac", chip.nudge_dac);
    levels("chip.adc", chip.adc);
    if (chip.adc.cycles_per_bit > 0 && chip.adc.bits > 0) {
      const std::uint64_t needed = std::uint64_t{chip.adc.cycles_per_bit} * chip.adc.bits;
      require(
          chip.schedule.convert >= needed, "chip.schedule.convert",
          fmt::format("at least {} cycles for chip.adc.bits = {} at chip.adc.cycles_per_bit = {}",
                      needed, chip.adc.bits, chip.adc.cycles_per_bit),
          chip.schedule.convert);
    }
    twins();
    difference_amplifier();
  }

  // Its codes are differences to the free phase: two of them can be compared, and they are no
  // activities.
  void difference_amplifier() const {
    const auto& gain = c_.chip.difference_amplifier.gain;
    one_or(gain.size(), layers(), "chip.difference_amplifier.gain");
    if (!c_.chip.difference_amplifier.any()) return;
    const char* const nudging[] = {"one-sided", "random-sign"};
    const auto k = static_cast<std::size_t>(c_.learning.nudging);
    require(c_.learning.nudging == learning::Nudging::centred, "learning.nudging",
            "\"centred\" with chip.difference_amplifier.gain (two amplified differences are "
            "compared)",
            fmt::format("\"{}\"", nudging[std::min<std::size_t>(k, 1)]));
    require(c_.learning.form == learning::UpdateForm::simplified, "learning.form",
            "\"simplified\" with chip.difference_amplifier.gain (amplified differences are no "
            "activities)",
            "\"product\"");
  }

  // Errors of levels that a converter without levels cannot have.
  template <class Converter>
  void levels(const std::string& section, const Converter& converter) const {
    if (converter.bits > 0) return;
    require(converter.inl == 0, (section + ".inl").c_str(),
            fmt::format("0 with {}.bits = \"ideal\"", section), converter.inl);
    require(converter.dnl == 0, (section + ".dnl").c_str(),
            fmt::format("0 with {}.bits = \"ideal\"", section), converter.dnl);
  }

  void twins() const {
    using hw::TwinMode;
    const hw::ChipConfig& chip = c_.chip;
    if (chip.twin.mode == TwinMode::none) return;
    require(c_.learning.nudging != learning::Nudging::centred, "learning.nudging",
            "\"one-sided\" or \"random-sign\" with chip.twin.mode (one copy is free)",
            "\"centred\"");
    require(chip.twin.mode != TwinMode::zero_nudge ||
                c_.learning.nudging == learning::Nudging::one_sided,
            "learning.nudging", "\"one-sided\" with chip.twin.mode = \"zero-nudge\"",
            "\"random-sign\"");
    require(!chip.controller.monitor, "chip.controller.monitor",
            "false with chip.twin.mode (its rules are those of one copy of the neurons)", "true");
    require(c_.monitor.state_every == 0, "monitor.state_every",
            "0 with chip.twin.mode (the reference has one copy of the neurons)",
            c_.monitor.state_every);
  }

  // The kernel counts time in picoseconds: shorter times round to zero, others silently change.
  void whole_picoseconds(const char* key, double seconds) const {
    const double ticks = seconds * 1e12;
    require(std::abs(ticks - std::nearbyint(ticks)) <= 1e-9 * ticks, key,
            "a whole number of picoseconds", quoted(seconds, Unit::second));
  }
};

}  // namespace

void check(const bench::RunConfig& config, const Locate& locate) {
  const Checker checker(config, locate);
  check_network(config, locate);
  checker.data();
  check_learning(config, locate);
  check_dendrites(config, locate);
  check_tasks(config, locate);
  checker.chip();
  checker.output();
}

void check_output(const bench::RunConfig& config, const Locate& locate) {
  namespace fs = std::filesystem;
  const fs::path path = config.output.path;
  if (path.empty()) return;
  const auto fail = [&](const std::string& expected, const std::string& reason) {
    throw UserError(fmt::format("{}: expected {}, got \"{}\" ({})", locate("output.path"), expected,
                                path.string(), reason));
  };
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) fail("a file to write", "it is a folder");
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ignored)) fail("a file in a writable folder", "no such folder");
  if (access(folder.c_str(), W_OK) != 0) {
    fail("a file in a writable folder", std::strerror(errno));
  }
  if (fs::exists(path, ignored) && access(path.c_str(), W_OK) != 0) {
    fail("a writable file", std::strerror(errno));
  }
}

}  // namespace memprop::config
