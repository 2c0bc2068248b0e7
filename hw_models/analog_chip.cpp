#include "hw_models/analog_chip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/fabrication.hpp"
#include "hw_models/tile_effects.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

constexpr double divergence_limit = 1e4;  // in units of V_s: far beyond any supply rail

double adc_full_scale(const ChipConfig& chip, double scale_v) { return chip.adc.range * scale_v; }

// Cycles within which the codes of a conversion stand, so that the edge that ends the last of them
// takes them; half a cycle is left for the wires.
double answer_cycles(const ChipConfig& chip) {
  if (chip.adc.cycles_per_bit == 0 || chip.adc.bits == 0) return chip.schedule.convert - 1.0;
  return static_cast<double>(chip.adc.cycles_per_bit) * chip.adc.bits;
}

}  // namespace

AnalogChip::AnalogChip(sc_core::sc_module_name module_name, const ChipConfig& config,
                       const learning::Network& network, double beta, std::uint64_t seed)
    : sc_module(module_name),
      row_pulse("row_pulse", tile_layout(network).size()),
      col_pulse("col_pulse", tile_layout(network).size()),
      config_(config),
      shape_(network),
      layout_(tile_layout(shape_)),
      voltage_scale_v_(voltage_scale(config)),
      domain_(config.solver),
      bridge_(domain_),
      nudge_errors_(config.nudge_dac, config.nudge_dac.bits, false,
                    network.width(network.layer_count()), seed, "chip/nudge-dac"),
      nudge_noise_(seed, "chip/nudge-dac/noise") {
  if (network.config.readout != learning::Readout::squared_error) {
    throw UserError("the chip has no softmax read-out: expected readout \"squared-error\"");
  }
  const std::size_t layers = network.layer_count();
  auto neurons = fabricate_neurons(config, network, seed);
  std::vector<analog::NeuronBankConfig> twin_neurons;
  if (config.twin.mode != TwinMode::none) {
    twins_ = std::make_unique<Twins>(config.twin.mode);
    twin_neurons = fabricate_twins(config, neurons, seed);
  }
  for (std::size_t l = 1; l <= layers; ++l) {
    const double nudge_s = l == layers ? beta * config.neuron.leak_s : 0.0;
    banks_.push_back(std::make_unique<NeuronBankModule>(fmt::format("layer{}", l).c_str(), bridge_,
                                                        std::move(neurons[l - 1]), nudge_s,
                                                        config.nudge));
    banks_.back()->row_en(row_en);
    banks_.back()->nudge_en(nudge_en);
    banks_.back()->nudge_sign(nudge_sign);
    if (twins_) add_twin(l, std::move(twin_neurons[l - 1]), nudge_s);
  }
  if (config.update.circuit == UpdateCircuit::write_verify) {
    cell_converter_ = std::make_unique<CellConverter>(config.update.verify_bits,
                                                      config.update.verify_noise, seed);
  }
  if (network.config.dendrites.on()) add_branches(seed);
  for (std::size_t number = 1; number <= layout_.size(); ++number) add_tile(number, seed);
  slots_ = std::make_unique<SlotClock>(
      "slot_clock", config.feedback == FeedbackArray::shared_slots ? config.slot_s : 0.0,
      config.forward_share);
  slots_->row_en(row_en);
  slots_->fwd_bwd(fwd_bwd_);

  const std::size_t inputs = network.width(0);
  const unsigned dac_bits = config.dac.bits == 0 ? 16 : config.dac.bits;
  dac_ = std::make_unique<InputDac>(
      "dac", bridge_,
      UnsignedScale{config.dac.range * voltage_scale_v_,
                    static_cast<std::uint32_t>((std::uint64_t{1} << dac_bits) - 1)},
      config.dac, ChannelErrors(config.dac, config.dac.bits, true, inputs, seed, "chip/dac"), seed,
      [this](Span<const double> row_v) { begin_sample(row_v); });
  dac_->x_dac_load(x_dac_load);
  dac_->x_code(x_code);

  std::size_t neuron_count = 0;
  for (std::size_t l = 1; l <= layers; ++l) neuron_count += network.width(l);
  sample_hold_ = std::make_unique<SampleHold>(
      "sample_hold", bridge_,
      [this](bool twin) {
        std::vector<analog::Range> ranges;
        for (const auto& bank : twin ? twins_->banks() : banks_) {
          ranges.push_back(bank->bank().lines());
        }
        return ranges;
      },
      config.sample_hold, config.temperature_k, seed);
  if (config.difference_amplifier.any()) {
    const auto& widths = network.config.layers;
    sample_hold_->set_difference_amplifier(std::make_unique<DifferenceAmplifier>(
        config, std::vector<std::size_t>(widths.begin() + 1, widths.end()), voltage_scale_v_,
        seed));
  }
  sample_hold_->sh_en(sh_en);
  sample_hold_->on_tracking([this](std::size_t bank) {
    // A window of adaptation is not meant to settle: what it is opened on is.
    if (!adaptation_ || !adaptation_->open()) measure_residual(bank);
  });
  if (config.adaptation.circuit != AdaptationCircuit::none) add_adaptation(seed);

  const double clock_ticks = config.clock_s * 1e12;
  const double convert = std::max(0.0, answer_cycles(config) - 0.5);
  adc_ = std::make_unique<Adc>(
      "adc", bridge_, *sample_hold_,
      SignedScale{adc_full_scale(config, voltage_scale_v_),
                  config.adc.bits == 0 ? 32 : config.adc.bits},
      config.adc, neuron_count,
      ChannelErrors(config.adc, config.adc.bits, false,
                    config.adc.channels == 0 ? neuron_count : config.adc.channels, seed,
                    "chip/adc"),
      sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(std::llround(convert * clock_ticks))),
      seed);
  adc_->adc_start(adc_start);
  adc_->adc_bank(adc_bank);
  adc_->adc_group(adc_group);
  adc_->adc_done(adc_done);
  adc_->adc_data(adc_data);

  domain_.elaborate();
  domain_.set_divergence_limit(divergence_limit * voltage_scale_v_);
  slope_.assign(domain_.node_count(), 0.0);
  program(network);
  if (config.update.refresh_every > 0) {
    SC_HAS_PROCESS(AnalogChip);
    SC_METHOD(on_phase);
    sensitive << phase;
    dont_initialize();
  }
}

