#include "testbenches/cosim/pin_trace.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "solvers/error.hpp"

namespace memprop::bench::cosim {
namespace {

using hw::rtl::Port;
using hw::rtl::RtlModel;

struct Named {
  std::string name;
  Port port;
  std::size_t low;  // its lowest bit in the word
};

struct Group {
  std::vector<Named> ports;
  std::size_t bits = 0;
  std::vector<std::uint32_t> word;

  void add(const std::string& name, Port port) {
    ports.push_back({name, port, bits});
    bits += port.bits();
  }
  // All ports as one hexadecimal number.
  std::string text() {
    word.assign((bits + 31) / 32, 0);
    for (const auto& p : ports) {
      for (std::size_t k = 0; k < p.port.bits(); k += 32) {
        const auto count = static_cast<unsigned>(std::min<std::size_t>(32, p.port.bits() - k));
        const std::size_t at = p.low + k;
        const std::uint64_t value = static_cast<std::uint64_t>(p.port.field(k, count)) << (at % 32);
        word[at / 32] |= static_cast<std::uint32_t>(value);
        if (value >> 32 != 0) word[at / 32 + 1] |= static_cast<std::uint32_t>(value >> 32);
      }
    }
    std::string line;
    for (std::size_t k = word.size(); k-- > 0;) {
      const std::size_t left = bits - 32 * k;
      const std::size_t digits = left >= 32 ? 8 : (left + 3) / 4;
      line += fmt::format("{:0{}x}", word[k], digits);
    }
    return line;
  }
};

std::FILE* create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) {
    throw UserError(
        fmt::format("pin trace: expected a folder that can be written, could not "
                    "create '{}'",
                    path));
  }
  return file;
}

[[noreturn]] void cannot_write(const std::string& path) {
  throw std::runtime_error(fmt::format("{}: cannot write: {}", path, std::strerror(errno)));
}

// What the buffer still held may not have found room.
void close(std::FILE* file, const std::string& path) {
  const bool whole = std::ferror(file) == 0;
  if (std::fclose(file) != 0 || !whole) cannot_write(path);
}

}  // namespace

struct PinTrace::Files {
  std::string folder, top, parameters;
  std::uint64_t most = 0, edges = 0;
  Group in, out;
  std::FILE* stimulus = nullptr;
  std::FILE* response = nullptr;

  void edge(bool after) {
    if (edges >= most || stimulus == nullptr) return;
    const bool whole =
        std::fputs(((after ? out : in).text() + "\n").c_str(), after ? response : stimulus) >= 0;
    if (!whole) fail(after ? "response.mem" : "stimulus.mem");
    edges += after;
  }
  [[noreturn]] void fail(const char* name) const { cannot_write(folder + "/" + name); }
  std::string bench() const;
  std::size_t reset_bit() const {
    for (const auto& p : in.ports) {
      if (p.name == "rst_n") return p.low;
    }
    return 0;
  }
};

