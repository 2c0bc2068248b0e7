// The parts of a netlist, each as lines of text.
#pragma once

#include <fmt/format.h>

#include <string>

#include "testbenches/spice/netlist.hpp"

namespace memprop::bench::spice {

class Lines {
 public:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
    text_.push_back('\n');
  }
  std::string text() const { return fmt::to_string(text_); }

 private:
  fmt::memory_buffer text_;
};

void add_header(const Subject& subject, const NetlistOptions& options, Lines& out);
void add_sources(const Subject& subject, Lines& out);
void add_neurons(const Subject& subject, Lines& out);
void add_tiles(const Subject& subject, Lines& out);
// Of a resistive chip: the key to its names, nodes with diodes and amplifiers, arrays.
void add_resistive_names(Lines& out);
void add_resistive_nodes(const Subject& subject, Lines& out);
void add_resistive_arrays(const Subject& subject, Lines& out);
void add_analysis(const Subject& subject, const NetlistOptions& options, Lines& out);

}  // namespace memprop::bench::spice