AnalogChip::~AnalogChip() = default;

analog::DevicePairsConfig AnalogChip::pairs_of(const TileLayout& tile, std::uint64_t seed) const {
  analog::DevicePairsConfig pairs;
  pairs.name = tile.name;
  pairs.rows = tile.rows(shape_);
  pairs.columns = tile.columns(shape_);
  pairs.coding = config_.pair;
  pairs.device = config_.device;
  pairs.stuck_fraction = config_.stuck_fraction;
  pairs.faults = config_.faults;
  pairs.write = config_.write;
  pairs.reset_only = config_.update.reset_only;
  pairs.formed = tile.formed(shape_);
  const BranchKeys& branch = config_.branch;
  pairs.off_s = branch.masked == MaskedCells::off ? branch.off_s : 0.0;
  pairs.off_spread = branch.off_spread;
  pairs.seed = seed;
  return pairs;
}

// Behind the tile's mirror ratio, the last of the list.
analog::CrossbarTileConfig AnalogChip::tile_of(const TileLayout& layout, std::uint64_t seed) const {
  analog::CrossbarTileConfig tile;
  const std::size_t l = layout.shape.to;
  tile.name = layout.name;
  if (layout.shape.from > 0) tile.input_bank = fmt::format("layer{}/neurons", layout.shape.from);
  tile.output_bank = layout.bank;
  tile.bias_line_v = layout.shape.bias ? voltage_scale_v_ : 0.0;
  tile.forward_gain = mirror_.back();
  if (layout.link != TileLayout::none) {
    tile.forward_gain *= shape_.links[layout.link].gain;
    if (layout.back != TileLayout::none) {
      tile.backward_gain = mirror_.back() * shape_.links[layout.back].gain;
    }
  } else if (layout.shape.branches == 0) {
    // The bias has no gain in front of it: its line stands lower instead.
    tile.bias_line_v /= forward_gain(shape_, l);
    tile.forward_gain *= forward_gain(shape_, l);
    tile.backward_gain = l > 1 ? mirror_.back() * shape_.config.feedback_gain[l - 2] : 0.0;
  }
  tile.slots = config_.feedback == FeedbackArray::shared_slots;
  tile.forward_share = config_.forward_share;
  tile.read_noise = config_.noise.read;
  tile.thermal_k = config_.noise.thermal ? config_.temperature_k : 0.0;
  tile.shot = config_.noise.shot;
  tile.nonlinear_v = config_.device.nonlinear_v;
  tile.noise_correlation_s = config_.noise.correlation_time_s;
  tile.noise_grid_s = config_.noise.grid_s;
  tile.seed = seed;
  return tile;
}

