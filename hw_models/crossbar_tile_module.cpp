#include "hw_models/crossbar_tile_module.hpp"

#include "digital/phase_table.hpp"

namespace memprop::hw {
namespace {

std::unique_ptr<analog::EffectivePairs> effective(const analog::EffectivePairsConfig& config,
                                                  analog::DevicePairs* pairs,
                                                  const analog::DevicePairsConfig& of) {
  if (pairs == nullptr || !config.any()) return nullptr;
  return std::make_unique<analog::EffectivePairs>(config, *pairs, of.name, of.seed);
}

const analog::LineCells* seen(const analog::EffectivePairs* cells,
                              const analog::DevicePairs* pairs) {
  if (cells != nullptr) return cells;
  return pairs;
}

}  // namespace

CrossbarTileModule::CrossbarTileModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                                       analog::CrossbarTileConfig config,
                                       const analog::DevicePairsConfig& pairs,
                                       const analog::DevicePairsConfig& feedback,
                                       bool feedback_fixed, unsigned tile_index,
                                       const Effects& effects)
    : sc_module(module_name),
      bridge_(bridge),
      pairs_(pairs),
      feedback_(feedback.name.empty() ? nullptr : std::make_unique<analog::DevicePairs>(feedback)),
      feedback_fixed_(feedback_fixed),
      cells_(effective(effects.forward, &pairs_, pairs)),
      feedback_cells_(effective(effects.feedback, feedback_.get(), feedback)),
      tile_(std::make_unique<analog::CrossbarTile>(std::move(config), *seen(cells_.get(), &pairs_),
                                                   seen(feedback_cells_.get(), feedback_.get()))),
      tile_index_(tile_index) {
  bridge_.domain().add(*tile_);
  if (cells_ && cells_->moves_in_time()) {
    cell_clock_ = std::make_unique<analog::CellClock>(tile_->name() + "/cells", *tile_, all_cells(),
                                                      effects.cell_grid);
    bridge_.domain().add(*cell_clock_);
  }
  pulsed_.reserve(pairs.rows * pairs.columns);
  columns_on_.reserve(pairs.columns);
  SC_HAS_PROCESS(CrossbarTileModule);
  SC_METHOD(on_control);
  sensitive << row_en << fwd_bwd << phase;
  dont_initialize();
  SC_METHOD(on_pulse);
  sensitive << clk.pos();  // cheaper than dynamic sensitivity, even in cycles without a pulse
  dont_initialize();
}

const analog::LineCells& CrossbarTileModule::line_cells() const {
  return *seen(cells_.get(), &pairs_);
}

const analog::LineCells* CrossbarTileModule::feedback_line_cells() const {
  return seen(feedback_cells_.get(), feedback_.get());
}

std::vector<analog::EffectivePairs*> CrossbarTileModule::all_cells() const {
  std::vector<analog::EffectivePairs*> all;
  if (cells_) all.push_back(cells_.get());
  if (feedback_cells_) all.push_back(feedback_cells_.get());
  return all;
}

void CrossbarTileModule::begin_sample(std::uint64_t sample) {
  for (auto* cells : all_cells()) cells->begin_sample();
  in_sample_ = true;
  tile_->begin_sample(sample);
  booked_ = 0;
}

// The controller is back at IDLE: the rest of the sample passes for the cells.
void CrossbarTileModule::end_sample() {
  if (!in_sample_) return;
  in_sample_ = false;
  const double seconds = static_cast<double>(bridge_.now()) * analog::seconds_per_tick;
  for (auto* cells : all_cells()) cells->end_sample(seconds);
}

void CrossbarTileModule::before_write() {
  for (auto* cells : all_cells()) cells->settle();
}

void CrossbarTileModule::after_write(bool anew) {
  for (auto* cells : all_cells()) cells->programmed(anew);
}

void CrossbarTileModule::wait(double seconds) {
  for (auto* cells : all_cells()) cells->wait(seconds);
}

std::vector<double> CrossbarTileModule::save_cells() const {
  std::vector<double> state;
  for (const auto* cells : all_cells()) {
    const auto one = cells->save();
    state.push_back(static_cast<double>(one.size()));
    state.insert(state.end(), one.begin(), one.end());
  }
  return state;
}

void CrossbarTileModule::restore_cells(Span<const double> state) {
  std::size_t at = 0;
  in_sample_ = false;
  for (auto* cells : all_cells()) {
    const auto size = static_cast<std::size_t>(state[at]);
    cells->restore(state.subspan(at + 1, size));
    at += 1 + size;
  }
}

void CrossbarTileModule::book_energy() {
  const analog::Ticks now = bridge_.now();
  if (tile_->driven() && now > booked_) {
    array_energy_j_ += tile_->power(bridge_.domain().line_voltages().data()) *
                       static_cast<double>(now - booked_) * analog::seconds_per_tick;
  }
  booked_ = now;
}

void CrossbarTileModule::on_control() {
  bridge_.guard([this] {
    if (phase.event() && phase.read() == static_cast<std::uint32_t>(digital::Phase::idle)) {
      end_sample();
    }
    if (!tile_->driven() && !row_en.read()) return;
    bridge_.advance();
    // Slots are far shorter than a phase: energy is booked per phase, not per slot.
    if (!fwd_bwd.event() || phase.event() || row_en.event()) book_energy();
    if (tile_->driven() == row_en.read() && !fwd_bwd.event()) return;
    if (!tile_->driven() && row_en.read()) {
      tile_->refresh_noise(bridge_.domain().line_voltages().data());
    }
    tile_->set_driven(row_en.read());
    tile_->set_direction(fwd_bwd.read());
    bridge_.domain().source_changed();
  });
}

// Pulses are registered: those that stand on the lines at a rising edge are applied there.
void CrossbarTileModule::on_pulse() {
  if (!upd_en.read()) return;
  bridge_.guard([this] {
    columns_on_.clear();
    col_pulse.read().for_each(
        [this](std::size_t i) { columns_on_.push_back(static_cast<std::uint32_t>(i)); });
    if (columns_on_.empty()) return;
    pulsed_.clear();
    const auto rows = static_cast<std::uint32_t>(pairs_.rows());
    row_pulse.read().for_each([this, rows](std::size_t j) {
      for (const std::uint32_t i : columns_on_) {
        const std::uint32_t cell = i * rows + static_cast<std::uint32_t>(j);
        if (pairs_.formed(cell)) pulsed_.push_back(cell);
      }
    });
    if (pulsed_.empty()) return;
    const bool up = ((upd_pol.read() >> tile_index_) & 1U) != 0;
    pulse(pairs_, cells_.get(), up);
    if (feedback_ && !feedback_fixed_) pulse(*feedback_, feedback_cells_.get(), up);
    ++slots_;
  });
}

void CrossbarTileModule::pulse(analog::DevicePairs& pairs, analog::EffectivePairs* cells, bool up) {
  if (cells == nullptr) return pairs.pulse(pulsed_, up, slots_);
  const double now_s = static_cast<double>(bridge_.now()) * analog::seconds_per_tick;
  cells->pulse(pulsed_, up, slots_, now_s);
}

}  // namespace memprop::hw
