#include "testbenches/experiment/trace/device_trace.hpp"

#include <fmt/format.h>

#include "testbenches/experiment/trace/series_info.hpp"

namespace memprop::bench {
namespace {

using traces::ElementType;

struct Bounds {
  std::uint64_t programmable = 0, at_bound = 0;
};

void count_bounds(const analog::PulseDeviceArray* devices, Bounds& bounds) {
  if (devices == nullptr) return;
  const auto g = devices->conductances();
  for (std::size_t cell = 0; cell < g.size(); ++cell) {
    if (devices->stuck(cell)) continue;
    ++bounds.programmable;
    bounds.at_bound += g[cell] <= devices->low_s(cell) || g[cell] >= devices->high_s(cell);
  }
}

}  // namespace

DeviceTrace::DeviceTrace(traces::TraceFile& file, const hw::ChipRunner& runner) : runner_(runner) {
  sample_ = file.row_axis("devices/sample",
                          values(ElementType::int64, "1", "training samples done at the snapshot"));
  const auto& analog = runner.chip().analog();
  for (std::size_t l = 1; l <= analog.tile_count(); ++l) {
    const auto& pairs = analog.tile(l).pairs();
    const std::string group = "devices/" + analog.layout(l).name;
    const auto conductance = [&](const char* name, const char* text) {
      auto info = arrays(ElementType::float64, {pairs.columns(), pairs.rows()}, "S", text,
                         {"sample", "column", "row"});
      info.rows_per_chunk = snapshots_per_chunk;
      return file.series(group + name, info);
    };
    Tile tile;
    tile.plus = conductance("/conductance_plus", "G+ of every pair");
    if (pairs.minus() != nullptr) {
      tile.minus = conductance("/conductance_minus", "G- of every pair");
    } else {
      file.set_attribute(group, "reference_s", pairs.reference_s());
    }
    tile.at_bound =
        file.series(group + "/at_bound", values(ElementType::float64, "1",
                                                "share of the devices at a bound of their window, "
                                                "stuck ones aside",
                                                "sample"));
    tile.pulses = file.series(group + "/pulses_per_device",
                              values(ElementType::float64, "1",
                                     "programming pulses so far, mean over the devices", "sample"));
    tiles_.push_back(tile);
  }
}

void DeviceTrace::snapshot(std::uint64_t samples_done) {
  sample_.append_value(static_cast<std::int64_t>(samples_done));
  for (std::size_t l = 1; l <= tiles_.size(); ++l) {
    const auto& pairs = runner_.chip().analog().tile(l).pairs();
    Tile& tile = tiles_[l - 1];
    tile.plus.append(pairs.plus().conductance());
    if (tile.minus) tile.minus.append(pairs.minus()->conductance());
    Bounds bounds;
    count_bounds(&pairs.plus(), bounds);
    count_bounds(pairs.minus(), bounds);
    tile.at_bound.append_value(bounds.programmable == 0
                                   ? 0.0
                                   : static_cast<double>(bounds.at_bound) /
                                         static_cast<double>(bounds.programmable));
    const auto c = pairs.counters();
    std::size_t cells = 0;
    for (std::size_t cell = 0; cell < pairs.plus().size(); ++cell) cells += pairs.formed(cell);
    const std::size_t devices = cells * (pairs.minus() != nullptr ? 2 : 1);
    tile.pulses.append_value(static_cast<double>(c.set_pulses + c.reset_pulses) /
                             static_cast<double>(devices));
  }
}

}  // namespace memprop::bench