void AnalogChip::add_tile(std::size_t number, std::uint64_t seed) {
  const TileLayout& layout = layout_[number - 1];
  const analog::DevicePairsConfig pairs = pairs_of(layout, seed);
  const double range_s = analog::DevicePairs::nominal_range_s(pairs);
  mirror_.push_back(mirror_ratio(config_, layout.weight_layer, range_s));
  analog::CrossbarTileConfig tile = tile_of(layout, seed);
  const bool back = tile.backward_gain > 0.0;
  const bool second = back && config_.feedback == FeedbackArray::separate_array;
  analog::DevicePairsConfig feedback = pairs;
  feedback.name = second ? layout.name + "/feedback" : std::string();
  // A second array is read backwards, and the first then forwards only, but for signs asleep.
  CrossbarTileModule::Effects effects;
  effects.forward = tile_effects(config_, {true, (back && !second) || config_.sleep.used});
  effects.feedback = tile_effects(config_, {false, true});
  effects.cell_grid = static_cast<analog::Ticks>(std::llround(config_.noise.cell_grid_s * 1e12));
  tiles_.push_back(std::make_unique<CrossbarTileModule>(
      layout.name.c_str(), bridge_, tile, pairs, feedback, !shape_.feedback.empty(),
      static_cast<unsigned>(number - 1), effects));
  auto& module = *tiles_.back();
  module.clk(clk);
  module.row_en(row_en);
  module.fwd_bwd(fwd_bwd_);
  module.phase(phase);
  module.upd_en(upd_en);
  module.upd_pol(upd_pol);
  module.row_pulse(row_pulse[number - 1]);
  module.col_pulse(col_pulse[number - 1]);
  if (cell_converter_) cell_converter_->add_tile(module.pairs(), range_s);
  if (!twins_) return;
  tile.name += "/twin";
  if (layout.shape.from > 0) tile.input_bank = fmt::format("layer{}/twins", layout.shape.from);
  tile.output_bank = fmt::format("layer{}/twins", layout.shape.to);
  twins_->add_tile(std::make_unique<TwinTileModule>(("twin_" + layout.name).c_str(), bridge_, tile,
                                                    module.line_cells(),
                                                    module.feedback_line_cells()));
  auto& twin = *twins_->tiles().back();
  twin.row_en(row_en);
  twin.fwd_bwd(fwd_bwd_);
  twin.phase(phase);
}

void AnalogChip::plant_line_gain(std::size_t l, std::size_t neuron, double gain) {
  banks_[l - 1]->bank().set_line_gain(neuron, gain);
  domain_.source_changed();
}

double AnalogChip::weight_step(std::size_t l) const {
  const CrossbarTileModule& module = tile(l);
  return module.pairs().nominal_step_s() * mirror(l) / config_.neuron.leak_s;
}

