#include "testbenches/experiment/trace/probe_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "testbenches/experiment/trace/probe_time.hpp"
#include "testbenches/experiment/trace/series_info.hpp"

namespace memprop::bench {
namespace {

using traces::ElementType;

bool is_voltage(ProbeKind kind) {
  return kind == ProbeKind::membrane || kind == ProbeKind::activity ||
         kind == ProbeKind::reference || kind == ProbeKind::branch;
}

ElementType type_of(ProbeKind kind, bool single) {
  if (is_voltage(kind)) return single ? ElementType::float32 : ElementType::float64;
  return kind == ProbeKind::word ? ElementType::uint32 : ElementType::uint8;
}

constexpr const char* banks[] = {"free", "positive", "negative"};

// The lines of a tile as one byte each.
void expand(const digital::BitVector* lines, std::uint8_t* out, std::size_t width) {
  std::fill_n(out, width, std::uint8_t{0});
  if (lines == nullptr) return;
  lines->for_each([&](std::size_t k) { out[k] = 1; });
}

}  // namespace

ProbeTrace::ProbeTrace(traces::TraceFile& file, const RunConfig& config,
                       const hw::ChipRunner& runner)
    : file_(file),
      runner_(runner),
      selection_(config.output),
      single_(config.output.precision == ProbePrecision::float32),
      stride_(config.output.stride),
      points_per_cycle_(config.output.points_per_cycle),
      step_ps_(static_cast<std::uint64_t>(std::llround(config.chip.clock_s * 1e12)) /
               points_per_cycle_) {
  const auto present = file.row_counts();
  const bool continued = present.count("probes/time") > 0;
  const auto selected = selected_probes(config);
  const bool wanted = !selected.empty() && config.learning.train &&
                      (!config.output.samples.empty() || config.output.sample_every > 0);
  if (!wanted && !continued) return;
  time_ = file.row_axis("probes/time",
                        values(ElementType::float64, "s", "time since the start of training"));
  sample_ = file.series("probes/sample",
                        values(ElementType::int64, "1", "training sample of the row", "time"));
  cycle_ = file.series(
      "probes/cycle",
      values(ElementType::int64, "1", "clock edge after the one that entered LOAD", "time"));
  for (const auto& probe : selected) declare(probe, true);
  // Series that a resume no longer asks for stay as long as their axis.
  for (const auto& probe : probe_catalogue(config.network, config.seed)) {
    const auto same = [&](const Channel& c) { return c.probe.name == probe.name; };
    if (present.count("probes/" + probe.name) == 0) continue;
    if (std::none_of(channels_.begin(), channels_.end(), same)) declare(probe, false);
  }
  const auto& analog = runner.chip().analog();
  file.set_attribute("probes", "adc_lsb_v", analog.adc().scale().lsb_v());
  file.set_attribute("probes", "voltage_scale_v", analog.voltage_scale_v());
  file.set_attribute("probes", "clock_s", config.chip.clock_s);
  file.set_attribute("probes", "stride", static_cast<std::int64_t>(config.output.stride));
  file.set_attribute("probes", "points_per_cycle", static_cast<std::int64_t>(points_per_cycle_));
  const std::string group = "probes/samples/";
  samples_.sample =
      file.row_axis(group + "sample", values(ElementType::int64, "1", "recorded training sample"));
  samples_.first_row = file.series(
      group + "first_row",
      values(ElementType::int64, "1", "row of probes/time where the sample begins", "sample"));
  samples_.rows =
      file.series(group + "rows", values(ElementType::int64, "1", "rows of the sample", "sample"));
  samples_.stride = file.series(
      group + "stride",
      values(ElementType::int64, "1", "clock cycles between rows of the sample", "sample"));
  samples_.points_per_cycle =
      file.series(group + "points_per_cycle",
                  values(ElementType::int64, "1", "rows of the sample per clock cycle", "sample"));
  samples_.target =
      file.series(group + "target",
                  arrays(ElementType::float64, {config.network.layers.back()}, "1",
                         "target of the output layer, in units of activity", {"sample", "output"}));
  const std::size_t lines = runner.chip().controller().latched(0).size();
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    samples_.codes[k] = file.series(
        group + "codes/" + banks[k],
        arrays(ElementType::int32, {lines}, "1",
               "converter codes latched by the controller, layers 1..L one after another",
               {"sample", "line"}));
    samples_.held[k] =
        file.series(group + "held/" + banks[k],
                    arrays(ElementType::float64, {lines}, "V",
                           "held voltages, layers 1..L one after another", {"sample", "line"}));
  }
}