// In Verilog-2005, without a word that is not in every simulator. It stops where the shorter file
// does, so it can be written before the first edge.
std::string PinTrace::Files::bench() const {
  std::string v = fmt::format(
      "// Replays a pin trace of the module {0}: every edge of the clock, every bit.\n"
      "//   iverilog -g2012 -o replay replay.v <sources of {0}> && vvp -n replay\n"
      "// Ends with the line \"replay: N edges, 0 differ\" when all outputs are the same.\n"
      "`timescale 1ns / 1ps\n\nmodule replay;\n"
      "  reg [{1}:0] in;\n  wire [{2}:0] out;\n  reg [{2}:0] expected;\n  reg clk;\n"
      "  reg reset_seen, differs, more;\n"
      "  integer stimulus, response, edge_number, differ;\n\n",
      top, in.bits - 1, out.bits - 1);
  std::string set;
  std::istringstream words(parameters);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    set += fmt::format("{}.{}({})", set.empty() ? "" : ", ", word.substr(0, equals),
                       word.substr(equals + 1));
  }
  v += fmt::format("  {}{} dut (\n    .clk(clk)", top, set.empty() ? "" : " #(" + set + ")");
  for (const auto* group : {&in, &out}) {
    for (const auto& p : group->ports) {
      v += fmt::format(",\n    .{}({}[{}:{}])", p.name, group == &in ? "in" : "out",
                       p.low + p.port.bits() - 1, p.low);
    }
  }
  v += fmt::format(
      ");\n\n  initial begin\n    stimulus = $fopen(\"stimulus.mem\", \"r\");\n"
      "    response = $fopen(\"response.mem\", \"r\");\n    clk = 0;\n    differ = 0;\n"
      "    reset_seen = 0;\n    edge_number = 0;\n"
      "    more = stimulus != 0 && response != 0;\n"
      "    if (more) more = $fscanf(stimulus, \"%h\", in) == 1;\n"
      "    if (more) more = $fscanf(response, \"%h\", expected) == 1;\n"
      "    while (more) begin\n      #5 clk = 1;\n      #1\n"
      "      // Before the first reset has ended, registers may hold what nobody knows.\n"
      "      if (in[{}] === 1'b1) reset_seen = 1;\n"
      "      differs = reset_seen ? out !== expected : ((out ^ expected) != 0) === 1'b1;\n"
      "      if (differs) begin\n"
      "        differ = differ + 1;\n        if (differ <= 10) begin\n",
      reset_bit());
  for (const auto& p : out.ports) {
    const std::string bits = fmt::format("[{}:{}]", p.low + p.port.bits() - 1, p.low);
    v += fmt::format(
        "          if (out{0} !== expected{0})\n            $display(\"replay: edge %0d: {1} is "
        "%h, expected %h\", edge_number,\n                     out{0}, expected{0});\n",
        bits, p.name);
  }
  v += "        end\n      end\n      #4 clk = 0;\n      edge_number = edge_number + 1;\n"
       "      more = $fscanf(stimulus, \"%h\", in) == 1;\n"
       "      if (more) more = $fscanf(response, \"%h\", expected) == 1;\n    end\n"
       "    $display(\"replay: %0d edges, %0d differ\", edge_number, differ);\n"
       "    $finish;\n  end\nendmodule\n";
  return v;
}

PinTrace::PinTrace(RtlModel& model, std::string folder, std::uint64_t edges)
    : files_(std::make_unique<Files>()) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  files_->folder = std::move(folder);
  files_->top = model.top();
  files_->parameters = model.parameters();
  files_->most = edges;
  for (const auto& port : model.ports()) {
    if (std::string(port.name) == "clk") continue;
    (port.output != 0 ? files_->out : files_->in).add(port.name, model.port(port.name));
  }
  const std::string path = files_->folder + "/replay.v";
  std::FILE* bench = create(path);
  std::fputs(files_->bench().c_str(), bench);
  close(bench, path);
  files_->stimulus = create(files_->folder + "/stimulus.mem");
  files_->response = create(files_->folder + "/response.mem");
  // Line by line, so that a full disk is told at the edge that finds it and not when all is over.
  for (std::FILE* file : {files_->stimulus, files_->response}) {
    std::setvbuf(file, nullptr, _IOLBF, 1U << 16);
  }
}

void PinTrace::edge(bool after) { files_->edge(after); }

PinTrace::~PinTrace() {
  for (std::FILE* file : {files_->stimulus, files_->response}) {
    if (file != nullptr) std::fclose(file);
  }
}

std::uint64_t PinTrace::recorded() const { return files_->edges; }

std::function<void(RtlModel&)> pin_trace_listener(std::string folder, std::uint64_t edges) {
  return [folder = std::move(folder), edges](RtlModel& model) {
    auto trace = std::make_shared<PinTrace>(model, folder, edges);
    model.on_edge([trace](bool after) { trace->edge(after); });
  };
}

}  // namespace memprop::bench::cosim
