#include "cli/ablation/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "cli/child_process.hpp"
#include "solvers/error.hpp"

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw UserError(path + ": cannot write");
}

std::string last_line(const std::string& path) {
  const std::string text = text_of(path).value_or("");
  const std::size_t end = text.find_last_not_of(" \r\n");
  if (end == std::string::npos) return "";
  const std::size_t begin = text.find_last_of("\r\n", end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
}

struct Paths {
  std::string config, json, part, log;
  Paths(const std::string& folder, const std::string& name)
      : config(fmt::format("{}/{}.toml", folder, name)),
        json(fmt::format("{}/{}.json", folder, name)),
        part(json + ".part"),
        log(fmt::format("{}/{}.log", folder, name)) {}
};

void fill(AblationResult& result, const std::string& json, const std::string& where) {
  result.accuracy = json_figure(json, "accuracy", where);
  result.wall_s = json_figure(json, "wall_s", where);
  result.test_samples = json_figure(json, "test_samples", where);
}

// The result of an earlier run of the same case.
bool finished_before(const AblationCase& one, const Paths& paths, AblationResult& result) {
  const auto config = text_of(paths.config), json = text_of(paths.json);
  if (!config || *config != one.config || !json) return false;
  try {
    fill(result, *json, paths.json);
  } catch (const UserError&) {
    return false;
  }
  return true;
}

ChildProcess start(const AblationCase& one, const Paths& paths) {
  // In this order: a result never stands beside a configuration that it does not belong to.
  std::error_code ignored;
  fs::remove(paths.json, ignored);
  write_text(paths.config, one.config);
  return {{own_program(), "run", paths.config, "--quiet", "--json"}, paths.part, paths.log};
}

void take(AblationResult& result, const ExitState& state, const Paths& paths) {
  if (!state.good()) {
    const std::string said = last_line(paths.log);
    result.failure = said.empty() ? state.text() : fmt::format("{}: {}", state.text(), said);
    return;
  }
  try {
    fill(result, text_of(paths.part).value_or(""), paths.part);
    fs::rename(paths.part, paths.json);
  } catch (const std::exception& error) {
    result.failure = error.what();
  }
}

struct Running {
  std::size_t index;
  ChildProcess process;
};

}  // namespace

bool AblationOutcome::complete() const {
  return !interrupted && std::all_of(results.begin(), results.end(),
                                     [](const auto& result) { return result.failure.empty(); });
}

double json_figure(const std::string& json, const std::string& key, const std::string& where) {
  const std::string name = fmt::format("\"{}\":", key);
  const std::size_t at = json.find(name);
  if (at == std::string::npos) {
    throw UserError(fmt::format("{}: expected a result with \"{}\", got none", where, key));
  }
  const std::size_t begin = json.find_first_not_of(' ', at + name.size());
  if (begin == std::string::npos) throw UserError(where + ": the result is cut off");
  if (json.compare(begin, 4, "null") == 0) return std::nan("");
  double value = 0;
  const auto [end, error] = std::from_chars(json.data() + begin, json.data() + json.size(), value);
  if (error != std::errc()) {
    throw UserError(fmt::format("{}: expected a number as \"{}\"", where, key));
  }
  return value;
}

AblationOutcome run_ablation(const std::vector<AblationCase>& cases,
                             const AblationOptions& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) {
    throw UserError(fmt::format("{}: cannot create: {}", options.folder, error.message()));
  }
  const std::size_t parallel =
      options.parallel > 0 ? options.parallel : std::max(1U, std::thread::hardware_concurrency());
  std::vector<AblationResult> results;
  for (const AblationCase& one : cases) {
    results.push_back({one.name, one.meaning, one.keys, std::nan(""), 0, 0, ""});
  }
  std::vector<bool> done(cases.size(), false);
  std::size_t finished = 0;
  const auto finish = [&](std::size_t k) {
    done[k] = true;
    ++finished;
    if (options.on_result) options.on_result(results[k], finished, cases.size());
  };
  std::vector<Running> running;
  std::size_t next = 0;
  AblationOutcome outcome;
  while (finished < cases.size()) {
    if (options.interrupt != nullptr && *options.interrupt) {
      running.clear();  // ends them
      outcome.interrupted = true;
      break;
    }
    while (running.size() < parallel && next < cases.size()) {
      const std::size_t k = next++;
      const Paths paths(options.folder, cases[k].name);
      if (finished_before(cases[k], paths, results[k])) {
        finish(k);
      } else {
        running.push_back({k, start(cases[k], paths)});
      }
    }
    bool waited_for_none = true;
    for (auto it = running.begin(); it != running.end();) {
      if (const auto state = it->process.poll()) {
        take(results[it->index], *state, Paths(options.folder, cases[it->index].name));
        finish(it->index);
        it = running.erase(it);
        waited_for_none = false;
      } else {
        ++it;
      }
    }
    if (waited_for_none && !running.empty()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  for (std::size_t k = 0; k < cases.size(); ++k) {
    if (done[k]) outcome.results.push_back(std::move(results[k]));
  }
  return outcome;
}

}  // namespace memprop::cli
