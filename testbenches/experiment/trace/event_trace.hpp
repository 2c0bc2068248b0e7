// /events/log: what went past a limit, block by block.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "traces/trace_file.hpp"

namespace memprop::bench {

enum class EventKind : std::uint8_t {
  unsettled_free,
  unsettled_positive,
  unsettled_negative,
  saturated_pulses,
  clipped_counts,
  clipped_conversions,
  clipped_inputs,
  clipped_targets,
  clipped_weights
};
extern const std::vector<std::string> event_kinds;  // their names, in that order

// How often it has happened since the start.
struct EventCount {
  EventKind kind = EventKind::unsettled_free;
  std::uint64_t layer = 0;  // 0: the chip as a whole
  std::uint64_t count = 0;
};

// Of a chip; always the same kinds and layers in the same order.
std::vector<EventCount> count_events(const hw::ChipRunner& runner, std::uint64_t clipped_writes);

class EventTrace {
 public:
  explicit EventTrace(traces::TraceFile& file);

  // At the end of a block: one row for each kind and layer that has grown since the last.
  void block(std::uint64_t samples_done, const std::vector<EventCount>& totals);

  // For checkpoints: the totals at the last block.
  const std::vector<std::uint64_t>& save() const { return before_; }
  void restore(const std::vector<std::uint64_t>& before) { before_ = before; }

 private:
  traces::Series sample_, kind_, layer_, count_;
  std::vector<std::uint64_t> before_;
};

}  // namespace memprop::bench
