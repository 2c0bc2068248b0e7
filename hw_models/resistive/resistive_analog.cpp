#include "hw_models/resistive/resistive_analog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/fabrication.hpp"
#include "hw_models/resistive/resistive_setup.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

constexpr double divergence_limit = 1e4;  // in units of V_s and of the input gain
constexpr double boltzmann_per_charge = 1.380649e-23 / 1.602176634e-19;  // [V/K]

std::vector<double> gains(std::size_t n, double gain, double mismatch, std::uint64_t seed,
                          const std::string& stream) {
  const RandomStream draw(seed, stream);
  std::vector<double> list(n, gain);
  for (std::size_t i = 0; i < n && mismatch > 0.0; ++i) list[i] *= 1.0 + mismatch * draw.normal(i);
  return list;
}

}  // namespace

ResistiveAnalog::ResistiveAnalog(sc_core::sc_module_name module_name, const ChipConfig& config,
                                 const learning::Network& network, double beta, std::uint64_t seed)
    : sc_module(module_name),
      row_pulse("row_pulse", network.layer_count()),
      col_pulse("col_pulse", network.layer_count()),
      config_(config),
      shape_(network),
      unit_s_(conductance_unit_s(config)),
      nudge_s_(beta * unit_s_ * (1.0 + config.nudge.strength_error)),
      domain_(config.solver),
      bridge_(domain_),
      slots_(network.layer_count(), 0),
      nudge_offset_v_(fabricate_offsets(network.width(network.layer_count()),
                                        config.nudge_dac.offset_v, seed, "chip/nudge-dac/offset")),
      nudge_noise_(seed, "chip/nudge-dac/noise") {
  check_resistive_chip(config, network.config);
  build_layers(network, seed);
  build_converters(seed);
  domain_.elaborate();
  domain_.set_divergence_limit(divergence_limit * config.voltage_scale_v *
                               std::max(1.0, network.config.resistive.input_gain));
  slope_.assign(domain_.node_count(), 0.0);
  program(network, seed);
  SC_HAS_PROCESS(ResistiveAnalog);
  SC_METHOD(on_control);
  sensitive << row_en << nudge_en << nudge_sign << phase;
  dont_initialize();
  SC_METHOD(on_pulse);
  sensitive << clk.pos();
  dont_initialize();
}

ResistiveAnalog::~ResistiveAnalog() = default;

void ResistiveAnalog::build_layers(const learning::Network& network, std::uint64_t seed) {
  const double scale_v = config_.voltage_scale_v;
  const ResistiveKeys& keys = config_.resistive;
  const std::size_t layers = network.layer_count();
  std::vector<double> back;
  for (std::size_t l = 1; l <= layers; ++l) {
    const std::size_t nodes = network.weight[l - 1].rows();
    const bool hidden = l < layers;
    analog::ResistiveBankConfig bank;
    bank.name = fmt::format("layer{}/nodes", l);
    const RandomStream mismatch(seed, fmt::format("chip/layer{}/capacitor", l));
    for (std::size_t i = 0; i < nodes; ++i) {
      const double off =
          config_.neuron.capacitor_mismatch > 0.0
              ? std::max(0.1, 1.0 + config_.neuron.capacitor_mismatch * mismatch.normal(i))
              : 1.0;
      bank.capacitance_f.push_back(keys.capacitance_f * off * network.tau_s[l - 1][i] /
                                   network.config.time_constant.mean_s);
      const auto bounds = learning::node_bounds(network.config, l, i);
      bank.low_v.push_back(bounds.low * scale_v);
      bank.high_v.push_back(bounds.high * scale_v);
    }
    bank.diode.law = analog::DiodeLaw::none;
    if (hidden && network.config.resistive.element != learning::NodeElement::none) {
      bank.diode.law =
          keys.diode == DiodeModel::ideal ? analog::DiodeLaw::ideal : analog::DiodeLaw::exponential;
    }
    bank.diode.saturation_a = keys.diode_saturation_a;
    bank.diode.slope_v = keys.diode_emission * boltzmann_per_charge * config_.temperature_k;
    // Leaves a clamp about as fast as the arrays would let it.
    bank.diode_on_s = std::sqrt(static_cast<double>(network.weight[l - 1].cols())) * unit_s_;
    const double gain = learning::amplifier_gain(network.config, l);
    if (hidden) {
      bank.gain = gains(nodes, gain, keys.forward_mismatch, seed,
                        fmt::format("chip/layer{}/amplifier/forward", l));
    }
    bank.pairs = !hidden && network.config.resistive.output_pairs;
    banks_.push_back(std::make_unique<analog::ResistiveBank>(std::move(bank)));
    domain_.add(*banks_.back());

    analog::ResistiveTileConfig tile;
    tile.name = fmt::format("tile{}", l);
    tile.above = fmt::format("layer{}/nodes", l);
    tile.rows = nodes;
    tile.columns = network.weight[l - 1].cols();
    if (l > 1) {
      tile.below = fmt::format("layer{}/nodes", l - 1);
      tile.back_gain = back;
    }
    devices_.push_back(std::make_unique<analog::PulseDeviceArray>(
        config_.device, tile.rows * tile.columns, seed, "chip/" + tile.name));
    cells_.reserve(std::max(cells_.capacity(), tile.rows * tile.columns));
    tiles_.push_back(
        std::make_unique<analog::ResistiveTile>(std::move(tile), devices_.back()->conductance()));
    domain_.add(*tiles_.back());
    back = gains(nodes, 1.0 / gain, keys.backward_mismatch, seed,
                 fmt::format("chip/layer{}/amplifier/backward", l));
  }
}

