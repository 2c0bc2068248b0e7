#include "testbenches/spice/export.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "learning/dataset/dataset.hpp"
#include "learning/dataset/weights.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/run_weights.hpp"

namespace memprop::bench::spice {
namespace {

ExportSummary summary_of(const Subject& subject, const NetlistOptions& options) {
  ExportSummary s;
  for (const LayerSubject& layer : subject.layers) s.neurons += layer.size();
  for (const ResistiveLayerSubject& layer : subject.resistive) {
    s.resistors += layer.conductance_s.size();
  }
  for (const TileSubject& tile : subject.tiles) {
    s.resistors += 2 * tile.rows() * tile.columns;
    if (tile.config.backward_gain != 0.0) s.resistors += 2 * tile.inputs * tile.columns;
  }
  s.stop_s = subject.stop_s;
  s.largest_step_s =
      options.largest_step_s > 0.0 ? options.largest_step_s : default_step_s(subject);
  return s;
}

}  // namespace

std::string export_spice(const RunConfig& config, std::uint64_t sample,
                         const NetlistOptions& options, ExportSummary* summary) {
  if (!has_chip(config.fidelity)) {
    throw UserError(
        "export-spice needs a chip: expected run.fidelity = \"cycle\" or \"rtl\", got a run in "
        "software (--set run.fidelity=cycle)");
  }
  const bool resistive = learning::is_resistive(config.network);
  if (!resistive) check_exportable(config.chip);
  if (config.network.dendrites.on()) {
    throw UserError(
        fmt::format("key 'network.dendrites.basal_branches': expected 0 for export-spice, whose "
                    "netlist does not hold branches, got {}",
                    config.network.dendrites.basal_branches));
  }
  learning::Network network = learning::build_network(config.network, config.seed);
  if (!network.links.empty()) {
    throw UserError(
        "key 'network.links': expected no links for export-spice, whose netlist holds arrays "
        "between neighbouring layers");
  }
  learning::load_initial_weights(network, read_run_weights);
  const auto data =
      learning::load_data(config.data, network.width(0), network.width(network.layer_count()));
  const std::size_t count = data.train.size();
  if (sample >= count) {
    throw UserError(fmt::format("--sample: expected a training sample of the data, 0 to {}, got {}",
                                count - 1, sample));
  }
  const auto x = data.train.inputs.row(sample), y = data.train.targets.row(sample);
  const auto chip = exportable_chip(config.chip);
  const Subject subject = [&] {
    if (resistive) {
      hw::ResistiveRunner runner("chip_runner", chip, network, config.learning, config.seed);
      GridRecorder waves = resistive_recorder(runner, 1);
      return examine_resistive(runner, config, sample, x, y, waves, 1);
    }
    hw::ChipRunner runner("chip_runner", chip, network, config.learning, config.seed);
    WaveformRecorder waves(runner);
    return examine(runner, config, sample, x, y, waves);
  }();
  if (summary != nullptr) *summary = summary_of(subject, options);
  return spice_netlist(subject, options);
}

}  // namespace memprop::bench::spice