void ProbeTrace::declare(const Probe& probe, bool selected) {
  const ElementType type = type_of(probe.kind, single_);
  const auto info = probe.width == 0 ? values(type, probe.unit, probe.long_name, "time")
                                     : arrays(type, {probe.width}, probe.unit, probe.long_name,
                                              {"time", probe.axis});
  channels_.push_back({probe, file_.series("probes/" + probe.name, info), selected});
}

void ProbeTrace::append(const RecordedSample& recorded) {
  if (recorded.waves->points() == 0) return;
  points_ = selection_.points((recorded.waves->points() - 1) / points_per_cycle_);
  const std::uint64_t first_row = time_.rows();
  for (const std::uint64_t point : points_) {
    time_.append_value(seconds_of(recorded.begin_ps + point * step_ps_));
    sample_.append_value(static_cast<std::int64_t>(recorded.sample));
    cycle_.append_value(static_cast<std::int64_t>(point / points_per_cycle_));
  }
  const bool activities = std::any_of(channels_.begin(), channels_.end(), [](const Channel& c) {
    return c.selected && c.probe.kind == ProbeKind::activity;
  });
  if (activities) {
    const std::size_t count = recorded.waves->line_count();
    lines_.resize(points_.size() * count);
    for (std::size_t k = 0; k < points_.size(); ++k) {
      recorded.waves->lines(points_[k], lines_.data() + k * count);
    }
  }
  for (auto& channel : channels_) {
    if (!channel.selected) continue;
    if (is_voltage(channel.probe.kind)) {
      append_voltages(channel, recorded);
    } else {
      append_pins(channel, *recorded.pins);
    }
  }
  samples_.sample.append_value(static_cast<std::int64_t>(recorded.sample));
  samples_.first_row.append_value(static_cast<std::int64_t>(first_row));
  samples_.rows.append_value(static_cast<std::int64_t>(points_.size()));
  samples_.stride.append_value(static_cast<std::int64_t>(stride_));
  samples_.points_per_cycle.append_value(static_cast<std::int64_t>(points_per_cycle_));
  append_sample(recorded);
}

void ProbeTrace::append_sample(const RecordedSample& recorded) {
  voltages_.assign(recorded.target.begin(), recorded.target.end());
  samples_.target.append(voltages_.data());
  const auto& chip = runner_.chip();
  for (std::size_t k = 0; k < hw::sample_banks; ++k) {
    samples_.codes[k].append(chip.controller().latched(k).data());
    samples_.held[k].append(chip.analog().sample_hold().held(k).data());
  }
}

