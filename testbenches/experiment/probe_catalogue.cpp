#include "testbenches/experiment/probe_catalogue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>

#include "learning/network/link.hpp"
#include "learning/network/network_check.hpp"
#include "solvers/error.hpp"

namespace memprop::bench {
namespace {

constexpr std::size_t shown_names = 4;

// Levenshtein distance.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

std::vector<std::string> nearest_names(const std::string& pattern,
                                       const std::vector<Probe>& probes) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& p : probes) ranked.emplace_back(distance(pattern, p.name), p.name);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  for (std::size_t k = 0; k < std::min(shown_names, ranked.size()); ++k) {
    names.push_back(ranked[k].second);
  }
  return names;
}

}  // namespace

const std::vector<std::string> flag_pins{"x_dac_load", "row_en",   "nudge_en", "nudge_sign",
                                         "adc_start",  "adc_done", "upd_en",   "busy"};
const std::vector<std::string> word_pins{"sh_en", "adc_bank", "upd_pol"};

namespace {

void add_tile(std::vector<Probe>& all, const std::string& name, std::size_t number,
              std::size_t rows, std::size_t columns) {
  all.push_back({name + "/row_pulse", ProbeKind::row_pulse, number, rows, "row", "1",
                 "row pulse lines after each edge"});
  all.push_back({name + "/col_pulse", ProbeKind::column_pulse, number, columns, "column", "1",
                 "column pulse lines after each edge"});
}

void add_branches(std::vector<Probe>& all, const std::string& name, std::size_t tile,
                  std::size_t count) {
  all.push_back({name + "/v", ProbeKind::branch, tile, count, "branch", "V",
                 "potentials of the branches relative to V_ref"});
}

}  // namespace

std::vector<Probe> probe_catalogue(const learning::NetworkConfig& network, std::uint64_t seed) {
  const auto& layers = network.layers;
  const auto& dendrites = network.dendrites;
  std::vector<Probe> all;
  all.push_back({"controller/phase", ProbeKind::phase, 0, 0, "", "1",
                 "phase of the sequencer after each edge (digital::Phase)"});
  for (std::size_t k = 0; k < flag_pins.size(); ++k) {
    all.push_back({"controller/pins/" + flag_pins[k], ProbeKind::flag, k, 0, "", "1",
                   "pin " + flag_pins[k] + " after each edge"});
  }
  for (std::size_t k = 0; k < word_pins.size(); ++k) {
    all.push_back({"controller/pins/" + word_pins[k], ProbeKind::word, k, 0, "", "1",
                   "pins " + word_pins[k] + " after each edge"});
  }
  for (std::size_t l = 1; l < layers.size(); ++l) {
    const std::string neurons = fmt::format("layer{}/neurons/", l);
    all.push_back({neurons + "v", ProbeKind::membrane, l, layers[l], "neuron", "V",
                   "membrane voltage relative to V_ref"});
    all.push_back({neurons + "r", ProbeKind::activity, l, layers[l], "neuron", "V",
                   "activity line relative to V_ref"});
    all.push_back(
        {neurons + "v_reference", ProbeKind::reference, l, layers[l], "neuron", "V",
         "membrane voltage of the ideal continuous-time network with the chip's weights"});
    const std::size_t columns = layers[l] * std::max<std::size_t>(dendrites.basal_branches, 1);
    add_tile(all, fmt::format("tile{}", l), l, layers[l - 1] + (network.bias ? 1 : 0), columns);
    if (dendrites.on()) add_branches(all, fmt::format("layer{}/basal", l), l, columns);
  }
  for (std::size_t l = 1; dendrites.on() && l + 1 < layers.size(); ++l) {
    // Behind the tiles between layers (hw_models/tile_layout.hpp).
    const std::size_t tile = layers.size() - 1 + l, count = layers[l] * dendrites.apical_branches;
    add_tile(all, fmt::format("apical{}", l), tile, layers[l + 1], count);
    add_branches(all, fmt::format("layer{}/apical", l), tile, count);
  }
  std::size_t tile = layers.size() - 1;
  const bool linked =
      !network.links.empty() || network.link_block > 0 || network.link_probability > 0;
  for (const auto& link : linked ? learning::list_links(learning::completed(network), seed)
                                 : std::vector<learning::Link>()) {
    if (link.tied_to != learning::Link::not_tied) continue;
    add_tile(all, fmt::format("link{}to{}", link.from, link.to), ++tile, layers[link.from],
             layers[link.to]);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

bool probe_matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

std::vector<Probe> selected_probes(const RunConfig& config) {
  const auto all = probe_catalogue(config.network, config.seed);
  std::vector<bool> wanted(all.size(), false);
  for (const auto& pattern : config.output.probes) {
    bool found = false;
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (!probe_matches(pattern, all[k].name)) continue;
      wanted[k] = found = true;
    }
    if (found) continue;
    throw UserError(fmt::format(
        "key 'output.probes': expected names or patterns of probes such as {}, got \"{}\"",
        fmt::join(nearest_names(pattern, all), ", "), pattern));
  }
  std::vector<Probe> selected;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (wanted[k]) selected.push_back(all[k]);
  }
  return selected;
}

}  // namespace memprop::bench
