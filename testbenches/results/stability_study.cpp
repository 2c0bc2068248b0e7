// Does spread of time steps stabilise training (H13 of the heterogeneous-time-steps experiments)?
// The 8 x 8 digits (1500 to train, 297 to test) on networks of rate neurons with hard sigmoids,
// plain descent, for families, spreads and means of time steps, asymmetric feedback B = W^T (1 + a
// N(0, 1)), depth and nudge. One line of JSON for each run; runs whose line is there already are
// skipped, so that an interrupted study goes on.
//
//   stability_study DIGITS.csv.gz LINES.jsonl [PART [SEEDS]]
//
// PART: core (default), deep, nudge, grid-20, grid-5 or grid-0 (percent of asymmetry); SEEDS: runs
// of a cell (10). stability_table.py makes a table of the lines.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "learning/metric/stability.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/sample_order.hpp"

namespace {

using namespace memprop;
using namespace memprop::learning;

struct Cell {
  TimeConstantFamily family = TimeConstantFamily::equal;
  double cv = 0, mean_dt = 0.2;
  bool clip = true;
  double asymmetry = 0, beta = 0.5;
  std::size_t hidden = 1;
};

const char* family_name(TimeConstantFamily f) {
  switch (f) {
    case TimeConstantFamily::lognormal:
      return "lognormal";
    case TimeConstantFamily::gamma:
      return "gamma";
    case TimeConstantFamily::normal:
      return "normal";
    case TimeConstantFamily::uniform:
      return "uniform";
    case TimeConstantFamily::equal:
      break;
  }
  return "scalar";
}

// What tells a run from others; the start of its line.
std::string head(const Cell& c, std::uint64_t seed) {
  return fmt::format(
      R"({{"family": "{}", "cv": {}, "mean_dt": {}, "clip": {}, "asymmetry": {}, "beta": {}, )"
      R"("hidden": {}, "seed": {}, )",
      family_name(c.family), c.cv, c.mean_dt, c.clip, c.asymmetry, c.beta, c.hidden, seed);
}

// scalar, then each of the families with each of the spreads.
void add_families(std::vector<Cell>& cells, Cell cell,
                  const std::vector<std::pair<TimeConstantFamily, double>>& spreads) {
  for (const auto& [family, cv] : spreads) {
    cell.family = family;
    cell.cv = cv;
    cells.push_back(cell);
  }
}

std::vector<Cell> part(const std::string& name) {
  using F = TimeConstantFamily;
  const std::vector<std::pair<F, double>> few = {{F::equal, 0.0},
                                                 {F::lognormal, 0.2},
                                                 {F::lognormal, 0.5},
                                                 {F::gamma, 0.5},
                                                 {F::uniform, 0.5}};
  std::vector<std::pair<F, double>> all = {{F::equal, 0.0}};
  for (const F f : {F::lognormal, F::gamma, F::uniform}) {
    for (const double cv : {0.1, 0.2, 0.5}) all.emplace_back(f, cv);
  }
  std::vector<Cell> cells;
  Cell cell;
  if (name == "core") {
    for (const double mean : {0.2, 0.9}) {
      for (const double asymmetry : {0.2, 0.0}) {
        cell.mean_dt = mean;
        cell.asymmetry = asymmetry;
        add_families(cells, cell, few);
      }
    }
  } else if (name == "deep") {
    // Already here training is unsteady with equal steps; with three it does not begin.
    cell.hidden = 2;
    for (const double mean : {0.2, 0.9}) {
      for (const double asymmetry : {0.2, 0.0}) {
        cell.mean_dt = mean;
        cell.asymmetry = asymmetry;
        add_families(cells, cell, few);
      }
    }
  } else if (name == "nudge") {
    cell.asymmetry = 0.2;
    for (const double beta : {1.0, 2.0}) {
      for (const double mean : {0.2, 0.9}) {
        cell.beta = beta;
        cell.mean_dt = mean;
        add_families(cells, cell, few);
      }
    }
  } else if (name == "grid-20" || name == "grid-5" || name == "grid-0") {
    cell.asymmetry = name == "grid-20" ? 0.2 : (name == "grid-5" ? 0.05 : 0.0);
    for (const double mean : {0.1, 0.2, 0.5, 0.9}) {
      for (const bool clip : {true, false}) {
        cell.mean_dt = mean;
        cell.clip = clip;
        add_families(cells, cell, all);
      }
    }
  } else {
    throw UserError("expected a part core, deep, nudge, grid-20, grid-5 or grid-0, got '" + name +
                    "'");
  }
  return cells;
}

NetworkConfig network_config(const Cell& c) {
  NetworkConfig config;
  config.layers.assign(c.hidden + 2, 64);
  config.layers.back() = 10;
  config.activation = {Activation::hard_sigmoid};
  config.feedback_gain = {1.0};
  config.dynamics = Dynamics::rate;
  config.bias = true;
  config.init = WeightInit::fan_in_uniform;
  TimeConstantConfig& tau = config.time_constant;
  tau.family = c.family;
  tau.quantity = TimeConstantQuantity::rate;
  tau.mean_s = 1.0;
  tau.cv = c.cv;
  if (c.clip) {
    tau.clip_low = 0.25;
    tau.clip_high = std::min(2.5, 1.0 / c.mean_dt);  // no step above 1
  } else {
    tau.clip_low = 1e-3;
    tau.clip_high = 1e3;
    tau.keep_mean = false;
  }
  return config;
}

struct Outcome {
  TrainingStability stability;
  FreePhaseEnd end;
  bool finite = true;
};

Outcome train(const Cell& c, std::uint64_t seed, const TrainTest& data) {
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.form = UpdateForm::product;
  learning.nudge_place = NudgePlace::outside;
  learning.beta = c.beta;
  learning.rate.assign(c.hidden + 1, 0.1);
  learning.rate.back() = 0.05;
  learning.batch = 20;
  IdealConfig ideal;
  ideal.free_steps = 100;
  ideal.nudged_steps = 25;
  ideal.time_step_s = c.mean_dt;
  ideal.feedback_mismatch = c.asymmetry;
  ideal.precision = Precision::float32;
  IdealReference reference(build_network(network_config(c), seed), learning, ideal, 1, seed);
  const std::vector<std::uint32_t> labels(data.test.labels.begin(), data.test.labels.end());
  std::vector<double> accuracy;
  Outcome outcome;
  try {
    for (std::uint64_t epoch = 0; epoch < 10; ++epoch) {
      const auto order = bench::epoch_order(data.train.size(), learning, seed, epoch);
      reference.train(data.train.inputs.data(), data.train.targets.data(),
                      {order.data(), order.size()});
      accuracy.push_back(reference
                             .evaluate(data.test.inputs.data(), data.test.targets.data(),
                                       labels.data(), data.test.size())
                             .accuracy);
    }
    outcome.stability = training_stability({accuracy.data(), accuracy.size()});
    outcome.end = reference.free_phase_end(data.test.inputs.data(), data.test.size());
  } catch (const NumericalError&) {
    outcome = Outcome{};  // accuracy 0
    outcome.finite = false;
  }
  return outcome;
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string("null");
}

std::string line(const Cell& c, std::uint64_t seed, const Outcome& o) {
  return head(c, seed) + fmt::format(R"("finite": {}, "late": {}, "deviation": {}, "drop": {}, )"
                                     R"("residual": {}, "oscillation": {}}})"
                                     "\n",
                                     o.finite, number(o.stability.late_accuracy),
                                     number(o.stability.epoch_deviation),
                                     number(o.stability.largest_drop), number(o.end.residual),
                                     number(o.end.oscillation));
}

TrainTest digits(const std::string& file) {
  DataConfig config;
  config.name = "files";
  config.train_inputs = file;
  config.test_on_train = true;
  config.train_samples = 1500;
  config.test_first = 1500;
  config.input_scale = 1.0 / 16.0;
  return load_data(config, 64, 10);
}

// Starts of the lines that are there; a last line that was cut off is none.
std::set<std::string> finished(const std::string& file) {
  std::set<std::string> heads;
  std::ifstream in(file);
  for (std::string text; std::getline(in, text);) {
    const std::size_t end = text.find("\"finite\"");
    if (end != std::string::npos && text.back() == '}') heads.insert(text.substr(0, end));
  }
  return heads;
}

int study(const std::vector<std::string>& arguments) {
  const std::string name = arguments.size() > 2 ? arguments[2] : "core";
  const std::uint64_t seeds =
      arguments.size() > 3 ? std::strtoul(arguments[3].c_str(), nullptr, 10) : 10;
  if (seeds == 0) throw UserError("expected a number of seeds, got '" + arguments[3] + "'");
  const std::vector<Cell> cells = part(name);
  const TrainTest data = digits(arguments[0]);
  const std::set<std::string> done = finished(arguments[1]);
  std::ofstream out(arguments[1], std::ios::app);
  if (!out) throw UserError("cannot write " + arguments[1]);
  // Whole rounds of seeds, so that an interrupted study has as many of every cell.
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    for (const Cell& cell : cells) {
      if (done.count(head(cell, seed)) > 0) continue;
      out << line(cell, seed, train(cell, seed, data)) << std::flush;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2 || arguments.size() > 4) {
    std::fprintf(stderr, "usage: stability_study DIGITS.csv.gz LINES.jsonl [PART [SEEDS]]\n");
    return 2;
  }
  try {
    return study(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stability_study: %s\n", error.what());
    return 2;
  }
}
