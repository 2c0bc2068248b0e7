// Saving and restoring a register file.
#include <string>
#include <type_traits>

#include "digital/register_file.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

constexpr std::uint64_t state_version = 0x6d70726567730003ULL;  // "mpregs", version 3

}  // namespace

// Everything of fixed size, in the order of the saved state.
template <class File, class Visit>
void RegisterFile::visit_words(File& file, Visit visit) {
  visit(file.control_);
  visit(file.error_);
  visit(file.config_rule_);
  visit(file.irq_enable_);
  visit(file.irq_status_);
  visit(file.kept_high_);
  visit(file.accumulator_cell_);
  visit(file.samples_);
  visit(file.active_bank_);
  visit(file.active_training_);
  visit(file.reset_due_);
  visit(file.check_due_);
  visit(file.config_changed_);
  visit(file.seeds_due_);
  visit(file.config_.mode);
  visit(file.config_.seed);
  visit(file.config_.max_pulses);
  visit(file.config_.stream_length);
  visit(file.config_.average);
  for (auto& row : file.config_.table) {
    visit(row.drive);
    visit(row.cycles);
    visit(row.next);
  }
  for (auto& tile : file.config_.tile) {
    visit(tile.rate);
    visit(tile.row_rate);
    visit(tile.col_rate);
    visit(tile.row_threshold);
    visit(tile.col_threshold);
    visit(tile.bias_code);
    visit(tile.accumulate);
  }
  for (auto& bank : file.input_) {
    for (auto& code : bank) visit(code);
  }
  for (auto& bank : file.target_) {
    for (auto& code : bank) visit(code);
  }
}

std::vector<std::uint64_t> RegisterFile::save() const {
  if (busy() || resetting() || outputs().done || (config_changed_ && !seeds_due_)) {
    throw InternalError(
        "register file: state can only be saved while idle, and after a start or a reset has "
        "followed the last change of the configuration");
  }
  std::vector<std::uint64_t> state{state_version};
  visit_words(*this,
              [&](const auto& value) { state.push_back(static_cast<std::uint64_t>(value)); });
  for (std::size_t bank = 0; bank < 3; ++bank) {
    for (std::size_t k = 0; k < neurons_of(build_); ++k) {
      state.push_back(static_cast<std::uint64_t>(latched(bank, k)));
    }
  }
  if (!seeds_due_) {
    const auto controller = controller_->save();
    state.insert(state.end(), controller.begin(), controller.end());
  }
  return state;
}

void RegisterFile::restore(Span<const std::uint64_t> state) {
  if (busy() || resetting()) {
    throw InternalError("register file: state can only be restored while idle");
  }
  const std::size_t neurons = neurons_of(build_);
  std::size_t words = 1 + 3 * neurons;
  visit_words(*this, [&](const auto&) { ++words; });
  if (state.size() < words || state[0] != state_version) {
    throw UserError("register file: expected a saved state of at least " + std::to_string(words) +
                    " words, found one of " + std::to_string(state.size()) +
                    " words from another chip or version");
  }
  std::size_t at = 1;
  visit_words(*this, [&](auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(state[at++]);
  });
  if (!seeds_due_) {
    auto controller = std::make_unique<Controller>(controller_config());
    controller->restore(state.subspan(words, state.size() - words));
    controller_ = std::move(controller);
  }
  for (std::size_t bank = 0; bank < 3; ++bank) {
    std::vector<std::int32_t> codes;
    const std::size_t first = words - (3 - bank) * neurons;
    for (std::size_t k = 0; k < neurons; ++k) {
      codes.push_back(static_cast<std::int32_t>(state[first + k]));
    }
    controller_->set_latched(bank, codes);
  }
}

}  // namespace memprop::digital