void ResistiveAnalog::build_converters(std::uint64_t seed) {
  const std::size_t channels = tiles_.front()->config().columns;
  const unsigned dac_bits = config_.dac.bits == 0 ? 16 : config_.dac.bits;
  source_v_.assign(channels, 0.0);
  dac_ = std::make_unique<InputDac>(
      "dac", bridge_,
      UnsignedScale{config_.dac.range * config_.voltage_scale_v,
                    static_cast<std::uint32_t>((std::uint64_t{1} << dac_bits) - 1)},
      config_.dac, ChannelErrors(config_.dac, config_.dac.bits, true, channels, seed, "chip/dac"),
      seed, [this](Span<const double> channel_v) { begin_sample(channel_v); });
  dac_->x_dac_load(x_dac_load);
  dac_->x_code(x_code);
  sample_hold_ = std::make_unique<SampleHold>(
      "sample_hold", bridge_,
      [this](bool /*twin*/) {
        std::vector<analog::Range> ranges;
        for (const auto& bank : banks_) ranges.push_back(bank->lines());
        return ranges;
      },
      config_.sample_hold, config_.temperature_k, seed);
  sample_hold_->sh_en(sh_en);
  sample_hold_->on_tracking([this](std::size_t bank) { measure_residual(bank); });
  std::size_t nodes = 0;
  for (const auto& bank : banks_) nodes += bank->size();
  const double convert = std::max(0.0, static_cast<double>(config_.schedule.convert) - 1.5);
  adc_ = std::make_unique<Adc>(
      "adc", bridge_, *sample_hold_,
      SignedScale{config_.adc.range * config_.voltage_scale_v,
                  config_.adc.bits == 0 ? 32 : config_.adc.bits},
      config_.adc, nodes,
      ChannelErrors(config_.adc, config_.adc.bits, false, nodes, seed, "chip/adc"),
      sc_core::sc_time::from_value(
          static_cast<sc_dt::uint64>(std::llround(convert * config_.clock_s * 1e12))),
      seed);
  adc_->adc_start(adc_start);
  adc_->adc_bank(adc_bank);
  adc_->adc_done(adc_done);
  adc_->adc_data(adc_data);
}

void ResistiveAnalog::program(const learning::Network& network, std::uint64_t seed) {
  for (std::size_t l = 1; l <= layer_count(); ++l) {
    analog::PulseDeviceArray& array = *devices_[l - 1];
    if (config_.stuck_fraction > 0.0) {
      const RandomStream stuck(seed, fmt::format("chip/tile{}/stuck", l));
      const double window = config_.device.g_max_s - config_.device.g_min_s;
      for (std::size_t cell = 0; cell < array.size(); ++cell) {
        if (stuck.uniform(cell, 0) >= config_.stuck_fraction) continue;
        array.stick(cell, config_.device.g_min_s + window * stuck.uniform(cell, 1));
        ++stuck_cells_;
      }
    }
    std::vector<double> target = network.weight[l - 1].values();
    for (double& g : target) g *= unit_s_;
    programming_clipped_ += array.set_conductance(target);
    tiles_[l - 1]->refresh();
  }
}

