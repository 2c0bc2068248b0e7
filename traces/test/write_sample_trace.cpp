// Writes a trace with one of everything, for read_trace_test.py.
// write_sample_trace PATH [wait]: with "wait" it stays open, flushed, until its input ends.
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

#include "traces/trace_file.hpp"

namespace {

using memprop::traces::ElementType;
using memprop::traces::Series;
using memprop::traces::TraceFile;

void write(const std::string& path, bool wait) {
  TraceFile trace = TraceFile::create(path);
  trace.set_attribute("", "seed", std::int64_t{42});
  trace.set_attribute("", "title", std::string("größer"));
  trace.set_attribute("train", "sizes", std::vector<std::int64_t>{3, 2});
  trace.write_text("config/toml", "name = \"µ\"\n", "configuration as given");
  trace.write_strings("train/probe_name", {"a", "längst"}, {"", "probes", {"probe"}});
  trace.axis("train/neuron", std::vector<std::int64_t>{10, 11, 12}, "1", "neuron");
  trace.write("train/initial/w", std::vector<double>{1, 2, 3, 4, 5, 6}, {3, 2},
              {"S", "weights at the start", {"neuron", "column"}});
  trace.write_value("train/dt", 1e-9, "s", "time step");

  Series sample = trace.row_axis("train/sample", {ElementType::int64, {}, "1", "training sample"});
  Series loss = trace.series("train/loss", {ElementType::float64, {}, "1", "loss", {"sample"}, 16});
  Series v = trace.series(
      "train/v", {ElementType::float32, {3}, "V", "neuron voltage", {"sample", "neuron"}, 16});
  Series code = trace.series("train/code", {ElementType::uint8, {}, "1", "code", {"sample"}, 16});
  Series label = trace.series("train/label", {ElementType::int32, {}, "1", "label", {"sample"}});
  for (std::int64_t i = 0; i < 100; ++i) {
    const float row[3] = {static_cast<float>(i), 0.5F, -static_cast<float>(i)};
    sample.append(&i);
    loss.append_value(std::exp(-0.01 * static_cast<double>(i)));
    v.append(row);
    code.append_value(static_cast<std::uint8_t>(i));
    label.append_value(static_cast<std::int32_t>(i % 10));
  }
  trace.row_axis("empty/time", {ElementType::float64, {}, "s", "time"});
  trace.series("empty/x", {ElementType::float64, {}, "V", "never recorded", {"time"}});
  if (!wait) {
    trace.close();
    return;
  }
  trace.flush();
  std::puts("flushed");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  try {
    write(argv[1], argc > 2);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
