#include "testbenches/experiment/trace/event_trace.hpp"

#include "testbenches/experiment/trace/series_info.hpp"

namespace memprop::bench {

using traces::ElementType;

const std::vector<std::string> event_kinds{
    "unsettled_free",   "unsettled_positive", "unsettled_negative",
    "saturated_pulses", "clipped_counts",     "clipped_conversions",
    "clipped_inputs",   "clipped_targets",    "clipped_weights"};

std::vector<EventCount> count_events(const hw::ChipRunner& runner, std::uint64_t clipped_writes) {
  const auto& chip = runner.chip();
  const auto& analog = chip.analog();
  std::vector<EventCount> events;
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    events.push_back({static_cast<EventKind>(k), 0, analog.settling(k).unsettled});
  }
  for (std::size_t l = 1; l <= analog.tile_count(); ++l) {
    events.push_back({EventKind::saturated_pulses, l, analog.tile(l).pairs().counters().saturated});
  }
  events.push_back({EventKind::clipped_counts, 0, chip.controller().counters().pulse_clipped});
  events.push_back({EventKind::clipped_conversions, 0, analog.adc().clipped()});
  events.push_back({EventKind::clipped_inputs, 0, chip.input_clipped()});
  events.push_back({EventKind::clipped_targets, 0, analog.nudge_clipped()});
  events.push_back({EventKind::clipped_weights, 0, analog.programming_clipped() + clipped_writes});
  return events;
}

EventTrace::EventTrace(traces::TraceFile& file) {
  sample_ = file.row_axis("events/log/sample", values(ElementType::int64, "1",
                                                      "training samples at the end of the block"));
  kind_ = file.series("events/log/kind",
                      values(ElementType::uint8, "1", "what happened: place in `kinds`", "sample"));
  layer_ = file.series("events/log/layer",
                       values(ElementType::int64, "1", "layer or tile; 0: the chip", "sample"));
  count_ = file.series("events/log/count",
                       values(ElementType::int64, "1", "how often in the block", "sample"));
  file.set_attribute("events/log/kind", "kinds", event_kinds);
}

void EventTrace::block(std::uint64_t samples_done, const std::vector<EventCount>& totals) {
  before_.resize(totals.size(), 0);
  for (std::size_t k = 0; k < totals.size(); ++k) {
    const std::uint64_t grown = totals[k].count - before_[k];
    before_[k] = totals[k].count;
    if (grown == 0) continue;
    sample_.append_value(static_cast<std::int64_t>(samples_done));
    kind_.append_value(static_cast<std::uint8_t>(totals[k].kind));
    layer_.append_value(static_cast<std::int64_t>(totals[k].layer));
    count_.append_value(static_cast<std::int64_t>(grown));
  }
}

}  // namespace memprop::bench