learning::Network ResistiveAnalog::present_network() const {
  learning::Network network = shape_;
  for (std::size_t l = 1; l <= layer_count(); ++l) {
    const auto present = devices_[l - 1]->conductances();
    auto& g = network.weight[l - 1].values();
    for (std::size_t k = 0; k < g.size(); ++k) g[k] = present[k] / unit_s_;
  }
  return network;
}

std::size_t ResistiveAnalog::write_ideal(const std::vector<Matrix>& change) {
  std::size_t clipped = 0;
  for (std::size_t l = 1; l <= layer_count(); ++l) {
    const auto present = devices_[l - 1]->conductances();
    std::vector<double> target(present.begin(), present.end());
    for (std::size_t k = 0; k < target.size(); ++k) {
      target[k] += change[l - 1].values()[k] * unit_s_;
    }
    clipped += devices_[l - 1]->set_conductance(target);
  }
  return clipped;
}

double ResistiveAnalog::conductance_step() const {
  return devices_.front()->nominal_step_s() / unit_s_;
}

void ResistiveAnalog::set_sample_number(std::uint64_t sample) {
  sample_ = sample;
  dac_->begin_sample(sample);  // it converts before the rest of the chip begins the sample
}

void ResistiveAnalog::set_target(Span<const double> target) {
  const auto& dac = config_.nudge_dac;
  std::vector<double> volts(target.begin(), target.end());
  for (double& v : volts) v *= config_.voltage_scale_v;
  if (dac.bits != 0) {
    const SignedScale scale{dac.range * config_.voltage_scale_v, dac.bits};
    for (std::size_t i = 0; i < volts.size(); ++i) {
      std::uint64_t cut = 0;
      const double shown = scale.to_volts(scale.to_code(volts[i], cut));
      nudge_clipped_ += std::abs(volts[i] - shown) > 1.001 * scale.lsb_v();
      volts[i] = shown + nudge_offset_v_[i];
      if (dac.noise_v > 0.0) volts[i] += dac.noise_v * nudge_noise_.normal(i, sample_);
    }
    nudge_conversions_ += volts.size();
  }
  banks_.back()->set_target(volts);
}

void ResistiveAnalog::set_ideal_input(Span<const double> x) {
  std::vector<double> volts(source_v_.size());
  const std::size_t half = volts.size() / 2;
  for (std::size_t j = 0; j < half; ++j) {
    volts[j] = volts[half + j] = x[j] * config_.voltage_scale_v;
  }
  dac_->set_ideal_input(volts);
}

// The rising edge of x_dac_load: the analog side's sample starts here.
void ResistiveAnalog::begin_sample(Span<const double> channel_v) {
  sample_hold_->width();
  sample_hold_->begin_sample(sample_);
  adc_->begin_sample(sample_);
  bridge_.begin_sample();
  booked_ = 0;
  if (config_.neuron.reset) {
    for (auto& bank : banks_) domain_.set_nodes(bank->nodes(), 0.0);
  }
  const double gain = shape_.config.resistive.input_gain;
  const std::size_t half = source_v_.size() / 2;
  for (std::size_t j = 0; j < source_v_.size(); ++j) {
    source_v_[j] = (j < half ? gain : -gain) * channel_v[j];
  }
  tiles_.front()->set_sources(source_v_);
  for (std::size_t l = 2; l <= layer_count(); ++l) tiles_[l - 1]->refresh();
}

void ResistiveAnalog::book_energy() {
  const analog::Ticks now = bridge_.now();
  if (driven_ && now > booked_) {
    const double* lines = domain_.line_voltages().data();
    double power = 0.0;
    for (const auto& tile : tiles_) power += tile->power(lines);
    array_energy_j_ += power * static_cast<double>(now - booked_) * analog::seconds_per_tick;
  }
  booked_ = now;
}

void ResistiveAnalog::on_control() {
  bridge_.guard([this] {
    const bool driven = row_en.read();
    double nudge = nudge_en.read() ? nudge_s_ : 0.0;
    if (nudge_sign.read()) nudge *= -(1.0 + config_.nudge.sign_mismatch);
    if (!driven_ && !driven && nudge == nudge_now_s_) return;
    bridge_.advance();
    book_energy();
    if (driven == driven_ && nudge == nudge_now_s_) return;
    for (auto& bank : banks_) bank->set_held(!driven);
    for (auto& tile : tiles_) tile->set_driven(driven);
    banks_.back()->set_nudge(nudge);
    driven_ = driven;
    nudge_now_s_ = nudge;
    domain_.source_changed();
  });
}