void AnalogChip::set_target(Span<const double> target) {
  const auto& dac = config_.nudge_dac;
  std::vector<double> volts(target.begin(), target.end());
  for (double& v : volts) v *= voltage_scale_v_;
  if (dac.bits != 0) {
    const SignedScale scale{dac.range * voltage_scale_v_, dac.bits};
    for (std::size_t i = 0; i < volts.size(); ++i) {
      std::uint64_t cut = 0;
      const double shown = scale.to_volts(scale.to_code(volts[i], cut));
      // The positive full scale of two's complement is one step short of the range.
      nudge_clipped_ += std::abs(volts[i] - shown) > 1.001 * scale.lsb_v();
      volts[i] = nudge_errors_.apply(i, shown, scale.to_code(volts[i], cut), scale.lsb_v());
      if (dac.noise_v > 0.0) volts[i] += dac.noise_v * nudge_noise_.normal(i, sample_);
    }
    nudge_conversions_ += volts.size();
  }
  banks_.back()->bank().set_target(volts);
  if (twins_) twins_->banks().back()->bank().set_target(volts);
}

void AnalogChip::set_ideal_input(Span<const double> x) {
  std::vector<double> volts(x.begin(), x.end());
  for (double& v : volts) v *= voltage_scale_v_;
  dac_->set_ideal_input(volts);
}

// The rising edge of x_dac_load: the analog side's sample starts here.
void AnalogChip::begin_sample(Span<const double> row_v) {
  sample_hold_->width();
  for (auto& tile_module : tiles_) tile_module->begin_sample(sample_);
  sample_hold_->begin_sample(sample_);
  set_input_loads();
  if (twins_) {
    const bool swapped = twins_->swapped(sample_);
    for (auto& bank : banks_) bank->set_stays_free(!swapped);
    for (auto& bank : twins_->banks()) bank->set_stays_free(swapped);
    for (auto& tile_module : twins_->tiles()) tile_module->begin_sample(sample_);
    // Bank 0 takes the free copy, the others the nudged one.
    for (std::size_t k = 0; k < sample_banks; ++k) sample_hold_->set_twin(k, (k > 0) != swapped);
  }
  if (adaptation_) adaptation_->begin_sample(sample_, config_.neuron.reset);
  adc_->begin_sample(sample_);
  bridge_.begin_sample();
  if (config_.neuron.reset) {
    for (auto& bank : banks_) bank->precharge();
    for (auto& bank : branches_) bank->precharge();
    if (twins_) {
      for (auto& bank : twins_->banks()) bank->precharge();
    }
  }
  set_rows(row_v);
}

void AnalogChip::measure_residual(std::size_t bank) {
  // Read noise and slots keep the membranes moving for ever; settled is what relaxation has left.
  const auto set_mean_currents = [this](bool mean) {
    for (auto& tile_module : tiles_) tile_module->tile().set_mean_currents(mean);
    if (!twins_) return;
    for (auto& tile_module : twins_->tiles()) tile_module->tile().set_mean_currents(mean);
  };
  set_mean_currents(true);
  domain_.slopes({slope_.data(), slope_.size()});
  set_mean_currents(false);
  double largest = 0.0;
  const std::size_t copies = twins_ ? 2 : 1;
  for (std::size_t k = 0; k < copies * banks_.size(); ++k) {
    const std::size_t l = k % banks_.size();
    const auto& b = (k < banks_.size() ? banks_[l] : twins_->banks()[l])->bank();
    for (std::size_t i = 0; i < b.size(); ++i) {
      const double tau = b.config().capacitance_f[i] / b.total_leak_s()[i];
      largest = std::max(largest, std::abs(tau * slope_[b.nodes().first + i]));
    }
  }
  largest = std::max(largest, branch_residual()) / voltage_scale_v_;
  auto& s = settling_[bank];
  ++s.phases;
  s.unsettled += largest > config_.settle_tolerance;
  s.sum += largest;
  s.worst = std::max(s.worst, largest);
  last_residual_[bank] = largest;
}

}  // namespace memprop::hw