void ProbeTrace::append_voltages(Channel& channel, const RecordedSample& recorded) {
  const Probe& probe = channel.probe;
  const std::size_t width = probe.width;
  voltages_.resize(points_.size() * width);
  const double scale_v = runner_.chip().analog().voltage_scale_v();
  for (std::size_t k = 0; k < points_.size(); ++k) {
    double* const out = voltages_.data() + k * width;
    if (probe.kind == ProbeKind::membrane) {
      const auto range = recorded.waves->membranes(probe.index);
      std::copy_n(recorded.waves->nodes(points_[k]).data() + range.first, width, out);
    } else if (probe.kind == ProbeKind::branch) {
      const auto* bank = runner_.chip().analog().branches(probe.index);
      std::copy_n(recorded.waves->nodes(points_[k]).data() + bank->bank().nodes().first, width,
                  out);
    } else if (probe.kind == ProbeKind::activity) {
      const auto range = recorded.waves->activities(probe.index);
      std::copy_n(lines_.data() + k * recorded.waves->line_count() + range.first, width, out);
    } else {
      std::size_t first = 0;
      for (std::size_t l = 1; l < probe.index; ++l) first += recorded.waves->membranes(l).count;
      const double* const state = recorded.reference->row(points_[k]).data() + first;
      for (std::size_t i = 0; i < width; ++i) out[i] = state[i] * scale_v;
    }
  }
  if (!single_) {
    channel.series.append(voltages_.data(), points_.size());
    return;
  }
  single_voltages_.resize(voltages_.size());
  for (std::size_t k = 0; k < voltages_.size(); ++k) {
    single_voltages_[k] = static_cast<float>(voltages_[k]);
  }
  channel.series.append(single_voltages_.data(), points_.size());
}

void ProbeTrace::append_pins(Channel& channel, const PinRecorder& pins) {
  const Probe& probe = channel.probe;
  const std::size_t width = std::max<std::size_t>(probe.width, 1);
  bytes_.resize(points_.size() * width);
  words_.resize(points_.size());
  for (std::size_t k = 0; k < points_.size(); ++k) {
    const std::uint64_t cycle = points_[k] / points_per_cycle_;
    std::uint8_t* const out = bytes_.data() + k * width;
    switch (probe.kind) {
      case ProbeKind::phase:
        *out = pins.pins(cycle).phase;
        break;
      case ProbeKind::flag:
        *out = pins.pins(cycle).flag.at(probe.index);
        break;
      case ProbeKind::word:
        words_[k] = pins.pins(cycle).word.at(probe.index);
        break;
      case ProbeKind::row_pulse:
        expand(pins.rows(probe.index, cycle), out, width);
        break;
      default:
        expand(pins.columns(probe.index, cycle), out, width);
        break;
    }
  }
  if (probe.kind == ProbeKind::word) {
    channel.series.append(words_.data(), points_.size());
  } else {
    channel.series.append(bytes_.data(), points_.size());
  }
}

void ProbeTrace::align(bool resumed) {
  if (!time_) return;
  // A trace of an earlier version has none of these.
  for (traces::Series* series : {&samples_.stride, &samples_.points_per_cycle}) {
    while (series->rows() < samples_.sample.rows()) series->append_value(std::int64_t{0});
  }
  for (auto& channel : channels_) {
    const std::uint64_t have = channel.series.rows(), all = time_.rows();
    if (have == all) continue;
    fill(channel, all - have);
    if (resumed && channel.selected) {
      file_.set_attribute("probes/" + channel.probe.name, "first_row",
                          static_cast<std::int64_t>(all));
    }
  }
}

void ProbeTrace::fill(Channel& channel, std::uint64_t rows) {
  constexpr std::uint64_t at_once = 256;
  const std::size_t width = std::max<std::size_t>(channel.probe.width, 1);
  const auto append = [&](auto value) {
    const std::vector<decltype(value)> block(at_once * width, value);
    for (std::uint64_t left = rows; left > 0; left -= std::min(left, at_once)) {
      channel.series.append(block.data(), static_cast<std::size_t>(std::min(left, at_once)));
    }
  };
  switch (type_of(channel.probe.kind, single_)) {
    case ElementType::float64:
      append(std::numeric_limits<double>::quiet_NaN());
      break;
    case ElementType::float32:
      append(std::numeric_limits<float>::quiet_NaN());
      break;
    case ElementType::uint32:
      append(std::numeric_limits<std::uint32_t>::max());
      break;
    default:
      append(std::numeric_limits<std::uint8_t>::max());
      break;
  }
}

}  // namespace memprop::bench