// Pulses are registered: those that stand on the lines at a rising edge are applied there.
void ResistiveAnalog::on_pulse() {
  if (!upd_en.read()) return;
  bridge_.guard([this] {
    for (std::size_t t = 0; t < tiles_.size(); ++t) {
      columns_on_.clear();
      col_pulse[t].read().for_each(
          [this](std::size_t i) { columns_on_.push_back(static_cast<std::uint32_t>(i)); });
      if (columns_on_.empty()) continue;
      cells_.clear();
      const auto lines = static_cast<std::uint32_t>(tiles_[t]->config().columns);
      row_pulse[t].read().for_each([this, lines](std::size_t j) {
        for (const std::uint32_t i : columns_on_) {
          cells_.push_back(i * lines + static_cast<std::uint32_t>(j));
        }
      });
      if (cells_.empty()) continue;
      devices_[t]->pulse(cells_, ((upd_pol.read() >> t) & 1U) != 0, slots_[t]++);
    }
  });
}

void ResistiveAnalog::measure_residual(std::size_t bank) {
  domain_.slopes({slope_.data(), slope_.size()});
  double largest = 0.0;
  for (std::size_t l = 1; l <= layer_count(); ++l) {
    const analog::ResistiveBank& b = *banks_[l - 1];
    for (std::size_t i = 0; i < b.size(); ++i) {
      double held = tiles_[l - 1]->row_sum(i);
      if (l < layer_count()) held += tiles_[l]->column_sum(i);
      const double current = b.config().capacitance_f[i] * slope_[b.nodes().first + i];
      if (held > 0.0) largest = std::max(largest, std::abs(current) / held);
    }
  }
  largest /= config_.voltage_scale_v;
  Settling& s = settling_[bank];
  ++s.phases;
  s.unsettled += largest > config_.settle_tolerance;
  s.sum += largest;
  s.worst = std::max(s.worst, largest);
}

void ResistiveAnalog::save(std::vector<double>& values,
                           std::vector<std::uint64_t>& counters) const {
  for (std::size_t t = 0; t < devices_.size(); ++t) {
    const auto state = devices_[t]->save();
    counters.push_back(state.size());
    values.insert(values.end(), state.begin(), state.end());
    counters.push_back(slots_[t]);
  }
  values.push_back(array_energy_j_);
  const auto nodes = domain_.save_state();
  values.insert(values.end(), nodes.begin(), nodes.end());
  for (const auto& s : settling_) {
    counters.insert(counters.end(), {s.phases, s.unsettled});
    values.insert(values.end(), {s.sum, s.worst});
  }
  counters.insert(counters.end(), {adc_->conversions(), adc_->clipped(), dac_->conversions(),
                                   sample_, nudge_conversions_, nudge_clipped_});
}

void ResistiveAnalog::restore(Span<const double> values, Span<const std::uint64_t> counters) {
  std::size_t v = 0, c = 0;
  const auto need = [](bool ok) {
    if (!ok) throw InternalError("checkpoint does not fit the chip");
  };
  for (std::size_t t = 0; t < devices_.size(); ++t) {
    need(c + 1 < counters.size() && v + counters[c] <= values.size());
    devices_[t]->restore(values.subspan(v, counters[c]));
    v += counters[c++];
    slots_[t] = counters[c++];
  }
  need(v + 1 + domain_.node_count() + 2 * sample_banks == values.size() &&
       c + 2 * sample_banks + 6 == counters.size());
  array_energy_j_ = values[v++];
  domain_.restore_state(values.subspan(v, domain_.node_count()));
  v += domain_.node_count();
  for (auto& s : settling_) {
    s.phases = counters[c++];
    s.unsettled = counters[c++];
    s.sum = values[v++];
    s.worst = values[v++];
  }
  adc_->restore(counters[c], counters[c + 1]);
  dac_->restore(counters[c + 2]);
  sample_ = counters[c + 3];
  nudge_conversions_ = counters[c + 4];
  nudge_clipped_ = counters[c + 5];
}

}  // namespace memprop::hw
