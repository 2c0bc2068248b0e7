#include "testbenches/experiment/run_weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "solvers/error.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::bench {

void read_run_weights(const std::string& path, learning::Network& network) {
  const traces::TraceReader trace(path);
  learning::Network filled = network;
  const auto take = [&](const std::string& name, std::vector<double>& values,
                        const std::vector<std::size_t>& shape) {
    if (!trace.has(name)) {
      throw UserError(
          fmt::format("{}: no data set {}; expected the trace of a finished run", path, name));
    }
    const auto found = trace.info(name).shape;
    if (found != shape) {
      throw UserError(
          fmt::format("{}: {} has the shape {}, expected {}", path, name, found, shape));
    }
    values = trace.read<double>(name);
  };
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    const std::string group = fmt::format("network/layer{}/", l);
    auto& w = filled.weight[l - 1];
    take(group + "weight_final", w.values(), {w.rows(), w.cols()});
    if (!filled.bias.empty()) take(group + "bias_final", filled.bias[l - 1], {w.rows()});
    if (l < network.layer_count() && !filled.feedback.empty()) {
      auto& b = filled.feedback[l - 1];
      take(group + "feedback_final", b.values(), {b.rows(), b.cols()});
    }
  }
  for (auto& link : filled.links) {
    if (link.tied_to != learning::Link::not_tied) continue;
    take(fmt::format("network/link{}to{}/weight_final", link.from, link.to), link.weight.values(),
         {link.weight.rows(), link.weight.cols()});
  }
  network = std::move(filled);
}

}  // namespace memprop::bench
