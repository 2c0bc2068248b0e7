#include "testbenches/experiment/trace/compare_trace.hpp"

#include <fmt/format.h>

#include "testbenches/experiment/trace/probe_time.hpp"
#include "testbenches/experiment/trace/series_info.hpp"

namespace memprop::bench {

using traces::ElementType;

CompareTrace::CompareTrace(traces::TraceFile& file, const RunConfig& config) {
  if (!has_chip(config.fidelity)) return;
  const std::size_t layers = config.network.layers.size() - 1;
  if (config.monitor.gradient_every > 0) {
    sample_ = file.row_axis("compare/sample",
                            values(ElementType::int64, "1", "training sample compared"));
    for (std::size_t l = 1; l <= layers; ++l) {
      const auto series = [&](const char* what, const char* text) {
        return file.series(fmt::format("compare/layer{}/{}", l, what),
                           values(ElementType::float64, "1", text, "sample"));
      };
      layers_.push_back(
          {series("cosine_wanted", "cosine of the wanted change with the exact EP descent"),
           series("cosine_applied", "cosine of the applied change with the exact EP descent"),
           series("cosine_shuffled",
                  "cosine of the applied change with the descent for a wrong "
                  "label"),
           series("ratio_wanted", "norm of the wanted change over rate times exact gradient"),
           series("ratio_applied", "norm of the applied change over rate times exact gradient")});
    }
  }
  if (config.monitor.state_every == 0 || !config.learning.train) return;
  std::vector<std::int64_t> layer(layers);
  for (std::size_t l = 0; l < layers; ++l) layer[l] = static_cast<std::int64_t>(l) + 1;
  time_ = file.row_axis("compare/cycle/time",
                        values(ElementType::float64, "s", "time since the start of training"));
  state_sample_ = file.series("compare/cycle/sample",
                              values(ElementType::int64, "1", "training sample", "time"));
  state_cycle_ = file.series(
      "compare/cycle/cycle",
      values(ElementType::int64, "1", "clock edge after the one that entered LOAD", "time"));
  file.axis("compare/cycle/layer", layer, "1", "layer");
  state_error_ = file.series(
      "compare/cycle/state_error",
      arrays(ElementType::float64, {layers}, "1",
             "largest deviation of membranes and activity lines of the layer from the ideal "
             "continuous-time network, in units of V_s",
             {"time", "layer"}));
}

void CompareTrace::gradient(std::uint64_t sample, const std::vector<LayerAlignment>& row) {
  sample_.append_value(static_cast<std::int64_t>(sample));
  for (std::size_t l = 0; l < row.size(); ++l) {
    layers_[l].cosine_wanted.append_value(row[l].cosine_wanted);
    layers_[l].cosine_applied.append_value(row[l].cosine_applied);
    layers_[l].cosine_shuffled.append_value(row[l].cosine_shuffled);
    layers_[l].ratio_wanted.append_value(row[l].ratio_wanted);
    layers_[l].ratio_applied.append_value(row[l].ratio_applied);
  }
}

void CompareTrace::states(std::uint64_t sample, std::uint64_t begin_ps, std::uint64_t clock_ps,
                          const Matrix& error) {
  for (std::size_t cycle = 0; cycle < error.rows(); ++cycle) {
    time_.append_value(seconds_of(begin_ps + cycle * clock_ps));
    state_sample_.append_value(static_cast<std::int64_t>(sample));
    state_cycle_.append_value(static_cast<std::int64_t>(cycle));
  }
  state_error_.append(error.data(), error.rows());
}

}  // namespace memprop::bench
